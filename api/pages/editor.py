"""Writing offers and needs: a guided form that shows what the text finds while it is written."""

from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Request
from starlette.responses import Response

from api import problems
from api.actors import Action
from api.deps import OpenedDep, RequestIdDep
from api.opened import Opened
from api.pages import fieldnames, recordform
from api.pages.fit import LIKELY
from api.pages.notices import Undo
from api.pages.recordform import CONTACT, Entered
from api.pages.recordsections import SECTIONS, Part, Section
from api.pages.refused import Errors, errors_of, validated
from api.pages.rendering import page, redirect
from api.pages.trial import Trial, tried
from api.pages.visit import Visit, page_router, permitted
from api.problems import FieldError, ProblemError
from api.schemas.written import RecordIn, RecordPatch
from api.service import organisations, undoing, uploads
from api.service import records as service
from api.service.keepers import check_write, may_read_contacts, own_side
from api.service.undoing import Past
from indexer.bilingual import Bilingual
from indexer.errors import BadValue
from indexer.keeping.records import KeptRecord
from indexer.records import DEMAND_TYPES, SUPPLY_TYPES, Contact, RecordType, Side, Visibility
from matcher.export.labels import TYPES, VISIBILITIES

router = page_router()
Writer = Annotated[Visit, Depends(permitted(Action.RECORDS_WRITE))]
_MOST_ORGANISATIONS = 500


@dataclass(frozen=True, slots=True)
class _Form:
    """The form as it is shown: of a new record where `found` is None."""

    side: Side
    now: Entered
    before: Entered
    found: KeptRecord | None = None
    tag: str = ""
    base: str = ""


@router.get("/records/new")
def new(request: Request, opened: OpenedDep, visit: Writer, side: str = "") -> Response:
    own = own_side(visit.actor)
    if own is None and side not in (Side.SUPPLY, Side.DEMAND):
        return page(request, "record-new.html")
    form = _blank(own or Side(side))
    return _page(request, opened, form)


@router.post("/records/new")
def add(request: Request, opened: OpenedDep, visit: Writer, request_id: RequestIdDep) -> Response:
    side = own_side(visit.actor) or Side(visit.form["side"] or Side.SUPPLY)
    form = replace(_blank(side), now=recordform.entered(visit.form))
    if visit.form["do"] == "try":
        return _page(request, opened, form, look=True)
    try:
        values = {**recordform.asked(form.now, Entered()), "side": side.value}
        wanted = validated(request, RecordIn, values, "/v1/records", "POST")
        with opened.catalog.writing() as connection:
            made = service.create(connection, wanted, visit.actor, request_id)
    except (ProblemError, BadValue) as error:
        return _page(request, opened, form, _errors(visit, error))
    return redirect(request, address(made.record.id), visit.words.gettext("Đã thêm hồ sơ."))


@router.post("/records/preview")
def preview(request: Request, opened: OpenedDep, visit: Writer) -> Response:
    """What the form finds as it stands: for the script of the page."""
    side = own_side(visit.actor) or Side(visit.form["side"] or Side.SUPPLY)
    now = _named(opened, visit, recordform.entered(visit.form))
    trial = tried(request, opened, visit, side, now, name=visit.form["id"] or "draft")
    return page(request, "record-trial.html", **_tried(visit, side, now, trial))


@router.post("/records/undo")
def undo(request: Request, opened: OpenedDep, visit: Writer, request_id: RequestIdDep) -> Response:
    """Takes back a change or a deletion."""
    kept = uploads.own(opened.workspace.path, visit.form["token"], visit.actor, uploads.UNDO)
    with opened.catalog.writing() as connection:
        done = undoing.undo(connection, kept, visit.actor, request_id)
    uploads.drop(kept)
    gettext, to = visit.words.gettext, address(visit.form["id"])
    if done.left:
        said = gettext("Không hoàn tác được: đã có người sửa hồ sơ này sau bạn.")
        return redirect(request, to, said, warning=True)
    return redirect(request, to, gettext("Đã hoàn tác."))


@router.get("/records/{record_id:path}/edit")
def edit(
    request: Request, opened: OpenedDep, visit: Writer, request_id: RequestIdDep, record_id: str
) -> Response:
    return _page(request, opened, _stored(opened, visit, record_id, request_id))


@router.post("/records/{record_id:path}/edit")
def save(
    request: Request, opened: OpenedDep, visit: Writer, request_id: RequestIdDep, record_id: str
) -> Response:
    stored = _stored(opened, visit, record_id, request_id)
    do, mine = visit.form["do"], recordform.entered(visit.form)
    if do in ("resolve", "merge"):
        theirs = {name for name in recordform.FIELDS if visit.form[f"pick_{name}"] == "theirs"}
        mine = mine.taking(stored.before, theirs)
    form = replace(
        stored,
        now=mine,
        tag=visit.form["etag"],
        base=visit.form["base"] if do in ("save", "try") else stored.base,
    )
    if do == "try":
        return _page(request, opened, form, look=True)
    if stored.tag != form.tag:
        return _conflict(request, form, stored)
    if do == "merge":
        return _page(request, opened, form)
    return _save(request, opened, visit, form, request_id)


@router.post("/records/{record_id:path}/delete")
def delete(
    request: Request, opened: OpenedDep, visit: Writer, request_id: RequestIdDep, record_id: str
) -> Response:
    by = visit.actor
    with opened.catalog.writing() as connection:
        found = service.get(connection, record_id, by)
        granted = undoing.granted_of(connection, record_id)
        service.remove(connection, record_id, by, visit.form["etag"], request_id)
        past = Past(record_id, found, "", granted)
        token = undoing.remember(opened.workspace.path, by, [past])
    said = visit.words.gettext("Đã xóa hồ sơ “%(title)s”.")
    title = found.record.heading()[:120]
    back = Undo("/records/undo", {"token": token, "id": record_id})
    return redirect(request, "/", said % {"title": title}, undo=back)


def address(record_id: str) -> str:
    """The page of a record."""
    return f"/records/{quote(record_id, safe='/')}"


def _save(request: Request, opened: Opened, visit: Visit, form: _Form, request_id: str) -> Response:
    assert form.found is not None
    old, by = form.found, visit.actor
    record_id, gettext = old.record.id, visit.words.gettext
    try:
        values = recordform.asked(form.now, form.before, old.record)
        if not values:
            return redirect(request, address(record_id), gettext("Không có gì thay đổi."))
        wanted = validated(request, RecordPatch, values, "/v1/records/{id}", "PATCH")
        with opened.catalog.writing() as connection:
            changed = service.patch(connection, record_id, wanted, by, form.tag, request_id)
            past = Past(record_id, old, service.tag(changed))
            token = undoing.remember(opened.workspace.path, by, [past])
    except BadValue as error:
        return _page(request, opened, form, _errors(visit, error))
    except ProblemError as error:
        if error.kind is problems.PRECONDITION_FAILED:  # changed within this very moment
            return _conflict(request, form, _stored(opened, visit, record_id, request_id))
        if error.kind is not problems.INVALID:
            raise
        return _page(request, opened, form, _errors(visit, error))
    back = Undo("/records/undo", {"token": token, "id": record_id})
    return redirect(request, address(record_id), gettext("Đã lưu thay đổi."), undo=back)


def _blank(side: Side) -> _Form:
    start = recordform.blank(side)
    return _Form(side, start, start)


def _stored(opened: Opened, visit: Visit, record_id: str, request_id: str) -> _Form:
    """The form of a record as it is stored.

    Raises:
        ProblemError: 404; 403, the reader may not change it.
    """
    by = visit.actor
    with opened.catalog.reading() as connection:
        found = service.get(connection, record_id, by)
        check_write(by, found.record.side, found.kept)
    contact = found.record.contact if may_read_contacts(by, found.kept) else None
    if contact is not None and contact != Contact() and visit.form["do"] == "":
        with opened.catalog.writing() as connection:
            service.tell_contact_read(connection, found, by, request_id)
    shown = recordform.shown(found.record, found.kept.organisation, contact)
    return _Form(
        found.record.side, shown, shown, found, service.tag(found), recordform.digests(shown)
    )


def _conflict(request: Request, mine: _Form, stored: _Form) -> Response:
    """Both texts, where somebody else has saved another since the form was opened."""
    visit: Visit = request.state.visit
    fields = [name for name in recordform.FIELDS if mine.now[name] != stored.before[name]]
    if not fields:  # both wrote the same
        assert stored.found is not None
        said = visit.words.gettext("Người khác vừa lưu đúng nội dung này.")
        return redirect(request, address(stored.found.record.id), said)
    both = recordform.differing(mine.now, mine.base) & recordform.differing(stored.now, mine.base)
    ours = recordform.differing(mine.now, mine.base)
    return page(
        request,
        "record-conflict.html",
        412,
        record=_found(stored).record,
        etag=stored.tag,
        mine=mine.now,
        rows=[
            {
                "name": name,
                "label": fieldnames.name_of(name, mine.side),
                "mine": _said(visit, name, mine.now[name]),
                "theirs": _said(visit, name, stored.before[name]),
                "both": name in both,
                "chosen": "mine" if name in ours else "theirs",
            }
            for name in fields
        ],
        plain=recordform.PLAIN,
    )


def _found(form: _Form) -> KeptRecord:
    assert form.found is not None
    return form.found


def _said(visit: Visit, name: str, text: str) -> str:
    """What a field says, in words where the form has names for machines."""
    if name == "type" and text in set(RecordType):
        return visit.say(TYPES[RecordType(text)])
    if name == "visibility" and text in set(Visibility):
        return visit.say(VISIBILITIES[Visibility(text)])
    return text


def _page(
    request: Request,
    opened: Opened,
    form: _Form,
    errors: Errors | None = None,
    *,
    look: bool = False,
) -> Response:
    visit: Visit = request.state.visit
    now = _named(opened, visit, form.now)
    name = form.found.record.id if form.found else "draft"
    trial = tried(request, opened, visit, form.side, now, name=name) if look or form.found else None
    types = DEMAND_TYPES if form.side is Side.DEMAND else SUPPLY_TYPES
    return page(
        request,
        "record-edit.html",
        422 if errors else 200,
        form=form,
        record=form.found.record if form.found else None,
        now=form.now,
        sections=_sections(visit, form),
        labels={name: visit.say(fieldnames.name_of(name, form.side)) for name in fieldnames.NAMES},
        types=[(kind.value, visit.say(TYPES[kind])) for kind in RecordType if kind in types],
        organisations=_organisations(opened, visit),
        whose=now["owner"] if own_side(visit.actor) else "",
        tiers=[(tier.value, VISIBILITIES[tier], fieldnames.TIERS[tier]) for tier in Visibility],
        errors=errors or {},
        extra=[*form.now.extra.items(), ("", "")],
        look=look,
        **_tried(visit, form.side, now, trial),
    )


def _tried(visit: Visit, side: Side, now: Entered, trial: Trial | None) -> dict[str, Any]:
    tier = now["visibility"] if now["visibility"] in set(Visibility) else Visibility.PUBLIC.value
    own = own_side(visit.actor) is not None or bool(now["organisation"])
    return {
        "trial": trial,
        "side": side,
        "tier": Visibility(tier),
        "likely": LIKELY,
        "audiences": _audiences(Visibility(tier), of_organisation=own),
    }


def _audiences(tier: Visibility, *, of_organisation: bool) -> list[tuple[Bilingual, bool]]:
    """Who sees a record of that tier: `indexer.keeping.access` in words."""
    order = (Visibility.PUBLIC, Visibility.RESTRICTED, Visibility.PRIVATE)
    place = order.index(tier) if tier in order else len(order)
    keepers = not of_organisation or tier is not Visibility.CONFIDENTIAL
    return [
        (Bilingual("Khách chưa đăng nhập", "Visitors who have not signed in"), place < 1),
        (Bilingual("Người đã đăng nhập, mọi trung tâm", "Signed in, at any centre"), place < 2),
        (Bilingual("Cán bộ của trung tâm", "The staff of the centre"), place < 3),
        (Bilingual("Người quản lý hồ sơ của trung tâm", "Who keeps the centre's records"), keepers),
        *([(_OWN, True)] if of_organisation else []),
    ]


def _sections(visit: Visit, form: _Form) -> list[tuple[Section, list[Part]]]:
    """What is asked of this side, and whatever else the record says."""
    mine = own_side(visit.actor) is not None

    def wanted(part: Part) -> bool:
        if part.name in ("owner", "organisation") and mine:
            return False
        return part.side in (None, form.side) or bool(form.now[part.name])

    shown = [(section, [part for part in section.parts if wanted(part)]) for section in SECTIONS]
    return [(section, parts) for section, parts in shown if parts]


def _named(opened: Opened, visit: Visit, now: Entered) -> Entered:
    """The form under the name of the organisation whose people may write for it alone."""
    if own_side(visit.actor) is None:
        return now
    with opened.catalog.reading() as connection:
        name = organisations.name_of(connection, visit.actor.organisation)
    return Entered({**now.values, "owner": name}, now.extra)


def _organisations(opened: Opened, visit: Visit) -> list[tuple[str, str]]:
    """Those of the centre a record may be given to."""
    if own_side(visit.actor) is not None:
        return []
    with opened.catalog.reading() as connection:
        found = organisations.page(
            connection, visit.actor, visit.actor.centre, limit=_MOST_ORGANISATIONS
        )
    named = sorted((one.name, one.id) for one in found)
    return [("", "–"), *((id_, name) for name, id_ in named)] if named else []


def _errors(visit: Visit, error: ProblemError | BadValue) -> Errors:
    if isinstance(error, BadValue):
        wrong = FieldError("body.codes", None, error.reason, error.accepted)
        error = ProblemError(problems.INVALID, errors=[wrong])
    if error.kind is problems.EXISTS:
        return {"title": visit.words.gettext("Đã có một hồ sơ cùng tên và cùng nội dung này.")}
    said = errors_of(visit, error)
    if any(name.startswith("contact") for name in said):
        said[CONTACT[0]] = said.pop("contact")
    return said


_OWN = Bilingual("Tổ chức đứng tên", "The organisation it belongs to")
