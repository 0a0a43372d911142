"""One record as its reader may see it, what answers it, and asking for its owner.

Stands after all groups whose addresses begin with /records/: ids may hold any sign.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Path, Request
from starlette.responses import Response

from api import auth
from api.actors import Action
from api.deps import OpenedDep, RequestIdDep
from api.opened import Opened
from api.pages.addresses import record_path, whole_address
from api.pages.fit import Fit, fits, lit, spans_of
from api.pages.narrowing import LONGEST, Asked
from api.pages.refused import Errors, errors_of
from api.pages.rendering import page, redirect
from api.pages.search import about_of
from api.pages.visit import Visit, page_router, permitted
from api.problems import ProblemError
from api.readings import note_reading
from api.service import contactrequests, records, searching
from api.service.keepers import check_contacts, may_read_contacts, may_write
from api.service.searching import DEEPEST, Search
from api.service.stated import asker, stated
from indexer.keeping.records import KeptRecord
from indexer.records import Contact, Record
from matcher.export.clean import clean
from matcher.export.labels import field_label
from matcher.export.views import RecordView
from matcher.export.wording import say_trl
from matcher.hit import Hit
from matcher.matcher import Matcher

router = page_router()
Reader = Annotated[Visit, Depends(permitted(Action.RECORDS_READ))]
RecordId = Annotated[str, Path(alias="id", min_length=1, max_length=200)]

_BEST, _NEAREST = 5, 4
_MOST_TEXT = 20_000  # characters of one field


@dataclass(frozen=True, slots=True)
class Facing:
    """How the record answers a text: the text with its facing sentences marked, and the fit."""

    fit: Fit
    asked: list[tuple[str, bool]]
    hit: Hit


@router.get("/records/{id:path}/contact")
def contact_form(
    request: Request, opened: OpenedDep, visit: Reader, record_id: RecordId
) -> Response:
    found = _kept(opened, visit, record_id)
    note_reading(request, visit.actor, [found.record])
    return _contact_page(request, opened, found, request.query_params.get("q", ""), {})


@router.post("/records/{id:path}/contact")
def ask_contact(
    request: Request,
    opened: OpenedDep,
    visit: Reader,
    record_id: RecordId,
    request_id: RequestIdDep,
) -> Response:
    """Puts a request before the organisers, with the consent of who asks."""
    if visit.actor.kind == "anonymous":
        raise auth.refusal(visit.actor)
    found, gettext = _kept(opened, visit, record_id), visit.words.gettext
    message, errors = clean(visit.form["message"]), Errors()
    if not message:
        errors["message"] = gettext("Hãy viết vài dòng: bạn cần gì, vì sao muốn gặp.")
    elif len(message) > contactrequests.LONGEST:
        errors["message"] = gettext("Dài quá: nhiều nhất %(count)s ký tự.") % {
            "count": contactrequests.LONGEST
        }
    if visit.form["consent"] != "yes":
        errors["consent"] = gettext(
            "Cần sự đồng ý của bạn thì ban tổ chức mới được biết tên và địa chỉ thư của bạn."
        )
    if errors:
        return _contact_page(request, opened, found, message, errors)
    settings = opened.workspace.settings
    try:
        with opened.catalog.writing() as connection:
            contactrequests.ask(connection, found, message, visit.actor, settings, request_id)
    except ProblemError as error:
        return _contact_page(request, opened, found, message, errors_of(visit, error))
    said = gettext("Đã gửi đề nghị tới ban tổ chức. Họ sẽ trả lời qua thư điện tử của bạn.")
    return redirect(request, record_path(record_id), said)


@router.post("/records/{id:path}/contact/shown")
def show_contact(
    request: Request,
    opened: OpenedDep,
    visit: Reader,
    record_id: RecordId,
    request_id: RequestIdDep,
) -> Response:
    """The record with its contact, which the audit notes."""
    found = _kept(opened, visit, record_id)
    check_contacts(visit.actor, found.kept)
    with opened.catalog.writing() as connection:
        records.tell_contact_read(connection, found, visit.actor, request_id)
    note_reading(request, visit.actor, [found.record])
    return _page(request, opened, found, contact=found.record.contact)


@router.get("/records/{id:path}")
def record(request: Request, opened: OpenedDep, visit: Reader, record_id: RecordId) -> Response:
    found = _kept(opened, visit, record_id)
    note_reading(request, visit.actor, [found.record])
    return _page(request, opened, found)


def _page(
    request: Request, opened: Opened, found: KeptRecord, contact: Contact | None = None
) -> Response:
    visit: Visit = request.state.visit
    own, actor = found.record, visit.actor
    text = clean(request.query_params.get("q", "")).strip()[:LONGEST]
    matcher = opened.matcher()
    facing = _facing(matcher, visit, own, text) if text else None
    best = searching.run(matcher, actor.reader, Search(own, own.side.other, _BEST, reasons=True))
    nearest = matcher.nearest(own, want=own.side, k=_NEAREST, reader=actor.reader)
    note_reading(request, actor, (*best.records, *nearest), "search")
    return page(
        request,
        "record.html",
        record=RecordView(own, ""),
        facts=_facts(own),
        passages=_passages(own, facing.hit if facing else None),
        field=lit(own.field, _spans(own, facing.hit if facing else None).get("field", ())),
        facing=facing,
        text=text,
        best=fits(own, best.hits, best.told),
        nearest=[RecordView(one, "") for one in nearest],
        contact=contact,
        has_contact=own.contact != Contact(),
        may_see_contact=may_read_contacts(actor, found.kept),
        may_write=actor.may(Action.RECORDS_WRITE) and may_write(actor, own.side, found.kept),
        share=whole_address(request, opened, record_path(own.id)),
        record_path=record_path,
    )


def _facing(matcher: Matcher, visit: Visit, own: Record, text: str) -> Facing | None:
    """How the record answers `text`; None where it is not among the best."""
    asked = Asked(text, own.side)
    known = stated(text, own.side.other)
    wanted = Search(about_of(asked, known), own.side, DEEPEST)
    hits = searching.run(matcher, visit.actor.reader, wanted).hits
    hit = next((hit for hit in hits if hit.record.id == own.id), None)
    if hit is None:
        return None
    about = asker(text, own.side.other, known)
    reader = visit.actor.reader
    narrow = matcher if reader.everything else matcher.readable(reader)
    told = narrow.tell(about_of(asked, known), [hit])
    spans = [(span.start, span.end) for span in spans_of(hit, about.side)]
    return Facing(fits(about, [hit], told)[0], lit(about.description, spans), hit)


def _passages(own: Record, hit: Hit | None) -> Sequence[tuple[object, list[tuple[str, bool]]]]:
    """(field, pieces of its text) of everything but the title; what faces the asked is marked."""
    spans = _spans(own, hit)
    return [
        (field_label(name), lit(text[:_MOST_TEXT], spans.get(name, ())))
        for name, text in own.passages()
        if name not in ("title", "field") and text.strip()
    ]


def _spans(own: Record, hit: Hit | None) -> dict[str, list[tuple[int, int]]]:
    """Where the record faces what was asked, by field."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for span in spans_of(hit, own.side) if hit else ():
        spans.setdefault(span.field, []).append((span.start, span.end))
    return spans


def _facts(own: Record) -> Mapping[str, object]:
    """The structured fields as they are shown."""
    return {
        "trl": say_trl(own.trl, own.side) if own.trl else "",
        "money": own.money,
        "starts": own.starts,
        "ends": own.ends,
        "expires": own.expires,
        "codes": [clean(f"{one.code} ({one.scheme} {one.version})") for one in own.codes],
        **{
            name: clean(getattr(own, name)).strip()
            for name in ("field", "place", "country", "ip_type", "ip_status", "ip_number",
                         "transfer", "cooperation")
        },
    }  # fmt: skip


def _contact_page(
    request: Request, opened: Opened, found: KeptRecord, message: str, errors: Errors
) -> Response:
    visit: Visit = request.state.visit
    actor = visit.actor
    with opened.catalog.reading() as connection:
        ways = contactrequests.ways(connection, found, opened.workspace.settings)
        before = contactrequests.asked_before(connection, found.record.id, actor)
    here = record_path(found.record.id, "/contact", q=message)
    return page(
        request,
        "contact.html",
        422 if errors else 200,
        record=RecordView(found.record, ""),
        ways=ways,
        person=actor.kind == "person",
        before=before,
        message=clean(message)[: contactrequests.LONGEST + 1],
        longest=contactrequests.LONGEST,
        errors=errors,
        may_see_contact=may_read_contacts(actor, found.kept) and found.record.contact != Contact(),
        here=here,
        record_path=record_path,
    )


def _kept(opened: Opened, visit: Visit, record_id: str) -> KeptRecord:
    """Raises ProblemError: 404, there is none that the reader may read."""
    if "\0" in record_id:
        raise records.missing(record_id)
    with opened.catalog.reading() as connection:
        return records.get(connection, record_id, visit.actor)
