"""What every command takes: the workspace, the language, a choice of words."""

import os
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import typer

from api.console import Console
from indexer.errors import RequestError
from indexer.workspace import Workspace

Choice = TypeVar("Choice", bound=StrEnum)

WORKSPACE_VARIABLE = "CUNGCAU_WORKSPACE"
DEFAULT_WORKSPACE = Path("cungcau-workspace")


def workspace_option(vi: bool) -> typer.models.OptionInfo:
    text = (
        "Thư mục làm việc (mặc định: $CUNGCAU_WORKSPACE, không có thì ./cungcau-workspace)."
        if vi
        else "Workspace folder (default: $CUNGCAU_WORKSPACE, else ./cungcau-workspace)."
    )
    option: typer.models.OptionInfo = typer.Option("--workspace", help=text, show_default=False)
    return option


def lang_option(vi: bool) -> typer.models.OptionInfo:
    text = "Ngôn ngữ: vi hoặc en." if vi else "Language: vi or en."
    option: typer.models.OptionInfo = typer.Option("--lang", help=text, show_default=False)
    return option


def on_option(vi: bool) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        "--on",
        metavar="WHERE",
        help="Nơi tính: local, ray, ray://MÁY:CỔNG"
        if vi
        else "Where to compute: local, ray, ray://HOST:PORT",
        show_default=False,
    )
    return option


def workers_option(vi: bool) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        "--workers",
        min=1,
        help="Số tiến trình (mặc định: mỗi lõi một)"
        if vi
        else "How many processes (default: one a core)",
        show_default=False,
    )
    return option


def workspace_path(given: Path | None) -> Path:
    """The workspace asked for by option, else by environment, else the default."""
    if given is not None:
        return given
    return Path(os.environ.get(WORKSPACE_VARIABLE) or DEFAULT_WORKSPACE)


def open_workspace(given: Path | None, console: Console, *, create: bool = False) -> Workspace:
    """The workspace asked for, made empty where it is not there and `create` is true; from here on
    the console speaks the language it is set to."""
    workspace = Workspace.open(workspace_path(given), create=create)
    console.prefer(workspace.settings.lang)
    return workspace


def embedded_only(workspace: Workspace, command: str) -> None:
    """Raises RequestError where the records are searched in a store outside the workspace, which
    `command` cannot do its work with."""
    if workspace.settings.store:
        raise RequestError(
            vi=f"Lệnh {command} cần chỉ mục trong thư mục làm việc, còn thiết lập store "
            f'trỏ tới kho ngoài. Đặt store = "" trong {workspace.path / "cungcau.toml"}, chạy '
            f"cungcau index, rồi cungcau {command}.",
            en=f"The command {command} needs the index in the workspace, and the setting store "
            f'names one outside it. Set store = "" in {workspace.path / "cungcau.toml"}, run '
            f"cungcau index, then cungcau {command}.",
        )


def choose(kind: type[Choice], value: str | None, option: str) -> Choice | None:
    """The member of `kind` named `value`; None for None; RequestError naming the choices."""
    if value is None:
        return None
    return kind(one_of(value, [str(member) for member in kind], option))


def one_of(value: str, accepted: Iterable[str], option: str) -> str:
    names = list(accepted)
    if value in names:
        return value
    listed = ", ".join(names)
    raise RequestError(
        vi=f"{option}: không nhận giá trị “{value}”. Chấp nhận: {listed}.",
        en=f"{option}: “{value}” is not accepted. Accepted: {listed}.",
    )
