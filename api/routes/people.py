"""People who have accounts."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from starlette.responses import JSONResponse

from api import cursors, etags, problems
from api.actors import Action, Actor
from api.deps import IdentitiesDep, OpenedDep, RequestIdDep, allowed
from api.etags import IfMatch, IfNoneMatch
from api.openapi import refusals
from api.problems import ProblemError
from api.schemas.people import PeoplePage, PeopleQuery, PersonChange, PersonNew, PersonOut
from api.schemas.texts import MADE
from api.service import people
from api.service.idempotency import Answer, IdempotencyKey, digest, once
from api.service.passwords import hashed
from api.service.scope import chosen
from indexer.bilingual import Bilingual

router = APIRouter(prefix="/v1", tags=["people"])

Manager = Annotated[Actor, Depends(allowed(Action.PEOPLE))]
PersonId = Annotated[
    str, Path(alias="id", max_length=40, pattern=MADE, examples=["3f9a1c0b7d2e4856"])
]


@router.get(
    "/people",
    summary="The people one manages",
    responses=refusals(401, 403, 503),
    openapi_extra={"x-summary-vi": "Những người dùng mình quản lý"},
)
def list_people(
    opened: OpenedDep, actor: Manager, query: Annotated[PeopleQuery, Query()]
) -> PeoplePage:
    """An organiser manages the people of the own centre who are no administrators."""
    after = cursors.decode(query.cursor, str)[0] if query.cursor else ""
    with opened.catalog.reading() as connection:
        found = people.page(connection, actor, query.centre, after, query.limit + 1)
    page = found[: query.limit]
    return PeoplePage(
        items=[PersonOut.model_validate(one) for one in page],
        next=cursors.encode(page[-1].id) if len(found) > query.limit else None,
    )


@router.post(
    "/people",
    status_code=201,
    summary="Make an account for somebody",
    response_model=PersonOut,
    responses=refusals(401, 403, 409, 503),
    openapi_extra={"x-summary-vi": "Tạo tài khoản cho một người"},
)
def create_person(
    opened: OpenedDep,
    actor: Manager,
    identities: IdentitiesDep,
    request_id: RequestIdDep,
    body: PersonNew,
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """The first one, an administrator, is made with `cungcau people add`."""
    if actor.kind == "local":
        raise ProblemError(problems.NOT_POSSIBLE, _FIRST)
    wanted = people.Wanted(
        email=body.email,
        role=body.role,
        name=body.name,
        centre=chosen(actor, body.centre),
        organisation=body.organisation,
        language=body.language,
        password=hashed(body.password) if body.password else "",
    )
    # Without the password, which a plain digest would give away to whoever tries many.
    asked = digest("people", body.model_dump_json(exclude={"password"}))
    with opened.catalog.writing() as connection:

        def work() -> Answer:
            made = people.add(connection, wanted, actor, request_id)
            headers = {"ETag": made.etag, "Location": f"/v1/people/{made.id}"}
            return Answer(201, PersonOut.model_validate(made).model_dump(mode="json"), headers)

        answer = once(connection, actor, idempotency_key, asked, work)
    identities.forget()
    return JSONResponse(answer.body, answer.status, dict(answer.headers))


@router.get(
    "/people/{id}",
    summary="One person",
    response_model=PersonOut,
    responses={304: {"description": "Not modified"}, **refusals(401, 403, 404, 503)},
    openapi_extra={"x-summary-vi": "Một người dùng"},
)
def get_person(
    opened: OpenedDep,
    actor: Manager,
    response: Response,
    person_id: PersonId,
    if_none_match: IfNoneMatch = None,
) -> PersonOut | Response:
    with opened.catalog.reading() as connection:
        found = people.get(connection, person_id, actor)
    if etags.holds(if_none_match, found.etag):
        return Response(status_code=304, headers={"ETag": found.etag})
    response.headers["ETag"] = found.etag
    return PersonOut.model_validate(found)


@router.patch(
    "/people/{id}",
    summary="Change a person, disable or enable the account",
    responses=refusals(401, 403, 404, 409, 412, 428, 503),
    openapi_extra={"x-summary-vi": "Sửa một người dùng, khóa hoặc mở tài khoản"},
)
def change_person(
    opened: OpenedDep,
    actor: Manager,
    identities: IdentitiesDep,
    request_id: RequestIdDep,
    response: Response,
    person_id: PersonId,
    body: PersonChange,
    if_match: IfMatch = None,
) -> PersonOut:
    """Disabling and a new password end all sessions of the person; the keys of somebody disabled
    are refused."""
    with opened.catalog.reading() as connection:
        etags.require(if_match, people.get(connection, person_id, actor).etag)
    changes = body.model_dump(exclude_none=True)
    if body.password is not None:
        changes["password"] = hashed(body.password)
    with opened.catalog.writing() as connection:
        changed = people.change(connection, person_id, changes, actor, if_match, request_id)
    identities.forget()
    response.headers["ETag"] = changed.etag
    return PersonOut.model_validate(changed)


_FIRST = Bilingual(
    vi="Tài khoản đầu tiên được tạo trên máy chủ: cungcau people add EMAIL --role administrator",
    en="The first account is made on the server: cungcau people add EMAIL --role administrator",
)
