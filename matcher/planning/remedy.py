"""What would have to give way before a plan can be made."""

from dataclasses import dataclass
from typing import Literal

from indexer.bilingual import Bilingual

Lever = Literal[
    "table", "slot", "interpreter", "row", "least", "most", "presence", "exclusion", "fixed"
]


@dataclass(frozen=True, slots=True)
class Change:
    """One limit and by how much it would have to give way."""

    lever: Lever
    steps: int
    message: Bilingual
    whose: object = None


@dataclass(frozen=True)
class Remedy:
    """Changes that together make the event possible; `smallest` where that is proven."""

    changes: tuple[Change, ...]
    smallest: bool

    @property
    def steps(self) -> int:
        return sum(change.steps for change in self.changes)

    def message(self) -> Bilingual:
        return Bilingual(
            "; ".join(change.message.vi for change in self.changes),
            "; ".join(change.message.en for change in self.changes),
        )
