"""One text or record in, the best records of the other side out."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.asked import Asked, Flag, K, Number, RecordId, Where
from api.schemas.evidence import EVIDENCE_EXAMPLE, EvidenceOut, Words
from indexer.records import Side


class SearchRequest(Asked):
    text: Annotated[
        Annotated[str, Field(max_length=100_000)] | None,
        Field(
            description="A need (or, with want=demand, an offer) in Vietnamese or English",
            examples=["Xử lý nước thải chế biến thủy sản, chi phí vận hành thấp"],
        ),
    ] = None
    record: Annotated[
        RecordId | None,
        Field(description="In place of a text: the matches of the record of this id"),
    ] = None
    want: Annotated[Side, Field(description="Which side to look on; of a record, the other")] = (
        Side.SUPPLY
    )
    k: K = 10
    offset: Annotated[
        int, Field(ge=0, le=99, description="How many of the best to pass over; none beyond 100")
    ] = 0
    where: Where = []  # noqa: RUF012 - pydantic copies it
    reasons: Annotated[
        bool, Field(description="With what speaks for each match and what it lacks")
    ] = False
    facets: Annotated[
        bool, Field(description="With how many of the best 100 are of each type, field, place")
    ] = False


class SearchBody(SearchRequest):
    """The same as JSON."""

    k: Annotated[K, Number] = 10
    offset: Annotated[
        int,
        Field(ge=0, le=99, description="How many of the best to pass over; none beyond 100"),
        Number,
    ] = 0
    reasons: Annotated[
        Flag, Field(description="With what speaks for each match and what it lacks")
    ] = False
    facets: Annotated[
        Flag, Field(description="With how many of the best 100 are of each type, field, place")
    ] = False


class ReasonOut(BaseModel):
    """What one feature adds to the score, in log-odds: below 0 it speaks against the match."""

    name: str
    weight: float
    words: Words


class LackOut(BaseModel):
    """What would have to change before the two come to terms."""

    name: str
    words: Words


class FacetOut(BaseModel):
    value: str
    count: int


class HitOut(BaseModel):
    """One answer of a search; `score` is in 0..1, higher is better."""

    id: str
    title: str
    owner: str
    score: float
    evidence: list[EvidenceOut]
    flags: list[str]
    reasons: Annotated[list[ReasonOut], Field(description="Only where asked for")] = []
    missing: Annotated[list[LackOut], Field(description="Only where asked for")] = []


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
                        "evidence": [EVIDENCE_EXAMPLE],
                        "flags": ["trl-below"],
                    }
                ],
                "next_offset": None,
            }
        }
    )
    items: list[HitOut]
    next_offset: Annotated[
        int | None, Field(description="`offset` of the next page; null on the last")
    ] = None
    facets: Annotated[
        dict[Literal["type", "field", "place"], list[FacetOut]],
        Field(description="Only where asked for; most frequent first"),
    ] = {}
