"""Reading an event file: TOML, or a workbook with a sheet for each kind of entry."""

import re
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from indexer.errors import RequestError
from indexer.readers.excel import read_workbook
from indexer.text import fold
from matcher.planning.event import Event, Fixed, Met, Participant, Policy, Room, Table, Wish
from matcher.planning.slot import Slot
from matcher.ruling.rules import Rule

_WORKBOOKS = {".xlsx", ".xlsm", ".xls", ".ods"}
_LISTS: Mapping[str, type[BaseModel]] = {
    "slots": Slot,
    "tables": Table,
    "rooms": Room,
    "participants": Participant,
    "wishes": Wish,
    "fixed": Fixed,
    "met": Met,
    "policies": Policy,
    "rules": Rule,
}
_EXAMPLES = {
    "slots": '[[slots]] starts = "2027-05-20 09:00" minutes = 20 (5–240) break = false',
    "tables": 'tables = 24, or [[tables]] name = "A1" room = "A" owner = "…" unavailable = "1-3"',
    "rooms": '[[rooms]] name = "A" walk = { B = 5 }',
    "participants": '[[participants]] owner = "…" sides = "demand" | "supply" | "both" '
    'available = "1-5,8" least_meetings = 2 most_meetings = 8 people = 1',
    "wishes": '[[wishes]] from = "…" to = "…" degree = "very high" | "high" | "neutral" | "low" '
    '| "very low" | "veto"',
    "fixed": '[[fixed]] demand = "…" supply = "…" slot = 3 table = 1',
    "met": '[[met]] one = "…" other = "…"',
    "policies": '[[policies]] label = "…" weight = 1.2 (0–10) group = "…" owners = ["…"]',
    "rules": '[[rules]] kind = "require" where = "trl>=6"',
}
_SEPARATED = {"languages", "groups", "owners", "where", "others", "by"}
_RANGES = {"available", "unavailable"}
# What Vietnamese workbooks call sheets and columns, folded.
_CALLED = {
    "su kien": "event", "luot gap": "slots", "ban": "tables", "phong": "rooms",
    "don vi": "participants", "nguyen vong": "wishes", "co dinh": "fixed", "da gap": "met",
    "chinh sach": "policies", "quy tac": "rules",
    "ten don vi": "owner", "bat dau": "starts", "so phut": "minutes", "nghi": "break",
    "co mat": "available", "vang mat": "unavailable", "it nhat": "least_meetings",
    "nhieu nhat": "most_meetings", "so nguoi": "people", "truc tuyen": "online",
    "ngon ngu": "languages", "doan": "delegation", "nhom": "groups", "phia": "sides",
    "tu": "from", "den": "to", "muc": "degree",
    "moi don vi": "everybody",
}  # fmt: skip


def read_event(path: Path) -> Event:
    """The event of a file; RequestError names the file, the line, the value, what is accepted.

    In a workbook the sheet "event" has a key and a value in each row; the other sheets are
    called after the lists of a TOML file and have its keys as headings. Lists in a cell are
    separated by semicolons; "rooms" has one row for each way: name, to, minutes.
    """
    if path.suffix.lower() in _WORKBOOKS:
        if not path.is_file():
            raise _unreadable(path, "No such file or directory")
        return _validated(path, *_from_workbook(path))
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise _no_toml(path, str(error)) from error
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _no_toml(path, str(error)) from error
    return _validated(path, content, _toml_lines(text))


def _unreadable(path: Path, why: str) -> RequestError:
    return RequestError(
        vi=f"Không mở được tệp sự kiện {path}: {why}.",
        en=f"The event file {path} cannot be opened: {why}.",
    )


def _no_toml(path: Path, why: str) -> RequestError:
    return RequestError(
        vi=f"Tệp sự kiện {path} không phải TOML hợp lệ (UTF-8): {why}.",
        en=f"The event file {path} is not valid TOML in UTF-8: {why}.",
    )


def _validated(path: Path, content: object, lines: Mapping[tuple[str, int], int]) -> Event:
    try:
        return Event.model_validate(content)
    except RequestError as error:  # of a rule, which knows no file
        said = error.message
        raise RequestError(
            vi=f"Tệp sự kiện {path}: {said.vi}", en=f"The event file {path}: {said.en}"
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
    steps = [step for step in first["loc"] if not str(step).startswith(("constrained", "tuple["))]
    part = str(steps[0]) if steps else ""
    number = next((step for step in steps if isinstance(step, int)), 0)
    line = lines.get((part, number))
    at = ("", "") if line is None else (f" (dòng {line})", f" (line {line})")
    place = ".".join(str(step) for step in steps) or "event"
    accepted = _accepted(part, steps, first["type"], first.get("ctx", {}))
    if first["type"] == "missing":
        raise RequestError(
            vi=f"Tệp sự kiện {path}: thiếu {place}{at[0]}. Chấp nhận: {accepted}.",
            en=f"The event file {path}: {place} is missing{at[1]}. Accepted: {accepted}.",
        )
    if first["type"] == "value_error":
        why = str(first["ctx"]["error"])
        raise RequestError(
            vi=f"Tệp sự kiện {path}, mục {place}{at[0]}: {why}. Chấp nhận: {accepted}.",
            en=f"The event file {path}, entry {place}{at[1]}: {why}. Accepted: {accepted}.",
        )
    value = str(first["input"])[:80]
    raise RequestError(
        vi=f"Tệp sự kiện {path}, mục {place}{at[0]}: không nhận “{value}”. Chấp nhận: {accepted}.",
        en=f"The event file {path}, entry {place}{at[1]}: “{value}” is not accepted. "
        f"Accepted: {accepted}.",
    )


def _accepted(part: str, steps: list[Any], kind: str, told: Mapping[str, Any]) -> str:
    """What may stand where the error is: the keys for an unknown key, the words of a choice, the
    range of a number, else an example."""
    if kind == "extra_forbidden":
        model = _LISTS.get(part, Event) if len(steps) > 1 else Event
        return ", ".join(field.alias or name for name, field in model.model_fields.items())
    field = next((step for step in reversed(steps) if isinstance(step, str)), part)
    if kind in ("literal_error", "enum"):
        return f"{field} = " + re.sub("'(.*?)'", r'"\1"', told["expected"]).replace(" or ", ", ")
    if kind in ("greater_than", "greater_than_equal", "less_than_equal"):
        model = _LISTS.get(part, Event) if len(steps) > 1 else Event
        limits = model.model_fields[field].metadata if field in model.model_fields else []
        ends = {name: getattr(one, name) for one in limits for name in ("ge", "gt", "le")
                if hasattr(one, name)}  # fmt: skip
        if "le" in ends:
            return f"{field} = {ends.get('ge', ends.get('gt'))} … {ends['le']}"
    return _EXAMPLES.get(part) or 'name = "…", place = "…", ' + _EXAMPLES["slots"]


def _toml_lines(text: str) -> dict[tuple[str, int], int]:
    """The lines on which the entries of a TOML file begin."""
    found: dict[tuple[str, int], int] = {}
    count: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if heading := re.match(r"\s*\[\[\s*(\w+)\s*\]\]", line):
            name = heading[1]
            found[name, count.get(name, 0)] = number
            count[name] = count.get(name, 0) + 1
        elif (key := re.match(r"\s*(\w+)\s*=", line)) and not count:
            found[key[1], 0] = number
    return found


def _from_workbook(path: Path) -> tuple[dict[str, Any], dict[tuple[str, int], int]]:
    content: dict[str, Any] = {}
    lines: dict[tuple[str, int], int] = {}
    for sheet in read_workbook(path):
        name = _known(sheet.sheet)
        rows = [list(row) for row in sheet.rows]
        if name == "event":
            for row in rows:
                if len(row) > 1 and row[0] not in (None, "") and row[1] not in (None, ""):
                    content[_known(row[0])] = _plain(_known(row[0]), row[1])
            continue
        if name not in _LISTS:
            known = ", ".join(["event", *_LISTS])
            raise RequestError(
                vi=f"Tệp sự kiện {path}: không hiểu trang “{sheet.sheet}”. Chấp nhận: {known}.",
                en=f"The event file {path}: sheet “{sheet.sheet}” is not known. Accepted: {known}.",
            )
        entries: list[dict[str, Any]] = []
        headings = [_known(cell) for cell in rows[0]] if rows else []
        for number, row in enumerate(rows[1:], sheet.first_row + 1):
            entry = {
                key: _plain(key, cell)
                for key, cell in zip(headings, row, strict=False)
                if cell not in (None, "") and key
            }
            if entry:
                lines[name, len(entries)] = number
                entries.append(entry)
        content[name] = _rooms(entries) if name == "rooms" else entries
    return content, lines


def _rooms(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows name, to, minutes as rooms with ways."""
    rooms: dict[str, dict[str, Any]] = {}
    for entry in entries:
        room = rooms.setdefault(str(entry.get("name", "")), {"name": entry.get("name"), "walk": {}})
        if "to" in entry:
            room["walk"][str(entry["to"])] = entry.get("minutes", 0)
    return list(rooms.values())


def _known(cell: object) -> str:
    text = " ".join(fold(str(cell or "")).replace("_", " ").split())
    return _CALLED.get(text, text.replace(" ", "_"))


def _plain(key: str, cell: object) -> object:
    """A cell as TOML would give it."""
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M")
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if key in _RANGES or key in ("name", "label", "room"):
        return str(cell)
    if key in _SEPARATED:
        return [part.strip() for part in str(cell).split(";") if part.strip()]
    if key in ("break", "online", "everybody") and isinstance(cell, str):
        return fold(cell).strip() in ("x", "1", "true", "yes", "co")
    return cell
