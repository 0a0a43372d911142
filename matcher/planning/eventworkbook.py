"""An event in a workbook: a sheet for each list, and the sheet "event" of keys and values."""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any

from indexer.errors import RequestError
from indexer.readers.excel import read_workbook
from indexer.text import fold

_SEPARATED = {"languages", "groups", "owners", "where", "others", "by"}
_TEXTS = {"available", "unavailable", "name", "label", "room"}
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


def read_event_workbook(
    path: Path, lists: Collection[str]
) -> tuple[dict[str, Any], dict[tuple[str, int], int]]:
    """(what the sheets say, the row on which each entry stands); `lists` are the sheets' names.

    Raises:
        RequestError: no workbook, or a sheet that is not known.
    """
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
        if name not in lists:
            known = ", ".join(["event", *lists])
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
    if key in _TEXTS:
        return str(cell)
    if key in _SEPARATED:
        return [part.strip() for part in str(cell).split(";") if part.strip()]
    if key in ("break", "online", "everybody") and isinstance(cell, str):
        return fold(cell).strip() in ("x", "1", "true", "yes", "co")
    return cell
