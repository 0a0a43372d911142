"""YAML as an event file needs it: plain values with their lines, and nothing that runs.

Read from the parser's tree and not by a loader: so `no` stays a word, a date stays text, a key
that stands twice is an error as in TOML, and tags and aliases are refused.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from matcher.planning.unfit import Unfit

Lines = Mapping[tuple[str, int], int]
_WHOLE = re.compile(r"[-+]?\d{1,18}")
_NUMBER = re.compile(r"[-+]?(\d+\.\d*|\.\d+|\d+(?=[eE]))([eE][-+]?\d+)?")
_NOTHING = {"", "~", "null", "Null", "NULL"}
_TRUTH = {"true": True, "True": True, "false": False, "False": False}
_DEEPEST = 20


def read_yaml(text: str) -> tuple[Any, Lines]:
    """(what the file says, the line on which each key and each entry of a list begins).

    Raises:
        Unfit: no YAML, or YAML that an event file may not use; names the line.
    """
    import yaml  # noqa: PLC0415 - only for files in YAML

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        _check_forms(yaml.parse(text, Loader=loader))
        root = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = ("", "") if mark is None else (f"dòng {mark.line + 1}: ", f"line {mark.line + 1}: ")
        why = error.problem or error.context or "?"
        raise Unfit(f"{at[0]}sai cú pháp", f"{at[1]}{why}") from error
    except yaml.YAMLError as error:  # of characters: it knows no line
        said = " ".join(str(error).split())
        raise Unfit("có ký tự không được nhận", said) from error
    if root is None:
        return {}, {}
    lines: dict[tuple[str, int], int] = {}
    content = _value(root)
    if isinstance(root, yaml.MappingNode):
        for key, value in root.value:
            lines[key.value, 0] = key.start_mark.line + 1
            entries = value.value if isinstance(value, yaml.SequenceNode) else []
            for number, entry in enumerate(entries):
                lines[key.value, number] = entry.start_mark.line + 1
    return content, lines


def _check_forms(events: Iterable[Any]) -> None:
    """Refuses, before a tree is built, what could make one without end or without sense."""
    depth = 0
    for event in events:
        kind = type(event).__name__
        if kind == "AliasEvent" or getattr(event, "anchor", None):
            raise _refused("neo và tham chiếu (& *)", "anchors and aliases (& *)", event)
        if getattr(event, "tag", None):
            raise _refused(f"thẻ {event.tag}", f"the tag {event.tag}", event)
        depth += kind in ("MappingStartEvent", "SequenceStartEvent")
        depth -= kind in ("MappingEndEvent", "SequenceEndEvent")
        if depth > _DEEPEST:
            raise _refused(f"mục lồng quá {_DEEPEST} tầng", f"more than {_DEEPEST} levels", event)


def _value(node: Any) -> Any:  # noqa: ANN401 - a tree of YAML; whatever the file says
    if node.id == "scalar":
        return str(node.value) if node.style else _scalar(node.value)
    if node.id == "sequence":
        return [_value(item) for item in node.value]
    found: dict[str, Any] = {}
    for key, value in node.value:
        if key.id != "scalar":
            raise _refused("khóa không phải chữ", "a key that is no word", key)
        if key.value in found:
            raise _refused(f"khóa “{key.value}” hai lần", f"the key “{key.value}” twice", key)
        said = _value(value)
        if said is not None:  # an empty value says nothing, like a key left out
            found[key.value] = said
    return found


def _scalar(text: str) -> str | int | float | bool | None:
    if text in _NOTHING:
        return None
    if text in _TRUTH:
        return _TRUTH[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text


def _refused(vi: str, en: str, where: Any) -> Unfit:  # noqa: ANN401 - a node or an event
    line = where.start_mark.line + 1
    return Unfit(f"dòng {line}: không nhận {vi}", f"line {line}: {en} cannot be used")
