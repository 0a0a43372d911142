"""A section on any benchmark document: its lists of rows as tables, what else it has as a line."""

from collections.abc import Iterator, Mapping
from typing import Any

from evaluation.benchmarks.markdown import table

_HIDDEN = ("benchmark", "machine")


def flat_section(title: str, document: Mapping[str, Any]) -> Iterator[str]:
    """Every figure of the document under its own name; nothing is rounded that was not."""
    yield f"## {title}\n"
    single = {k: v for k, v in document.items() if k not in _HIDDEN and not _nested(v)}
    if single:
        yield ", ".join(f"{name} {_cell(value)}" for name, value in single.items()) + "\n"
    for name, value in document.items():
        if name not in _HIDDEN and _nested(value):
            yield from _tables(name, value)
    host = document.get("machine")
    if host:
        yield f"<sub>{host['cpu']}, {host['cores']} cores, {host['date']}</sub>\n"


def _nested(value: object) -> bool:
    return isinstance(value, Mapping) or (
        isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)
    )


def _tables(name: str, value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    rows = list(value) if isinstance(value, list) else [value]
    if isinstance(value, Mapping) and value and all(_nested(v) for v in value.values()):
        rows = [{"": key, **each} for key, each in value.items() if isinstance(each, Mapping)]
    flat = [_flat(row) for row in rows]
    heads = list(dict.fromkeys(key for row in flat for key in row))
    yield f"{name}:\n\n" + table(heads, [[_cell(row.get(key)) for key in heads] for row in flat])


def _flat(row: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{prefix}{key} ")
        elif not _nested(value):
            found[f"{prefix}{key}"] = value
    return found


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1_000 else f"{value:,.0f}"
    if isinstance(value, list):
        return ", ".join(_cell(each) for each in value)
    return str(value)
