"""The sheets of matches: which columns they have and what stands in a row."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from indexer.bilingual import Bilingual, Language
from indexer.records import Record, Side
from matcher.amounts import say_money
from matcher.export.cells import safe_cell
from matcher.export.labels import GRADE, NO_WHY, SIDES
from matcher.match import Match

Cell = str | float | None
Kind = Literal["text", "own", "number", "score", "share", "grade"]


@dataclass(frozen=True, slots=True)
class Column:
    """`width` in characters. Kind `own` is a text of the record the rows are grouped by."""

    heading: Bilingual
    width: float
    kind: Kind
    side: Side | None = None  # whose title, code or organisation it is


_ORGANISATION = {
    Side.DEMAND: Bilingual("Đơn vị có nhu cầu", "Organisation in need"),
    Side.SUPPLY: Bilingual("Đơn vị cung cấp", "Offering organisation"),
}
_CODE = {
    Side.DEMAND: Bilingual("Mã nhu cầu", "Need code"),
    Side.SUPPLY: Bilingual("Mã nguồn cung", "Offer code"),
}

PRINTED_COLUMNS = 11  # what fits an A4 page at a readable size; the rest is for the screen


def columns(group: Side) -> tuple[Column, ...]:
    """The columns of the sheet grouped by the records of one side."""
    own, other = group, group.other
    return (
        Column(_CODE[own], 10, "own", own),
        Column(SIDES[own], 30, "own", own),
        Column(_ORGANISATION[own], 18, "own", own),
        Column(Bilingual("Hạng", "Rank"), 6.5, "number"),
        Column(Bilingual("Điểm", "Score"), 7.5, "score"),
        Column(_CODE[other], 10, "text", other),
        Column(SIDES[other], 30, "text", other),
        Column(_ORGANISATION[other], 18, "text", other),
        Column(Bilingual("Vì sao", "Why"), 34, "text"),
        Column(Bilingual("Lưu ý", "Points to check"), 22, "text"),
        Column(GRADE, 9, "grade"),
        Column(Bilingual("TRL yêu cầu (từ)", "TRL asked (from)"), 10, "text"),
        Column(Bilingual("TRL hiện có", "TRL offered"), 9, "text"),
        Column(Bilingual("Kinh phí", "Budget"), 18, "text"),
        Column(Bilingual("Giá", "Price"), 18, "text"),
        Column(Bilingual("Câu trong nhu cầu", "Sentence of the need"), 48, "text"),
        Column(Bilingual("Câu trong nguồn cung", "Sentence of the offer"), 48, "text"),
        Column(Bilingual("Từ tương ứng", "Corresponding terms"), 30, "text"),
    )


@dataclass(frozen=True, slots=True)
class _Cells:
    """The cells of one record, made once however many rows it stands in."""

    code: str
    title: str
    organisation: str
    trl: Cell
    money: str


class Rows:
    """Makes the rows of match sheets; remembers the cells of the records it has met."""

    def __init__(self, records: Mapping[str, Record], language: Language) -> None:
        self._records = records
        self._language = language
        self._no_why = NO_WHY.say(language)
        self._cells: dict[str, _Cells] = {}

    def of(self, group: Side, lists: Mapping[str, tuple[Match, ...]]) -> Iterator[list[Cell]]:
        """One row a match, in the order of `columns(group)`."""
        for matches in lists.values():
            for match in matches:
                yield self._row(group, match)

    def _row(self, group: Side, match: Match) -> list[Cell]:
        need, offer = self.record(match.demand), self.record(match.supply)
        own, other = (need, offer) if group is Side.DEMAND else (offer, need)
        return [
            own.code,
            own.title,
            own.organisation,
            match.rank,
            round(match.score, 4),
            other.code,
            other.title,
            other.organisation,
            self._why(match),
            self._safe("; ".join([flag.message.say(self._language) for flag in match.flags])),
            None,  # the grade is the reader's to give
            need.trl,
            offer.trl,
            need.money,
            offer.money,
            self._safe("\n".join([item.demand.text for item in match.evidence])),
            self._safe("\n".join([item.supply.text for item in match.evidence])),
            self._safe("; ".join(_terms(match))),
        ]

    def record(self, record_id: str) -> _Cells:
        cells = self._cells.get(record_id)
        if cells is None:
            record = self._records[record_id]
            cells = _Cells(
                code=self._safe(record.id),
                title=self._safe(record.heading()),
                organisation=self._safe(record.owner),
                trl=_trl(record),
                money=say_money(record.money).say(self._language) if record.money else "",
            )
            self._cells[record_id] = cells
        return cells

    def _why(self, match: Match) -> str:
        found = [match.reasons] if match.reasons else []
        found += [item.why for item in match.evidence]
        return self._safe("\n".join([why.say(self._language) for why in found])) or self._no_why

    def _safe(self, text: str) -> str:
        return safe_cell(text, self._language)


def _trl(record: Record) -> Cell:
    """A number where it is one, so that a spreadsheet can sort and filter it."""
    if record.trl is None:
        return ""
    low, high = record.trl.low, record.trl.high
    return low if low == high else f"{low}–{high}"


def _terms(match: Match) -> Iterator[str]:
    for item in match.evidence:
        for asked, offered in item.terms:
            same = asked == offered or asked.lower() == offered.lower()
            yield asked if same else f"{asked} ↔ {offered}"
