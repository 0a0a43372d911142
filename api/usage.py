"""What was wrong with a command line, in both languages, with what would be accepted."""

from typing import Any

import typer
from pydantic import ValidationError

from indexer.bilingual import Bilingual


def explain_usage(error: typer.TyperException) -> Bilingual | None:
    """The sentence for a usage error; None where the error only carries the help text.

    The error classes of the command-line library are not public: they are told apart by name.
    """
    kind = type(error).__name__
    if kind == "NoArgsIsHelpError":
        return None
    english = str(getattr(error, "format_message", error.__str__)())
    context = getattr(error, "ctx", None)
    if kind == "NoSuchOption":
        name = getattr(error, "option_name", "")
        known = ", ".join(_options(context))
        return Bilingual(
            vi=f"Không có tuỳ chọn {name}. Các tuỳ chọn dùng được: {known}.",
            en=f"There is no option {name}. Accepted: {known}.",
        )
    if english.startswith("No such command"):
        name = english.removeprefix("No such command").strip(" .'\"").split("'")[0]
        known = ", ".join(_commands(context))
        return Bilingual(
            vi=f"Không có lệnh {name}. Các lệnh dùng được: {known}.",
            en=f"There is no command {name}. Accepted: {known}.",
        )
    path = getattr(context, "command_path", "cungcau")
    parameter = getattr(error, "param", None)
    name = _name(parameter) if parameter is not None else ""
    if kind == "MissingParameter":
        return Bilingual(
            vi=f"Thiếu {name}. Xem: {path} --help",
            en=f"{name} is missing. See: {path} --help",
        )
    if kind == "BadParameter" and (refused := _refused(error)) is not None:
        value, accepted = refused
        return Bilingual(
            vi=f"{name}: không nhận giá trị “{value}”. Chấp nhận: {accepted.vi}.",
            en=f"{name}: “{value}” is not accepted. Accepted: {accepted.en}.",
        )
    return Bilingual(
        vi=f"Dòng lệnh chưa đúng{' ở ' + name if name else ''}: {english} Xem: {path} --help",
        en=f"{english} See: {path} --help",
    )


def _refused(error: Exception) -> tuple[str, Bilingual] | None:
    """What was typed where a number was expected, and what would be accepted; None for other
    mistakes."""
    if not isinstance(error.__cause__, ValidationError):
        return None
    first = error.__cause__.errors()[0]
    kind, bounds = first["type"], first.get("ctx", {})
    if kind == "greater_than_equal":
        accepted = Bilingual(f"từ {bounds['ge']} trở lên", f"{bounds['ge']} or more")
    elif kind == "less_than_equal":
        accepted = Bilingual(f"đến {bounds['le']}", f"{bounds['le']} or less")
    elif kind.startswith("int"):
        accepted = Bilingual("số nguyên", "a whole number")
    else:
        return None
    return str(first["input"]), accepted


def _options(context: Any) -> list[str]:  # noqa: ANN401 - a private class of the library
    parameters = context.command.params if context is not None else []
    return [option for item in parameters for option in item.opts if option.startswith("-")]


def _commands(context: Any) -> list[str]:  # noqa: ANN401
    return sorted(context.command.commands) if context is not None else []


def _name(parameter: Any) -> str:  # noqa: ANN401
    longest = max(parameter.opts, key=len, default="")
    return longest if longest.startswith("-") else str(parameter.name).upper()
