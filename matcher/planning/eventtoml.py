"""An event as the TOML of an event file, so that whatever it came from, it is kept one way."""

import json
from collections.abc import Mapping
from typing import Any

from matcher.planning.event import Event


def to_toml(event: Event) -> str:
    """What `event_of_text` reads back as an equal event; what is as by default is left out."""
    content = event.model_dump(by_alias=True, exclude_defaults=True)
    plain, entries = {"name": event.name}, {}
    for key, value in content.items():
        if isinstance(value, list | tuple) and value and isinstance(value[0], Mapping):
            entries[key] = value
        else:
            plain[key] = value
    lines = _lines(plain)
    for key, values in entries.items():
        for value in values:
            lines += ["", f"[[{key}]]", *_lines(value)]
    return "\n".join(lines) + "\n"


def _lines(content: Mapping[str, Any]) -> list[str]:
    return [f"{key} = {_written(value)}" for key, value in content.items() if value is not None]


def _written(value: Any) -> str:  # noqa: ANN401 - whatever an event holds
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        inside = (f"{_text(str(k))} = {_written(v)}" for k, v in value.items() if v is not None)
        return "{ " + ", ".join(inside) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_written, value)) + "]"
    return _text(str(value))


def _text(text: str) -> str:
    # A basic string of TOML is one of JSON, but that DEL must be escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
