"""The timetable under work: which pair meets in which slot, and the moves that keep it right."""

from collections.abc import Iterator
from itertools import product

from matcher.planning.instance import Instance

_LONGEST = 400  # meetings moved by one exchange
_TRIES = 60  # exchanges tried for one meeting


class Board:
    """Meetings placed in slots. `spare[body]` are the slots in which a body could meet more.

    While meetings are exchanged the tables may be overfull; `overfull()` says where. All other
    rules hold after every public call.
    """

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.left: list[int] = instance.left.tolist()
        self.right: list[int] = instance.right.tolist()
        self.host: list[int] = instance.host.tolist()
        self.foreign: list[bool] = instance.foreign.tolist()
        self.slot: dict[int, int] = {}
        self.kept: set[int] = set()
        n_slots = len(instance.slots)
        self.inside: list[dict[int, None]] = [{} for _ in range(n_slots)]
        self.load = [0] * n_slots
        self.spoken = [0] * n_slots
        self.spare = list(instance.free)
        self.held = [0] * instance.n_bodies
        self._at: list[dict[int, list[int]]] = [{} for _ in range(instance.n_bodies)]
        self._hosted: dict[tuple[int, int], int] = {}
        self._windows: list[list[tuple[int, ...]]] = [[] for _ in range(n_slots)]
        for window in instance.windows:
            for k in window:
                self._windows[k].append(window)

    def at(self, body: int, k: int) -> list[int]:
        """The pairs in which a body meets in slot k."""
        return self._at[body].get(k, [])

    def add(self, pair: int, k: int) -> None:
        self.slot[pair] = k
        self.inside[k][pair] = None
        for body in (self.left[pair], self.right[pair]):
            here = self._at[body].setdefault(k, [])
            here.append(pair)
            self.held[body] += 1
            if len(here) >= self.instance.people[body]:
                self.spare[body] &= ~(1 << k)
        host = self.host[pair]
        if host >= 0:
            self._hosted[host, k] = self._hosted.get((host, k), 0) + 1
        else:
            self.load[k] += 1
        self.spoken[k] += self.foreign[pair]

    def remove(self, pair: int) -> int:
        """The slot it was in."""
        k = self.slot.pop(pair)
        del self.inside[k][pair]
        for body in (self.left[pair], self.right[pair]):
            here = self._at[body][k]
            here.remove(pair)
            self.held[body] -= 1
            if len(here) < self.instance.people[body] and self.instance.free[body] >> k & 1:
                self.spare[body] |= 1 << k
        host = self.host[pair]
        if host >= 0:
            self._hosted[host, k] -= 1
        else:
            self.load[k] -= 1
        self.spoken[k] -= self.foreign[pair]
        return k

    def hosted(self, host: int, k: int) -> int:
        """How many meetings the booths of a body hold in slot k."""
        return self._hosted.get((host, k), 0)

    def common(self, pair: int) -> int:
        """The slots, as a mask, in which both could meet once more."""
        return self.spare[self.left[pair]] & self.spare[self.right[pair]]

    def suits(self, pair: int, k: int, *, tables: bool = True) -> bool:
        """Whether a pair not yet placed may be put in slot k."""
        if not self.common(pair) >> k & 1:
            return False
        self.add(pair, k)
        suits = self._holds(pair, k, tables)
        self.remove(pair)
        return suits

    def _holds(self, pair: int, k: int, tables: bool) -> bool:
        """Whether every rule holds around a pair placed in slot k."""
        instance = self.instance
        for body in (self.left[pair], self.right[pair]):
            if not instance.free[body] >> k & 1 or len(self.at(body, k)) > instance.people[body]:
                return False
            most = instance.event.most_in_a_row
            if most is not None:
                for window in self._windows[k]:
                    if sum(len(self.at(body, j)) for j in window) > most * instance.people[body]:
                        return False
        host = self.host[pair]
        if host >= 0 and self._hosted[host, k] > instance.booths[host][k]:
            return False
        most = instance.event.interpreters
        if most is not None and self.foreign[pair] and self.spoken[k] > most:
            return False
        return host >= 0 or not tables or self.load[k] <= instance.tables[k]

    def place(self, pair: int, *, tables: bool = True) -> bool:
        """Puts a pair in the emptiest slot that suits."""
        simple = self.host[pair] < 0 and not self.foreign[pair] and not any(self._windows)
        for k in sorted(bits(self.common(pair)), key=self._fullness):
            if simple:
                if tables and self.load[k] >= self.instance.tables[k]:
                    continue
            elif not self.suits(pair, k, tables=tables):
                continue
            self.add(pair, k)
            return True
        return False

    def _fullness(self, k: int) -> tuple[float, int]:
        return self.load[k] - self.instance.tables[k], k

    def exchange(self, pair: int) -> bool:
        """Places a pair without a common slot by a Kempe chain: two slots change places
        along a path of meetings until somebody is free."""
        left, right = self.left[pair], self.right[pair]
        if self.common(pair) and self.place(pair, tables=False):
            return True
        free = self.instance.free
        tries = product(
            sorted(bits(self.spare[left] & free[right]), key=self._fullness),
            sorted(bits(self.spare[right] & free[left]), key=self._fullness),
        )
        for _, (a, b) in zip(range(_TRIES), tries, strict=False):
            if self._chain(pair, a, b, right) or self._chain(pair, b, a, left):
                return True
        return False

    def _chain(self, pair: int, a: int, b: int, crowded: int) -> bool:
        """Puts `pair` in slot a, where `crowded` is busy, and moves on what is in the way."""
        moved = [(pair, -1)]
        self.add(pair, a)
        here, other, body = a, b, crowded
        while len(self.at(body, here)) > self.instance.people[body]:
            seen = {item for item, _ in moved}
            others = [p for p in self.at(body, here) if p not in seen and p not in self.kept]
            target = next((p for p in others if self.common_with(p, body, other)), None)
            if target is None or len(moved) > _LONGEST:
                break
            moved.append((target, self.remove(target)))
            self.add(target, other)
            body = self.left[target] + self.right[target] - body
            here, other = other, here
        if all(self._holds(item, self.slot[item], tables=False) for item, _ in moved):
            return True
        self._undo(moved)
        return False

    def common_with(self, pair: int, body: int, k: int) -> bool:
        """Whether both of a pair are there in slot k, whatever else they do then."""
        free = self.instance.free
        return bool(free[self.left[pair]] & free[self.right[pair]] & (1 << k))

    def _undo(self, moved: list[tuple[int, int]]) -> None:
        for item, _ in moved:
            self.remove(item)
        for item, k in moved:
            if k >= 0:
                self.add(item, k)

    def overfull(self) -> list[int]:
        """Slots with more meetings than tables."""
        return [k for k, load in enumerate(self.load) if load > self.instance.tables[k]]

    def relieve(self, k: int) -> bool:
        """Takes one meeting off slot k at no other rule's cost; False if no way was found."""
        roomy = [j for j in range(len(self.load)) if self.load[j] < self.instance.tables[j]]
        roomy.sort(key=self._fullness)
        mask = sum(1 << j for j in roomy)
        movable = [p for p in self.inside[k] if p not in self.kept and self.host[p] < 0]
        for pair in movable:
            if not self.common(pair) & mask:
                continue
            self.remove(pair)
            for j in roomy:
                if self.suits(pair, j):
                    self.add(pair, j)
                    return True
            self.add(pair, k)
        return any(self._swap(pair, k, j) for j in roomy for pair in movable[:_TRIES])

    def _swap(self, pair: int, k: int, j: int) -> bool:
        """Exchanges slots k and j along the path through a pair, if that relieves k by one."""
        path, ends = {pair}, [self.left[pair], self.right[pair]]
        while ends:
            body = ends.pop()
            for other in (*self.at(body, k), *self.at(body, j)):
                if other not in path:
                    path.add(other)
                    ends.append(self.left[other] + self.right[other] - body)
            if len(path) > _LONGEST or path & self.kept:
                return False
        tabled = [p for p in path if self.host[p] < 0]
        out = sum(self.slot[p] == k for p in tabled)
        if out - (len(tabled) - out) != 1:
            return False
        moved = [(p, self.slot[p]) for p in sorted(path)]
        for item, _ in moved:
            self.remove(item)
        for item, was in moved:
            self.add(item, j if was == k else k)
        if all(self._holds(item, self.slot[item], tables=False) for item, _ in moved):
            return True
        self._undo(moved)
        return False


def bits(mask: int) -> Iterator[int]:
    """The places of the ones in a mask, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
