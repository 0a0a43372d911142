"""Slots for the pairs: balanced edge colouring, and a solver on what does not fit.

Where everybody is there all the time and on one side only, the pairs of
`matcher.planning.pairing` can all be given slots, none holding more than its tables (König 1916;
balanced by de Werra 1971):
then the timetable is worth the pairing's bound and is proven best. Else what is left is placed
by exchanges, filled with the next best pairs and improved part by part until the time is up.
"""

from dataclasses import dataclass
from time import monotonic

import numpy as np

from indexer.progress import Progress, silent
from matcher.planning.board import Board
from matcher.planning.instance import Infeasible, Instance, IntArray
from matcher.planning.pairing import Mask, Pairing
from matcher.planning.repair import solve_part

_WHOLE = 8_000  # choices (pair, slot) that are solved as one
_PART = 6_000  # choices in one part
_EFFORT = 0.3  # deterministic seconds for one part
_PATIENCE = 40  # parts in a row that brought nothing
_NEAR = 1e-3  # a gap at which patience is shorter
_CLOSE = 1e-7  # a gap that rounding explains


@dataclass(slots=True)
class _Work:
    board: Board
    most: IntArray
    bound: float
    goal: float
    floor: IntArray
    forced: frozenset[int]
    ends: float
    effort: float
    rng: np.random.Generator

    def worth(self) -> float:
        return float(self.board.instance.worth[list(self.board.slot)].sum())

    def short(self) -> int:
        """By how many meetings the board is below everybody's floor."""
        return int(np.maximum(self.floor - np.array(self.board.held), 0).sum())

    def value(self) -> tuple[int, float]:
        return -self.short(), self.worth()

    def left(self) -> float:
        """Seconds of the clock, at least a few tenths."""
        return max(0.3, self.ends - monotonic())

    def done(self) -> bool:
        return not self.short() and self.worth() >= self.goal * (1 - _CLOSE)


def arrange(
    instance: Instance,
    pairing: Pairing,
    *,
    cap: int | None,
    seed: int,
    seconds: float,
    progress: Progress = silent,
) -> tuple[Board, float]:
    """(the timetable, a bound on its worth, never above the pairing's).

    Raises:
        Infeasible: fixed meetings clash, or somebody's least was not reached in the time given.
    """
    most = np.array(instance.most, dtype=np.int64)
    if cap is not None:
        most = np.minimum(most, max(cap, 1))
    board = Board(instance)
    forced = frozenset(item.pair for item in instance.fixtures)
    chosen, fair = pairing.chosen, bool((pairing.floor > instance.least).any())
    goal = float(instance.worth[chosen].sum()) if fair else pairing.bound
    # CP-SAT's deterministic second is a little shorter than one of these machines' seconds.
    work = _Work(
        board,
        most,
        pairing.bound,
        goal,
        pairing.floor,
        forced,
        monotonic() + seconds,
        seconds / 2,
        np.random.default_rng(seed),
    )
    _fix(board, instance)
    _colour(work, chosen)
    _fill(work)
    progress("timetable", 1, 2)
    choices = int(np.array([free.bit_count() for free in instance.free])[instance.left].sum())
    if not work.done() and choices <= _WHOLE:
        _whole(work, seed)
    _improve(work, seed, progress)
    progress("timetable", 2, 2)
    too_few = np.array(board.held) < np.array(instance.least, dtype=np.int64)
    if too_few.any() or not forced <= board.slot.keys():
        raise _unreached(work)
    return board, work.bound


def _fix(board: Board, instance: Instance) -> None:
    for item in instance.fixtures:
        if item.slot is None:
            continue
        if not board.suits(item.pair, item.slot):
            pair = instance.pairs[item.pair]
            number = instance.slots[item.slot]
            raise Infeasible(
                vi=f"Các cuộc gặp cố định mâu thuẫn: {pair.demand_owner} – {pair.supply_owner} "
                f"không còn chỗ ở lượt {number}. Chấp nhận: lượt khác cho một cuộc gặp.",
                en=f"The fixed meetings contradict each other: {pair.demand_owner} – "
                f"{pair.supply_owner} has no room left in slot {number}. Accepted: another slot "
                "for one of them.",
                parties=(pair.demand_owner, pair.supply_owner),
            )
        board.add(item.pair, item.slot)
        board.kept.add(item.pair)


def _colour(work: _Work, chosen: Mask) -> None:
    """Slots for the chosen pairs, the tightest first; then no slot holds more than its tables."""
    board, instance = work.board, work.board.instance
    degree = np.bincount(instance.left[chosen], minlength=instance.n_bodies) + np.bincount(
        instance.right[chosen], minlength=instance.n_bodies
    )
    held = np.array([free.bit_count() for free in instance.free]) * np.array(instance.people)
    slack = held - degree
    pairs = [p for p in np.flatnonzero(chosen).tolist() if p not in board.slot]
    tight = np.minimum(slack[instance.left], slack[instance.right])
    pairs.sort(key=lambda p: (p not in work.forced, tight[p], -instance.worth[p], p))
    for pair in pairs:
        if not board.place(pair, tables=False):
            board.exchange(pair)
    for k in board.overfull():
        while board.load[k] > instance.tables[k] and board.relieve(k):
            pass
        extra = board.load[k] - instance.tables[k]
        loose = [p for p in board.inside[k] if board.host[p] < 0 and p not in work.forced]
        loose.sort(key=lambda p: (instance.worth[p], p))
        for pair in loose[: max(extra, 0)]:
            board.remove(pair)


def _fill(work: _Work) -> None:
    """Adds what still fits, the most worth first; it never takes a meeting away."""
    if work.done():
        return
    board, instance = work.board, work.board.instance
    room = np.array(board.held) < work.most
    open_ = room[instance.left] & room[instance.right] & (instance.worth > 0)
    open_[list(board.slot)] = False
    places = np.flatnonzero(open_)
    for pair in places[np.lexsort((-instance.lot[places], -instance.worth[places]))].tolist():
        left, right = board.left[pair], board.right[pair]
        if board.held[left] < work.most[left] and board.held[right] < work.most[right]:
            board.place(pair)


def _whole(work: _Work, seed: int) -> None:
    """The whole timetable as one part: a small event is solved to the end."""
    board, instance = work.board, work.board.instance
    before, loose = dict(board.slot), [p for p in board.slot if p not in board.kept]
    for pair in loose:
        board.remove(pair)
    pairs = [p for p in range(len(instance.pairs)) if p not in board.kept]
    kept = work.worth()
    part = solve_part(
        board,
        pairs,
        work.most,
        work.floor,
        forced=work.forced - board.kept,
        hint=before,
        effort=work.effort,
        seconds=work.left(),
        seed=seed,
    )
    new = before if part is None else {**part.slots, **{p: before[p] for p in board.kept}}
    for pair, k in new.items():
        if pair not in board.slot:
            board.add(pair, k)
    if part is not None and not work.short():
        best = work.worth() if part.proven else part.bound + kept
        work.goal = min(work.goal, best)
        if bool((work.floor <= instance.least).all()):
            work.bound = min(work.bound, best)


def _improve(work: _Work, seed: int, progress: Progress) -> None:
    """Solves part after part around who lost a meeting or anybody, while there is time."""
    board = work.board
    rounds = max(1, int(work.effort / _EFFORT))
    idle = 0
    for number in range(rounds):
        patience = _PATIENCE if work.worth() < work.goal * (1 - _NEAR) else _PATIENCE // 4
        if work.done() or monotonic() >= work.ends or idle >= patience:
            return
        progress("improve", number, rounds)
        pairs = _part(work)
        before = {p: board.slot[p] for p in pairs if p in board.slot}
        value = work.value()
        for pair in before:
            board.remove(pair)
        part = solve_part(
            board,
            pairs,
            work.most,
            work.floor,
            forced=work.forced & frozenset(pairs),
            hint=before,
            effort=_EFFORT,
            seconds=work.left(),
            seed=seed + number,
        )
        for pair, k in (before if part is None else part.slots).items():
            board.add(pair, k)
        if work.value() < value:
            for pair in [p for p in pairs if p in board.slot]:
                board.remove(pair)
            for pair, k in before.items():
                board.add(pair, k)
        idle = 0 if work.value() > value else idle + 1


def _part(work: _Work) -> list[int]:
    """Some bodies' pairs: who is short of its least, who could gain most, and by lot."""
    board, instance = work.board, work.board.instance
    held = np.array(board.held)
    room = held < work.most
    placed = np.zeros(len(instance.pairs), dtype=bool)
    placed[list(board.slot)] = True
    gain = np.where(placed | (instance.worth <= 0), 0.0, instance.worth)
    gain *= room[instance.left] | room[instance.right]
    hope = np.zeros(instance.n_bodies)
    np.maximum.at(hope, instance.left, gain)
    np.maximum.at(hope, instance.right, gain)
    hope += 100.0 * (held < work.floor)
    order = np.argsort(-hope * work.rng.random(instance.n_bodies), kind="stable")
    pairs: list[int] = []
    choices = 0
    taken = np.zeros(instance.n_bodies, dtype=bool)
    for body in order.tolist():
        taken[body] = True
        mine = np.flatnonzero((instance.left == body) | (instance.right == body))
        mine = mine[np.lexsort((-instance.worth[mine], ~placed[mine]))][:60]
        for pair in mine.tolist():
            other = board.left[pair] + board.right[pair] - body
            if pair not in board.kept and not (taken[other] and pair in pairs):
                pairs.append(pair)
                choices += instance.free[body].bit_count()
        if choices > _PART:
            break
    return sorted(set(pairs))


def _unreached(work: _Work) -> Infeasible:
    board, instance = work.board, work.board.instance
    short = [
        instance.names[i] for i in range(instance.n_bodies) if board.held[i] < instance.least[i]
    ]
    lost = [instance.pairs[p] for p in sorted(work.forced - board.slot.keys())]
    short += [name for pair in lost for name in (pair.demand_owner, pair.supply_owner)]
    named = ", ".join(short[:5]) + (" …" if len(short) > 5 else "")
    return Infeasible(
        vi=f"Chưa xếp được lịch đủ cuộc gặp tối thiểu hoặc cố định cho: {named}. "
        "Chấp nhận: thêm lượt, thêm bàn, bớt yêu cầu hoặc thêm thời gian tính.",
        en=f"No timetable was found with the least or fixed meetings of: {named}. "
        "Accepted: more slots, more tables, smaller demands or more seconds.",
        parties=short,
    )
