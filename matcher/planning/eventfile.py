"""Reading an event file: TOML, YAML, or a workbook with a sheet for each kind of entry."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from indexer.errors import RequestError
from matcher.planning.event import Event
from matcher.planning.eventworkbook import read_event_workbook
from matcher.planning.eventyaml import read_yaml
from matcher.planning.participant import Fixed, Met, Participant, Policy, Wish
from matcher.planning.slot import Slot
from matcher.planning.table import Room, Table
from matcher.planning.unfit import Unfit, why_unfit
from matcher.ruling.rules import Rule

_YAML = {".yaml", ".yml"}
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


def read_event(path: Path) -> Event:
    """The event of a file; RequestError names the file, the line, the value, what is accepted.

    In a workbook the sheet "event" has a key and a value in each row; the other sheets are
    called after the lists of a TOML or YAML file and have its keys as headings. Lists in a cell are
    separated by semicolons; "rooms" has one row for each way: name, to, minutes.
    """
    kind = path.suffix.lower()
    if kind in _WORKBOOKS:
        if not path.is_file():
            raise _unreadable(path, "không có tệp này", "there is no such file")
        return _validated(path, *read_event_workbook(path, _LISTS))
    language = "YAML" if kind in _YAML else "TOML"
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        why = "không có tệp này" if isinstance(error, FileNotFoundError) else "không đọc được"
        raise _unreadable(path, why, error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise _invalid(path, language, Unfit("có ký tự lạ", str(error))) from error
    return event_of_text(text, path)


def event_of_text(text: str, path: Path) -> Event:
    """The event of a text in TOML, or in YAML where the ending of `path` says so; RequestError as
    `read_event`, which calls it `path`."""
    language = "YAML" if path.suffix.lower() in _YAML else "TOML"
    try:
        if language == "YAML":
            return _validated(path, *read_yaml(text))
        content = tomllib.loads(text)
    except Unfit as error:
        raise _invalid(path, language, error) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        place = re.search(r"line (\d+), column (\d+)", str(error))
        vi = f"sai cú pháp ở dòng {place[1]}, cột {place[2]}" if place else "sai cú pháp"
        raise _invalid(path, language, Unfit(vi, str(error))) from error
    return _validated(path, content, _toml_lines(text))


def event_of(content: object, path: Path) -> Event:
    """The event of what a file would say, as JSON has it; RequestError as `read_event`."""
    return _validated(path, content, {})


def _unreadable(path: Path, vi: str, en: str) -> RequestError:
    return RequestError(
        vi=f"Không mở được tệp sự kiện {path}: {vi}. Chấp nhận: tệp TOML, YAML hoặc XLSX.",
        en=f"The event file {path} cannot be opened: {en}. Accepted: a TOML, YAML or XLSX file.",
    )


def _invalid(path: Path, language: str, why: Unfit) -> RequestError:
    example = _as_in(path, _EXAMPLES["slots"])
    return RequestError(
        vi=f"Tệp sự kiện {path} không phải {language} hợp lệ (UTF-8): {why.message.vi}. "
        f"Chấp nhận: {example}.",
        en=f"The event file {path} is not valid {language} in UTF-8: {why.message.en}. "
        f"Accepted: {example}.",
    )


def _as_in(path: Path, example: str) -> str:
    """An example of TOML in the words of the file."""
    if path.suffix.lower() not in _YAML:
        return example
    return re.sub(r"\[\[(\w+)\]\] ", r"\1: - ", example).replace(" = ", ": ")


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
    accepted = _as_in(path, _accepted(part, steps, first["type"], first.get("ctx", {})))
    if first["type"] == "missing":
        raise RequestError(
            vi=f"Tệp sự kiện {path}: thiếu {place}{at[0]}. Chấp nhận: {accepted}.",
            en=f"The event file {path}: {place} is missing{at[1]}. Accepted: {accepted}.",
        )
    if why := why_unfit(first):
        raise RequestError(
            vi=f"Tệp sự kiện {path}, mục {place}{at[0]}: {why.vi}. Chấp nhận: {accepted}.",
            en=f"The event file {path}, entry {place}{at[1]}: {why.en}. Accepted: {accepted}.",
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
