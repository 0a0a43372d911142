"""`cungcau pairs`: the best of every record among all of the other side, for other programs."""

from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import (
    embedded_only,
    lang_option,
    on_option,
    open_workspace,
    workers_option,
    workspace_option,
)
from api.commands.index import refresh_if_behind
from api.commands.search import check_k
from api.console import Console
from indexer.executors.choosing import LOCAL, executor_on
from indexer.workspace import Workspace
from matcher.batch.pairs import PairsReport, all_pairs


def add(app: typer.Typer, console: Console) -> None:
    vi = console.language == "vi"

    @app.command(
        "pairs",
        help=(
            "So mọi nhu cầu với mọi công nghệ, cả hai chiều, ghi ra Parquet; bị ngắt thì chạy lại "
            "là làm tiếp.\n\nVí dụ: cungcau pairs -k 10 --out cap"
            if vi
            else "Compare every need with every offer, both ways, into Parquet; interrupted, run "
            "it again and it goes on.\n\nExample: cungcau pairs -k 10 --out pairs"
        ),
    )
    def pairs_command(
        out: Annotated[Path, typer.Option(help="Thư mục kết quả" if vi else "Where to write")],
        k: Annotated[int, typer.Option("-k", help="Số ghép nối" if vi else "How many")] = 10,
        on: Annotated[str, on_option(vi)] = LOCAL,
        workers: Annotated[int | None, workers_option(vi)] = None,
        json: Annotated[bool, typer.Option("--json")] = False,
        workspace: Annotated[Path | None, workspace_option(vi)] = None,
        lang: Annotated[str | None, lang_option(vi)] = None,
    ) -> int:
        check_k(k)
        opened = open_workspace(workspace, console)
        embedded_only(opened, "pairs")
        report = write_pairs(opened, console, out, k=k, on=on, workers=workers)
        if json:
            console.json(
                {
                    "demands": report.demands,
                    "supplies": report.supplies,
                    "rows": report.rows,
                    "shards": {
                        "made": report.made,
                        "kept": report.kept,
                        "failed": list(report.failed),
                    },
                    "files": [str(path) for path in report.files],
                }
            )
        return 1 if report.failed else 0


def write_pairs(
    workspace: Workspace, console: Console, out: Path, *, k: int, on: str, workers: int | None
) -> PairsReport:
    """Makes and writes the pairs; brings the index up to the catalog first if it lags."""
    chosen = executor_on(on, workers)
    refresh_if_behind(workspace, console)
    try:
        with chosen as executor, console.progress() as progress:
            report = all_pairs(workspace, out, executor, k=k, progress=progress, tell=console.tell)
    except KeyboardInterrupt:
        console.say(
            f"Các phần đã xong nằm trong {out}; chạy lại đúng lệnh này để làm tiếp.",
            f"The shards that are done are in {out}; run the same command to go on.",
        )
        raise
    if report.failed:
        console.say(
            f"{len(report.failed)} phần không làm được vì tiến trình bị dừng nhiều lần, thường do "
            "thiếu bộ nhớ. Hãy chạy lại, có thể với --workers 1.",
            f"{len(report.failed)} shards could not be made: their workers were killed each time, "
            "mostly for want of memory. Run it again, perhaps with --workers 1.",
        )
        return report
    console.say(
        f"{report.demands} nhu cầu × {report.supplies} công nghệ: "
        f"{report.rows['demand']} dòng theo nhu cầu, {report.rows['supply']} dòng theo công nghệ; "
        f"làm {report.made} phần, dùng lại {report.kept}.",
        f"{report.demands} needs x {report.supplies} offers: {report.rows['demand']} rows by need, "
        f"{report.rows['supply']} rows by offer; {report.made} shards made, {report.kept} kept.",
    )
    console.tell_path(out)
    return report
