"""What rules did to a match list: the pairs they kept out, and how many each of them reaches."""

from dataclasses import dataclass
from typing import Any

from indexer.bilingual import Bilingual


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A pair that would stand on a list, were it not for a rule; `rule` is what it is called."""

    demand: str
    supply: str
    score: float
    rule: Bilingual
    why: Bilingual

    def to_json(self) -> dict[str, Any]:
        """The line of excluded.jsonl."""
        return {
            "demand": self.demand,
            "supply": self.supply,
            "score": round(self.score, 4),
            "rule": {"vi": self.rule.vi, "en": self.rule.en},
            "why": {"vi": self.why.vi, "en": self.why.en},
        }


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How many pairs one rule bars, or moves; rules overlap, so counts do not add up."""

    rule: Bilingual
    kind: str
    pairs: int
