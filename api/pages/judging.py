"""Pairs to judge: those whose answer would teach the most, twenty at a time."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from api.actors import Action
from api.deps import OpenedDep, RequestIdDep
from api.pages.eventaccess import found
from api.pages.notices import Undo
from api.pages.rendering import page, redirect
from api.pages.visit import Visit, page_router, permitted
from api.problems import ProblemError
from api.service import feedback, learning
from indexer.bilingual import Bilingual
from indexer.judgements import GRADE, HIGHEST

router = page_router()
Learner = Annotated[Visit, Depends(permitted(Action.LEARN))]

COUNT = 20
GRADES = (
    Bilingual("Không liên quan", "Unrelated"),
    Bilingual("Có liên quan", "Related"),
    Bilingual("Đáng gặp", "Worth a meeting"),
    Bilingual("Đúng cái cần", "Just what is asked"),
)


@router.get("/events/{event_id}/after/judge")
def show(request: Request, opened: OpenedDep, visit: Learner, event_id: str) -> Response:
    event = found(opened, visit, event_id)
    pairs = learning.suggested(opened, visit.actor, COUNT)
    with opened.catalog.reading() as connection:
        said = len(feedback.page(connection, visit.actor, None, 1000))
    return page(request, "after-judge.html", event=event, pairs=pairs, grades=GRADES, said=said)


@router.post("/events/{event_id}/after/judge")
def judge(
    request: Request,
    opened: OpenedDep,
    visit: Learner,
    request_id: RequestIdDep,
    event_id: str,
) -> Response:
    """Keeps the grades that were given; pairs left open are passed over."""
    event, form, words = found(opened, visit, event_id), visit.form, visit.words
    here = f"/events/{event.id}/after/judge"
    kept: list[int] = []
    gone = 0
    with opened.catalog.writing() as connection:
        for position in range(COUNT):
            grade = _grade(form[f"grade-{position}"])
            if grade is None:
                continue
            pair = form[f"demand-{position}"], form[f"supply-{position}"]
            try:
                said, new = feedback.add(connection, *pair, GRADE, grade, visit.actor, request_id)
            except ProblemError:  # the record has been removed meanwhile
                gone += 1
                continue
            kept += [said.id] if new else []
    if not kept:
        nothing = words.gettext("Chưa chấm cặp nào nên chưa có gì để lưu.")
        return redirect(request, here, nothing, warning=True)
    stored = words.ngettext("Đã lưu %(count)s đánh giá.", "Đã lưu %(count)s đánh giá.", len(kept))
    told = stored % {"count": len(kept)}
    if gone:
        told += " " + words.gettext("Có hồ sơ vừa bị xóa nên bỏ qua cặp của nó.")
    undo = Undo(f"{here}/undo", {"ids": " ".join(map(str, kept))})
    return redirect(request, here, told, undo=undo)


@router.post("/events/{event_id}/after/judge/undo")
def take_back(
    request: Request,
    opened: OpenedDep,
    visit: Learner,
    request_id: RequestIdDep,
    event_id: str,
) -> Response:
    event = found(opened, visit, event_id)
    ids = [int(one) for one in visit.form["ids"].split() if one.isascii() and one.isdecimal()]
    with opened.catalog.writing() as connection:
        feedback.take_back(connection, visit.actor, ids[:COUNT], request_id)
    said = visit.words.gettext("Đã bỏ các đánh giá vừa lưu.")
    return redirect(request, f"/events/{event.id}/after/judge", said)


def _grade(text: str) -> int | None:
    grades = {str(grade): grade for grade in range(HIGHEST + 1)}
    return grades.get(text)
