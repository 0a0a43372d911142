"""The evidence of a match, as it goes out."""

from pydantic import BaseModel
from pydantic.config import JsonDict


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


EVIDENCE_EXAMPLE: JsonDict = {
    "demand": {"field": "description", "start": 0, "end": 30, "text": "Xử lý nước thải thủy sản"},
    "supply": {"field": "title", "start": 0, "end": 24, "text": "Hệ thống xử lý nước thải"},
    "terms": [["nước thải", "nước thải"]],
    "why": {"vi": "Cùng nói về: nước thải", "en": "Both speak of: nước thải"},
}
