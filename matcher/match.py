"""A match: a scored (demand, supply) pair with its evidence and flags."""

from dataclasses import dataclass, replace
from typing import Any

from indexer.bilingual import Bilingual


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one field of a record: `text == field_text[start:end]`."""

    field: str
    start: int
    end: int
    text: str

    def to_json(self) -> dict[str, Any]:
        return {"field": self.field, "start": self.start, "end": self.end, "text": self.text}


@dataclass(frozen=True, slots=True)
class Evidence:
    """The demand span and the supply span that face each other, and why.

    `terms` are the facing words as they stand in the two texts: (demand word, supply word).
    """

    demand: Span
    supply: Span
    terms: tuple[tuple[str, str], ...]
    why: Bilingual

    def to_json(self) -> dict[str, Any]:
        return {
            "demand": self.demand.to_json(),
            "supply": self.supply.to_json(),
            "terms": [list(pair) for pair in self.terms],
            "why": {"vi": self.why.vi, "en": self.why.en},
        }


@dataclass(frozen=True, slots=True)
class Flag:
    """A fact about a pair that needs no model, by name and in words."""

    name: str
    message: Bilingual


@dataclass(frozen=True, slots=True)
class Match:
    """One scored pair.

    `score` is in 0..1, higher is better. `rank` counts from 1 in the list the match stands in.
    `reasons` says in one line what makes the score, for people: no part of the JSON.
    """

    demand: str
    supply: str
    rank: int
    score: float
    evidence: tuple[Evidence, ...] = ()
    flags: tuple[Flag, ...] = ()
    reasons: Bilingual | None = None

    def ranked(self, rank: int) -> "Match":
        return replace(self, rank=rank)

    def reasoned(self, reasons: Bilingual | None) -> "Match":
        # `replace` takes five times as long, and a match list has 100,000 of them.
        return Match(
            self.demand, self.supply, self.rank, self.score, self.evidence, self.flags, reasons
        )

    def to_json(self) -> dict[str, Any]:
        """The line of match-list.jsonl; scores rounded so that equal input gives equal bytes."""
        return {
            "demand": self.demand,
            "supply": self.supply,
            "rank": self.rank,
            "score": round(self.score, 4),
            "evidence": [item.to_json() for item in self.evidence],
            "flags": [flag.name for flag in self.flags],
        }
