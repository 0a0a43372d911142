"""API keys, as they are asked for and go out."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from api.actors import Action
from api.schemas.asked import Asked, Number
from api.schemas.centres import Paging
from api.schemas.texts import MadeId, Name

_KEY: JsonDict = {
    "id": "0a1b2c3d4e5f6071",
    "person": "3f9a1c0b7d2e4856",
    "name": "Cổng dữ liệu tỉnh",
    "scopes": ["records:read", "search"],
    "created": "2026-11-22T05:01:02.123456+00:00",
    "expires": "2027-11-22T05:01:02.123456+00:00",
    "revoked": "",
    "used": "2026-11-22T06:10:00.000000+00:00",
}


class KeysQuery(Paging):
    person: Annotated[
        MadeId | None, Field(description="Somebody you manage; left out, your own keys")
    ] = None


class KeyNew(Asked):
    name: Annotated[Name, Field(description="What the key is for", examples=["Cổng dữ liệu tỉnh"])]
    scopes: Annotated[
        list[Action],
        Field(min_length=1, max_length=len(Action), description="What it permits; all yours"),
    ]
    days: Annotated[int, Field(ge=1, le=730, description="How long it holds"), Number] = 365


class KeyOut(BaseModel):
    """A key without its secret; `revoked` and `used` (by the minute) are empty for never."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"example": _KEY})
    id: str
    person: str
    name: str
    scopes: list[Action]
    created: str
    expires: str
    revoked: str
    used: str


class KeyMade(KeyOut):
    """A new key with its text, shown this once: send it as `Authorization: Bearer cck_…`."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={"example": {**_KEY, "used": "", "key": "cck_0a1b2c3d4e5f6071_…"}},
    )
    key: str


class KeysPage(BaseModel):
    """Keys by ascending id; `next` is the cursor of the following page, null on the last."""

    items: list[KeyOut]
    next: str | None
