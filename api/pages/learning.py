"""Learning from judgements: measured first, then put in use, taken back at any time."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import Response

from api import problems
from api.actors import Action, Actor
from api.deps import OpenedDep, RequestIdDep
from api.pages.eventaccess import found
from api.pages.formats import number
from api.pages.rendering import page, redirect
from api.pages.runs import ONWARD, Onward
from api.pages.visit import Visit, page_router, permitted
from api.problems import ProblemError
from api.service import learning, runs
from api.service.runs import Run
from api.service.scope import whole
from indexer.bilingual import Bilingual

router = page_router()
ONWARD[runs.LEARN] = Onward(
    "/events/{event}/after/learning", Bilingual("Xem học được gì", "See what was learned")
)
Learner = Annotated[Visit, Depends(permitted(Action.LEARN))]

_MEASURES = ("nDCG@10", "log_loss")
_LESS_IS_BETTER = {"log_loss"}


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure before and after, on needs held out of learning, and what that means in words;
    `tone` is how good the news is."""

    name: str
    before: float
    after: float
    low: float
    high: float
    words: str
    tone: str


@router.get("/events/{event_id}/after/learning")
def show(request: Request, opened: OpenedDep, visit: Learner, event_id: str) -> Response:
    event = found(opened, visit, event_id)
    with opened.catalog.reading() as connection:
        made = runs.page(connection, visit.actor, None, 1, kind=runs.LEARN)
    last = made[0] if made else None
    used = learning.in_use(opened)
    result: Mapping[str, Any] = last.result if last and last.state == runs.DONE else {}
    return page(
        request,
        "after-learning.html",
        event=event,
        used=used,
        used_measures=_measures(visit, used.learned),
        last=last,
        result=result,
        measures=_measures(visit, result),
        verdict=_verdict(visit, last),
        may_commit=_commits(visit.actor),
        can_commit=bool(result) and not result["refused"] and bool(last and last.said["dry_run"]),
    )


@router.post("/events/{event_id}/after/learning")
def start(
    request: Request,
    opened: OpenedDep,
    visit: Learner,
    request_id: RequestIdDep,
    event_id: str,
) -> Response:
    """Starts to measure; with `use` the new weights are put in use where they are better, and
    then for the whole workspace."""
    event = found(opened, visit, event_id)
    use = visit.form["use"] == "yes"
    if use:
        _require(visit.actor)
    with opened.catalog.writing() as connection:
        asked = {"dry_run": not use, "language": visit.language}
        run = runs.start(
            connection, runs.LEARN, visit.actor, asked, event=event.id, request=request_id
        )
    request.app.state.runner.wake()
    return redirect(request, f"/runs/{run.id}")


@router.post("/events/{event_id}/after/learning/undo")
def undo(
    request: Request,
    opened: OpenedDep,
    visit: Learner,
    request_id: RequestIdDep,
    event_id: str,
) -> Response:
    event = found(opened, visit, event_id)
    _require(visit.actor)
    here = f"/events/{event.id}/after/learning"
    try:
        left, now_used = learning.undo(opened, visit.actor, request_id)
    except ProblemError as error:
        return redirect(request, here, visit.say(error.detail), warning=True)
    words = visit.words.gettext("Đã bỏ bản %(left)s; đang dùng lại %(now)s.")
    back = visit.words.gettext("bản %(version)s") % {"version": now_used}
    original = visit.words.gettext("trọng số gốc")
    said = words % {"left": left, "now": back if now_used else original}
    return redirect(request, here, said)


def _commits(actor: Actor) -> bool:
    """Weights are of the whole workspace, all centres."""
    return whole(actor)


def _require(actor: Actor) -> None:
    if not _commits(actor):
        raise ProblemError(problems.FORBIDDEN)


def _measures(visit: Visit, told: Mapping[str, Any]) -> list[Measure]:
    held = told.get("held_out", {})
    return [_measure(visit, name, held[name]) for name in _MEASURES if name in held]


def _measure(visit: Visit, name: str, found: Mapping[str, Any]) -> Measure:
    gettext = visit.words.gettext
    low, high = found["change_95"]
    less = name in _LESS_IS_BETTER
    better, worse = (high < 0, low > 0) if less else (low > 0, high < 0)
    names = {
        "nDCG@10": gettext("Thứ tự trong danh sách (nDCG@10, càng cao càng tốt)"),
        "log_loss": gettext("Sai lệch của điểm (log-loss, càng thấp càng tốt)"),
    }
    if better:
        words, tone = gettext("Tốt hơn, chắc chắn trên 95%."), "good"
    elif worse:
        words, tone = gettext("Kém hơn, chắc chắn trên 95%."), "bad"
    else:
        words, tone = gettext("Chưa thấy khác biệt rõ: khoảng tin cậy chứa 0."), ""
    return Measure(names[name], found["before"], found["after"], low, high, words, tone)


def _verdict(visit: Visit, run: Run | None) -> str:
    """What the last run came to, in a sentence."""
    gettext = visit.words.gettext
    if run is None or run.state != runs.DONE:
        return ""
    said = partial(number, language=visit.language)
    told = run.result
    about = visit.words.ngettext(
        "Học từ %(pairs)s cặp đã chấm của %(needs)s nhu cầu, đo trên những nhu cầu không dùng để "
        "học.",
        "Học từ %(pairs)s cặp đã chấm của %(needs)s nhu cầu, đo trên những nhu cầu không dùng để "
        "học.",
        told["pairs"],
    ) % {"pairs": said(told["pairs"]), "needs": said(told["needs"])}
    if told["refused"]:
        end = gettext("Trọng số mới không tốt hơn nên không dùng. Hãy chấm thêm rồi đo lại.")
    elif told["kept"]:
        end = gettext("Trọng số mới tốt hơn và đang được dùng.")
    elif not run.said["dry_run"]:
        end = gettext("Không có đánh giá mới so với bản đang dùng: giữ nguyên.")
    elif told["learned"] == "level":
        end = gettext(
            "Thứ tự trong danh sách giữ nguyên, chỉ xác suất sát hơn với điều mọi người nói."
        )
    else:
        end = gettext("Trọng số mới tốt hơn; chưa dùng.")
    return f"{about} {end}"
