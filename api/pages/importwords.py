"""An import in words: what becomes of rows, what is wrong with cells, what columns mean."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from api.pages import fieldnames, formats
from api.pages.visit import Visit
from indexer.bilingual import Bilingual, Language
from indexer.importing.rejects import harmless
from indexer.records import Money, RecordType, Side, TrlRange, Visibility
from matcher.export.clean import clean, shorten
from matcher.export.labels import TYPES, VISIBILITIES
from matcher.export.wording import say_trl

MOST_ROWS = 10_000  # of a file of rejected rows
_MOST_SAID = 240  # characters of a text that changed
_TEXTS = ("title", "summary", "description", "requirements", "advantages", "applications")

WAITING = Bilingual("Đang chờ đến lượt…", "Waiting for its turn…")
STAGES = {
    "read": Bilingual("Đang đọc tệp…", "Reading the file…"),
    "records": Bilingual("Đang đọc các dòng…", "Reading the rows…"),
    "duplicates": Bilingual("Đang tìm hồ sơ trùng nhau…", "Looking for repeated records…"),
    "compare": Bilingual("Đang so với danh mục…", "Comparing with the catalog…"),
    "store": Bilingual("Đang lưu…", "Storing…"),
}
# What becomes of a row: the word, and the class of its tag.
_OUTCOMES = {
    "inserted": (Bilingual("thêm mới", "new"), "good"),
    "updated": (Bilingual("sửa", "changed"), "info"),
    "unchanged": (Bilingual("không đổi", "as it is"), ""),
    "repeated": (Bilingual("lặp lại", "repeated"), ""),
    "rejected": (Bilingual("bị loại", "rejected"), "bad"),
}
_TABS = (
    ("", Bilingual("Tất cả", "All")),
    ("inserted", Bilingual("Thêm mới", "New")),
    ("updated", Bilingual("Sửa", "Changed")),
    ("unchanged", Bilingual("Không đổi", "As they are")),
    ("repeated", Bilingual("Lặp lại trong tệp", "Repeated in the file")),
    ("rejected", Bilingual("Bị loại", "Rejected")),
    ("alike", Bilingual("Gần trùng", "Near-duplicates")),
)
# Of a file of rejected rows; when it is imported again, these columns are passed over.
_ROW = Bilingual("Dòng trong tệp", "Row in the file")
_WHY = Bilingual("Lý do bị loại", "Why it was rejected")
# Sentences that speak to whoever types commands.
_CLAUSE = re.compile(r"(?<=[.;])\s+")
_OPTION = re.compile(r",?\s*(?:hoặc tuỳ chọn|or) --\w+")


def plain(text: str) -> str:
    """A sentence of the reader of files, without the options of its command line."""
    text = _OPTION.sub("", clean(text))
    kept = [clause for clause in _CLAUSE.split(text) if "--" not in clause]
    said = " ".join(kept) if kept else text
    return said[:-1] + "." if said.endswith(";") else said


def tabs(visit: Visit, review: Mapping[str, Any]) -> list[tuple[str, str, int]]:
    """(outcome, its name, how many rows), of those that there are."""
    counts = {**review["counts"], "alike": review["alike"]}
    counts[""] = sum(review["counts"].values())
    return [
        (name, visit.say(words), counts[name])
        for name, words in _TABS
        if counts[name] or name in ("", "inserted", "updated", "rejected")
    ]


def by_sheet(columns: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """The columns under their sheets, in the order of the file."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for column in columns:
        found.setdefault(column["sheet"], []).append(column)
    return list(found.items())


def meanings(visit: Visit) -> list[tuple[str, str]]:
    """What a column may be taken for, named."""
    return [(name, visit.say(words)) for name, words in fieldnames.COLUMNS.items()]


def told(visit: Visit, review: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """One row as the page shows it."""
    word, style = _OUTCOMES[row["outcome"]]
    side = Side(row["side"]) if row["side"] else None
    return {
        **row,
        "title": shorten(clean(row["title"]), 200),
        "owner": clean(row["owner"]),
        "word": word,
        "style": style,
        "changes": [_change(visit, one, side) for one in row["changes"]],
        "problems": [
            {
                "column": clean(one["column"]),
                "reason": _capital(plain(one["reason"][visit.language])),
                "accepted": plain(one["accepted"][visit.language]),
            }
            for one in row["errors"]
        ],
        "cells": list(_cells(review, row)),
    }


def rejected_csv(review: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], visit: Visit) -> str:
    """The rejected rows as they stand in the file, with their reasons behind."""
    headings = list(dict.fromkeys(name for row in rows for name in row["cells"]))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([harmless(name) for name in (*headings, visit.say(_ROW), visit.say(_WHY))])
    for row in rows:
        cells = [row["cells"].get(name, "") for name in headings]
        why = "; ".join(
            f"{one['column']}: {plain(one['reason'][visit.language])}".removeprefix(": ")
            for one in row["errors"]
        )
        place = f"{row['sheet']} {row['row']}".strip()
        writer.writerow([harmless(cell) for cell in (*cells, place, why)])
    return out.getvalue()


def _cells(review: Mapping[str, Any], row: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """The cells of a rejected row to be written anew: (heading, text, whether it is long)."""
    wanted: dict[str, None] = {}
    for error in row["errors"]:
        if error["column"]:
            wanted[error["column"]] = None
        else:
            wanted |= dict.fromkeys(_whole(review, row, error))
    for heading in wanted:
        if heading in row["cells"]:
            text = str(row["cells"][heading])
            yield heading, text, len(text) > 80


def _whole(
    review: Mapping[str, Any], row: Mapping[str, Any], error: Mapping[str, Any]
) -> Iterator[str]:
    """Of a row that is wrong as a whole, the cells that may make it right: a title where it has no
    text, its code where that is what is said, its side where it has none."""
    names: dict[str, str] = {}
    for column in review["columns"]:
        if column["sheet"] == row["sheet"]:
            names.setdefault(column["field"], column["heading"])
    texts = [names[name] for name in _TEXTS if name in names]
    if not any(row["cells"].get(heading) for heading in texts):
        yield from texts[:1]
    elif error["value"] and "id" in names:
        yield names["id"]
    elif "side" in names and not row["cells"].get(names["side"]):
        yield names["side"]
    else:
        yield from texts[:1]


def _change(
    visit: Visit, change: Mapping[str, Any], side: Side | None
) -> tuple[Bilingual, str, str]:
    """(field, what it says now, what it would say)."""
    name = change["field"]
    label = fieldnames.name_of(name, side)
    if name == "contact":
        there, gone = visit.words.gettext("đã có"), visit.words.gettext("chưa có")
        new = visit.words.gettext("khác") if change["new"] and change["old"] else ""
        return label, there if change["old"] else gone, new or (there if change["new"] else gone)
    old, new = (_value(name, change[key], visit.language, side) for key in ("old", "new"))
    return label, *_around(old, new)


def _value(name: str, value: Any, language: Language, side: Side | None) -> str:  # noqa: ANN401
    if value in (None, "", [], {}):
        return ""
    if name == "trl":
        return say_trl(TrlRange.model_validate(value), side or Side.SUPPLY)
    read = _READ.get(name)
    return read(value, language) if read else clean(str(value))


def _day(value: Any, language: Language) -> str:  # noqa: ANN401
    return formats.day(date.fromisoformat(value), language=language)


_READ: dict[str, Callable[[Any, Language], str]] = {
    "money": lambda value, spoken: formats.money(Money.model_validate(value), language=spoken),
    "starts": _day,
    "ends": _day,
    "expires": _day,
    "type": lambda value, spoken: TYPES[RecordType(value)].say(spoken),
    "visibility": lambda value, spoken: VISIBILITIES[Visibility(value)].say(spoken),
    "codes": lambda value, _: "; ".join(f"{one['scheme']} {one['code']}" for one in value),
    "extra": lambda value, _: "\n".join(
        f"{clean(key)}: {clean(text)}" for key, text in value.items()
    ),
}


def _around(old: str, new: str) -> tuple[str, str]:
    """Two texts, cut to where they begin to differ."""
    same = next(
        (at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b),
        min(len(old), len(new)),
    )
    start = max(0, same - 60)
    lead = "…" if start else ""
    first, second = (shorten(lead + text[start:], _MOST_SAID) for text in (old, new))
    return first if old else "", second if new else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
