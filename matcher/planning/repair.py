"""The broken part of a timetable, solved by OR-tools CP-SAT: pairs, slots and limits at once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matcher.planning.board import Board, bits
from matcher.planning.instance import IntArray

_SCALE = 1_000_000  # units of worth
_SHORT = 1_000  # what a meeting that somebody's least asks for counts, in worth


@dataclass(frozen=True, slots=True)
class Part:
    """What CP-SAT found: a slot for each pair that meets, and its bound on their worth."""

    slots: dict[int, int]
    bound: float
    proven: bool


class _Model:
    """The variables of one part; whoever is on the board already stays as it is."""

    def __init__(self, board: Board, pairs: Sequence[int], most: IntArray, least: IntArray) -> None:
        from ortools.sat.python import cp_model  # noqa: PLC0415 - slow to import

        self.library = cp_model
        self.model: Any = cp_model.CpModel()
        self.board, self.instance = board, board.instance
        self.most, self.least = most, least
        self.at: dict[tuple[int, int], list[Any]] = defaultdict(list)
        self.of: dict[int, list[Any]] = defaultdict(list)
        self.inside: dict[int, list[tuple[int, Any]]] = defaultdict(list)
        self.choices: dict[int, dict[int, Any]] = {}
        for pair in pairs:
            options = {
                k: self.model.new_bool_var("")
                for k in bits(board.common(pair))
                if board.suits(pair, k)
            }
            self.choices[pair] = options
            for k, x in options.items():
                self.inside[k].append((pair, x))
                for body in (board.left[pair], board.right[pair]):
                    self.at[body, k].append(x)
                    self.of[body].append(x)

    def constrain(self, forced: frozenset[int]) -> Any:  # noqa: ANN401 - an expression of the solver
        """The rules; returns what falling short of somebody's least costs."""
        board, instance, model = self.board, self.instance, self.model
        for pair, options in self.choices.items():
            if pair in forced:
                model.add_exactly_one(options.values())
            elif len(options) > 1:
                model.add_at_most_one(options.values())
        for (body, k), xs in self.at.items():
            room = instance.people[body] - len(board.at(body, k))
            if len(xs) > room:
                model.add(sum(xs) <= room)
        short: list[Any] = []
        for body, xs in self.of.items():
            model.add(sum(xs) <= int(self.most[body]) - board.held[body])
            missing = int(self.least[body]) - board.held[body]
            if missing > 0:
                lack = model.new_int_var(0, missing, "")
                model.add(sum(xs) + lack >= missing)
                short.append(lack)
        for k, members in self.inside.items():
            self._slot(k, members)
        self._rows()
        return sum(short) * _SHORT * _SCALE if short else 0

    def _slot(self, k: int, members: list[tuple[int, Any]]) -> None:
        board, instance = self.board, self.instance
        hosted: dict[int, list[Any]] = defaultdict(list)
        for pair, x in members:
            hosted[board.host[pair]].append(x)
        for host, xs in hosted.items():
            if host < 0:
                self.model.add(sum(xs) <= instance.tables[k] - board.load[k])
            else:
                room = instance.booths[host][k] - board.hosted(host, k)
                self.model.add(sum(xs) <= room)
        most = instance.event.interpreters
        foreign = [x for pair, x in members if board.foreign[pair]]
        if most is not None and foreign:
            self.model.add(sum(foreign) <= most - board.spoken[k])

    def _rows(self) -> None:
        most = self.instance.event.most_in_a_row
        if most is None:
            return
        for body in self.of:
            for window in self.instance.windows:
                xs = [x for k in window for x in self.at.get((body, k), ())]
                held = sum(len(self.board.at(body, k)) for k in window)
                room = most * self.instance.people[body] - held
                if len(xs) > room:
                    self.model.add(sum(xs) <= room)


def solve_part(
    board: Board,
    pairs: Sequence[int],
    most: IntArray,
    least: IntArray,
    *,
    forced: frozenset[int],
    hint: dict[int, int],
    effort: float,
    seconds: float,
    seed: int,
) -> Part | None:
    """The best slots for `pairs`, none of which is on the board; None if none was found.

    `effort` is in CP-SAT's deterministic time, about seconds: the same on every machine.
    `seconds` of the clock end it too, so that a busy machine is not waited for.
    """
    part = _Model(board, pairs, most, least)
    penalty = part.constrain(forced)
    worth = board.instance.worth
    terms = []
    for pair, options in part.choices.items():
        gain = max(1, round(float(worth[pair]) * _SCALE)) if worth[pair] > 0 else -1
        for k, x in options.items():
            terms.append(gain * x)
            part.model.add_hint(x, hint.get(pair) == k)
    part.model.maximize(sum(terms) - penalty)
    solver = part.library.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed % 2**31
    solver.parameters.max_deterministic_time = effort
    solver.parameters.max_time_in_seconds = seconds
    status = solver.solve(part.model)
    if status not in (part.library.OPTIMAL, part.library.FEASIBLE):
        return None
    return Part(
        {
            pair: k
            for pair, options in part.choices.items()
            for k, x in options.items()
            if solver.value(x)
        },
        solver.best_objective_bound / _SCALE,
        status == part.library.OPTIMAL,
    )
