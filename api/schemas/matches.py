"""The match list, as it is asked for and goes out."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.asked import Asked, Cursor, K, Limit, RecordId
from api.schemas.evidence import EVIDENCE_EXAMPLE, EvidenceOut


class MatchesQuery(Asked):
    k: K = 10
    demand: Annotated[RecordId | None, Field(description="Only matches of this need")] = None
    supply: Annotated[RecordId | None, Field(description="Only matches of this offer")] = None
    limit: Limit = 100
    cursor: Cursor | None = None


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
                        "evidence": [EVIDENCE_EXAMPLE],
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
