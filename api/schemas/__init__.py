"""What goes in and what comes out, with examples; the OpenAPI document is made from it."""

from api.schemas.asked import Asked, Cursor, K, Limit, RecordId, Where
from api.schemas.evidence import EvidenceOut, SpanOut, Words
from api.schemas.health import Health, Readiness
from api.schemas.matches import MatchesPage, MatchesQuery, MatchOut
from api.schemas.problem import FieldErrorOut, Problem
from api.schemas.records import RecordOut, RecordsPage, RecordsQuery
from api.schemas.search import HitOut, SearchAnswer, SearchRequest

__all__ = [
    "Asked",
    "Cursor",
    "EvidenceOut",
    "FieldErrorOut",
    "Health",
    "HitOut",
    "K",
    "Limit",
    "MatchOut",
    "MatchesPage",
    "MatchesQuery",
    "Problem",
    "Readiness",
    "RecordId",
    "RecordOut",
    "RecordsPage",
    "RecordsQuery",
    "SearchAnswer",
    "SearchRequest",
    "SpanOut",
    "Where",
    "Words",
]
