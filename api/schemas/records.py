"""Records, as they are asked for and go out."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.asked import Asked, Cursor, Limit, Where
from indexer.records import (
    Code,
    Contact,
    Money,
    RecordType,
    Side,
    Source,
    TextLanguage,
    TrlRange,
    Visibility,
)


class RecordsFilter(Asked):
    """Which records."""

    q: Annotated[
        str | None,
        Field(
            max_length=200,
            description="Only records with these words in title, owner, field or place, "
            "compared without case and accents",
        ),
    ] = None
    side: Annotated[Side | None, Field(description="Only this side")] = None
    type: Annotated[RecordType | None, Field(description="Only this type")] = None
    where: Where = []  # noqa: RUF012 - pydantic copies it


class RecordsQuery(RecordsFilter):
    sort: Annotated[
        Literal["id", "newest"], Field(description="By id, or what changed last first")
    ] = "id"
    limit: Limit = 100
    cursor: Cursor | None = None


class ExportQuery(RecordsFilter):
    format: Annotated[
        Literal["jsonl", "csv", "xlsx"] | None,
        Field(description="By default what Accept asks for, JSON lines where it leaves it open"),
    ] = None
    contacts: Annotated[
        bool,
        Field(description="With the contacts that the asker may read (`contacts:read`)"),
    ] = False


class RecordOut(BaseModel):
    """A record as anybody may read it: everything but contact data.

    `money` is the price of an offer or the budget of a need; amounts are exact decimals, as text.
    """

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": "CB-012",
                "side": "supply",
                "type": "technology",
                "title": "Hệ thống xử lý nước thải bằng màng sinh học",
                "owner": "Viện Công nghệ Môi trường Sông Lam",
                "trl": {"low": 7, "high": 8},
                "money": {"low": "2000000000", "high": "5000000000", "currency": "VND"},
                "language": "vi",
                "visibility": "public",
            }
        },
    )
    id: str
    side: Side
    type: RecordType
    title: str
    summary: str
    description: str
    advantages: str
    applications: str
    requirements: str
    keywords: str
    owner: str
    field: str
    codes: tuple[Code, ...]
    trl: TrlRange | None
    ip_type: str
    ip_status: str
    ip_number: str
    transfer: str
    cooperation: str
    money: Money | None
    starts: date | None
    ends: date | None
    place: str
    country: str
    language: TextLanguage
    visibility: Visibility
    expires: date | None
    extra: dict[str, str]
    source: Source
    same_as: str


class RecordKept(RecordOut):
    """A record with who keeps it. Send `etag` in If-Match to change exactly this version."""

    centre: str
    organisation: str
    etag: str
    contact: Annotated[
        Contact | None, Field(description="Only where asked for with `contact=true`")
    ] = None


class RecordsPage(BaseModel):
    """Records in the order asked for; `next` is the cursor of the next page, null on the last."""

    items: list[RecordKept]
    next: str | None
    total: int


class GrantOut(BaseModel):
    """An organisation that may read a confidential record."""

    organisation: str
    name: str
    granted_at: str
    granted_by: str


class GrantsPage(BaseModel):
    items: list[GrantOut]
