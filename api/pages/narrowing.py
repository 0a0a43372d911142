"""The address of a search: what is asked, how it is narrowed, and what narrowing would find."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from indexer.bilingual import Bilingual
from indexer.conditions import Condition, parse_condition
from indexer.errors import RequestError
from indexer.records import Record, RecordType, Side
from indexer.sql.stored import folded
from matcher.export.clean import clean
from matcher.export.labels import TYPES

PAGE = 10  # answers on one page
LONGEST = 5_000  # characters of a text that an address carries
_MOST_WHERE, _LONGEST_WHERE = 20, 500
_MOST_OPTIONS = 8
_TRL = (4, 6, 7, 8)
_PRICES = (
    (100_000_000, Bilingual("Đến 100 triệu đồng", "Up to 100 million VND")),
    (500_000_000, Bilingual("Đến 500 triệu đồng", "Up to 500 million VND")),
    (1_000_000_000, Bilingual("Đến 1 tỷ đồng", "Up to 1 billion VND")),
    (5_000_000_000, Bilingual("Đến 5 tỷ đồng", "Up to 5 billion VND")),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of the search page asks for."""

    text: str = ""
    want: Side = Side.SUPPLY
    where: tuple[str, ...] = ()
    offset: int = 0

    @property
    def conditions(self) -> tuple[Condition, ...]:
        return tuple(map(parse_condition, self.where))

    def path(self, to: str = "/search") -> str:
        """The address of this search."""
        query = [("q", self.text), ("want", self.want.value)]
        query += [("where", one) for one in self.where]
        if self.offset:
            query.append(("offset", str(self.offset)))
        return f"{to}?{urlencode(query)}"

    def at(self, offset: int) -> "Asked":
        return replace(self, offset=offset)

    def without(self, condition: str) -> "Asked":
        kept = tuple(one for one in self.where if one != condition)
        return replace(self, where=kept, offset=0)


@dataclass(frozen=True, slots=True)
class Option:
    """One way to narrow a search: by a condition, which would leave so many of the best."""

    label: Bilingual
    count: int
    condition: str


@dataclass(frozen=True, slots=True)
class Facet:
    name: str
    label: Bilingual
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Chip:
    """A condition in force, and the search without it."""

    label: Bilingual
    path: str


def asked_by(query: QueryParams) -> Asked:
    """What an address asks for, read leniently: what cannot be used is left out.

    The form of a price adds `most` (an amount as people write it).
    """
    wanted = [one.strip()[:_LONGEST_WHERE] for one in query.getlist("where")]
    most = query.get("most", "").strip()[:60]
    if most:
        wanted.append(f"price<={most}")
    where = dict.fromkeys(one for one in wanted if usable(one))
    offset = query.get("offset", "")
    steps = int(offset) if offset.isascii() and offset.isdigit() and len(offset) < 4 else 0
    return Asked(
        text=clean(query.get("q", "")).strip()[:LONGEST],
        want=Side.DEMAND if query.get("want") == "demand" else Side.SUPPLY,
        where=tuple(where)[:_MOST_WHERE],
        offset=min(steps, 90) // PAGE * PAGE,
    )


def chips(asked: Asked) -> list[Chip]:
    """The conditions in force."""
    return [Chip(_say(one), asked.without(one).path()) for one in asked.where]


def facets(asked: Asked, records: Sequence[Record]) -> list[Facet]:
    """Ways to narrow further, with how many of `records`, the best found, each would leave.

    What all of them share narrows nothing and is left out, and so is what narrows already.
    """
    held = {condition.field for condition in asked.conditions}
    named = (
        ("type", _LABELS["type"], _valued("type", records, _type_name)),
        ("field", _LABELS["field"], _valued("field", records, _as_it_is)),
        ("place", _LABELS["place"], _valued("place", records, _as_it_is)),
        ("trl", _LABELS["trl"], _readiness(records)),
        ("price", _LABELS["price"], _prices(records)),
    )
    return [
        Facet(name, label, tuple(options))
        for name, label, options in named
        if options and name not in held
    ]


def _valued(
    name: str, records: Sequence[Record], label: Callable[[str], Bilingual]
) -> list[Option]:
    values = (clean(str(getattr(record, name))).strip() for record in records)
    spelled: dict[str, Counter[str]] = {}
    for value in values:
        # As conditions compare: `Ha Noi` is `Hà Nội`.
        if folded(value):
            spelled.setdefault(folded(value), Counter())[value] += 1
    options = [
        Option(label(_common(one)), one.total(), f"{name}={_common(one)}")
        for one in spelled.values()
        if one.total() < len(records) and usable(f"{name}={_common(one)}")
    ]
    return sorted(options, key=lambda one: (-one.count, one.condition))[:_MOST_OPTIONS]


def _common(spellings: Counter[str]) -> str:
    """The most common spelling; of equal ones, one with accents."""
    return max(spellings, key=lambda one: (spellings[one], not one.isascii(), one))


def _readiness(records: Sequence[Record]) -> list[Option]:
    def reached(record: Record, level: int) -> bool:
        return record.trl is not None and record.trl.high >= level

    steps = (
        (
            f"trl>={level}",
            Bilingual(f"TRL từ {level}", f"TRL {level} or more"),
            sum(reached(record, level) for record in records),
        )
        for level in _TRL
    )
    return _steps(steps, len(records))


def _prices(records: Sequence[Record]) -> list[Option]:
    def within(record: Record, most: int) -> bool:
        money = record.money
        return (
            money is not None
            and money.currency == "VND"
            and (money.low is None or money.low <= Decimal(most))
        )

    steps = (
        (f"price<={most}", label, sum(within(record, most) for record in records))
        for most, label in _PRICES
    )
    return _steps(steps, len(records))


def _steps(found: Iterable[tuple[str, Bilingual, int]], among: int) -> list[Option]:
    return [
        Option(label, count, condition) for condition, label, count in found if 0 < count < among
    ]


def _say(condition: str) -> Bilingual:
    """A condition in words; one that no link of ours makes, as it was written."""
    found = parse_condition(condition)
    written = clean(condition[len(found.field) :].strip().removeprefix(found.op).strip())
    known = next((label for most, label in _PRICES if condition == f"price<={most}"), None)
    if known:
        return known
    if found.field == "type" and found.op == "=":
        return TYPES[RecordType(str(found.value))]
    if found.field == "trl" and found.op == ">=":
        return Bilingual(f"TRL từ {found.value}", f"TRL {found.value} or more")
    if found.field == "price" and found.op == "<=":
        return Bilingual(f"Giá đến {written}", f"Price up to {written}")
    if found.op == "=" and found.field in _LABELS:
        label = _LABELS[found.field]
        return Bilingual(f"{label.vi}: {written}", f"{label.en}: {written}")
    return Bilingual(clean(condition), clean(condition))


def usable(condition: str) -> bool:
    """Whether a search takes it as a condition."""
    try:
        parse_condition(condition)
    except RequestError:
        return False
    return "\0" not in condition


def _type_name(value: str) -> Bilingual:
    return TYPES[RecordType(value)]


def _as_it_is(value: str) -> Bilingual:
    return Bilingual(value, value)


_LABELS = {
    "type": Bilingual("Loại", "Type"),
    "field": Bilingual("Lĩnh vực", "Field"),
    "place": Bilingual("Nơi", "Place"),
    "trl": Bilingual("Mức sẵn sàng", "Readiness"),
    "price": Bilingual("Giá, kinh phí", "Price or budget"),
}
