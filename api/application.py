"""The commands put together, and what becomes of their errors."""

from collections.abc import Sequence
from typing import Annotated

import typer

from api.commands import add_commands
from api.commands.common import lang_option
from api.console import Console
from api.usage import explain_usage
from indexer.bilingual import Language
from indexer.errors import CungcauError

_CTRL_C = 130  # what Typer makes of KeyboardInterrupt, and no command of ours returns


def build_app(
    language: Language, asked: str | None = None, *, asked_language: bool = False
) -> typer.Typer:
    """The application with its help texts in `language`; `asked` is the first word given."""
    app = typer.Typer(
        name="cungcau",
        help=_say(
            language,
            "Kết nối cung – cầu công nghệ: hai bảng tính vào, danh sách ghép nối có lý do ra.",
            "Matches technology supply and demand: two spreadsheets in, a match list out.",
        ),
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    console = Console(language, asked=asked_language)

    # With a callback the application stays a group, even where it holds one command.
    @app.callback()
    def root(lang: Annotated[str | None, lang_option(language == "vi")] = None) -> None:
        pass

    add_commands(app, console, asked)
    return app


def run(args: Sequence[str], language: Language, *, asked_language: bool = False) -> int:
    """Runs one command; returns its exit code. KeyboardInterrupt is the caller's."""
    console = Console(language)
    try:
        app = build_app(language, next(iter(args), None), asked_language=asked_language)
        command = typer.main.get_command(app)
        code = int(command(list(args), prog_name="cungcau", standalone_mode=False) or 0)
    except typer.TyperException as error:
        return _usage(error, console)
    except CungcauError as error:
        console.tell(error.message)
        return error.exit_code
    if code == _CTRL_C:
        raise KeyboardInterrupt
    return code


def _usage(error: typer.TyperException, console: Console) -> int:
    message = explain_usage(error)
    if message is None:
        console.print(str(error))  # no arguments: the help text
        return 2
    console.tell(message)
    return 2


def _say(language: Language, vi: str, en: str) -> str:
    return vi if language == "vi" else en
