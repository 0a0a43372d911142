"""What goes in and what comes out, with examples; the OpenAPI document is made from it."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from indexer.records import (
    Code,
    Money,
    RecordType,
    Side,
    Source,
    TextLanguage,
    TrlRange,
    Visibility,
)

K = Annotated[int, Field(ge=1, le=100, description="How many at most; best first")]
Limit = Annotated[int, Field(ge=1, le=200, description="Entries on one page")]
Cursor = Annotated[str, Field(max_length=1000, description="`next` of the page before")]
Where = Annotated[
    list[Annotated[str, Field(max_length=500)]],
    Field(
        max_length=20,
        description="Conditions that must all hold, before the best are taken: `trl>=5`, "
        "`type=patent`, `place=Hà Nội`, `owner~bách khoa`, `price<=5 tỷ`. Repeatable.",
        examples=[["trl>=5"]],
    ),
]
RecordId = Annotated[str, Field(min_length=1, max_length=200)]


class Asked(BaseModel):
    """What a request may hold; any other name is refused."""

    model_config = ConfigDict(extra="forbid")


class SearchRequest(Asked):
    text: Annotated[
        str,
        Field(
            max_length=100_000,
            description="A need (or, with want=demand, an offer) in Vietnamese or English",
            examples=["Xử lý nước thải chế biến thủy sản, chi phí vận hành thấp"],
        ),
    ]
    want: Annotated[Side, Field(description="Which side to look on")] = Side.SUPPLY
    k: K = 10
    where: Where = []


class RecordsQuery(Asked):
    side: Annotated[Side | None, Field(description="Only this side")] = None
    type: Annotated[RecordType | None, Field(description="Only this type")] = None
    where: Where = []
    limit: Limit = 100
    cursor: Cursor | None = None


class MatchesQuery(Asked):
    k: K = 10
    demand: Annotated[RecordId | None, Field(description="Only matches of this need")] = None
    supply: Annotated[RecordId | None, Field(description="Only matches of this offer")] = None
    limit: Limit = 100
    cursor: Cursor | None = None


class SpanOut(BaseModel):
    """A stretch of one field of a record, by character offsets."""

    field: str
    start: int
    end: int
    text: str


class Words(BaseModel):
    """One sentence in both languages."""

    vi: str
    en: str


class EvidenceOut(BaseModel):
    """The span of the need and the span of the offer that face each other, and why."""

    demand: SpanOut
    supply: SpanOut
    terms: list[tuple[str, str]]
    why: Words


_EVIDENCE: JsonDict = {
    "demand": {"field": "description", "start": 0, "end": 30, "text": "Xử lý nước thải thủy sản"},
    "supply": {"field": "title", "start": 0, "end": 24, "text": "Hệ thống xử lý nước thải"},
    "terms": [["nước thải", "nước thải"]],
    "why": {"vi": "Cùng nói về: nước thải", "en": "Both speak of: nước thải"},
}


class HitOut(BaseModel):
    """One answer of a search; `score` is in 0..1, higher is better."""

    id: str
    title: str
    owner: str
    score: float
    evidence: list[EvidenceOut]
    flags: list[str]


class SearchAnswer(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "items": [
                    {
                        "id": "CB-012",
                        "title": "Hệ thống xử lý nước thải bằng màng sinh học",
                        "owner": "Viện Công nghệ Môi trường Sông Lam",
                        "score": 0.6142,
                        "evidence": [_EVIDENCE],
                        "flags": ["trl-below"],
                    }
                ]
            }
        }
    )
    items: list[HitOut]


class MatchOut(BaseModel):
    """One scored pair; `rank` counts from 1 in the list it stands in."""

    demand: str
    supply: str
    rank: int
    score: float
    evidence: list[EvidenceOut]
    flags: list[str]


class MatchesPage(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "items": [
                    {
                        "demand": "NC-003",
                        "supply": "CB-012",
                        "rank": 1,
                        "score": 0.6142,
                        "evidence": [_EVIDENCE],
                        "flags": [],
                    }
                ],
                "next": None,
                "total": 1,
                "catalog_version": 4,
                "settings": {"k": "10", "encoder": "lsa", "floor": "0", "owner_cap": "3"},
            }
        }
    )
    items: list[MatchOut]
    next: str | None
    total: int
    catalog_version: int
    settings: dict[str, str]


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


class RecordsPage(BaseModel):
    """Records by ascending id; `next` is the cursor of the following page, null on the last."""

    items: list[RecordOut]
    next: str | None
    total: int


class Health(BaseModel):
    """A service that can answer; `index_version` is the catalog version the index was made from."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "status": "ok",
                "version": "0.1.0",
                "catalog_version": 4,
                "index_version": 4,
                "records": {"supply": 160, "demand": 110},
            }
        }
    )
    status: str
    version: str
    catalog_version: int
    index_version: int
    records: dict[Side, int]


class FieldErrorOut(BaseModel):
    place: Annotated[str, Field(description="Where it stands", examples=["body.where[0]"])]
    value: Annotated[
        str | int | float | bool | None, Field(description="What was sent, cut to 200 characters")
    ]
    reason: str
    accepted: Annotated[str, Field(description="What would be accepted")]


class Problem(BaseModel):
    """RFC 9457, in the language of Accept-Language (vi or en; Vietnamese by default)."""

    type: Annotated[str, Field(examples=["/docs#problem-invalid"])]
    title: str
    status: int
    detail: str
    errors: list[FieldErrorOut] = []
