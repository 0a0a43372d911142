"""`cungcau evaluate`: how good matching is on judged collections."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.common import lang_option, open_workspace, workspace_option, workspace_path
from api.console import Console
from indexer.encoder import DEFAULT_ENCODER
from indexer.errors import RequestError

if TYPE_CHECKING:
    from rich.table import Table

    from evaluation import Result
    from evaluation.collections import Collection
    from indexer.catalog import Catalog

_WIDE = 160  # columns of a table that goes to no terminal


def add(app: typer.Typer, console: Console) -> None:
    vi = console.language == "vi"
    example = "cungcau evaluate datasets/techmart-demo --system bm25 --system hybrid --out report"
    asked = (
        "Thư mục BEIR, thư mục sự kiện có judgements.tsv, hoặc bảng tính có cột nhu cầu, chào bán "
        "và điểm 0–3 (như match-list.xlsx đã điền điểm)."
        if vi
        else "BEIR folders, event folders with judgements.tsv, or spreadsheets with the columns "
        "need, offer and grade 0–3 (such as match-list.xlsx with its grades filled in)."
    )

    @app.command(
        "evaluate",
        help=(
            f"Đo chất lượng ghép nối trên dữ liệu đã có đánh giá.\n\nVí dụ: {example}"
            if vi
            else f"Measure how good matching is on judged data.\n\nExample: {example}"
        ),
    )
    def evaluate_command(
        collections: Annotated[
            list[Path] | None,
            typer.Argument(metavar="COLLECTION…", show_default=False, help=asked),
        ] = None,
        system: Annotated[
            list[str] | None,
            typer.Option(
                show_default=False,
                metavar="NAME",
                help="bm25 | lexicon | dense | hybrid | match | bm25s | tfidf | lsa | minilm | "
                "st:MODEL | rrf | txtai; dense:static, hybrid:static,weight=0.5"
                + (
                    "; lặp lại được, mặc định match nếu có hồ sơ, nếu không thì hybrid"
                    if vi
                    else "; repeatable, default match where there are records, else hybrid"
                ),
            ),
        ] = None,
        encoder: Annotated[str, typer.Option(metavar="NAME")] = DEFAULT_ENCODER,
        run: Annotated[
            list[Path] | None,
            typer.Option(
                show_default=False,
                help="Tệp run TREC của hệ thống khác, cho một bộ dữ liệu; lặp lại được"
                if vi
                else "A TREC run of another system, for one collection; repeatable",
            ),
        ] = None,
        compare: Annotated[
            tuple[Path, Path] | None,
            typer.Option(
                show_default=False,
                metavar="A.json B.json",
                help="So sánh hai results.json theo từng truy vấn"
                if vi
                else "Compare two results.json, query by query",
            ),
        ] = None,
        out: Annotated[
            Path | None,
            typer.Option(
                show_default=False,
                help="Thư mục cho report.html, results.json và tệp TREC"
                if vi
                else "A folder for report.html, results.json and TREC files",
            ),
        ] = None,
        json: Annotated[bool, typer.Option("--json")] = False,
        workspace: Annotated[Path | None, workspace_option(vi)] = None,
        lang: Annotated[str | None, lang_option(vi)] = None,
    ) -> int:
        if compare is not None:
            return _compare(console, *compare)
        if not collections:
            raise RequestError(
                vi="Cần ít nhất một bộ dữ liệu (hoặc --compare A.json B.json).",
                en="At least one collection is needed (or --compare A.json B.json).",
            )
        results = _measure(console, collections, system or [], encoder, run or [], workspace)
        from evaluation.report import table, write_report  # noqa: PLC0415

        notices = {notice.en: notice for result in results for notice in result.notices}
        for notice in notices.values():
            console.tell(notice)
        if out is not None:
            for path in write_report(results, out, language=console.language):
                console.tell_path(path)
        if json:
            console.json([result.to_json() for result in results])
        else:
            _print([table(results, console.language)])
        return 0


def _measure(
    console: Console,
    paths: Sequence[Path],
    systems: Sequence[str],
    encoder: str,
    runs: Sequence[Path],
    workspace: Path | None,
) -> "list[Result]":
    from evaluation import evaluate, load_collections  # noqa: PLC0415 - only this command measures
    from evaluation.readers.trec import read_run  # noqa: PLC0415
    from evaluation.run import judge  # noqa: PLC0415

    with _catalog(paths, workspace, console) as catalog, console.progress() as progress:
        loaded = [found for path in paths for found in load_collections(path, catalog)]
        if runs and len(loaded) != 1:
            raise RequestError(
                vi=f"--run: cần đúng một bộ dữ liệu, ở đây có {len(loaded)}.",
                en=f"--run: exactly one collection is needed, here are {len(loaded)}.",
            )
        results = [
            result
            for one in loaded
            for result in evaluate(
                [one], _asked(systems, runs, one), encoder=encoder, progress=progress
            )
        ]
        return results + [judge(loaded[0], path.stem, read_run(path, loaded[0])) for path in runs]


def _asked(systems: Sequence[str], runs: Sequence[Path], collection: "Collection") -> Sequence[str]:
    """The systems named; without any the one whose scores a match list of the records shows."""
    if systems or runs:
        return systems
    return ["match" if collection.records else "hybrid"]


@contextmanager
def _catalog(
    paths: Sequence[Path], workspace: Path | None, console: Console
) -> "Iterator[Catalog | None]":
    """The catalog that cells of a spreadsheet name, where there is a spreadsheet and a catalog."""
    there = workspace is not None or workspace_path(None).is_dir()
    if not (there and any(path.is_file() for path in paths)):
        yield None
        return
    with open_workspace(workspace, console).catalog() as catalog:
        yield catalog


def _compare(console: Console, ours: Path, theirs: Path) -> int:
    from evaluation.comparison import compare_files, table  # noqa: PLC0415

    _print([table(found, console.language) for found in compare_files(ours, theirs)])
    return 0


def _print(tables: "Sequence[Table]") -> None:
    from rich.console import Console as RichConsole  # noqa: PLC0415

    drawn = RichConsole(width=None if sys.stdout.isatty() else _WIDE)
    for each in tables:
        drawn.print(each)
