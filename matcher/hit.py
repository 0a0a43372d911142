"""A hit: one answer of a search."""

from dataclasses import dataclass
from typing import Any

from indexer.records import Record
from matcher.match import Match


@dataclass(frozen=True, slots=True)
class Hit:
    """The record found, with its score, evidence and flags."""

    record: Record
    match: Match

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.record.id,
            "title": self.record.heading(),
            "owner": self.record.owner,
            "score": round(self.match.score, 4),
            "evidence": [item.to_json() for item in self.match.evidence],
            "flags": [flag.name for flag in self.match.flags],
        }
