"""The plan of an event as it holds now, read once and kept in memory while it does."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

import sqlalchemy as sa

from api import problems
from api.actors import Actor
from api.problems import ProblemError
from api.service import planversions
from api.service.events import Stored
from api.service.planfiles import FILE_NAME, plan_of
from api.service.planversions import Version
from api.service.runfolders import folder_of, named
from api.service.runresults import check_whole
from indexer.bilingual import Bilingual
from indexer.owners import owner_key
from matcher.export.plan_agendas import Agenda, Agendas
from matcher.planning.moving import Move, pair_id
from matcher.planning.plan import Meeting, Plan

_KEPT = 6  # plans in memory: those of a few events, before and after
Titles = Mapping[str, str]


@dataclass(frozen=True)
class Timetable:
    """A plan with what pages look up in it; `named` are the records it tells of."""

    plan: Plan
    named: tuple[str, ...]

    @cached_property
    def agendas(self) -> Agendas:
        """Without titles; `with_titles` gives one with them."""
        return Agendas(self.plan, {})

    @cached_property
    def by_stem(self) -> Mapping[str, Agenda]:
        return {agenda.stem: agenda for agenda in self.agendas.all}

    @cached_property
    def by_owner(self) -> Mapping[str, Agenda]:
        return {owner_key(agenda.owner): agenda for agenda in self.agendas.all}

    @cached_property
    def by_pair(self) -> Mapping[str, Meeting]:
        return {pair_id(meeting): meeting for meeting in self.plan.meetings}

    @cached_property
    def at(self) -> Mapping[tuple[int, int], Meeting]:
        """The meetings by slot and table."""
        return {(meeting.slot, meeting.table): meeting for meeting in self.plan.meetings}

    @cached_property
    def held(self) -> Counter[int]:
        """How many meetings each slot has."""
        return Counter(meeting.slot for meeting in self.plan.meetings)

    def agenda(self, owner: str, titles: Titles) -> Agenda | None:
        """The agenda of an owner with the titles of what its meetings are about."""
        found = self.by_owner.get(owner_key(owner))
        if found is None or not titles:
            return found
        return replace(
            found,
            appointments=tuple(
                replace(
                    one,
                    subject=titles.get(one.meeting.demand, ""),
                    offer=titles.get(one.meeting.supply, ""),
                )
                for one in found.appointments
            ),
        )


def current(
    connection: sa.Connection, workspace: Path, event: Stored, by: Actor | None
) -> tuple[Version, Timetable] | None:
    """The version that holds and its plan; None where no plan has been made. With `by` None it
    is read for one participant, who sees no more than its own agenda.

    Raises:
        ProblemError: 403, the plan tells of records the actor may not read; 409, its files have
            been removed.
    """
    version = planversions.current(connection, event)
    return None if version is None else (version, of(connection, workspace, version, by))


def of(connection: sa.Connection, workspace: Path, version: Version, by: Actor | None) -> Timetable:
    """The plan of a version. Raises as `current`."""
    folder = folder_of(workspace, version.run)
    if by is not None:
        check_whole(connection, folder, by)
    return _read(folder / FILE_NAME, version.moves, version.number)


def of_run(connection: sa.Connection, workspace: Path, run_id: str, by: Actor) -> Timetable:
    """The plan that a run has made. Raises as `current`."""
    folder = folder_of(workspace, run_id)
    check_whole(connection, folder, by)
    return _read(folder / FILE_NAME, (), 1)


def _read(path: Path, moves: tuple[Move, ...], number: int) -> Timetable:
    try:
        changed = path.stat().st_mtime_ns
    except OSError as error:
        raise ProblemError(problems.NOT_POSSIBLE, REMOVED) from error
    return _kept(path, changed, moves, number)


@lru_cache(maxsize=_KEPT)
def _kept(path: Path, _: int, moves: tuple[Move, ...], number: int) -> Timetable:
    return Timetable(plan_of(path, moves, number), tuple(named(path.parent)))


REMOVED = Bilingual(
    vi="Các tệp của kế hoạch này đã bị xóa khỏi máy chủ. Hãy xếp lịch lại.",
    en="The files of this plan have been removed from the server. Make the timetable anew.",
)
