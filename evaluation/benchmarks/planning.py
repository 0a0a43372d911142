"""Plans beside other ways to make them: first free table, CP-SAT, min-max flow for the pairing.

    python -m evaluation.benchmarks.planning --out docs/benchmarks/planning.json

Scores are uniform random numbers: the hardest case, as nearly everybody could meet anybody.
"""

import resource
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from evaluation.benchmarks import machine
from evaluation.benchmarks.output import emit, say
from matcher.planning.changes import Changes
from matcher.planning.check import check
from matcher.planning.event import Event
from matcher.planning.plan import Pair, Plan
from matcher.planning.planner import plan
from matcher.planning.replan import compare as changed
from matcher.planning.replan import replan

Instance = tuple[Event, list[Pair]]
_WISHES = ("very high", "high", "low", "very low", "veto")


def _slots(n: int) -> list[dict[str, Any]]:
    return [
        {"starts": f"2027-05-{20 + k // 15:02d} {8 + k % 15 // 2:02d}:{k % 15 % 2 * 30:02d}"}
        for k in range(n)
    ]


def _pairs(
    demands: Sequence[str], supplies: Sequence[str], each: int, rng: np.random.Generator
) -> list[Pair]:
    """`each` candidates of every need, with their scores; 0: all of them."""
    found = []
    for demand in demands:
        chosen = np.arange(len(supplies))
        if 0 < each < len(supplies):
            chosen = rng.choice(len(supplies), each, replace=False)
        for j, score in zip(chosen.tolist(), rng.random(len(chosen)).tolist(), strict=True):
            if demand != supplies[j]:
                found.append(
                    Pair(demand_owner=demand, supply_owner=supplies[j], score=round(score, 4))
                )
    return found


def full(demands: int, supplies: int, slots: int, tables: int, each: int, seed: int) -> Instance:
    """Everybody there all the time."""
    rng = np.random.default_rng(seed)
    event = Event.model_validate({"name": "full", "slots": _slots(slots), "tables": tables})
    ends = [f"Cầu {i}" for i in range(demands)], [f"Cung {i}" for i in range(supplies)]
    return event, _pairs(*ends, each, rng)


def absent(each: int, seed: int) -> Instance:
    """500 x 500, 20 slots, 120 tables; each there in 70% of slots, 10% on both sides."""
    rng = np.random.default_rng(seed)
    both = [f"Hai {i}" for i in range(50)]
    demands = [*(f"Cầu {i}" for i in range(450)), *both]
    supplies = [*(f"Cung {i}" for i in range(450)), *both]
    people = [
        {
            "owner": name,
            "available": ",".join(str(k + 1) for k in range(20) if rng.random() < 0.7),
        }
        for name in dict.fromkeys([*demands, *supplies])
    ]
    event = Event.model_validate(
        {"name": "absent", "slots": _slots(20), "tables": 120, "participants": people}
    )
    return event, _pairs(demands, supplies, each, rng)


def ruled(seed: int) -> Instance:
    """60 x 90 under every kind of rule there is."""
    rng = np.random.default_rng(seed)
    demands, supplies = [f"Cầu {i}" for i in range(60)], [f"Cung {i}" for i in range(90)]
    slots = _slots(11)
    slots[5]["break"] = True
    people = []
    for name in [*demands, *supplies]:
        away = ",".join(str(k + 1) for k in range(11) if rng.random() < 0.1)
        people.append(
            {
                "owner": name,
                "unavailable": away,
                "most_meetings": int(rng.integers(3, 8)),
                "people": 2 if rng.random() < 0.1 else 1,
                "languages": [str(rng.choice(["vi", "vi", "en"]))],
                "online": bool(rng.random() < 0.1),
                "groups": ["SME"] if rng.random() < 0.3 else [],
            }
        )
    tables = [{"name": str(i + 1), "room": "AB"[i % 2]} for i in range(20)]
    tables += [{"name": f"G{i}", "room": "A", "owner": f"Cung {i}"} for i in range(4)]
    ends = rng.integers(0, 60, 40), rng.integers(0, 90, 40)
    wishes = [
        {"from": f"Cầu {i}", "to": f"Cung {j}", "degree": _WISHES[k % 5]}
        for k, (i, j) in enumerate(zip(*(part.tolist() for part in ends), strict=True))
    ]
    event = Event.model_validate(
        {
            "name": "ruled",
            "slots": slots,
            "tables": tables,
            "rooms": [{"name": "A", "walk": {"B": 8}}],
            "participants": people,
            "least_meetings": 1,
            "wishes": wishes,
            "fixed": [{"demand": "Cầu 59", "supply": "Cung 89", "slot": 3, "table": 1}],
            "met": [{"one": "Cầu 1", "other": "Cung 2"}],
            "interpreters": 6,
            "most_in_a_row": 4,
            "policies": [{"label": "SME", "group": "SME", "weight": 1.2}],
            "rules": [{"kind": "forbid", "party": "Cầu 3", "others": ["Cung 4"]}],
        }
    )
    free = [day for day in people if day["owner"] in ("Cầu 59", "Cung 89")]
    for day in free:
        day["unavailable"] = ""
    event = Event.model_validate({**event.model_dump(by_alias=True), "participants": people})
    return event, _pairs(demands, supplies, 0, rng)


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


def _ours(event: Event, pairs: list[Pair], seconds: float) -> tuple[dict[str, Any], Plan]:
    begun = time.perf_counter()
    found = plan(event, pairs, seconds=seconds)
    took = time.perf_counter() - begun
    made = [(m.demand_owner, m.supply_owner, m.score) for m in found.meetings]
    row = row_of("cungcau", made, took, pairs)
    row["value"] = round(found.certificate.objective, 3)
    row["bound"] = round(found.certificate.bound, 3)
    row["gap"] = found.certificate.gap
    row["violations"] = len(check(found))
    return row, found


def compare(name: str, instance: Instance, seconds: float, *, peers: bool) -> dict[str, Any]:
    """Every system on one instance."""
    event, pairs = instance
    say(f"— {name}: {len(pairs)} candidate pairs")
    rows = [_ours(event, pairs, 30.0)[0]]
    if peers:
        begun = time.perf_counter()
        made = greedy(event, pairs)
        rows.append(row_of("first free table", made, time.perf_counter() - begun, pairs))
        if seconds > 0:
            begun = time.perf_counter()
            made, bound = solver(event, pairs, seconds)
            row = row_of("CP-SAT, 2 workers", made, time.perf_counter() - begun, pairs)
            row["gap"] = 1 - row["value"] / bound
            rows.append(row)
        begun = time.perf_counter()
        made = min_max_flow(event, pairs)
        rows.append(row_of("min-max flow (no timetable)", made, time.perf_counter() - begun, pairs))
    return {"instance": name, "pairs": len(pairs), "rows": rows}


def repaired(before: Plan, seed: int) -> dict[str, Any]:
    """The plan after 5% of all owners have not come; `kept` is the part of the others' meetings
    that is where it was."""
    names = sorted(before.certificate.per_party)
    drawn = np.random.default_rng(seed).choice(len(names), len(names) // 20, replace=False)
    away = {names[i] for i in drawn.tolist()}
    changes = Changes.model_validate({"no_shows": [{"owner": name} for name in sorted(away)]})
    begun = time.perf_counter()
    after = replan(before, changes)
    took = time.perf_counter() - begun
    found = changed(before, after)
    others = [m for m in before.meetings if away.isdisjoint((m.demand_owner, m.supply_owner))]
    return {
        "no_shows": len(away),
        "seconds": round(took, 3),
        "others": len(others),
        "kept": len(found.kept) / max(1, len(others)),
        "added": len(found.added),
        "violations": len(check(after)),
    }


def planning(*, names: Sequence[str], seconds: float, large: float, seed: int) -> dict[str, Any]:
    """The issue's table; `seconds` is what CP-SAT gets and `large` what it gets on the largest
    instance, in a process of its own; 0 leaves it out."""
    from evaluation.benchmarks.planningalone import alone, solver_alone  # noqa: PLC0415 - imports us

    # First, while this process is small: a child never reads lower than its parent.
    apart = {name: alone(name, seed) for name in names if name == LARGEST}
    plan(*full(5, 5, 3, 2, 0, seed))  # Loading the libraries is no part of a plan's time.
    made = []
    for name in names:
        ruled_alone = name == "every kind of rule"
        limit = 0 if ruled_alone or name == LARGEST else seconds
        found = compare(name, INSTANCES[name](seed), limit, peers=not ruled_alone)
        if name == LARGEST:
            found["alone"] = apart[name]
            found["repair"] = repaired(plan(*INSTANCES[name](seed)), seed)
            if large > 0:
                found["rows"].append(solver_alone(name, seed, large))
        made.append(found)
    return {
        "benchmark": "planning",
        "seed": seed,
        "instances": made,
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "machine": machine.describe(),
    }


LARGEST = "1000 x 4000, 30 slots, 400 tables"
INSTANCES: dict[str, Callable[[int], Instance]] = {
    "50 x 150, 12 slots, 30 tables": lambda seed: full(50, 150, 12, 30, 0, seed),
    "200 x 600, 16 slots, 80 tables": lambda seed: full(200, 600, 16, 80, 40, seed),
    "200 x 600, all pairs": lambda seed: full(200, 600, 16, 80, 0, seed),
    LARGEST: lambda seed: full(1000, 4000, 30, 400, 100, seed),
    "500 x 500, 70% there, 10% both sides": lambda seed: absent(60, seed),
    "every kind of rule": ruled,
}


def main(
    only: Annotated[list[str] | None, typer.Option(help="An instance; may be repeated.")] = None,
    seconds: Annotated[float, typer.Option(min=0, help="For CP-SAT; 0 leaves it out.")] = 30.0,
    large: Annotated[float, typer.Option(min=0, help="The same, on the largest one.")] = 300.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same instances.")] = 7,
    out: Annotated[Path | None, typer.Option(help="Also save the JSON here.")] = None,
) -> None:
    """Plans, side by side with their peers; prints one JSON document."""
    emit(planning(names=only or list(INSTANCES), seconds=seconds, large=large, seed=seed), out)


if __name__ == "__main__":
    typer.run(main)
