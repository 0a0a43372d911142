"""`cungcau import`: spreadsheets and JSON into the catalog."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from api.commands.common import choose, lang_option, workspace_option, workspace_path
from api.console import Console
from indexer.bilingual import Bilingual
from indexer.catalog import Change
from indexer.errors import RequestError
from indexer.importing.files import Batch, read_records
from indexer.importing.identity import apart
from indexer.importing.rejects import Reject, write_rejects
from indexer.records import RecordType, Side
from indexer.workspace import Workspace

_MOST_SHOWN = 5  # rejects told on the terminal; the rejects file has them all


def add(app: typer.Typer, console: Console) -> None:
    vi = console.language == "vi"
    example = "cungcau import cung.xlsx nhu-cau.xlsx --map 'Ghi chú=description'"

    @app.command(
        "import",
        help=(
            "Đọc bảng tính (XLSX, XLS, ODS, CSV, TSV) và JSON vào danh mục. Dòng hỏng vào tệp "
            f"dòng bị loại, dòng khác không bị ảnh hưởng.\n\nVí dụ: {example}"
            if vi
            else "Read spreadsheets (XLSX, XLS, ODS, CSV, TSV) and JSON into the catalog. A bad "
            f"row goes to the rejects file and costs no other.\n\nExample: {example}"
        ),
    )
    def import_command(
        paths: Annotated[list[Path], typer.Argument(metavar="PATH…", show_default=False)],
        side: Annotated[str | None, typer.Option(help="supply | demand")] = None,
        type_: Annotated[str | None, typer.Option("--type", help="technology | need | …")] = None,
        sheet: Annotated[str | None, typer.Option(help="Trang tính" if vi else "Sheet")] = None,
        map_: Annotated[
            list[str] | None, typer.Option("--map", metavar="HEADING=FIELD", show_default=False)
        ] = None,
        rejects: Annotated[Path | None, typer.Option(show_default=False)] = None,
        json: Annotated[bool, typer.Option("--json")] = False,
        workspace: Annotated[Path | None, workspace_option(vi)] = None,
        lang: Annotated[str | None, lang_option(vi)] = None,
    ) -> int:
        batch, change = import_files(
            workspace_path(workspace),
            paths,
            console,
            side=choose(Side, side, "--side"),
            type_=choose(RecordType, type_, "--type"),
            sheet=sheet,
            mapping=_mapping(map_ or []),
            rejects=rejects,
        )
        if json:
            console.json(_summary(batch, change))
        return 1 if batch.rejects else 0


def import_files(
    folder: Path,
    paths: Sequence[Path],
    console: Console,
    *,
    side: Side | None = None,
    type_: RecordType | None = None,
    sheet: str | None = None,
    mapping: Mapping[str, str] | None = None,
    rejects: Path | None = None,
) -> tuple[Batch, Change]:
    """Reads, stores in one transaction, writes the rejects file and tells what happened.

    The workspace in `folder` is made when the files could be read, not before.
    """
    with console.progress() as progress:
        batch = read_records(
            paths, side=side, type=type_, sheet=sheet, mapping=mapping or {}, progress=progress
        )
    workspace = Workspace.open(folder, create=True)
    rejects = rejects or workspace.path / "rejects.csv"
    write_rejects(batch.rejects, rejects)  # before anything is stored: it may not be writable
    with workspace.writing(), workspace.catalog() as catalog:
        taken = {side: catalog.ids(side.other) for side in Side}
        records, renamed = apart(batch.records, taken)
        change = catalog.apply(records)
    if renamed:
        listed = ", ".join(f"{old} → {new}" for old, new in renamed[:10])
        console.say(
            f"{len(renamed)} mã đã dùng cho phía kia; đổi thành: {listed}.",
            f"{len(renamed)} codes are used by the other side; they became: {listed}.",
        )
    for notice in batch.notices:
        console.tell(notice)
    _tell(console, batch, change, rejects)
    return batch, change


def _mapping(pairs: Sequence[str]) -> dict[str, str]:
    mapping = {}
    for pair in pairs:
        heading, equals, field = pair.rpartition("=")
        if not equals or not heading.strip() or not field.strip():
            raise RequestError(
                vi=f'--map: “{pair}” chưa đúng. Chấp nhận: "Tiêu đề cột=trường".',
                en=f'--map: “{pair}” cannot be read. Accepted: "Heading=field".',
            )
        mapping[heading.strip()] = field.strip()
    return mapping


def _tell(console: Console, batch: Batch, change: Change, rejects: Path) -> None:
    for reject in batch.rejects[:_MOST_SHOWN]:
        console.tell(_sentence(reject))
    if batch.rejects:
        count = len(batch.rejects)
        rows = len({(item.file, item.sheet, item.row) for item in batch.rejects})
        console.say(
            f"{count} giá trị bị loại, {rows} dòng không được nhập; xem đầy đủ trong {rejects}",
            f"{count} values rejected, {rows} rows left out; all of them are in {rejects}",
        )
    console.say(
        f"Danh mục phiên bản {change.version}: thêm {change.inserted}, sửa {change.updated}, "
        f"giữ nguyên {change.unchanged}.",
        f"Catalog version {change.version}: {change.inserted} inserted, {change.updated} updated, "
        f"{change.unchanged} unchanged.",
    )


def _sentence(reject: Reject) -> Bilingual:
    place = f"{reject.file} [{reject.sheet}]" if reject.sheet else reject.file
    column = f" “{reject.column}”" if reject.column else ""
    if reject.value and reject.value not in reject.reason.en:
        column += f" = “{reject.value[:80]}”"
    reason, accepted = reject.reason, reject.accepted
    return Bilingual(
        vi=f"{place} dòng {reject.row}{column}: {reason.vi}. Chấp nhận: {accepted.vi}.",
        en=f"{place} row {reject.row}{column}: {reason.en}. Accepted: {accepted.en}.",
    )


def _summary(batch: Batch, change: Change) -> dict[str, Any]:
    return {
        "inserted": change.inserted,
        "updated": change.updated,
        "unchanged": change.unchanged,
        "rejected": len(batch.rejects),
        "version": change.version,
    }
