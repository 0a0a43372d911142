"""JSON: an array of objects, an object that holds one, or one object a line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from indexer.bilingual import Bilingual
from indexer.errors import RequestError
from indexer.readers.encoding import text_lines
from indexer.readers.limits import check_size
from indexer.readers.table import Cell, Fault, Table

_MAX_COLUMNS = 2_000
_CODE = {"scheme", "version", "code"}
_ACCEPTED = Bilingual(
    vi='mỗi dòng một đối tượng JSON, ví dụ: {"title": "…", "description": "…"}',
    en='one JSON object a line, e.g. {"title": "…", "description": "…"}',
)


def read_json(path: Path) -> Table:
    """One row an object, the union of the keys as headings; nested keys are joined by blanks.

    Rows are numbered as the lines of JSON lines, as the items (from 1) of an array. Lines that
    are no JSON objects become faults. Raises RequestError where there is no object at all.
    """
    check_size(path)
    lines = text_lines(path)
    text = [line.removeprefix("\ufeff") for line in lines]
    first = next((line.strip() for line in text if line.strip()), "")
    whole = not _is_object_line(first)
    found = list(_items(path, text) if whole else _lines(text))
    rows, faults = _tabulate(path, found)
    return Table(path.name, "", rows, 0, headed=True, notices=lines.notices(), faults=faults)


def _is_object_line(line: str) -> bool:
    """JSON lines, also where the very first line is broken: it opens and closes an object."""
    return line.startswith("{") and line.rstrip(",").endswith("}") and line != "{}"


def _lines(text: list[str]) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(text, start=1):
        if line.strip():
            yield number, _decode(line.strip().rstrip(","))


def _items(path: Path, text: list[str]) -> Iterator[tuple[int, Any]]:
    value = _decode("".join(text))
    if isinstance(value, ValueError):
        raise RequestError(
            vi=f"{path.name}: không phải JSON hợp lệ ({value}). Chấp nhận: một mảng các đối tượng, "
            "hoặc mỗi dòng một đối tượng.",
            en=f"{path.name}: not valid JSON ({value}). Accepted: an array of objects, or one "
            "object a line.",
        ) from value
    if isinstance(value, dict):
        lists = [item for item in value.values() if isinstance(item, list) and item]
        value = lists[0] if len(lists) == 1 and isinstance(lists[0][0], dict) else [value]
    if not isinstance(value, list) or not value:
        raise RequestError(
            vi=f"{path.name}: không có đối tượng nào. Chấp nhận: một mảng các đối tượng JSON.",
            en=f"{path.name}: there is no object in it. Accepted: an array of JSON objects.",
        )
    yield from enumerate(value, start=1)


def _decode(text: str) -> Any:  # noqa: ANN401 - whatever the line holds
    """The value, or the ValueError that says why there is none."""
    try:
        return json.loads(text)
    except RecursionError:
        return ValueError("nested too deeply")
    except ValueError as error:
        return error


def _tabulate(
    path: Path, found: list[tuple[int, Any]]
) -> tuple[tuple[tuple[Cell, ...], ...], tuple[Fault, ...]]:
    """Row 0 holds the headings, row n what stood in line or item n."""
    columns: dict[str, int] = {}
    filled: dict[int, dict[int, Cell]] = {}
    faults = []
    for number, value in found:
        if not isinstance(value, dict):
            faults.append(_fault(number, value))
            continue
        cells = filled.setdefault(number, {})
        for key, cell in _flatten(_as_columns(value)):
            cells[columns.setdefault(key, len(columns))] = cell
        if len(columns) > _MAX_COLUMNS:
            raise RequestError(
                vi=f"{path.name}: hơn {_MAX_COLUMNS} khoá JSON khác nhau; đây không phải một danh "
                "sách bản ghi.",
                en=f"{path.name}: more than {_MAX_COLUMNS} different JSON keys; this is not a list "
                "of records.",
            )
    rows: list[tuple[Cell, ...]] = [tuple(columns)]
    for number in range(1, max(filled, default=0) + 1):
        cells = filled.get(number, {})
        width = max(cells, default=-1) + 1
        rows.append(tuple(cells.get(column, "") for column in range(width)))
    return tuple(rows), tuple(faults)


def _as_columns(value: dict[str, Any]) -> dict[str, Any]:
    """A record as this program writes it, with its structured fields as columns have them;
    anything else as it is."""
    found = dict(value)
    trl, codes, extra = (found.get(name) for name in ("trl", "codes", "extra"))
    if isinstance(trl, dict) and trl.keys() == {"low", "high"}:
        found["trl"] = f"{trl['low']}-{trl['high']}"
    if isinstance(codes, list) and all(isinstance(c, dict) and c.keys() >= _CODE for c in codes):
        del found["codes"]
        for code in codes:
            version = "" if code["version"] == "unstated" else f" {code['version']}"
            name = f"{code['scheme']}{version}"
            found[name] = f"{found[name]}; {code['code']}" if name in found else code["code"]
    if isinstance(extra, dict):
        del found["extra"]
        found = {**extra, **found}
    return found


def _flatten(value: dict[str, Any], prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Cell]]:
    for key, item in value.items():
        name = f"{prefix} {key}".strip()
        if isinstance(item, dict) and item and depth < 3:
            yield from _flatten(item, name, depth + 1)
        else:
            yield name, _cell(item)


def _cell(item: Any) -> Cell:  # noqa: ANN401
    if item is None or item in ([], {}):
        return ""
    if isinstance(item, str | bool):
        return item
    if isinstance(item, int | float):
        return item if abs(item) < 1e18 else str(item)
    if isinstance(item, list) and all(isinstance(one, str | int | float) for one in item):
        return "; ".join(str(one) for one in item)
    return json.dumps(item, ensure_ascii=False)


def _fault(number: int, value: Any) -> Fault:  # noqa: ANN401
    if isinstance(value, ValueError):
        reason = Bilingual(vi=f"dòng không phải JSON: {value}", en=f"the line is not JSON: {value}")
        return Fault(number, "", reason, _ACCEPTED)
    kind = type(value).__name__
    reason = Bilingual(vi=f"không phải đối tượng JSON mà là {kind}", en=f"not an object but {kind}")
    return Fault(number, str(value)[:200], reason, _ACCEPTED)
