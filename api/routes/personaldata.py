"""Personal data: what is held of a person, consents, and erasing a person."""

from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api import problems
from api.actors import Action, Actor
from api.deps import ActorDep, OpenedDep, RequestIdDep, allowed
from api.openapi import refusals
from api.problems import ProblemError, invalid
from api.schemas.personaldata import (
    ConsentIn,
    ConsentOut,
    ConsentsList,
    ErasureIn,
    ErasureOut,
    HeldOut,
    SubjectQuery,
)
from api.service import consents, erasing, personaldata
from api.service.scope import centre_of
from indexer.bilingual import Bilingual
from indexer.errors import RequestError
from indexer.keeping.audit import Entry, append
from indexer.keeping.subjects import Subject

router = APIRouter(prefix="/v1", tags=["personal data"])

Officer = Annotated[Actor, Depends(allowed(Action.PERSONAL_DATA))]


@router.get(
    "/personal-data",
    summary="Everything that is held of a person",
    responses=refusals(401, 403, 503),
    openapi_extra={"x-summary-vi": "Mọi dữ liệu đang lưu về một người"},
)
def export_personal_data(
    opened: OpenedDep,
    actor: ActorDep,
    request_id: RequestIdDep,
    response: Response,
    query: Annotated[SubjectQuery, Query()],
) -> HeldOut:
    """Everybody may ask for their own; an organiser for what the centre holds of others."""
    with opened.catalog.writing() as connection:
        subject, centre = _asked(connection, actor, query.subject, "query.subject")
        entry = Entry(actor.label, "person.export", "", centre or actor.centre, request_id)
        append(connection, entry)
    with opened.catalog.reading() as connection:
        held = personaldata.gather(connection, subject, centre, opened.workspace.path)
    response.headers["Cache-Control"] = "no-store"
    return HeldOut.model_validate(held)


@router.post(
    "/personal-data/erasures",
    summary="Erase a person",
    responses=refusals(401, 403, 409, 503),
    openapi_extra={"x-summary-vi": "Xóa dữ liệu của một người"},
)
def erase_person(
    request: Request,
    opened: OpenedDep,
    actor: Officer,
    request_id: RequestIdDep,
    body: ErasureIn,
) -> ErasureOut:
    """From contacts, accounts, consents, judgements, saved searches, messages and the files of
    runs; an organiser from those of the centre. Texts of records that name the person are
    reported, or cleared with `redact`. A restored backup is erased again by itself."""
    erasure = erasing.erase(
        opened.catalog,
        opened.workspace.path,
        _subject(body.subject, "body.subject"),
        actor,
        centre_of(actor),
        body.redact,
        request_id,
    )
    request.app.state.identities.forget()
    return ErasureOut.model_validate(erasure)


@router.get(
    "/consents",
    summary="The consents of a person",
    responses=refusals(401, 403, 503),
    openapi_extra={"x-summary-vi": "Các sự đồng ý của một người"},
)
def list_consents(
    opened: OpenedDep, actor: ActorDep, query: Annotated[SubjectQuery, Query()]
) -> ConsentsList:
    with opened.catalog.reading() as connection:
        subject, centre = _asked(connection, actor, query.subject, "query.subject")
        found = consents.listed(connection, subject, centre)
    return ConsentsList(items=[ConsentOut.model_validate(one) for one in found])


@router.post(
    "/consents",
    status_code=201,
    summary="Record that a person agreed to be stored",
    responses=refusals(401, 403, 503),
    openapi_extra={"x-summary-vi": "Ghi nhận một người đồng ý cho lưu dữ liệu"},
)
def give_consent(
    opened: OpenedDep, actor: ActorDep, request_id: RequestIdDep, body: ConsentIn
) -> ConsentOut:
    """Everybody may give their own; an organiser records that of others. None is assumed."""
    with opened.catalog.writing() as connection:
        subject, _ = _asked(connection, actor, body.subject, "body.subject")
        given = consents.give(connection, subject, body.how, actor, request_id)
    return ConsentOut.model_validate(given)


@router.post(
    "/consents/{id}/withdrawal",
    summary="Withdraw a consent",
    responses=refusals(401, 403, 404, 503),
    openapi_extra={"x-summary-vi": "Rút lại một sự đồng ý"},
)
def withdraw_consent(
    opened: OpenedDep,
    actor: ActorDep,
    request_id: RequestIdDep,
    consent_id: Annotated[int, Path(alias="id", ge=1, le=2**31 - 1, examples=[1])],
    query: Annotated[SubjectQuery, Query()],
) -> ConsentOut:
    """As easy as giving it. What is stored stays until it is erased."""
    with opened.catalog.writing() as connection:
        subject, centre = _asked(connection, actor, query.subject, "query.subject")
        ended = consents.withdraw(connection, subject, consent_id, centre, actor, request_id)
    return ConsentOut.model_validate(ended)


def _asked(
    connection: sa.Connection, actor: Actor, written: str | None, place: str
) -> tuple[Subject, str | None]:
    """The person asked about, and the centre whose data are meant (None: all). Of oneself too one
    gets what one's own centre holds: it is the centre that vouches for whose address it is.

    Raises:
        ProblemError: 401, 403, that is somebody else and the actor may not; 422, nobody is named.
    """
    own = consents.own_subject(connection, actor)
    subject = own if written is None else _subject(written, place)
    if subject is not None and subject == own and _unlimited(actor):
        return subject, centre_of(actor)
    if not actor.may(Action.PERSONAL_DATA):
        anonymous = actor.kind == "anonymous"
        raise ProblemError(problems.UNAUTHORISED if anonymous else problems.FORBIDDEN)
    if subject is None:
        raise invalid(place, None, _NOBODY, _SUBJECT)
    return subject, centre_of(actor)


def _unlimited(actor: Actor) -> bool:
    """Whether the actor is not a key made for other things."""
    return actor.scopes is None or Action.PERSONAL_DATA in actor.scopes


def _subject(written: str, place: str) -> Subject:
    try:
        return Subject.of(written)
    except RequestError as error:
        raise invalid(place, written, _NOT_VALID, error.message) from error


_NOT_VALID = Bilingual(vi="không phải địa chỉ, số điện thoại", en="no address or telephone number")
_NOBODY = Bilingual(vi="còn thiếu", en="missing")
_SUBJECT = Bilingual(
    vi="một địa chỉ thư điện tử hoặc số điện thoại", en="an e-mail address or a telephone number"
)
