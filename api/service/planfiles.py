"""The plan of a run's file, with the moves that were made in it by hand."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from matcher.planning.moving import Move, moved
from matcher.planning.plan import Plan, read_plan

FILE_NAME = "plan.json"


def plan_of(path: Path, moves: Iterable[Move], number: int) -> Plan:
    """The plan of a file with moves made in it. Calendars count the versions, so that a program
    that has an entry of an earlier one takes the later one.

    Raises:
        RequestError: the file is no plan.
    """
    plan = moved(read_plan(path), moves)
    repairs = max(int(plan.settings.get("replans", 0)), number - 1)
    if repairs == plan.settings.get("replans", 0):
        return plan
    return plan.model_copy(update={"settings": {**plan.settings, "replans": repairs}})


def asked_of(run: str, moves: Iterable[Move]) -> dict[str, Any]:
    """How a run is told which plan to begin with."""
    return {"base": run, "moves": [asdict(move) for move in moves]}


def moves_of(asked: Mapping[str, Any]) -> tuple[Move, ...]:
    """The moves made in the plan that a run was asked to begin with."""
    return tuple(Move(**move) for move in asked.get("moves", ()))
