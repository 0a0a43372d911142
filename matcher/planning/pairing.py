"""Who meets whom, without a timetable yet: a b-matching of the greatest worth.

Each body has a least and a most, the tables hold a total. Where nobody stands on both sides
this is a min-cost flow, whose optimum is integral; a body on both sides makes the graph general:
there the flow on the graph's double cover gives the bound (the relaxation's half-integral
optimum, Nemhauser & Trotter 1975) and HiGHS the pairs. The worth of the optimum bounds every
timetable's worth.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from indexer.progress import Progress, silent
from matcher.planning.instance import Infeasible, Instance, IntArray

Mask = NDArray[np.bool_]
_FINEST = 1e-9  # worth per unit of the integral costs
_LOTS = 16
_NOTHING = 1e-6  # what a pair worth nothing costs HiGHS
_TIE = 1e-9  # worth at which HiGHS decides between equals
_ROOM = 2**58  # the largest |cost| x nodes the solver is given
_COLUMNS = 40_000  # pairs HiGHS is given at the most


@dataclass(frozen=True, slots=True)
class Pairing:
    """`chosen` says of each pair whether it meets; no plan is worth more than `bound`.

    `floor` is how many meetings fairness gives each body: never below its least.
    """

    chosen: Mask
    bound: float
    floor: IntArray


@dataclass(frozen=True)
class _Problem:
    """What is left to choose once the fixed meetings are set apart."""

    instance: Instance
    open: IntArray  # the pairs that are not fixed
    lower: IntArray
    upper: IntArray
    total: int  # meetings at the tables for everybody
    seconds: float  # for HiGHS


Solver = Callable[[_Problem, Mask, bool], tuple[Mask, float] | None]


def pair(
    instance: Instance,
    *,
    cap: int | None = None,
    seconds: float = 20.0,
    progress: Progress = silent,
) -> Pairing:
    """The pairing of greatest worth under the event's fairness; `cap` limits everybody's count.

    After `seconds` the owners' meetings are not evened out further.

    Raises:
        Infeasible: the least meetings cannot all be reached; names who falls short.
    """
    until = monotonic() + seconds
    problem = _problem(instance, cap, seconds)
    nobody = np.zeros(instance.n_bodies, dtype=bool)
    general = _is_general(instance)
    found = _flow(problem, nobody, False)
    if found is None:
        raise _short(problem)
    mask, value = found
    bound = value
    solve: Solver = _flow
    if general:
        solve = _program
        exact = _program(problem, nobody, False)
        if exact is None:
            raise _short(problem)
        mask, tighter = exact
        bound = min(bound, tighter)
    levels = _levels(instance)
    lower = problem.lower
    for level in range(1, levels + 1):
        progress("fairness", level, levels)
        asked = (lower == level - 1) & (problem.upper >= level)
        if not asked.any():
            continue
        left = until - monotonic()
        if left <= 0:
            break
        stage = replace(problem, lower=lower, seconds=left)
        better = solve(stage, asked, True)
        if better is None:
            break
        mask = better[0]
        reached = asked & (_degrees(instance, mask) >= level)
        if not reached.any():
            break
        lower = np.where(reached, level, lower)
    fixed = [item.pair for item in instance.fixtures]
    mask[fixed] = True
    floor = lower + np.array(instance.least, dtype=np.int64) - problem.lower
    return Pairing(mask, bound + float(instance.worth[fixed].sum()), floor)


def _levels(instance: Instance) -> int:
    match instance.event.fairness:
        case "value":
            return 0
        case "guarantee":
            return instance.event.guarantee
        case "worst-first":
            return max(instance.most, default=0)


def _is_general(instance: Instance) -> bool:
    """Whether more binds than a flow can say."""
    limited = instance.event.interpreters is not None and bool(instance.foreign.any())
    left_hosts = bool(((instance.host >= 0) & (instance.host == instance.left)).any())
    return instance.two_sided() or limited or left_hosts


def _problem(instance: Instance, cap: int | None, seconds: float) -> _Problem:
    n = instance.n_bodies
    fixed = np.zeros(len(instance.pairs), dtype=bool)
    fixed[[item.pair for item in instance.fixtures]] = True
    taken = _degrees(instance, fixed)
    upper = np.array(instance.most, dtype=np.int64)
    for body, counts in instance.booths.items():
        if not (instance.left == body).any():
            held = sum(
                min(instance.people[body], count)
                for k, count in enumerate(counts)
                if instance.free[body] >> k & 1
            )
            upper[body] = min(upper[body], held)
    lower = np.array(instance.least, dtype=np.int64)
    if cap is not None:
        upper = np.minimum(upper, max(cap, 1))
    over = np.flatnonzero((taken > upper) | (lower > upper))
    if len(over):
        raise _unmet([instance.names[i] for i in over.tolist()])
    at_tables = int((fixed & (instance.host < 0)).sum())
    return _Problem(
        instance,
        np.flatnonzero(~fixed),
        np.maximum(lower - taken, 0).reshape(n),
        upper - taken,
        max(0, sum(instance.tables) - at_tables),
        seconds,
    )


def _degrees(instance: Instance, mask: Mask) -> IntArray:
    n = instance.n_bodies
    return np.bincount(instance.left[mask], minlength=n) + np.bincount(
        instance.right[mask], minlength=n
    )


def _units(problem: _Problem, bonus: bool, nodes: int) -> tuple[IntArray, int]:
    """Integral gains of the open pairs, and one above all of them together (with `bonus`).

    Lots decide between equals.

    A pair worth nothing costs a unit: it is chosen where a limit asks for it and else left out.
    """
    instance = problem.instance
    worth = instance.worth[problem.open]
    highest = float(worth.max(initial=0.0)) or 1.0
    meetings = min(problem.total + 1, int(problem.upper.sum()) // 2 + 1, len(worth) + 1)
    depth = _LOTS * (meetings + 1)
    room = _ROOM / (nodes + 1) / depth / ((meetings + 1) if bonus else 1)
    step = max(_FINEST, highest / room)
    units = np.round(worth / step).astype(np.int64) * depth + instance.lot[problem.open]
    units = np.where(worth > 0, units, -1)
    return units, int(units.max(initial=1)) * (meetings + 1)


class _Network:
    """Arcs with lower limits, collected for the solver."""

    def __init__(self, nodes: int) -> None:
        self.supplies = np.zeros(nodes, dtype=np.int64)
        self._parts: list[tuple[IntArray, ...]] = []
        self._size = 0

    def add(
        self,
        tails: IntArray | int,
        heads: IntArray | int,
        capacity: IntArray | int,
        cost: IntArray | int = 0,
        lower: IntArray | int = 0,
    ) -> slice:
        """The place of the arcs in what `solve` returns; there `lower` is left out."""
        each = np.broadcast_arrays(tails, heads, capacity, cost, lower)
        tail, head, most, price, least = (np.atleast_1d(a).astype(np.int64) for a in each)
        np.subtract.at(self.supplies, tail, least)
        np.add.at(self.supplies, head, least)
        self._parts.append((tail, head, most - least, price))
        self._size += len(tail)
        return slice(self._size - len(tail), self._size)

    def solve(self) -> IntArray | None:
        from ortools.graph.python import min_cost_flow  # noqa: PLC0415 - slow to import

        solver = min_cost_flow.SimpleMinCostFlow()
        arcs = solver.add_arcs_with_capacity_and_unit_cost(
            *(np.concatenate(part) for part in zip(*self._parts, strict=True))
        )
        solver.set_nodes_supplies(np.arange(len(self.supplies)), self.supplies)
        if solver.solve() != solver.OPTIMAL:
            return None
        return np.asarray(solver.flows(arcs), dtype=np.int64)


def _flow(problem: _Problem, asked: Mask, bonus: bool) -> tuple[Mask, float] | None:
    """(chosen, bound on the worth) by min-cost flow; None where the limits cannot be met.

    With `bonus` the bodies `asked` are first of all brought one meeting further. On the double
    cover every body has a copy on both sides and every pair two arcs. Then `chosen` holds the
    pairs with both arcs full, and the bound is half the flow's worth.
    """
    instance, n = problem.instance, problem.instance.n_bodies
    double = instance.two_sided()
    left, right = instance.left[problem.open], instance.right[problem.open]
    first = np.arange(n) if double else np.unique(left)
    second = np.arange(n) if double else np.unique(right)
    if len(np.setdiff1d(np.flatnonzero(problem.lower > 0), np.union1d(first, second))):
        return None
    hub, source, sink = 2 * n, 2 * n + 1, 2 * n + 2
    units, prize = _units(problem, bonus, 2 * n + 3)
    total = problem.total
    relaxed = double or _is_general(instance)
    if relaxed:  # Which meetings are at booths is not known here, so they all might be.
        total += sum(sum(counts) for counts in instance.booths.values())
    after = np.where(np.isin(second, list(instance.booths)) & (not relaxed), sink, hub)
    network = _Network(2 * n + 3)
    one = network.add(left, right + n, 1, -units)
    other = network.add(right, left + n, 1, -units) if double else one
    for bodies, tail, head in ((first, source, first), (second, second + n, after)):
        extra = asked[bodies].astype(np.int64) if bonus else np.zeros(len(bodies), dtype=np.int64)
        upper = problem.upper[bodies] - extra
        network.add(tail, head, upper, 0, problem.lower[bodies])
        if bonus:
            network.add(tail, head, extra, -prize)
    network.add(hub, sink, total * (2 if double else 1))
    plenty = int(problem.upper.sum()) + 1
    network.add(source, sink, plenty)
    network.supplies[source] += plenty
    network.supplies[sink] -= plenty
    flows = network.solve()
    if flows is None:
        return None
    used = flows[one] + flows[other]  # 0, 1 or 2 halves
    mask = np.zeros(len(instance.pairs), dtype=bool)
    mask[problem.open[used == 2]] = True
    return mask, float(instance.worth[problem.open] @ used) / 2


def _program(problem: _Problem, asked: Mask, bonus: bool) -> tuple[Mask, float] | None:
    """As `_flow`, by HiGHS: bodies on both sides, booths and interpreters are seen exactly.

    The bound is infinite where not all pairs were given to HiGHS.
    """
    from scipy.optimize import LinearConstraint, milp  # noqa: PLC0415 - slow to import
    from scipy.sparse import csr_array, hstack, vstack  # noqa: PLC0415

    instance, n = problem.instance, problem.instance.n_bodies
    columns = _columns(problem)
    m = len(columns)
    chosen = problem.open[columns]
    ones = np.ones(m)
    spots = np.arange(m)
    bodies = csr_array(
        (
            np.tile(ones, 2),
            (np.r_[instance.left[chosen], instance.right[chosen]], np.tile(spots, 2)),
        ),
        shape=(n, m),
    )
    at_tables = csr_array((instance.host[chosen] < 0).astype(float).reshape(1, m))
    foreign = csr_array(instance.foreign[chosen].astype(float).reshape(1, m))
    most_foreign = np.inf
    if instance.event.interpreters is not None:
        most_foreign = instance.event.interpreters * len(instance.slots)
    rows = vstack([bodies, at_tables, foreign])
    low = np.r_[problem.lower, 0, 0].astype(float)
    high = np.r_[problem.upper, problem.total, most_foreign].astype(float)
    gain = instance.worth[chosen] + instance.lot[chosen] * _TIE / _LOTS
    gain = np.where(instance.worth[chosen] > 0, gain, -_NOTHING)
    if bonus:
        # y says that a body is brought one further: its meetings - y >= what it has already.
        extra = np.flatnonzero(asked)
        y = csr_array(
            (-np.ones(len(extra)), (extra, np.arange(len(extra)))), shape=(n + 2, len(extra))
        )
        rows = vstack([hstack([rows, y]), hstack([rows, csr_array(y.shape)])])
        low, high = np.r_[low, np.full(n + 2, -np.inf)], np.r_[np.full(n + 2, np.inf), high]
        gain = np.r_[gain, np.full(len(extra), (gain.max(initial=1.0) + 1) * 100)]
    found = milp(
        -gain,
        constraints=LinearConstraint(rows, low, high),
        integrality=np.ones(len(gain)),
        bounds=(0, 1),
        options={"time_limit": problem.seconds, "mip_rel_gap": 1e-6},
    )
    if found.x is None:
        return None
    mask = np.zeros(len(instance.pairs), dtype=bool)
    mask[chosen[found.x[:m] > 0.5]] = True
    if m < len(problem.open) or bonus:
        return mask, np.inf
    slack = _TIE * m + _NOTHING * float((instance.worth[chosen] <= 0).sum())
    return mask, -float(found.mip_dual_bound) + slack


def _columns(problem: _Problem) -> IntArray:
    """Places in `open` of the pairs worth giving to HiGHS: the best of each body."""
    instance = problem.instance
    if len(problem.open) <= _COLUMNS:
        return np.arange(len(problem.open))
    worth = instance.worth[problem.open]
    keep = np.zeros(len(problem.open), dtype=bool)
    each = max(3, _COLUMNS // max(1, instance.n_bodies))
    for ends in (instance.left, instance.right):
        body = ends[problem.open]
        order = np.lexsort((-instance.lot[problem.open], -worth, body))
        starts = np.searchsorted(body[order], body[order], side="left")
        keep[order[np.arange(len(order)) - starts < each]] = True
    return np.flatnonzero(keep)


def _short(problem: _Problem) -> Infeasible:
    """Who cannot be brought to its least, when as many as possible are."""
    instance = problem.instance
    lower = np.zeros_like(problem.lower)
    for level in range(1, int(problem.lower.max(initial=0)) + 1):
        asked = (problem.lower >= level) & (lower == level - 1)
        found = _flow(replace(problem, lower=lower), asked, True)
        if found is None:
            break
        reached = asked & (_degrees(instance, found[0]) >= level)
        lower = np.where(reached, level, lower)
    return _unmet([instance.names[i] for i in np.flatnonzero(lower < problem.lower).tolist()])


def _unmet(names: list[str]) -> Infeasible:
    named = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
    return Infeasible(
        vi=f"Không thể đạt số cuộc gặp tối thiểu của mọi đơn vị: {named}. "
        "Chấp nhận: số tối thiểu nhỏ hơn, thêm lượt, thêm bàn hoặc thêm cặp ứng viên.",
        en=f"The least meetings cannot be reached for everybody: {named}. "
        "Accepted: a smaller least, more slots, more tables or more candidate pairs.",
        parties=names,
    )
