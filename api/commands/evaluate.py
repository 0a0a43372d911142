"""`cungcau evaluate`: how good matching is on judged collections."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import lang_option
from api.console import Console
from indexer.encoder import DEFAULT_ENCODER


def add(app: typer.Typer, console: Console) -> None:
    vi = console.language == "vi"
    example = "cungcau evaluate collections/xquad_vi_vi --system bm25 --system hybrid --json"

    @app.command(
        "evaluate",
        help=(
            "Đo chất lượng trên bộ dữ liệu BEIR đã có đánh giá.\n\nVí dụ: " + example
            if vi
            else "Measure quality on judged BEIR folders.\n\nExample: " + example
        ),
    )
    def evaluate_command(
        collections: Annotated[list[Path], typer.Argument(metavar="COLLECTION…")],
        system: Annotated[
            list[str] | None,
            typer.Option(show_default=False, help="bm25 | bm25-plain | dense | hybrid"),
        ] = None,
        encoder: Annotated[str, typer.Option(metavar="NAME")] = DEFAULT_ENCODER,
        out: Annotated[Path | None, typer.Option(show_default=False)] = None,
        json: Annotated[bool, typer.Option("--json")] = False,
        workspace: Annotated[Path | None, typer.Option("--workspace", hidden=True)] = None,
        lang: Annotated[str | None, lang_option(vi)] = None,
    ) -> int:
        from rich.console import Console as RichConsole  # noqa: PLC0415

        from evaluation import evaluate  # noqa: PLC0415 - only this command measures
        from evaluation.report import table, write_report  # noqa: PLC0415

        with console.progress() as progress:
            results = evaluate(
                collections, systems=system or ["hybrid"], encoder=encoder, progress=progress
            )
        for result in results:
            for notice in result.notices:
                console.tell(notice)
        if out is not None:
            for path in write_report(results, out):
                console.tell_path(path)
        if json:
            console.json([result.to_json() for result in results])
        else:
            RichConsole(width=None if sys.stdout.isatty() else 160).print(
                table(results, console.language)
            )
        return 0
