"""Personal data: what is held of somebody, given out, and erased once one has seen what goes.

Whom it is about is sent in forms, never in addresses: those are kept in logs and histories.
"""

import json
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from api.actors import Action
from api.deps import IdentitiesDep, OpenedDep, RequestIdDep
from api.opened import Opened
from api.pages.admin import admin_page
from api.pages.refused import Errors, errors_of
from api.pages.rendering import HEADERS
from api.pages.visit import Visit, page_router, permitted
from api.problems import ProblemError
from api.schemas.personaldata import HeldOut
from api.service import erasing, personaldata
from api.service.personaldata import Held
from api.service.scope import centre_of
from indexer.bilingual import Bilingual
from indexer.errors import RequestError
from indexer.keeping.audit import Entry, append
from indexer.keeping.subjects import Subject
from indexer.sql.schema import bodies

router = page_router()
Officer = Annotated[Visit, Depends(permitted(Action.PERSONAL_DATA))]

HERE = "/admin/personal-data"
# What is held, by the names of `Held`, and whether erasing takes it away.
KINDS = (
    ("contacts", Bilingual("Thông tin liên hệ của hồ sơ", "Contacts of records"), True),
    ("people", Bilingual("Tài khoản", "Accounts"), True),
    ("sessions", Bilingual("Phiên đăng nhập", "Sessions"), True),
    ("keys", Bilingual("Khóa API", "API keys"), True),
    ("consents", Bilingual("Sự đồng ý", "Consents"), True),
    ("saved_searches", Bilingual("Tìm kiếm đã lưu", "Saved searches"), True),
    ("alerts", Bilingual("Báo tin của các tìm kiếm đó", "Alerts of those searches"), True),
    (
        "judgements",
        Bilingual("Đánh giá (giữ lại, bỏ tên)", "Judgements (kept without a name)"),
        True,
    ),
    ("runs", Bilingual("Lượt chạy đã bắt đầu", "Runs started"), False),
    ("audit", Bilingual("Dòng nhật ký (chỉ có mã)", "Lines of the audit (ids only)"), False),
)


@router.get(HERE)
def ask(request: Request, visit: Officer) -> Response:
    return _page(request)


@router.post(HERE)
def look(request: Request, opened: OpenedDep, visit: Officer, request_id: RequestIdDep) -> Response:
    """Shows what is held; noted in the audit like giving it out."""
    subject, errors = _subject(visit)
    if subject is None:
        return _page(request, errors)
    return _page(request, subject=subject, held=_held(opened, visit, subject, request_id))


@router.post(HERE + "/export")
def export(
    request: Request, opened: OpenedDep, visit: Officer, request_id: RequestIdDep
) -> Response:
    """All that is held, as a file for the person."""
    subject, errors = _subject(visit)
    if subject is None:
        return _page(request, errors)
    held = HeldOut.model_validate(_held(opened, visit, subject, request_id))
    text = json.dumps(held.model_dump(mode="json"), ensure_ascii=False, indent=1)
    named = {"Content-Disposition": 'attachment; filename="personal-data.json"'}
    return Response(text, 200, {**HEADERS, **named}, "application/json")


@router.post(HERE + "/erase")
def erase(
    request: Request,
    opened: OpenedDep,
    visit: Officer,
    identities: IdentitiesDep,
    request_id: RequestIdDep,
) -> Response:
    """First the page that names what will go; with `sure` it goes."""
    subject, errors = _subject(visit)
    if subject is None:
        return _page(request, errors)
    if visit.form["sure"] != "yes":
        return _confirm(request, opened, visit, subject, request_id)
    try:
        done = erasing.erase(
            opened.catalog,
            opened.workspace.path,
            subject,
            visit.actor,
            centre_of(visit.actor),
            visit.form["redact"] == "yes",
            request_id,
        )
    except ProblemError as error:
        return _confirm(request, opened, visit, subject, request_id, errors_of(visit, error))
    identities.forget()
    opened.follower.wake()
    return admin_page(
        request,
        "admin-erased.html",
        done=done,
        texts=[one.key for one in done.occurrences],
    )


def _confirm(
    request: Request,
    opened: Opened,
    visit: Visit,
    subject: Subject,
    request_id: str,
    errors: Errors | None = None,
) -> Response:
    held = _held(opened, visit, subject, request_id)
    return admin_page(
        request,
        "admin-erase.html",
        409 if errors else 200,
        subject=subject.key,
        going=[(label, len(getattr(held, name))) for name, label, goes in KINDS if goes],
        accounts=held.people,
        contacts=held.contacts,
        texts=_texts(held),
        files=held.files,
        errors=errors or {},
        centre=centre_of(visit.actor),
    )


def _page(
    request: Request,
    errors: Errors | None = None,
    *,
    subject: Subject | None = None,
    held: Held | None = None,
) -> Response:
    visit: Visit = request.state.visit
    kinds = [(label, len(getattr(held, name))) for name, label, _ in KINDS] if held else []
    return admin_page(
        request,
        "admin-personal-data.html",
        422 if errors else 200,
        subject=subject.key if subject else visit.form["subject"],
        held=held,
        kinds=kinds,
        anything=any(count for _, count in kinds)
        or bool(held and (held.occurrences or held.files)),
        texts=_texts(held) if held else [],
        errors=errors or {},
    )


def _held(opened: Opened, visit: Visit, subject: Subject, request_id: str) -> Held:
    actor = visit.actor
    centre = centre_of(actor)
    with opened.catalog.writing() as connection:
        entry = Entry(actor.label, "person.export", "", centre or actor.centre, request_id)
        append(connection, entry)
    with opened.catalog.reading() as connection:
        return personaldata.gather(connection, subject, centre, opened.workspace.path)


def _texts(held: Held) -> list[str]:
    """The records whose texts name the person."""
    found = {str(one["key"]) for one in held.occurrences if one["table"] == bodies.name}
    return sorted(found)


def _subject(visit: Visit) -> tuple[Subject | None, Errors]:
    try:
        return Subject.of(visit.form["subject"]), {}
    except RequestError as error:
        return None, {"subject": visit.say(error.message)}
