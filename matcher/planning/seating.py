"""Tables for a timetable: booths for their owners, short ways, and the same table again."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from indexer.owners import owner_key
from matcher.planning.board import Board
from matcher.planning.instance import Instance
from matcher.planning.ranges import numbers

_NEVER = 1e6  # the table is somebody else's, taken or away
_TOO_FAR = 1e3
_OTHER_TABLE = 1.0


@dataclass(frozen=True, slots=True)
class Seating:
    """`tables` counted from 0, by pair; `stranded` are meetings without a table in reach."""

    tables: dict[int, int]
    stranded: tuple[int, ...]


def seat(board: Board) -> Seating:
    """A table for every meeting on the board, slot by slot."""
    room = _Hall(board.instance)
    tables: dict[int, int] = {}
    stranded: list[int] = []
    for k in range(len(board.load)):
        found, left_over = room.seat(sorted(board.inside[k]), board, k)
        tables.update(found)
        stranded += left_over
    return Seating(tables, tuple(stranded))


class _Hall:
    """The tables, and where everybody sat last."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        event = instance.event
        places = event.places()
        number = {key: i for i, key in enumerate(instance.keys)}
        self.rooms = [table.room for table in places]
        self.owners = [
            number.get(owner_key(table.owner), -2) if table.owner else -1 for table in places
        ]
        self.reserved = any(owner != -1 for owner in self.owners)
        self.away = [numbers(table.unavailable) for table in places]
        self.last: dict[int, int] = {}
        self.trail: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self.wanted = {
            item.pair: item.table for item in instance.fixtures if item.table is not None
        }
        longest = max((m for item in event.rooms for m in item.walk.values()), default=0)
        self.hurry = [
            [
                (j, event.pause(instance.slots[j], slot))
                for j in range(k)
                if event.pause(instance.slots[j], slot) < longest
            ]
            if longest
            else []
            for k, slot in enumerate(instance.slots)
        ]
        self.online = [
            (part := event.participant(name)) is not None and part.online for name in instance.names
        ]

    def seat(self, pairs: list[int], board: Board, k: int) -> tuple[dict[int, int], list[int]]:
        """(table by pair, pairs without one) in slot k."""
        slot = self.instance.slots[k]
        open_ = [slot not in away for away in self.away]
        found: dict[int, int] = {}
        stranded: list[int] = []
        for pair in sorted(pairs, key=lambda p: p not in self.wanted):
            table = self.wanted.get(pair)
            if table is None:
                continue
            if (
                not open_[table]
                or not self._may_sit(pair, table, board)
                or self._far(pair, table, board, k)
            ):
                stranded.append(pair)
                continue
            found[pair], open_[table] = table, False
        rest = [p for p in pairs if p not in self.wanted]
        if self.hurry[k] or self.reserved:
            self._assign(rest, board, k, open_, found, stranded)
        else:
            self._sit_again(rest, board, open_, found, stranded)
        for pair, table in found.items():
            for body in (board.left[pair], board.right[pair]):
                self.last[body] = table
                self.trail[body].append((k, table))
        return found, stranded

    def _may_sit(self, pair: int, table: int, board: Board) -> bool:
        owner = self.owners[table]
        if owner == -1:
            return board.host[pair] < 0
        return owner in (board.left[pair], board.right[pair])

    def _far(self, pair: int, table: int, board: Board, k: int) -> bool:
        """Whether one of the two cannot be there in time."""
        pauses = dict(self.hurry[k])
        event = self.instance.event
        return any(
            event.walk(self.rooms[before], self.rooms[table]) > pauses[j]
            for body in (board.left[pair], board.right[pair])
            if not self.online[body]
            for j, before in self.trail[body]
            if j in pauses
        )

    def _sit_again(
        self,
        pairs: list[int],
        board: Board,
        open_: list[bool],
        found: dict[int, int],
        stranded: list[int],
    ) -> None:
        """Where all tables are alike: who can stays where it sat."""
        rest = []
        for pair in pairs:
            again = [self.last.get(body, -1) for body in (board.right[pair], board.left[pair])]
            table = next((t for t in again if t >= 0 and open_[t]), None)
            if table is None:
                rest.append(pair)
            else:
                found[pair], open_[table] = table, False
        free = [table for table, is_open in enumerate(open_) if is_open]
        found.update(zip(rest, free, strict=False))
        stranded += rest[len(free) :]

    def _assign(
        self,
        pairs: list[int],
        board: Board,
        k: int,
        open_: list[bool],
        found: dict[int, int],
        stranded: list[int],
    ) -> None:
        from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 - slow to import

        cost = np.full((len(pairs), len(open_)), _NEVER)
        for row, pair in enumerate(pairs):
            last = {self.last.get(body) for body in (board.left[pair], board.right[pair])}
            far: dict[str, bool] = {}
            for table, is_open in enumerate(open_):
                if not is_open or not self._may_sit(pair, table, board):
                    continue
                room = self.rooms[table]
                if room not in far:
                    far[room] = bool(self.hurry[k]) and self._far(pair, table, board, k)
                cost[row, table] = (
                    (_TOO_FAR if far[room] else 0.0)
                    + (0.0 if table in last else _OTHER_TABLE)
                    + table * 1e-6
                )
        rows, columns = linear_sum_assignment(cost)
        seated = {
            pairs[row]: column
            for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
            if cost[row, column] < _TOO_FAR
        }
        found.update(seated)
        stranded += [pair for pair in pairs if pair not in seated]
