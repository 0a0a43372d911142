"""One instance of the planning benchmark in a process of its own: for memory, and for CP-SAT.

    python -m evaluation.benchmarks.planningalone "1000 x 4000, 30 slots, 400 tables"

CP-SAT at full size takes gigabytes; here it takes them from nobody else.
"""

import json
import resource
import sys
import time
from typing import Annotated, Any

import typer

from evaluation.benchmarks.output import say
from evaluation.benchmarks.planninginstances import INSTANCES
from evaluation.benchmarks.planningpeers import row_of
from evaluation.benchmarks.planningpeers import solver as cp_sat
from evaluation.benchmarks.process import measured
from matcher.planning.planner import plan

_MOST = 12 * 2**30  # bytes of address space for CP-SAT: a machine of 16 GiB stays alive


def alone(name: str, seed: int) -> dict[str, Any]:
    """Seconds and peak memory of making and planning the instance, and nothing else."""
    usage = measured([*_COMMAND, name, "--seed", str(seed)])
    return {**json.loads(usage.stdout), "peak_mib": usage.peak_mib}


def solver_alone(name: str, seed: int, seconds: float) -> dict[str, Any]:
    """The row of CP-SAT, which may search for `seconds` once its model is made."""
    begun = time.perf_counter()
    try:
        usage = measured([*_COMMAND, name, "--seed", str(seed), "--solver", str(seconds)])
    except RuntimeError as error:  # C++ ends a process that gets no more memory
        say(str(error)[-400:])
        return row_of("CP-SAT, out of 12 GiB", [], time.perf_counter() - begun, [])
    return {**json.loads(usage.stdout), "peak_mib": usage.peak_mib}


_COMMAND = (sys.executable, "-m", "evaluation.benchmarks.planningalone")


def solved(name: str, seed: int, seconds: float) -> dict[str, Any]:
    """CP-SAT's row, here and now; no meetings where it found no plan or no room for its model."""
    event, pairs = INSTANCES[name](seed)
    begun = time.perf_counter()
    try:
        made, bound = cp_sat(event, pairs, seconds)
    except MemoryError:
        made, bound = [], float("inf")
    label = f"CP-SAT, 2 workers, {seconds:g} s of search"
    row = row_of(label, made, time.perf_counter() - begun, pairs)
    return {**row, "gap": 1 - row["value"] / bound} if made else row


def _planned(name: str, seed: int) -> dict[str, Any]:
    event, pairs = INSTANCES[name](seed)
    begun = time.perf_counter()
    found = plan(event, pairs, seconds=30.0)
    return {
        "seconds": round(time.perf_counter() - begun, 3),
        "meetings": len(found.meetings),
        "gap": found.certificate.gap,
    }


def main(
    name: Annotated[str, typer.Argument(help="An instance of the benchmark.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same instance.")] = 7,
    solver: Annotated[float, typer.Option(min=0, help="CP-SAT for so many seconds.")] = 0.0,
) -> None:
    """Prints one JSON object."""
    if solver:
        resource.setrlimit(resource.RLIMIT_AS, (_MOST, _MOST))
    found = solved(name, seed, solver) if solver else _planned(name, seed)
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    typer.run(main)
