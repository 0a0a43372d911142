"""`cungcau judge`: keeps what people said of matches, to learn from."""

from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import lang_option, open_workspace, workspace_option
from api.console import Console
from indexer.errors import RequestError
from indexer.workspace import Workspace

_MOST_SHOWN = 10


def add(app: typer.Typer, console: Console) -> None:
    vi = console.language == "vi"
    example = 'cungcau judge ket-qua/match-list.xlsx --who "Ban tổ chức"'

    @app.command(
        "judge",
        help=(
            "Lưu đánh giá của mọi người về các ghép nối, để `cungcau learn` học theo.\n\n"
            f"Ví dụ: {example}"
            if vi
            else "Keep what people said of matches, for `cungcau learn` to learn from.\n\n"
            f"Example: {example}"
        ),
    )
    def judge_command(
        files: Annotated[
            list[Path] | None,
            typer.Argument(
                metavar="FILE…",
                show_default=False,
                help="match-list.xlsx đã điền điểm 0–3, hoặc bảng có cột nhu cầu, chào bán, đánh "
                "giá (0–3, chấp nhận, từ chối, đã gặp, gặp lại, hợp đồng)"
                if vi
                else "match-list.xlsx with its grades filled in, or a table with the columns need, "
                "offer, grade (0–3, accept, reject, met, follow-up, contract)",
            ),
        ] = None,
        who: Annotated[
            str,
            typer.Option(
                show_default=False,
                help="Người đánh giá; đánh giá sau của cùng một người thay đánh giá trước"
                if vi
                else "Who judged; a person's later judgement of a pair replaces the earlier",
            ),
        ] = "",
        forget: Annotated[
            str | None,
            typer.Option(
                metavar="SOURCE",
                show_default=False,
                help="Bỏ mọi đánh giá từ nguồn này (tên tệp)"
                if vi
                else "Take out every judgement of this source (a file name)",
            ),
        ] = None,
        json: Annotated[bool, typer.Option("--json")] = False,
        workspace: Annotated[Path | None, workspace_option(vi)] = None,
        lang: Annotated[str | None, lang_option(vi)] = None,
    ) -> int:
        if bool(files) == (forget is not None):
            raise RequestError(
                vi="Cần tệp đánh giá, hoặc --forget NGUỒN (không dùng cả hai).",
                en="Files of judgements are needed, or --forget SOURCE (not both).",
            )
        opened = open_workspace(workspace, console)
        if forget is not None:
            return _forget(opened, console, forget, json)
        return _judge(opened, console, files or [], who, json)


def _judge(workspace: Workspace, console: Console, files: list[Path], who: str, json: bool) -> int:
    from evaluation.judging import read_judgements  # noqa: PLC0415 - only this command reads them

    with workspace.writing(), workspace.catalog() as catalog:
        read = [read_judgements(path, catalog, who=who) for path in files]
        judgements = [one for file in read for one in file.judgements]
        stored = catalog.judge(judgements)
        kept = len(catalog.judgements())
    refused = [sentence for file in read for sentence in file.refused]
    for notice in (one for file in read for one in file.notices):
        console.tell(notice)
    for sentence in refused[:_MOST_SHOWN]:
        console.tell(sentence)
    if len(refused) > _MOST_SHOWN:
        rest = len(refused) - _MOST_SHOWN
        console.say(f"… và {rest} dòng nữa (--json).", f"… and {rest} more (--json).")
    console.say(
        f"Đã lưu {stored} đánh giá mới, {len(judgements) - stored} đã có, {len(refused)} không "
        f"dùng được; danh mục có {kept} đánh giá.",
        f"{stored} new judgements stored, {len(judgements) - stored} known already, {len(refused)} "
        f"cannot be used; the catalog has {kept}.",
    )
    if json:
        console.json(
            {
                "stored": stored,
                "known": len(judgements) - stored,
                "judgements": kept,
                "refused": [{"vi": one.vi, "en": one.en} for one in refused],
            }
        )
    return 1 if refused else 0


def _forget(workspace: Workspace, console: Console, source: str, json: bool) -> int:
    with workspace.writing(), workspace.catalog() as catalog:
        gone = catalog.forget_judgements(source)
        kept = len(catalog.judgements())
    console.say(
        f"Đã bỏ {gone} đánh giá từ “{source}”; danh mục còn {kept}.",
        f"{gone} judgements of “{source}” taken out; the catalog has {kept}.",
    )
    if json:
        console.json({"forgotten": gone, "judgements": kept})
    return 0
