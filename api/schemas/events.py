"""Events, as they are asked for and go out."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.asked import NO_NUL, Asked, Cursor, Limit

_BODY = """name = "Chợ công nghệ 2027"
tables = 24

[[slots]]
starts = "2027-05-20 08:30"
minutes = 20
"""
_EVENT: dict[str, Any] = {
    "name": "Chợ công nghệ 2027",
    "tables": 24,
    "slots": [{"starts": "2027-05-20 08:30", "minutes": 20}],
}


class EventFormat(StrEnum):
    TOML = "toml"
    YAML = "yaml"


class EventIn(Asked):
    """An event as its file describes it: the file in `body`, or the same as JSON in `event`."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"body": _BODY}, {"event": _EVENT}]}
    )
    name: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=200,
            pattern=NO_NUL,
            description="What lists call it; by default the event's own name",
        ),
    ] = None
    body: Annotated[str | None, Field(max_length=900_000, examples=[_BODY])] = None
    format: Annotated[EventFormat, Field(description="What `body` is written in")] = (
        EventFormat.TOML
    )
    event: Annotated[dict[str, Any] | None, Field(examples=[_EVENT])] = None


class EventLine(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: str
    centre: str
    name: str
    created: str
    version: int
    etag: str


class EventOut(EventLine):
    """`body` is the event file, TOML; `event` says the same, without what is as by default."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": "5f0c9a7be2d34c58",
                "centre": "nghe-an",
                "name": "Chợ công nghệ 2027",
                "created": "2026-11-22T05:01:02.123456+00:00",
                "version": 1,
                "etag": '"9b1f6a0c2e4d8f7a"',
                "body": _BODY,
                "event": _EVENT,
            }
        },
    )
    body: str
    event: dict[str, Any]


class EventsPage(BaseModel):
    items: list[EventLine]
    next: str | None


class EventsQuery(Asked):
    limit: Limit = 100
    cursor: Cursor | None = None
