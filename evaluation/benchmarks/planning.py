"""Plans beside other ways to make them: first free table, CP-SAT, min-max flow for the pairing.

    python -m evaluation.benchmarks.planning --out docs/benchmarks/planning.json

Scores are uniform random numbers: the hardest case, as nearly everybody could meet anybody.
"""

import resource
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from evaluation.benchmarks import machine
from evaluation.benchmarks.output import emit, say
from evaluation.benchmarks.planningalone import alone, solver_alone
from evaluation.benchmarks.planninginstances import INSTANCES, LARGEST, Instance, full
from evaluation.benchmarks.planningpeers import greedy, min_max_flow, row_of, solver
from matcher.planning.changes import Changes
from matcher.planning.check import check
from matcher.planning.event import Event
from matcher.planning.plan import Pair, Plan
from matcher.planning.planner import plan
from matcher.planning.replan import compare as changed
from matcher.planning.replan import replan


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
    plan(*full(5, 5, 3, 2, 0, seed))  # Loading the libraries is no part of a plan's time.
    made = []
    for name in names:
        ruled_alone = name == "every kind of rule"
        limit = 0 if ruled_alone or name == LARGEST else seconds
        found = compare(name, INSTANCES[name](seed), limit, peers=not ruled_alone)
        if name == LARGEST:
            found["alone"] = alone(name, seed)
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
