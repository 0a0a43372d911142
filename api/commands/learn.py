"""`cungcau learn`: the score learns from what people said of its matches."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.common import embedded_only, lang_option, open_workspace, workspace_option
from api.commands.index import refresh_if_behind
from api.console import Console
from indexer.bilingual import Bilingual
from indexer.errors import RequestError
from indexer.index import Index
from indexer.workspace import Workspace

if TYPE_CHECKING:
    from evaluation.learning import Learned

_MOST_NAMED = 5


def add(app: typer.Typer, console: Console) -> None:
    vi = console.language == "vi"
    example = "cungcau learn --dry-run"

    @app.command(
        "learn",
        help=(
            "Điều chỉnh trọng số chấm điểm theo đánh giá đã lưu; chỉ dùng khi tốt hơn trên các nhu "
            f"cầu chưa học.\n\nVí dụ: {example}"
            if vi
            else "Move the weights of the score by the judgements kept; only where that is better "
            f"on needs not learned from.\n\nExample: {example}"
        ),
    )
    def learn_command(
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help="Chỉ báo cáo" if vi else "Report only")
        ] = False,
        undo: Annotated[
            bool,
            typer.Option(
                "--undo",
                help="Quay lại trọng số trước đó" if vi else "Go back to the weights before",
            ),
        ] = False,
        suggest: Annotated[
            int | None,
            typer.Option(
                metavar="N",
                show_default=False,
                help="Nêu N cặp nên đánh giá tiếp" if vi else "Name the N pairs to judge next",
            ),
        ] = None,
        out: Annotated[
            Path | None,
            typer.Option(
                show_default=False,
                metavar="FILE.tsv",
                help="Ghi các cặp đó thành bảng để điền điểm"
                if vi
                else "Write these pairs as a table to fill grades into",
            ),
        ] = None,
        json: Annotated[bool, typer.Option("--json")] = False,
        workspace: Annotated[Path | None, workspace_option(vi)] = None,
        lang: Annotated[str | None, lang_option(vi)] = None,
    ) -> int:
        if undo + dry_run + (suggest is not None) > 1:
            raise RequestError(
                vi="Chỉ dùng một trong --dry-run, --undo, --suggest.",
                en="Use one of --dry-run, --undo, --suggest.",
            )
        if suggest is None and out is not None:
            raise RequestError(
                vi="--out chỉ đi với --suggest N.", en="--out goes with --suggest N only."
            )
        if suggest is not None and not 1 <= suggest <= 1000:
            raise RequestError(
                vi=f"--suggest: không nhận giá trị {suggest}. Chấp nhận: 1 đến 1000.",
                en=f"--suggest: {suggest} is not accepted. Accepted: 1 to 1000.",
            )
        opened = open_workspace(workspace, console)
        if undo:
            return _undo(opened, console, json)
        embedded_only(opened, "learn")
        refresh_if_behind(opened, console)
        if suggest is not None:
            return _suggest(opened, console, suggest, out, json)
        return _learn(opened, console, dry_run, json)


def _learn(workspace: Workspace, console: Console, dry_run: bool, json: bool) -> int:
    from evaluation.learning import learn  # noqa: PLC0415 - only learning needs it

    with workspace.writing(), workspace.catalog() as catalog, console.progress() as progress:
        index = Index.open(workspace.index_path)
        learned = learn(workspace, index, catalog, keep=not dry_run, progress=progress)
    _tell(console, learned)
    if json:
        console.json(learned.to_json())
    return 1 if learned.refused else 0


def _tell(console: Console, learned: "Learned") -> None:
    if learned.judged.gone:
        console.say(
            f"{learned.judged.gone} đánh giá về hồ sơ không còn trong danh mục: không tính.",
            f"{learned.judged.gone} judgements are of records no longer in the catalog: left out.",
        )
    if disputed := learned.judged.disputed:
        named = ", ".join(f"{need} – {offer}" for need, offer in disputed[:_MOST_NAMED])
        console.say(
            f"{len(disputed)} cặp có người nhận, có người không; tính theo tỉ lệ: {named}.",
            f"{len(disputed)} pairs some would take and others not; their share counts: {named}.",
        )
    for sentence in learned.sentences():
        console.tell(sentence)


def _undo(workspace: Workspace, console: Console, json: bool) -> int:
    from matcher.learning.scoreversions import ScoreVersions  # noqa: PLC0415

    with workspace.writing():
        left, now = ScoreVersions(workspace.models_path).undo()
    name = Bilingual(f"bản {now}", f"version {now}") if now else _SHIPPED
    console.say(
        f"Đã bỏ bản {left}; đang chấm điểm theo {name.vi}.",
        f"Version {left} is no longer used; scores come from {name.en}.",
    )
    if json:
        console.json({"left": left, "version": now})
    return 0


_SHIPPED = Bilingual("trọng số gốc", "the shipped weights")


def _suggest(
    workspace: Workspace, console: Console, count: int, out: Path | None, json: bool
) -> int:
    from evaluation.learning import suggestions, write_suggestions  # noqa: PLC0415

    with workspace.catalog() as catalog, console.progress() as progress:
        index = Index.open(workspace.index_path)
        found = suggestions(workspace, index, catalog, count, progress=progress)
    if not found:
        console.say("Không còn cặp nào để đánh giá.", "There is no pair left to judge.")
    if out is not None:
        write_suggestions(found, out, console.language)
        console.tell_path(out)
    if json:
        console.json([one.to_json() for one in found])
    elif out is None:
        for one in found:
            console.print(
                f"{one.score:.2f}  [{one.need.id}] {one.need.heading()}  –  "
                f"[{one.offer.id}] {one.offer.heading()}"
            )
    return 0
