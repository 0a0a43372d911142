"""A record: one supply or demand statement, with its owner and its structured fields."""

import hashlib
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from indexer.praise import without_praise
from indexer.stuffing import without_stuffing

TextLanguage = Literal["vi", "en", "mixed"]

# The order in which a record's text is read, shown and searched for evidence.
TEXT_FIELDS = (
    "title",
    "summary",
    "description",
    "advantages",
    "applications",
    "requirements",
    "keywords",
)

_MOST_FIELDS = 6
_FIELD_ENDS = re.compile(r"[,;/|\n]")


Said = tuple[tuple[str, ...], tuple[tuple[str, str], ...]]

_SAID = attrgetter(*TEXT_FIELDS, "field")
_MOST_TEXTS = 50_000
_TEXTS: dict[Said, str] = {}  # a search asks for the text of a record many times


@lru_cache(maxsize=100_000)
def _told(text: str) -> str:
    """What of a passage counts; remembered, for a run asks for the text of a record many times."""
    return without_praise(without_stuffing(text))


class Side(StrEnum):
    SUPPLY = "supply"
    DEMAND = "demand"

    @property
    def other(self) -> "Side":
        return Side.DEMAND if self is Side.SUPPLY else Side.SUPPLY


class RecordType(StrEnum):
    TECHNOLOGY = "technology"
    PATENT = "patent"
    PROTOTYPE = "prototype"
    PUBLICATION = "publication"
    EXPERT = "expert"
    SERVICE = "service"
    FACILITY = "facility"
    STARTUP = "startup"
    TRAINING = "training"
    FUNDING = "funding"
    DATASET = "dataset"
    NEED = "need"
    CHALLENGE = "challenge"
    RESEARCH_ORDER = "research order"
    TRAINING_NEED = "training need"
    PROCUREMENT = "procurement"
    PARTNER_SEARCH = "partner search"


DEMAND_TYPES = frozenset(
    {
        RecordType.NEED,
        RecordType.CHALLENGE,
        RecordType.RESEARCH_ORDER,
        RecordType.TRAINING_NEED,
        RecordType.PROCUREMENT,
        RecordType.PARTNER_SEARCH,
    }
)
SUPPLY_TYPES = frozenset(RecordType) - DEMAND_TYPES
DEFAULT_TYPE = {Side.SUPPLY: RecordType.TECHNOLOGY, Side.DEMAND: RecordType.NEED}


class Visibility(StrEnum):
    """Who may read a record; `indexer.keeping.access` has the rule."""

    PUBLIC = "public"
    RESTRICTED = "restricted"  # the network of centres
    PRIVATE = "private"  # the centre
    CONFIDENTIAL = "confidential"  # the owner, and those it grants


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Money(_Value):
    """An amount or a range in one currency (ISO 4217); an open end is None."""

    low: Annotated[Decimal, Field(ge=0)] | None = None
    high: Annotated[Decimal, Field(ge=0)] | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "VND"

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low is None and self.high is None:
            raise ValueError("an amount needs at least one end")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"the range starts at {self.low}, above its end {self.high}")
        return self


class TrlRange(_Value):
    """Technology readiness, 1 to 9. Supply: what is reached. Demand: what is asked for."""

    low: Annotated[int, Field(ge=1, le=9)]
    high: Annotated[int, Field(ge=1, le=9)]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"TRL range starts at {self.low}, above its end {self.high}")
        return self


class Code(_Value):
    """A classification code, never without its scheme and the scheme's version."""

    scheme: str
    version: str
    code: str


class Contact(_Value):
    """Personal data: stored apart, never part of matched text."""

    person: str = ""
    phone: str = ""
    email: str = ""


class Source(_Value):
    """Where the record was read: file name, sheet and the 1-based row a person sees."""

    file: str = ""
    sheet: str = ""
    row: int = 0


class Record(_Value):
    """One supply or demand statement.

    `money` is the price of an offer or the budget of a need; `trl` is what an offer has
    reached or what a need asks for at least. `extra` keeps the text of columns nobody
    understood, by heading, so that it stays searchable. `same_as` names the record this one
    repeats in another language or spelling.
    """

    id: Annotated[str, Field(min_length=1, max_length=200)]
    side: Side
    type: RecordType
    title: str = ""
    summary: str = ""
    description: str = ""
    advantages: str = ""
    applications: str = ""
    requirements: str = ""
    keywords: str = ""
    owner: str = ""
    field: str = ""
    codes: tuple[Code, ...] = ()
    trl: TrlRange | None = None
    ip_type: str = ""
    ip_status: str = ""
    ip_number: str = ""
    transfer: str = ""
    cooperation: str = ""
    money: Money | None = None
    starts: date | None = None
    ends: date | None = None
    place: str = ""
    country: str = ""
    language: TextLanguage = "vi"
    visibility: Visibility = Visibility.PUBLIC
    expires: date | None = None
    contact: Contact = Contact()
    extra: dict[str, str] = Field(default_factory=dict)
    source: Source = Source()
    same_as: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        allowed = SUPPLY_TYPES if self.side is Side.SUPPLY else DEMAND_TYPES
        if self.type not in allowed:
            names = ", ".join(sorted(allowed))
            raise ValueError(f"type {self.type} is not a {self.side} type; accepted: {names}")
        if not (self.title.strip() or any(text.strip() for _, text in self.passages())):
            raise ValueError("a record needs a title or a description")
        if self.starts and self.ends and self.starts > self.ends:
            raise ValueError(f"the period starts on {self.starts}, after its end {self.ends}")
        return self

    def passages(self) -> Iterator[tuple[str, str]]:
        """(field name, text) of everything that may be matched; contact data never is."""
        for name in TEXT_FIELDS:
            text = getattr(self, name)
            if text:
                yield name, text
        if self.field:
            yield "field", self.field
        for heading, text in self.extra.items():
            if text:
                yield f"extra:{heading}", text

    def told(self) -> Iterator[tuple[str, str]]:
        """The passages as they count in a match: without words stuffed in, mere praise, and a
        list of nearly all fields there are, for such words tell nothing of the thing."""
        for name, text in self.passages():
            kept = _told(text) if name != "field" else self.told_field()
            if kept:
                yield name, kept

    def told_field(self) -> str:
        """The field, "" where it lists so many that it is none."""
        return self.field.strip() if len(_FIELD_ENDS.split(self.field)) <= _MOST_FIELDS else ""

    def text(self) -> str:
        """The matched text, one passage a line; what is written where nothing else is left."""
        key = self.said()
        known = _TEXTS.get(key)
        if known is None:
            known = "\n".join(text for _, text in self.told()) or self.written()
            if len(_TEXTS) >= _MOST_TEXTS:
                _TEXTS.clear()
            _TEXTS[key] = known
        return known

    def said(self) -> Said:
        """All that `passages` is made of: equal values, equal passages, in whatever record. For
        remembering what was made of them."""
        return _SAID(self), tuple(self.extra.items())

    def written(self) -> str:
        """All of the text, as it was handed in."""
        return "\n".join(text for _, text in self.passages())

    def content_hash(self) -> str:
        """SHA-256 of everything but the place it was read from: equal hash, nothing changed."""
        body = self.model_dump_json(exclude={"source"})
        return hashlib.sha256(body.encode()).hexdigest()

    def heading(self) -> str:
        """The title, or the beginning of the text where no title was given."""
        if self.title.strip():
            return self.title.strip()
        first = next(text for _, text in self.passages() if text.strip()).strip()
        line = " ".join(first.split())
        return line if len(line) <= 90 else line[:89].rstrip() + "…"
