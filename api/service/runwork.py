"""What runs do: match lists, plans, repairs of plans, learning; each into a folder of its own."""

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any, cast

from api.opened import Opened
from api.problems import FieldError, ProblemError
from api.service import runreviews, runs
from api.service.events import FILE
from api.service.planfiles import FILE_NAME, moves_of, plan_of
from api.service.runfolders import folder_of, note_named, write_lines
from api.service.runs import Run
from indexer.bilingual import Bilingual, Language
from indexer.catalog import Catalog
from indexer.errors import CungcauError, RequestError
from indexer.keeping.access import Reader
from indexer.owners import owner_key
from indexer.progress import Progress
from indexer.records import Visibility
from matcher.matcher import Matcher
from matcher.matchlist import MatchList
from matcher.planning.changes import Changes, applied, changes_of
from matcher.planning.event import Event
from matcher.planning.eventfile import event_of_text
from matcher.planning.eventnames import check_names
from matcher.planning.instance import Infeasible
from matcher.planning.plan import Meeting, Pair, Plan

KNOWN = (CungcauError, ProblemError, OSError)  # what a run may fail by without a fault of ours
CHANGES = Path("changes.toml")  # how errors call changes that came in a request
UNMATCHED, CHANGED, CALENDARS = "unmatched.jsonl", "changes.json", "calendars.zip"
DISPUTED = "disputed.jsonl"
_INDEX_PATIENCE = 60.0  # seconds until all that was written can be found
_LOCK_PATIENCE = 120.0  # seconds until another command lets go of the workspace


class ImpossibleError(RequestError):
    """No plan is possible; `remedies` are what would have to give way."""

    def __init__(self, message: Bilingual, remedies: Iterable[Bilingual]) -> None:
        super().__init__(message.vi, message.en)
        self.remedies = tuple(remedies)


def do(opened: Opened, run: Run, folder: Path, progress: Progress) -> dict[str, Any]:
    """Does a run; returns its summary, whose files are in `folder`.

    Raises:
        CungcauError: it cannot be done, in words; OSError: its files cannot be written.
    """
    return _KINDS[run.kind](opened, run, folder, progress)


def failure_of(error: Exception) -> dict[str, Any]:
    """Why a run failed, in both languages, as it is stored."""
    if isinstance(error, CungcauError):
        said = {"vi": error.message.vi, "en": error.message.en}
        if isinstance(error, ImpossibleError):
            remedies = [{"vi": one.vi, "en": one.en} for one in error.remedies]
            return {**said, "remedies": remedies}
        return said
    if isinstance(error, ProblemError):
        whole = [error.detail, *(_refused(one) for one in error.errors)]
        return {"vi": " ".join(one.vi for one in whole), "en": " ".join(one.en for one in whole)}
    if isinstance(error, OSError):
        why = error.strerror or type(error).__name__
        return {
            "vi": f"Không ghi được kết quả: {why}.",
            "en": f"The result cannot be written: {why}.",
        }
    return {"vi": _UNEXPECTED.vi, "en": _UNEXPECTED.en}


def _refused(error: FieldError) -> Bilingual:
    return Bilingual(
        vi=f"{error.place}: {error.reason.vi}; chấp nhận: {error.accepted.vi}.",
        en=f"{error.place}: {error.reason.en}; accepted: {error.accepted.en}.",
    )


def _match(opened: Opened, run: Run, folder: Path, progress: Progress) -> dict[str, Any]:
    from matcher.export import write_match_list  # noqa: PLC0415 - slow to import, only used here

    event = _event(run)
    matcher = _matcher(opened, run, event)
    found = matcher.match(k=int(run.asked["k"]), event=event, progress=progress, reader=run.reader)
    write_match_list(found, folder, language=_language(run), progress=progress)
    write_lines(_unmatched(found), folder / UNMATCHED)
    (folder / FILE).write_text(run.asked["event"], encoding="utf-8")
    note_named(folder, found.records)
    return {
        "demands": len(found.by_demand),
        "supplies": len(found.by_supply),
        "matches": sum(1 for _ in found.lines()),
        "unmatched_demands": len(found.unmatched_demands),
        "unmatched_supplies": len(found.unmatched_supplies),
        "excluded": len(found.excluded),
        "catalog_version": found.catalog_version,
        "settings": dict(found.settings),
    }


def _unmatched(found: MatchList) -> Iterable[dict[str, Any]]:
    for side, ids in (("demand", found.unmatched_demands), ("supply", found.unmatched_supplies)):
        for record_id in ids:
            near = found.nearest.get(record_id)
            yield {"side": side, "id": record_id, "nearest": near.to_json() if near else None}


def _plan(opened: Opened, run: Run, folder: Path, progress: Progress) -> dict[str, Any]:
    from matcher.planning.planner import plan  # noqa: PLC0415 - slow to import, only used here

    event, seed, seconds = _event(run), int(run.asked["seed"]), float(run.asked["seconds"])
    pairs = _matcher(opened, run, event).owner_pairs(event, progress, reader=run.reader)
    until = monotonic() + seconds
    try:
        made = plan(event, pairs, seed=seed, seconds=seconds, progress=progress)
    except Infeasible as error:
        from matcher.planning.whynot import why_not  # noqa: PLC0415 - only after a failure

        progress("why-not", 0, 1)
        left = max(1.0, until - monotonic())
        remedies = why_not(event, pairs, seconds=left, seed=seed)
        raise ImpossibleError(error.message, [one.message() for one in remedies]) from error
    (folder / FILE).write_text(run.asked["event"], encoding="utf-8")
    return _write_plan(opened, run, folder, made, None, progress)


def _replan(opened: Opened, run: Run, folder: Path, progress: Progress) -> dict[str, Any]:
    from matcher.planning.replan import compare, replan  # noqa: PLC0415 - only used here

    before = _asked_plan(opened, run.asked)
    changes = changes_of(run.asked["changes"], CHANGES)
    changes = _with_fresh_pairs(opened, run, before, changes, progress)
    progress("replan", 0, 1)
    made = replan(before, changes, float(run.asked["seconds"]))
    summary = _write_plan(opened, run, folder, made, before, progress)
    found = compare(before, made)
    told = {
        "kept": len(found.kept),
        "moved": [
            {"before": _line(before, old), "after": _line(made, new)} for old, new in found.moved
        ],
        "dropped": [_line(before, one) for one in found.dropped],
        "added": [_line(made, one) for one in found.added],
        "agendas": list(found.owners),
        "value": {"before": found.value[0], "after": found.value[1]},
    }
    (folder / CHANGED).write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")
    counts = {name: len(getattr(found, name)) for name in ("kept", "moved", "dropped", "added")}
    return {**summary, **counts, "agendas": len(found.owners)}


def _print(opened: Opened, run: Run, folder: Path, progress: Progress) -> dict[str, Any]:
    """The files of a plan, with those to hand out again where another was printed before."""
    printed = run.asked["before"]
    before = _asked_plan(opened, printed) if printed else None
    return _write_plan(opened, run, folder, _asked_plan(opened, run.asked), before, progress)


def _asked_plan(opened: Opened, asked: Mapping[str, Any]) -> Plan:
    """The plan that a run begins with, with the moves made in it by hand."""
    path = folder_of(opened.workspace.path, asked["base"]) / FILE_NAME
    if not path.is_file():
        raise RequestError(_NO_PLAN.vi, _NO_PLAN.en)
    return plan_of(path, moves_of(asked), int(asked.get("number", 1)))


def _with_fresh_pairs(
    opened: Opened, run: Run, before: Plan, changes: Changes, progress: Progress
) -> Changes:
    """The changes with whom those who came could meet, where the changes do not say."""
    known = {owner_key(n) for p in changes.pairs for n in (p.demand_owner, p.supply_owner)}
    fresh = {owner_key(item.owner) for item in changes.added} - known
    if not fresh:
        return changes
    event, _ = applied(before, changes)
    pairs = _matcher(opened, run, event).owner_pairs(event, progress, reader=run.reader)
    found = [p for p in pairs if fresh & {owner_key(p.demand_owner), owner_key(p.supply_owner)}]
    return changes.model_copy(update={"pairs": (*changes.pairs, *found)})


def _write_plan(
    opened: Opened, run: Run, folder: Path, made: Plan, before: Plan | None, progress: Progress
) -> dict[str, Any]:
    """Checks the plan, and only then writes it; a plan that fails is a fault of ours."""
    from matcher.export.plan_files import write_plan  # noqa: PLC0415 - slow to import
    from matcher.planning.check import check  # noqa: PLC0415 - only used here

    violations = check(made)
    if violations:
        first = violations[0].message
        raise RequestError(
            f"Kế hoạch vi phạm ràng buộc nên không được ghi ra: {first.vi}",
            f"The plan breaks rules and has not been written: {first.en}",
        )
    titles = titles_of(opened.catalog, made.meetings)
    paths = write_plan(
        made, folder, titles=titles, before=before, language=_language(run), progress=progress
    )
    with zipfile.ZipFile(folder / CALENDARS, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in paths:
            if path.suffix == ".ics":
                archive.write(path, path.name)
    note_named(folder, (i for pair in (*made.pairs, *made.meetings) for i in _ids(pair)))
    return {
        "meetings": len(made.meetings),
        "unplaced": len(made.unplaced),
        "certificate": made.certificate.model_dump(exclude={"per_party"}),
    }


def _learn(opened: Opened, run: Run, folder: Path, progress: Progress) -> dict[str, Any]:
    from evaluation.learning import learn  # noqa: PLC0415 - only learning needs it

    _wait_for_index(opened)
    keep = not run.asked["dry_run"]
    with _writing(opened, progress):
        learned = learn(
            opened.workspace, opened.index(), opened.catalog, keep=keep, progress=progress
        )
    ids = [record_id for pair in learned.judged.disputed for record_id in pair]
    note_named(folder, ids)
    told = learned.to_json()
    # Which pairs are disputed may name records of other centres: it is told by part only.
    write_lines(({"demand": d, "supply": s} for d, s in told.pop("disputed")), folder / DISPUTED)
    said = [{"vi": one.vi, "en": one.en} for one in learned.sentences()]
    return {**told, "disputed": len(learned.judged.disputed), "said": said}


@contextmanager
def _writing(opened: Opened, progress: Progress) -> Iterator[None]:
    """The workspace's lock of writers, which the making of an index holds for a while."""
    until = monotonic() + _LOCK_PATIENCE
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(opened.workspace.writing())
                break
            except RequestError:
                if monotonic() > until:
                    raise
            progress("waiting", 0, 0)
            sleep(0.2)
        yield


def _matcher(opened: Opened, run: Run, event: Event) -> Matcher:
    """A matcher that has found whatever was written; the owners that the event names are there."""
    catalog = opened.catalog.readable(run.reader)
    check_names(event, catalog.records())
    _wait_for_index(opened)
    return opened.matcher()


def _wait_for_index(opened: Opened) -> None:
    opened.follower.wait(opened.catalog.version, _INDEX_PATIENCE)


def _event(run: Run) -> Event:
    return event_of_text(run.asked["event"], FILE)


def _language(run: Run) -> Language:
    return cast(Language, run.asked["language"])


def titles_of(catalog: Catalog, meetings: Iterable[Meeting]) -> Mapping[str, str]:
    """The titles participants may read: of public records only."""
    ids = {i for meeting in meetings for i in _ids(meeting)}
    return {
        record.id: record.heading()
        for record in catalog.readable(Reader()).records(ids=ids)
        if record.visibility is Visibility.PUBLIC
    }


def _ids(pair: Pair) -> tuple[str, ...]:
    return tuple(i for i in (pair.demand, pair.supply) if i)


def _line(plan: Plan, meeting: Meeting) -> dict[str, Any]:
    """A meeting with what slot and table are called."""
    slot = plan.event.slots[meeting.slot - 1].starts
    table = plan.event.places()[meeting.table - 1].name
    return {**meeting.model_dump(), "starts": slot, "table_name": table}


_KINDS: dict[str, Callable[[Opened, Run, Path, Progress], dict[str, Any]]] = {
    runs.MATCH: _match,
    runs.PLAN: _plan,
    runs.REPLAN: _replan,
    runs.PRINT: _print,
    runs.LEARN: _learn,
    runs.IMPORT: runreviews.do,
}
_UNEXPECTED = Bilingual(
    vi="Lượt chạy gặp lỗi ngoài dự kiến; nhật ký của dịch vụ ghi chi tiết.",
    en="The run met an unexpected error; the log of the service has the details.",
)
_NO_PLAN = Bilingual(
    vi="Không còn tệp plan.json của kế hoạch cần sửa.",
    en="plan.json of the plan to repair is no longer there.",
)
