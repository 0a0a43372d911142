"""A run: how far it is, what came of it, its files. It goes on while nobody looks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import Request
from starlette.responses import Response

from api.actors import Action
from api.deps import OpenedDep, RequestIdDep
from api.opened import Opened
from api.pages.eventaccess import Looking, Starting
from api.pages.rendering import page, redirect
from api.pages.visit import Visit, page_router
from api.problems import ProblemError
from api.service import events, runresults, runs
from api.service.runfolders import RunFile
from api.service.runs import Run
from indexer.bilingual import Bilingual
from indexer.keeping.moments import now

router = page_router()


@dataclass(frozen=True, slots=True)
class Onward:
    """Where the result of a run is looked at; `path` may hold {run} and {event}."""

    path: str
    label: Bilingual


# By kind, for runs that are done; a group of pages that shows results puts its own here.
ONWARD: dict[str, Onward] = {
    runs.MATCH: Onward("/events/{event}/review", Bilingual("Duyệt danh sách", "Review the list")),
    runs.PLAN: Onward("/events/{event}/plan", Bilingual("Xem lịch gặp", "See the timetable")),
    runs.REPLAN: Onward(
        "/events/{event}/plan/changes?run={run}", Bilingual("Xem thay đổi", "See what changes")
    ),
    runs.PRINT: Onward("/events/{event}/print", Bilingual("In và gửi", "Print and share")),
}
KINDS: Mapping[str, Bilingual] = {
    runs.MATCH: Bilingual("Ghép nối", "Matching"),
    runs.PLAN: Bilingual("Xếp lịch gặp", "Making the timetable"),
    runs.REPLAN: Bilingual("Sửa lịch gặp", "Repairing the timetable"),
    runs.PRINT: Bilingual("Viết các tờ lịch", "Writing the agendas"),
    runs.LEARN: Bilingual("Học từ đánh giá", "Learning from judgements"),
    runs.IMPORT: Bilingual("Nhập hồ sơ", "Importing records"),
}
STATES: Mapping[str, tuple[str, Bilingual]] = {
    runs.QUEUED: ("info", Bilingual("đang chờ", "waiting")),
    runs.RUNNING: ("info", Bilingual("đang chạy", "running")),
    runs.DONE: ("good", Bilingual("đã xong", "done")),
    runs.FAILED: ("bad", Bilingual("không thành công", "failed")),
    runs.CANCELLED: ("", Bilingual("đã hủy", "cancelled")),
}
# What the files are for; others of a run stand below these.
FILES: Mapping[str, Bilingual] = {
    "match-list.xlsx": Bilingual("danh sách ghép nối, bảng tính", "the match list, a workbook"),
    "match-list.html": Bilingual("danh sách để xem khi không có mạng", "the list to read offline"),
    "plan.xlsx": Bilingual("lịch gặp, bảng tính", "the timetable, a workbook"),
    "agendas.pdf": Bilingual("lịch từng đơn vị để in", "agendas to print"),
    "agendas.html": Bilingual("lịch từng đơn vị để xem", "agendas to look at"),
    "calendars.zip": Bilingual("lịch cho điện thoại (.ics)", "calendar files (.ics)"),
    "excluded.jsonl": Bilingual("các cặp bị luật loại", "pairs excluded by rules"),
    "unmatched.jsonl": Bilingual("hồ sơ chưa có ghép nối", "records without a match"),
    "match-list.jsonl": Bilingual("danh sách cho chương trình", "the list for programs"),
    "event.toml": Bilingual("sự kiện như khi chạy", "the event as it was run"),
}


@router.get("/runs/{run_id}")
def run_page(request: Request, opened: OpenedDep, visit: Looking, run_id: str) -> Response:
    run, event, files = _look(opened, visit, run_id)
    whole = runs.covers(visit.actor, run)
    failure: Mapping[str, object] = run.failure if whole else {}
    remedies = [one[visit.language] for one in run.failure.get("remedies", ())] if whole else []
    live = request.app.state.runner.live(run.id)
    told = (live.progress if live else run.progress) if whole and not run.over else {}
    return page(
        request,
        "run.html",
        run=run,
        kind=KINDS[run.kind],
        state=STATES[run.state],
        event=event,
        whole=whole,
        stage=_stage(visit, str(told.get("stage", "")), run),
        done=int(told.get("done", 0)),
        total=int(told.get("total", 0)),
        stages=json.dumps({n: visit.say(w) for n, w in _STAGES.items()}, ensure_ascii=False),
        failure=failure.get(visit.language, ""),
        remedies=remedies,
        files=sorted(files, key=_order),
        purposes=FILES,
        onward=_onward(run),
        took=_seconds(run),
        may_cancel=visit.actor.may(Action.RUNS_START),
    )


@router.post("/runs/{run_id}/cancel")
def cancel_run(
    request: Request, opened: OpenedDep, visit: Starting, request_id: RequestIdDep, run_id: str
) -> Response:
    with opened.catalog.writing() as connection:
        run = runs.cancel(connection, run_id.replace("\0", ""), visit.actor, request_id)
    request.app.state.runner.cancel(run.id)
    request.app.state.deliverer.wake()
    return redirect(request, f"/runs/{run.id}", visit.words.gettext("Đã hủy lượt chạy."))


def _look(opened: Opened, visit: Visit, run_id: str) -> tuple[Run, str, list[RunFile]]:
    """The run, the name of its event ("" where it has none any more), and its files."""
    with opened.catalog.reading() as connection:
        run = runs.get(connection, run_id.replace("\0", ""), visit.actor)
        try:
            event = events.get(connection, run.event, visit.actor).name if run.event else ""
        except ProblemError:
            event = ""
        try:
            files = runresults.listed(connection, opened.workspace.path, run, visit.actor)
        except ProblemError:
            files = []
    return run, event, files


def _onward(run: Run) -> tuple[str, Bilingual] | None:
    onward = ONWARD.get(run.kind)
    if run.state != runs.DONE or onward is None or ("{event}" in onward.path and not run.event):
        return None
    return onward.path.format(run=run.id, event=run.event), onward.label


def _order(file: RunFile) -> tuple[int, str]:
    names = list(FILES)
    return (names.index(file.name) if file.name in FILES else len(names), file.name)


def _stage(visit: Visit, stage: str, run: Run) -> str:
    """What is being done, in words; the stages themselves have names for programs."""
    if run.state == runs.QUEUED:
        return visit.words.gettext("Đang chờ đến lượt")
    words = next((said for start, said in _STAGES.items() if stage.startswith(start)), _WORKING)
    return visit.say(words)


def _seconds(run: Run) -> int:
    """How long a run took, or has taken so far; 0 before it begins."""
    if not run.started:
        return 0
    end = datetime.fromisoformat(run.finished or now())
    return max(0, round((end - datetime.fromisoformat(run.started)).total_seconds()))


_WORKING = Bilingual("Đang làm", "Working")
# By the beginning of a stage's name.
_STAGES: Mapping[str, Bilingual] = {
    "match": Bilingual("Đang so từng nhu cầu với từng nguồn cung", "Comparing needs and offers"),
    "score": Bilingual("Đang tính điểm các cặp", "Scoring the pairs"),
    "explain": Bilingual("Đang tìm câu tương ứng và lý do", "Finding facing sentences and reasons"),
    "export": Bilingual("Đang ghi các tệp kết quả", "Writing the files"),
    "keep": Bilingual("Đang cất kết quả", "Keeping the result"),
    "pairing": Bilingual("Đang chọn các cuộc gặp", "Choosing the meetings"),
    "fairness": Bilingual("Đang chia đều các cuộc gặp", "Sharing the meetings fairly"),
    "timetable": Bilingual("Đang xếp giờ và bàn", "Placing times and tables"),
    "improve": Bilingual("Đang tìm lịch tốt hơn", "Looking for a better timetable"),
    "replan": Bilingual("Đang sửa lịch, đổi ít nhất có thể", "Repairing with the fewest changes"),
    "why-not": Bilingual("Đang tìm lý do không xếp được", "Finding why there is no timetable"),
    "read": Bilingual("Đang đọc tệp", "Reading the files"),
    "compare": Bilingual("Đang so với hồ sơ đã có", "Comparing with the records there are"),
    "duplicates": Bilingual("Đang tìm hồ sơ trùng", "Looking for duplicates"),
    "store": Bilingual("Đang lưu hồ sơ", "Storing records"),
    "waiting": Bilingual("Đang chờ một việc khác xong", "Waiting for other work to end"),
}
