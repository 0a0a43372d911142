"""Who takes part in an event, and what is said of who meets whom."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from indexer.text import fold
from matcher.planning.ranges import Ranges
from matcher.planning.slot import Count, Name, Part
from matcher.planning.unfit import Unfit

# OpenReview's bids; a veto is a limit, not a number.
BIDS: Mapping[str, float] = {
    "very high": 1.0, "high": 0.5, "neutral": 0.0, "low": -0.5, "very low": -1.0, "veto": 0.0,
}  # fmt: skip
# The words of a Vietnamese file, folded.
_VIETNAMESE = {
    "rat cao": "very high", "cao": "high", "trung binh": "neutral", "binh thuong": "neutral",
    "thap": "low", "rat thap": "very low", "tu choi": "veto", "khong gap": "veto",
    "cau": "demand", "ben cau": "demand", "cung": "supply", "ben cung": "supply",
    "ca hai": "both", "hai ben": "both",
}  # fmt: skip


def _in_english(value: object) -> object:
    """A word of ours for its Vietnamese one; anything else as it is."""
    if not isinstance(value, str):
        return value
    plain = " ".join(fold(value).split())
    return _VIETNAMESE.get(plain, value)


Degree = Annotated[
    Literal["very high", "high", "neutral", "low", "very low", "veto"],
    BeforeValidator(_in_english),
]
Sides = Annotated[Literal["demand", "supply", "both"], BeforeValidator(_in_english)]


class Participant(Part):
    """An organisation that takes part, by its name in the records.

    `available` and `unavailable` are slot numbers as "1-5,8", counted from 1; `people` is how
    many meetings it can hold in parallel; `groups` are what policies speak of, e.g. "SME".
    Walking times bind those who come in person.
    """

    owner: Name
    sides: Sides = "both"
    available: Ranges | None = None
    unavailable: Ranges = ""
    least_meetings: Count | None = None
    most_meetings: Count | None = None
    people: Annotated[int, Field(ge=1, le=1000)] = 1
    online: bool = False
    languages: tuple[Name, ...] = ()
    delegation: str = ""
    groups: tuple[Name, ...] = ()

    @model_validator(mode="after")
    def _limits_agree(self) -> Self:
        least, most = self.least_meetings, self.most_meetings
        if least is not None and most is not None and least > most:
            said = f"{self.owner}: least_meetings {least} > most_meetings {most}"
            raise Unfit(said, said)
        return self


class Wish(Part):
    """How much one owner wants to meet another; a veto forbids the meeting."""

    from_owner: Annotated[Name, Field(alias="from")]
    to_owner: Annotated[Name, Field(alias="to")]
    degree: Degree


class Fixed(Part):
    """A meeting that must be in the plan, at the slot and table given, where they are given."""

    demand: Name
    supply: Name
    slot: Annotated[int, Field(ge=1)] | None = None
    table: Annotated[int, Field(ge=1)] | None = None

    def said(self) -> str:
        """`A – B (slot 1, table 2)`, without what is not given."""
        return self._said("slot", "table")

    def said_in_vietnamese(self) -> str:
        return self._said("lượt", "bàn")

    def _said(self, slot: str, table: str) -> str:
        given = [f"{slot} {self.slot}"] if self.slot else []
        given += [f"{table} {self.table}"] if self.table else []
        return f"{self.demand} – {self.supply}" + (f" ({', '.join(given)})" if given else "")


class Met(Part):
    """Two owners who have met before and are not brought together again."""

    one: Name
    other: Name


class Policy(Part):
    """A disclosed weight: meetings of the group or the owners named count `weight` times."""

    label: Name
    weight: Annotated[float, Field(gt=0, le=10)]
    group: str = ""
    owners: tuple[Name, ...] = ()
