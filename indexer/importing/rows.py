"""One row of a table into one record, or into the reasons why not."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from pydantic import ValidationError

from indexer.bilingual import Bilingual
from indexer.errors import BadValue
from indexer.importing.cells import cell_text
from indexer.importing.columns import Column, Layout
from indexer.importing.contacts import contact_from_cell, phone_from_cell, take_contacts
from indexer.importing.identity import LONGEST_CODE, id_from_code, id_from_content
from indexer.importing.rejects import Reject
from indexer.readers import Cell, Table
from indexer.records import (
    DEFAULT_TYPE,
    DEMAND_TYPES,
    TEXT_FIELDS,
    Contact,
    Record,
    RecordType,
    Side,
    Source,
)
from indexer.text import language_of
from indexer.values import (
    Unclear,
    currency_of,
    ip_status_in,
    money_between,
    parse_codes,
    parse_date,
    parse_language,
    parse_money,
    parse_period,
    parse_side,
    parse_trl,
    parse_type,
    parse_visibility,
)

_TEXTS = frozenset(TEXT_FIELDS)
_PLAIN = frozenset(
    {"owner", "field", "ip_type", "ip_status", "ip_number", "transfer", "cooperation", "country"}
)
_PERSONAL = frozenset({"person", "phone", "email", "contact"})
_NO_TEXT = Bilingual(
    vi="dòng không có tên lẫn nội dung", en="the row has neither a title nor any text"
)
_NEEDS_TEXT = Bilingual(vi="ít nhất tên hoặc mô tả", en="at least a title or a description")


@dataclass(frozen=True, slots=True)
class Draft:
    """A record with the code it was given, before ids are made unique over the whole import."""

    record: Record
    code: str


@dataclass(slots=True)
class RowReader:
    """Reads the rows of one table. `remarks` counts the cells kept as text, by heading."""

    table: Table
    layout: Layout
    side: Side | None
    type: RecordType | None = None
    remarks: Counter[str] = field(default_factory=Counter)

    def read(self, number: int, row: Sequence[Cell]) -> Draft | list[Reject]:
        """The record of one row, or all the reasons why it is none. `number` is for people."""
        cells = _Cells(self, number)
        for column in self.layout.columns:
            if column.index < len(row) and (cell := row[column.index]) != "":
                cells.take(column, cell)
        return cells.finish()

    def reject(self, number: int, column: str, value: str, bad: BadValue) -> Reject:
        return Reject(
            self.table.file, self.table.sheet, number, column, value, bad.reason, bad.accepted
        )


class _Cells:
    """The cells of one row by meaning, and what they come to."""

    def __init__(self, reader: RowReader, number: int) -> None:
        self.reader, self.number = reader, number
        self.texts: dict[str, list[str]] = {}
        self.extra: dict[str, str] = {}
        self.personal: dict[str, list[str]] = {}
        self.structured: dict[str, tuple[str, Cell]] = {}
        self.code = ""
        self.problems: list[Reject] = []

    def take(self, column: Column, cell: Cell) -> None:
        meaning = column.meaning
        if meaning in ("number", "skip"):
            return
        if meaning in _PERSONAL:
            self._take_personal(meaning, cell)
            return
        if meaning in _TEXTS or meaning in _PLAIN or meaning in ("place", "extra", "id", "ip"):
            text = cell_text(cell)
            if not text:
                return
            if meaning == "id":
                self.code = " ".join(text.split())
            elif meaning == "extra":
                self.extra[column.heading] = self._impersonal(text)
            elif meaning == "ip":
                self.texts["ip_type"], self.texts["ip_status"] = [text], [ip_status_in(text)]
            else:
                self.texts.setdefault(meaning, []).append(self._impersonal(text))
            return
        self.structured[meaning] = (column.heading, cell)

    def _take_personal(self, meaning: str, cell: Cell) -> None:
        # The line breaks of a contact cell part its person, address and number.
        text = cell_text(cell)
        if meaning == "contact":
            found = contact_from_cell(text)
            for name in ("person", "phone", "email"):
                if value := getattr(found, name):
                    self.personal.setdefault(name, []).append(value)
        elif text:
            text = phone_from_cell(text) if meaning == "phone" else text
            self.personal.setdefault(meaning, []).append(", ".join(text.split("\n")))

    def _impersonal(self, text: str) -> str:
        """The text without addresses and numbers; they fill the contact where it is empty."""
        bare, emails, phones = take_contacts(text)
        for name, values in (("email", emails), ("phone", phones)):
            if values:
                self.personal.setdefault(f"found {name}", []).extend(values)
        return bare

    def parse(self, meaning: str, read: Callable[[Any], Any]) -> Any:  # noqa: ANN401
        """The value of a structured cell; a remark is kept as text, a wrong one reported."""
        if meaning not in self.structured:
            return None
        heading, cell = self.structured[meaning]
        value = cell if isinstance(cell, int | float | date) else cell_text(cell)
        if isinstance(value, bool) or (isinstance(value, float) and math.isnan(value)):
            value = cell_text(value)
        try:
            return read(value)
        except Unclear:
            self.reader.remarks[heading] += 1
            self.extra[heading] = self._impersonal(cell_text(cell))
        except BadValue as bad:
            self.problems.append(self.reader.reject(self.number, heading, cell_text(cell), bad))
        return None

    def finish(self) -> Draft | list[Reject]:
        values = self._values()
        side, kind = self._side_and_type()
        titles = self.texts.get("title", ())
        values |= {
            name: "\n".join(dict.fromkeys(parts))
            for name, parts in self.texts.items()
            if any(parts) and name != "title"
        }
        if title := " / ".join(dict.fromkeys(" ".join(part.split()) for part in titles if part)):
            values["title"] = title
        if self.texts.get("place"):
            values["place"] = ", ".join(dict.fromkeys(filter(None, self.texts["place"])))
        if extra := {heading: text for heading, text in self.extra.items() if text}:
            values["extra"] = extra
        text = "\n".join(values[name] for name in (*TEXT_FIELDS, "field") if name in values)
        if not any(values.get(name) for name in TEXT_FIELDS):
            missing = BadValue(_NO_TEXT, _NEEDS_TEXT)
            self.problems.append(self.reader.reject(self.number, "", self.code, missing))
        if self.problems or side is None:
            return self.problems
        return self._draft(values, side, kind, text)

    def _values(self) -> dict[str, Any]:
        """The structured fields; their problems are collected, not raised."""
        currency = self.parse("currency", lambda value: currency_of(str(value))) or ""
        values = {"money": self._money(currency)}
        stage = self.structured.get("trl", ("", ""))[0]
        values["trl"] = self.parse("trl", lambda value: parse_trl(value, heading=stage))
        starts, ends = self.parse("period", lambda value: parse_period(_dated(value))) or (
            None,
            None,
        )
        values["starts"] = self.parse("starts", parse_date) or starts
        values["ends"] = self.parse("ends", lambda value: parse_date(value, end=True)) or ends
        values["expires"] = self.parse("expires", lambda value: parse_date(value, end=True))
        values["visibility"] = self.parse("visibility", lambda value: parse_visibility(str(value)))
        if values["starts"] and values["ends"] and values["starts"] > values["ends"]:
            self._reversed(values["starts"], values["ends"])
        self._codes(values)
        return {name: value for name, value in values.items() if value is not None}

    def _money(self, currency: str) -> Any:  # noqa: ANN401
        def read(meaning: str) -> Any:  # noqa: ANN401
            heading = self.structured.get(meaning, ("", ""))[0]
            return self.parse(
                meaning, lambda value: parse_money(value, unit=heading, currency=currency)
            )

        whole, low, high = read("money"), read("money_low"), read("money_high")
        if low is None and high is None:
            return whole
        try:
            return money_between(low, high)
        except BadValue as bad:
            heading, cell = self.structured.get("money_high") or self.structured["money_low"]
            self.problems.append(self.reader.reject(self.number, heading, cell_text(cell), bad))
            return None

    def _codes(self, values: dict[str, Any]) -> None:
        """Classification codes; words in their column are the field's name, not an error."""
        if "codes" not in self.structured:
            return
        heading, cell = self.structured["codes"]
        text = cell_text(cell)
        try:
            values["codes"] = parse_codes(text, heading) or None
        except BadValue:
            self.texts.setdefault("field", []).append(self._impersonal(text))

    def _reversed(self, starts: date, ends: date) -> None:
        heading, cell = self.structured.get("ends") or self.structured.get("period") or ("", "")
        bad = BadValue(
            Bilingual(
                vi=f"kết thúc {ends:%d/%m/%Y} trước khi bắt đầu {starts:%d/%m/%Y}",
                en=f"the end {ends:%d/%m/%Y} comes before the start {starts:%d/%m/%Y}",
            ),
            Bilingual(vi="ngày kết thúc sau ngày bắt đầu", en="an end on or after the start"),
        )
        self.problems.append(self.reader.reject(self.number, heading, cell_text(cell), bad))

    def _side_and_type(self) -> tuple[Side | None, RecordType | None]:
        side = self.parse("side", lambda value: parse_side(str(value))) or self.reader.side
        if side is None:
            if not self.problems:
                missing = BadValue(
                    Bilingual(vi="dòng không ghi là cung hay cầu", en="the row names no side"),
                    Bilingual(
                        vi="cung hoặc cầu, hoặc tuỳ chọn --side", en="supply or demand, or --side"
                    ),
                )
                self.problems.append(self.reader.reject(self.number, "", "", missing))
            return None, None
        given = self.reader.type
        default = given if given and (given in DEMAND_TYPES) is (side is Side.DEMAND) else None
        try:
            kind = (
                parse_type(cell_text(self.structured["type"][1]), side)
                if "type" in self.structured
                else None
            )
        except BadValue:
            heading, cell = self.structured["type"]
            self.reader.remarks[heading] += 1
            self.extra[heading] = cell_text(cell)
            kind = None
        return side, kind or default or DEFAULT_TYPE[side]

    def _contact(self) -> Contact | None:
        person = ", ".join(dict.fromkeys(self.personal.get("person", ())))
        email = self.personal.get("email") or self.personal.get("found email", [])
        phone = self.personal.get("phone") or self.personal.get("found phone", [])
        if not (person or email or phone):
            return None
        return Contact(
            person=person,
            email=", ".join(dict.fromkeys(email)),
            phone=", ".join(dict.fromkeys(phone)),
        )

    def _draft(
        self, values: dict[str, Any], side: Side, kind: RecordType | None, text: str
    ) -> Draft | list[Reject]:
        table = self.reader.table
        if len(self.code) > LONGEST_CODE:
            bad = BadValue(
                Bilingual(vi="mã quá dài", en="the code is too long"),
                Bilingual(
                    vi=f"tối đa {LONGEST_CODE} ký tự", en=f"at most {LONGEST_CODE} characters"
                ),
            )
            return [self.reader.reject(self.number, "", self.code[:60], bad)]
        named = self.parse("language", lambda value: parse_language(str(value)))
        contact = self._contact()
        if contact:
            values["contact"] = contact
        try:
            record = Record(
                id=id_from_code(side, self.code)
                if self.code
                else id_from_content(side, values.get("title", ""), values.get("owner", ""), text),
                side=side,
                type=kind or DEFAULT_TYPE[side],
                language=named or language_of(text),
                source=Source(file=table.file, sheet=table.sheet, row=self.number),
                **values,
            )
        except ValidationError as error:
            detail = "; ".join(str(item["msg"]) for item in error.errors())
            bad = BadValue(Bilingual(vi=f"bản ghi không hợp lệ: {detail}", en=detail), _NEEDS_TEXT)
            return [self.reader.reject(self.number, "", "", bad)]
        return Draft(record, self.code)


def _dated(value: Cell) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else cell_text(value)
