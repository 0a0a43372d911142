"""Webhooks and deliveries, as they are asked for and go out."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.asked import NO_NUL, Asked, Cursor, Flag, Limit


class Topic(StrEnum):
    """What a webhook may be told of."""

    RECORD_CREATED = "record.created"
    RECORD_UPDATED = "record.updated"
    RECORD_DELETED = "record.deleted"
    RECORDS_IMPORTED = "records.imported"
    RUN_FINISHED = "run.finished"
    CONTACT_REQUESTED = "contact.requested"


class DeliveryState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


Url = Annotated[
    str,
    Field(
        min_length=8,
        max_length=2000,
        description="An https:// or http:// address on the Internet; internal addresses only "
        "with the setting allow_private_targets",
        examples=["https://doanh-nghiep.example/cungcau"],
    ),
]
Topics = Annotated[list[Topic], Field(min_length=1, max_length=len(Topic))]
CentreId = Annotated[str, Field(max_length=40, pattern=NO_NUL)]


class WebhookIn(Asked):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "url": "https://doanh-nghiep.example/cungcau",
                "topics": ["record.created", "run.finished"],
            }
        },
    )
    url: Url
    topics: Topics
    active: Flag = True
    centre: Annotated[
        CentreId | None, Field(description="By default one's own; others for administrators only")
    ] = None


class WebhookPatch(Asked):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"active": False}})
    url: Url | None = None
    topics: Topics | None = None
    active: Flag | None = None


class WebhookOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: str
    centre: str
    url: str
    topics: list[Topic]
    active: bool
    created: str
    version: int


class WebhookMade(WebhookOut):
    secret: Annotated[
        str,
        Field(description="Checks the signatures (standardwebhooks.com); shown this once"),
    ]


class WebhooksPage(BaseModel):
    items: list[WebhookOut]
    next: str | None


class Pinged(BaseModel):
    message: Annotated[str, Field(description="The webhook-id of the message")]


class PageQuery(Asked):
    limit: Limit = 100
    cursor: Cursor | None = None


class DeliveriesQuery(PageQuery):
    state: DeliveryState | None = None
    source: Annotated[
        str | None,
        Field(
            max_length=80,
            pattern=NO_NUL,
            description="webhook:ID or search:ID",
            examples=["webhook:1f0c"],
        ),
    ] = None


class DeliveryOut(BaseModel):
    """A message on its way out. Its body and the addresses of people are not shown."""

    id: int
    message: str
    centre: str
    source: str
    topic: str
    channel: str
    state: DeliveryState
    attempts: int
    failure: Annotated[str, Field(description="How the last attempt ended")]
    created: str
    next_at: str
    finished: str


class DeliveriesPage(BaseModel):
    """The newest first."""

    items: list[DeliveryOut]
    next: str | None
