"""Other ways to make a plan, and what is told of each."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from matcher.planning.event import Event
from matcher.planning.plan import Pair


def greedy(event: Event, pairs: Sequence[Pair]) -> list[tuple[str, str, float]]:
    """First free table: the best score first, the first slot in which both are free."""
    slots = sorted(event.meeting_slots())
    names = {name for pair in pairs for name in (pair.demand_owner, pair.supply_owner)}
    free = {name: set(event.free_slots(name)) for name in names}
    tables = dict.fromkeys(slots, len(event.places()))
    met: set[frozenset[str]] = set()
    made = []
    for pair in sorted(pairs, key=lambda item: -item.score):
        one, two = pair.demand_owner, pair.supply_owner
        if frozenset((one, two)) in met:
            continue
        slot = next((k for k in slots if tables[k] and k in free[one] & free[two]), None)
        if slot is not None:
            tables[slot] -= 1
            free[one].discard(slot)
            free[two].discard(slot)
            met.add(frozenset((one, two)))
            made.append((one, two, pair.score))
    return made


def solver(
    event: Event, pairs: Sequence[Pair], seconds: float
) -> tuple[list[tuple[str, str, float]], float]:
    """(meetings, bound) by CP-SAT on everything at once, with two workers."""
    from ortools.sat.python import cp_model  # noqa: PLC0415 - slow to import

    model = cp_model.CpModel()
    busy: dict[tuple[str, int], list[Any]] = {}
    inside: dict[int, list[Any]] = {}
    couples: dict[frozenset[str], list[Any]] = {}
    terms, variables = [], []
    for pair in pairs:
        one, two = pair.demand_owner, pair.supply_owner
        for k in sorted(event.free_slots(one) & event.free_slots(two)):
            x = model.new_bool_var("")
            couples.setdefault(frozenset((one, two)), []).append(x)
            inside.setdefault(k, []).append(x)
            for name in (one, two):
                busy.setdefault((name, k), []).append(x)
            terms.append(round(pair.score * 10_000) * x)
            variables.append((x, pair))
    for xs in (*busy.values(), *couples.values()):
        if len(xs) > 1:
            model.add_at_most_one(xs)
    for xs in inside.values():
        model.add(sum(xs) <= len(event.places()))
    model.maximize(sum(terms))
    search = cp_model.CpSolver()
    search.parameters.num_workers = 2
    search.parameters.max_time_in_seconds = seconds
    status = search.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return [], float("inf")
    made = [
        (pair.demand_owner, pair.supply_owner, pair.score)
        for x, pair in variables
        if search.value(x)
    ]
    return made, search.best_objective_bound / 10_000


def min_max_flow(event: Event, pairs: Sequence[Pair]) -> list[tuple[str, str, float]]:
    """OpenReview-style pairing: every need the same number, every offer at most one a slot.

    A pairing without a timetable; the number is what the tables allow.
    """
    from ortools.graph.python import min_cost_flow  # noqa: PLC0415 - slow to import

    demands = {name: i for i, name in enumerate(dict.fromkeys(p.demand_owner for p in pairs))}
    supplies = {
        name: len(demands) + i
        for i, name in enumerate(dict.fromkeys(p.supply_owner for p in pairs))
    }
    slots = len(event.meeting_slots())
    each = min(slots, slots * len(event.places()) // len(demands))
    source, sink = len(demands) + len(supplies), len(demands) + len(supplies) + 1
    flow = min_cost_flow.SimpleMinCostFlow()
    for pair in pairs:
        flow.add_arc_with_capacity_and_unit_cost(
            demands[pair.demand_owner],
            supplies[pair.supply_owner],
            1,
            -round(pair.score * 10_000),
        )
    for node in demands.values():
        flow.add_arc_with_capacity_and_unit_cost(source, node, each, 0)
    for node in supplies.values():
        flow.add_arc_with_capacity_and_unit_cost(node, sink, slots, 0)
    flow.set_node_supply(source, each * len(demands))
    flow.set_node_supply(sink, -each * len(demands))
    if flow.solve_max_flow_with_min_cost() != flow.OPTIMAL:
        return []
    return [
        (pair.demand_owner, pair.supply_owner, pair.score)
        for arc, pair in enumerate(pairs)
        if flow.flow(arc)
    ]


def row_of(
    name: str, made: Sequence[tuple[str, str, float]], seconds: float, pairs: Sequence[Pair]
) -> dict[str, Any]:
    got = Counter(end for one, two, _ in made for end in (one, two))
    demands = {pair.demand_owner for pair in pairs}
    return {
        "system": name,
        "value": round(sum(score for *_, score in made), 3),
        "meetings": len(made),
        "fewest_of_a_need": min((got[end] for end in demands), default=0),
        "seconds": round(seconds, 3),
    }
