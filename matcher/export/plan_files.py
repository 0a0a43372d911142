"""Writing a plan into a folder."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from indexer.bilingual import Language
from indexer.errors import RequestError
from indexer.owners import owner_key
from indexer.progress import Progress, silent
from matcher.export.atomic import replacing
from matcher.export.plan_agendas import Agenda, Agendas, Appointment, file_stem
from matcher.export.plan_changes import Change, changes, touched
from matcher.export.plan_handout import sheets
from matcher.export.plan_map import table_map
from matcher.planning.plan import Plan

_PAGE = 500  # agendas in one file: more would be slow to open


def write_plan(
    plan: Plan,
    folder: Path,
    *,
    titles: Mapping[str, str] | None = None,
    before: Plan | None = None,
    language: Language = "vi",
    created: datetime | None = None,
    progress: Progress = silent,
) -> tuple[Path, ...]:
    """Writes plan.json, plan.xlsx, agendas.html, agendas.pdf, overview.svg, names.csv and a
    calendar file for each participant with meetings; returns their paths, plan.json first.

    agendas.html and .pdf have a sheet for each participant with meetings; from 501 on they go on
    in agendas-2 and so on. With the plan `before`, only calendars that changed are written, with
    cancellations, and agendas-changed holds the pages to hand out again, also for participants
    who have no meeting left. `titles` maps record ids to titles that participants may see. Each
    file replaces an older one whole; calendars and pages of an earlier plan in `folder` that this
    one has no use for are removed.

    Equal plans give equal bytes: `created`, which formats ask for, is counted from the event's
    first day where it is not given. Raises RequestError when the folder cannot be written or the
    disk is full.
    """
    moment = created or made_at(plan)
    agendas = Agendas(plan, titles or {})
    writer = _Writer(agendas, folder, titles or {}, before, language, moment, progress)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return writer.write()
    except OSError as error:
        reason = error.strerror or str(error)
        raise RequestError(
            vi=f"Không ghi được kế hoạch vào {folder}: {reason}. "
            "Hãy chọn thư mục khác hoặc giải phóng dung lượng đĩa.",
            en=f"Cannot write the plan into {folder}: {reason}. "
            "Choose another folder or free disk space.",
        ) from error


def made_at(plan: Plan) -> datetime:
    """A moment for formats that ask for one: the day before the event, and a second more for
    each repair, so that a calendar program takes the later file for the newer one."""
    starts = plan.event.times(1)[0] if plan.event.slots else datetime(2000, 1, 2, tzinfo=UTC)
    repairs = int(plan.settings.get("replans", 0))
    return starts.astimezone(UTC) - timedelta(days=1) + timedelta(seconds=repairs)


class _Writer:
    def __init__(
        self,
        agendas: Agendas,
        folder: Path,
        titles: Mapping[str, str],
        before: Plan | None,
        language: Language,
        created: datetime,
        progress: Progress,
    ) -> None:
        self._agendas = agendas
        self._plan = agendas.plan
        self._folder = folder
        self._language = language
        self._created = created
        self._progress = progress
        self._before = Agendas(before, titles) if before else None
        self._found: tuple[Change, ...] = changes(before, agendas.plan) if before else ()

    def write(self) -> tuple[Path, ...]:
        """plan.json takes its name last: what stands there always has its files beside it."""
        stale = _calendars_of(self._folder / "plan.json")
        with ExitStack() as stack:
            plan = self._folder / "plan.json"
            draft = stack.enter_context(replacing(plan))
            draft.write_text(self._plan.to_json() + "\n", encoding="utf-8")
            paths = [self._workbook(), *self._pages(), self._picture(), self._names()]
            calendars = list(self._calendars())
        current = {agenda.stem for agenda in self._agendas.all if agenda.appointments}
        for stem in stale - current - {path.stem for path in calendars}:
            (self._folder / f"{stem}.ics").unlink(missing_ok=True)
        return (plan, *paths, *calendars)

    def _workbook(self) -> Path:
        from matcher.export.plan_workbook import write_plan_workbook  # noqa: PLC0415 - slow

        path = self._folder / "plan.xlsx"
        with replacing(path) as draft:
            write_plan_workbook(
                self._agendas,
                draft,
                language=self._language,
                created=self._created,
                before=self._before,
                found=self._found,
            )
        self._progress("export xlsx", len(self._plan.meetings), len(self._plan.meetings))
        return path

    def _pages(self) -> Iterator[Path]:
        meeting = [agenda for agenda in self._agendas.all if agenda.appointments]
        parts = [meeting[at : at + _PAGE] for at in range(0, len(meeting), _PAGE)] or [[]]
        stems = ["agendas", *(f"agendas-{number}" for number in range(2, len(parts) + 1))]
        for stem, part in zip(stems, parts, strict=True):
            yield from self._paper(stem, part, None)
        if self._before is not None:
            stems.append("agendas-changed")
            keys = touched(self._found)
            again = [agenda for agenda in self._everyone if owner_key(agenda.owner) in keys]
            yield from self._paper("agendas-changed", again, self._cancelled())
        for path in self._folder.glob("agendas-*"):
            if path.suffix in {".html", ".pdf"} and path.stem not in stems and _is_ours(path.stem):
                path.unlink()

    def _paper(
        self,
        stem: str,
        chosen: Sequence[Agenda],
        cancelled: Mapping[str, Sequence[Appointment]] | None,
    ) -> Iterator[Path]:
        """The sheets of `chosen` as a page and as PDF."""
        from matcher.export.plan_page import write_agendas  # noqa: PLC0415 - slow to import
        from matcher.export.plan_pdf import write_pdf  # noqa: PLC0415 - slow to import

        event, language = self._plan.event, self._language
        chart = table_map(event.places())
        written = tuple(
            sheets(self._agendas, chosen, chart, cancelled=cancelled, progress=self._progress)
        )
        page, pdf = (self._folder / f"{stem}.{kind}" for kind in ("html", "pdf"))
        with replacing(page) as draft:
            write_agendas(event, chosen, written, chart, draft, language=language)
        yield page
        with replacing(pdf) as draft:
            write_pdf(event, written, chart, draft, language=language, created=self._created)
        yield pdf

    @cached_property
    def _everyone(self) -> tuple[Agenda, ...]:
        """All agendas, with an empty one for an owner whom only the plan before knows."""
        if self._before is None:
            return self._agendas.all
        known = {owner_key(agenda.owner) for agenda in self._agendas.all}
        lost = (
            replace(agenda, appointments=(), alternates=(), standing=None)
            for agenda in self._before.all
            if owner_key(agenda.owner) not in known
        )
        return (*self._agendas.all, *lost)

    def _picture(self) -> Path:
        from matcher.export.plan_picture import write_picture  # noqa: PLC0415 - slow to import

        path = self._folder / "overview.svg"
        with replacing(path) as draft:
            write_picture(self._agendas, draft, language=self._language)
        return path

    def _names(self) -> Path:
        from matcher.export.plan_names import write_names  # noqa: PLC0415

        path = self._folder / "names.csv"
        with replacing(path) as draft:
            write_names(self._agendas, draft, language=self._language)
        return path

    def _calendars(self) -> Iterator[Path]:
        """One file for each owner with meetings; after a change, for those it touches."""
        from matcher.export.plan_calendar import calendar  # noqa: PLC0415 - slow to import

        keys = touched(self._found) if self._before else None
        cancelled = self._cancelled()
        for done, agenda in enumerate(self._everyone, start=1):
            key = owner_key(agenda.owner)
            gone = cancelled.get(key, [])
            if (agenda.appointments or gone) and (keys is None or key in keys):
                path = self._folder / f"{agenda.stem}.ics"
                with replacing(path) as draft:
                    draft.write_bytes(
                        calendar(
                            agenda,
                            self._plan,
                            language=self._language,
                            created=self._created,
                            cancelled=gone,
                        )
                    )
                yield path
            if done % 50 == 0 or done == len(self._everyone):
                self._progress("export ics", done, len(self._everyone))

    def _cancelled(self) -> dict[str, list[Appointment]]:
        """By owner key, the appointments of the plan before that are not held any more."""
        if self._before is None:
            return {}
        dropped = {change.before for change in self._found if change.kind == "dropped"}
        found: dict[str, list[Appointment]] = {}
        for agenda in self._before.all:
            for item in agenda.appointments:
                if item.meeting in dropped:
                    found.setdefault(owner_key(agenda.owner), []).append(item)
        return found


def _calendars_of(path: Path) -> set[str]:
    """The calendar files, without their ending, of the plan that is at `path` now."""
    try:
        meetings = json.loads(path.read_text(encoding="utf-8"))["meetings"]
        owners = {str(m[side]) for m in meetings for side in ("demand_owner", "supply_owner")}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    return {file_stem(owner) for owner in owners}


def _is_ours(stem: str) -> bool:
    last = stem.removeprefix("agendas-")
    return last == "changed" or last.isdecimal()
