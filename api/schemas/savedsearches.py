"""Saved searches and their alerts, as they are asked for and go out."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.asked import NO_NUL, Asked, Flag, Number, Where
from indexer.records import Side


class Channel(StrEnum):
    """How somebody is told of new records."""

    FEED = "feed"
    EMAIL = "email"
    WEBHOOK = "webhook"


_Name = Annotated[
    str, Field(min_length=1, max_length=200, pattern=NO_NUL, examples=["Nước thải thủy sản"])
]
_Text = Annotated[
    str,
    Field(
        min_length=1,
        max_length=20_000,
        pattern=NO_NUL,
        description="A need (or, with want=demand, an offer) in Vietnamese or English",
        examples=["Xử lý nước thải chế biến thủy sản"],
    ),
]
_Least = Annotated[
    float,
    Field(ge=0, le=1, allow_inf_nan=False, description="The lowest score that is told of"),
    Number,
]
_Target = Annotated[
    str,
    Field(
        max_length=2000,
        pattern=NO_NUL,
        description="channel=webhook: an address on the Internet. channel=email: left out, one's "
        "own; channel=feed: left out",
    ),
]


class SavedSearchIn(Asked):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "name": "Nước thải thủy sản",
                "text": "Xử lý nước thải chế biến thủy sản, chi phí vận hành thấp",
                "want": "supply",
                "where": ["trl>=5"],
                "channel": "feed",
                "least_score": 0.3,
            }
        },
    )
    name: _Name
    text: _Text
    want: Annotated[Side, Field(description="Which side to look on")] = Side.SUPPLY
    where: Where = []  # noqa: RUF012 - pydantic copies it
    channel: Channel = Channel.FEED
    target: _Target = ""
    least_score: _Least = 0.3
    active: Flag = True


class SavedSearchPatch(Asked):
    """What is left out stays as it is; the channel is chosen once."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"active": False}})
    name: _Name | None = None
    text: _Text | None = None
    want: Side | None = None
    where: Where | None = None
    target: _Target | None = None
    least_score: _Least | None = None
    active: Flag | None = None


class SavedSearchOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: str
    name: str
    text: str
    want: Side
    where: list[str]
    channel: Channel
    target: str
    least_score: float
    active: bool
    created: str
    version: int


class Shown(BaseModel):
    """What opens a feed or checks the signatures of messages; shown this once."""

    token: Annotated[
        str | None, Field(description="Of the feed; whoever has it reads the feed")
    ] = None
    feed: Annotated[str | None, Field(description="The address of the feed, with its token")] = None
    secret: Annotated[
        str | None, Field(description="Checks the signatures (standardwebhooks.com)")
    ] = None


class SavedSearchMade(SavedSearchOut, Shown):
    pass


class SavedSearchesPage(BaseModel):
    items: list[SavedSearchOut]
    next: str | None


class AlertOut(BaseModel):
    """A record that answers the search. `title` is empty for records that are not open."""

    model_config = ConfigDict(from_attributes=True)
    id: int
    record_id: str
    title: str
    score: float
    at: str


class AlertsPage(BaseModel):
    """The newest first."""

    items: list[AlertOut]
    next: str | None


class FeedQuery(Asked):
    token: Annotated[str, Field(min_length=20, max_length=100)]
