"""API keys of programs."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from api import cursors
from api.actors import Action, Actor
from api.deps import IdentitiesDep, OpenedDep, RequestIdDep, allowed
from api.openapi import refusals
from api.schemas.keys import KeyMade, KeyNew, KeyOut, KeysPage, KeysQuery
from api.schemas.texts import MADE
from api.service import keys

router = APIRouter(prefix="/v1", tags=["keys"])

Holder = Annotated[Actor, Depends(allowed(Action.KEYS))]
KeyId = Annotated[str, Path(alias="id", max_length=40, pattern=MADE, examples=["0a1b2c3d4e5f6071"])]


@router.get(
    "/keys",
    summary="One's own API keys, or those of somebody one manages",
    responses=refusals(401, 403, 404, 503),
    openapi_extra={"x-summary-vi": "Các khóa API của mình, hoặc của người mình quản lý"},
)
def list_keys(opened: OpenedDep, actor: Holder, query: Annotated[KeysQuery, Query()]) -> KeysPage:
    """With their end and last use, without their secret."""
    after = cursors.decode(query.cursor, str)[0] if query.cursor else ""
    person = actor.id if query.person is None else query.person
    with opened.catalog.reading() as connection:
        found = keys.page(connection, actor, person, after, query.limit + 1)
    page = found[: query.limit]
    return KeysPage(
        items=[KeyOut.model_validate(one) for one in page],
        next=cursors.encode(page[-1].id) if len(found) > query.limit else None,
    )


@router.post(
    "/keys",
    status_code=201,
    summary="Make an API key",
    responses=refusals(401, 403, 409, 503),
    openapi_extra={"x-summary-vi": "Tạo một khóa API"},
)
def create_key(
    opened: OpenedDep,
    actor: Holder,
    identities: IdentitiesDep,
    request_id: RequestIdDep,
    response: Response,
    body: KeyNew,
) -> KeyMade:
    """`key` is shown this once. A key permits what its scopes and its person's role both do."""
    with opened.catalog.writing() as connection:
        made, text = keys.make(connection, actor, body.name, body.scopes, body.days, request_id)
    identities.forget()
    response.headers["Cache-Control"] = "no-store"
    return KeyMade.model_validate({**KeyOut.model_validate(made).model_dump(), "key": text})


@router.delete(
    "/keys/{id}",
    status_code=204,
    summary="Revoke an API key",
    responses=refusals(401, 403, 404, 503),
    openapi_extra={"x-summary-vi": "Thu hồi một khóa API"},
)
def revoke_key(
    opened: OpenedDep,
    actor: Holder,
    identities: IdentitiesDep,
    request_id: RequestIdDep,
    key_id: KeyId,
) -> None:
    """It is refused at once, by other processes of the service within two seconds."""
    with opened.catalog.writing() as connection:
        keys.revoke(connection, key_id, actor, request_id)
    identities.forget()
