"""Records on their way out as a file that can be imported again: JSON lines, CSV or XLSX.

Read while they are sent, from one state of the catalog. A text that a spreadsheet would take for a
formula gets an apostrophe, which an import takes away again.
"""

import csv
import io
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal

from indexer.bilingual import Language
from indexer.keeping.records import KeptRecord
from indexer.records import TEXT_FIELDS, Money, Record

Format = Literal["jsonl", "csv", "xlsx"]
Shows = Callable[[KeptRecord], bool]

_MOST_COLUMNS = 200  # of texts under headings of their own; what is beyond is left out of tables
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_EXACT = ("ip_type", "ip_status", "ip_number", "transfer", "cooperation")
COLUMNS = (
    "id",
    "side",
    "type",
    *TEXT_FIELDS,
    "owner",
    "field",
    "trl",
    "ip type",
    "ip status",
    "ip number",
    "transfer",
    "cooperation",
    "money low",
    "money high",
    "currency",
    "starts",
    "ends",
    "place",
    "country",
    "language",
    "visibility",
    "expires",
)
_CONTACT = ("contact person", "contact phone", "contact email")
_PIECE = 200  # records sent at once


def json_lines(found: Iterable[KeptRecord], shows: Shows) -> Iterator[bytes]:
    """One record a line, as POST /v1/records takes it."""
    lines: list[str] = []
    for one in found:
        hidden = {"source", "same_as"} | (set() if shows(one) else {"contact"})
        lines.append(one.record.model_dump_json(exclude=hidden))
        if len(lines) == _PIECE:
            yield ("\n".join(lines) + "\n").encode()
            lines.clear()
    if lines:
        yield ("\n".join(lines) + "\n").encode()


def delimited(
    found: Iterable[KeptRecord], shows: Shows, headings: Iterable[str], *, contacts: bool
) -> Iterator[bytes]:
    """CSV that Excel opens as it is: UTF-8 with a mark, one record a line."""
    columns = columns_of(headings, contacts=contacts)
    text = io.StringIO()
    writer = csv.writer(text)
    text.write("\ufeff")
    writer.writerow([guarded(column) for column in columns])
    for count, one in enumerate(found, start=1):
        cells = cells_of(one.record, contact=shows(one))
        writer.writerow([guarded(str(cells.get(column, ""))) for column in columns])
        if count % _PIECE == 0:
            yield _taken(text)
    yield _taken(text)


def workbook(
    found: Iterable[KeptRecord],
    shows: Shows,
    headings: Iterable[str],
    language: Language,
    *,
    contacts: bool,
) -> Iterator[bytes]:
    """XLSX; every cell is text. Made in a file of its own, row by row, before it is sent."""
    import xlsxwriter  # noqa: PLC0415 - start-up time

    from matcher.export.cells import safe_cell  # noqa: PLC0415

    columns = columns_of(headings, contacts=contacts)
    with tempfile.TemporaryFile(prefix="cungcau-export-") as file:
        with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
            sheet = book.add_worksheet("records")
            sheet.freeze_panes(1, 0)
            for column, name in enumerate(columns):
                sheet.write_string(0, column, safe_cell(name, language))
            for row, one in enumerate(found, start=1):
                cells = cells_of(one.record, contact=shows(one))
                for column, name in enumerate(columns):
                    if name in cells:
                        text = safe_cell(str(cells[name]), language)
                        sheet.write_string(row, column, text)
        file.seek(0)
        while piece := file.read(1 << 16):
            yield piece


def headings_of(found: Iterable[KeptRecord]) -> list[str]:
    """The headings of codes and of further texts, those most used first."""
    counted: Counter[str] = Counter()
    for one in found:
        counted.update(list(_own(one.record)))
    names = sorted(counted, key=lambda name: (-counted[name], name))
    return names[:_MOST_COLUMNS]


def columns_of(headings: Iterable[str], *, contacts: bool) -> list[str]:
    fixed = [*COLUMNS, *(_CONTACT if contacts else ())]
    return [*fixed, *(name for name in headings if name not in fixed)]


def cells_of(record: Record, *, contact: bool) -> Mapping[str, Any]:
    """The cells of a record by heading; what it does not say is left out."""
    values = {name: getattr(record, name) for name in (*TEXT_FIELDS, "owner", "field")}
    cells: dict[str, Any] = {
        **_own(record),
        **values,
        **{name.replace("_", " "): getattr(record, name) for name in _EXACT},
        "id": record.id,
        "side": record.side.value,
        "type": record.type.value,
        "trl": "" if record.trl is None else f"{record.trl.low}-{record.trl.high}",
        **_amounts(record.money),
        "place": record.place,
        "country": record.country,
        "language": record.language,
        "visibility": record.visibility.value,
        **{name: getattr(record, name) or "" for name in ("starts", "ends", "expires")},
    }
    if contact:
        cells |= dict(zip(_CONTACT, record.contact.model_dump().values(), strict=True))
    return {name: value for name, value in cells.items() if value != ""}


def guarded(text: str) -> str:
    """A leading apostrophe where a spreadsheet would run the cell as a formula (ASVS 1.2.10)."""
    return f"'{text}" if text.startswith(_STARTS_FORMULA) else text


def _own(record: Record) -> dict[str, str]:
    """Codes by their scheme, and further texts, by heading."""
    codes: dict[str, list[str]] = {}
    for code in record.codes:
        version = "" if code.version == "unstated" else f" {code.version}"
        codes.setdefault(f"{code.scheme}{version}", []).append(code.code)
    return {**record.extra, **{name: "; ".join(own) for name, own in codes.items()}}


def _amounts(money: Money | None) -> dict[str, str]:
    if money is None:
        return {}
    ends = {"money low": money.low, "money high": money.high}
    stated = {name: f"{end:f}" for name, end in ends.items() if end is not None}
    return {**stated, "currency": money.currency}


def _taken(text: io.StringIO) -> bytes:
    piece = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return piece
