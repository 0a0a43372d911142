"""`cungcau index`: brings the index up to the catalog."""

from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import lang_option, open_workspace, workspace_option
from api.console import Console
from indexer.catalog import Catalog
from indexer.encoder import Hardware, encoder_asked
from indexer.index import IndexReport, index_made_of, update_index
from indexer.progress import Progress
from indexer.workspace import Workspace


def add(app: typer.Typer, console: Console) -> None:
    vi = console.language == "vi"

    @app.command(
        "index",
        help=(
            "Cập nhật chỉ mục theo danh mục; chỉ mã hoá lại phần thay đổi.\n\n"
            "Ví dụ: cungcau index --encoder static --full"
            if vi
            else "Bring the index up to the catalog; only what changed is encoded again.\n\n"
            "Example: cungcau index --encoder static --full"
        ),
    )
    def index_command(
        encoder: Annotated[
            str | None,
            typer.Option(
                metavar="NAME",
                show_default=False,
                help="contextual, static, lsa, hoặc tên/đường dẫn mô hình sentence-transformers"
                if vi
                else "contextual, static, lsa, or the name or path of a model",
            ),
        ] = None,
        full: Annotated[
            bool, typer.Option("--full", help="Làm lại từ đầu" if vi else "Start from nothing")
        ] = False,
        json: Annotated[bool, typer.Option("--json")] = False,
        workspace: Annotated[Path | None, workspace_option(vi)] = None,
        lang: Annotated[str | None, lang_option(vi)] = None,
    ) -> int:
        report = refresh(open_workspace(workspace, console), console, encoder=encoder, full=full)
        if json:
            console.json(
                {
                    "version": report.version,
                    "encoded": report.encoded,
                    "reused": report.reused,
                    "removed": report.removed,
                    "seconds": round(report.seconds, 3),
                }
            )
        return 0


def refresh(
    workspace: Workspace, console: Console, *, encoder: str | None = None, full: bool = False
) -> IndexReport:
    """Updates the index of a workspace and tells what was done."""
    with workspace.writing(), workspace.catalog() as catalog, console.progress() as progress:
        report = (
            _fill_store(workspace, catalog, encoder, full, progress)
            if workspace.settings.store
            else _update(workspace, catalog, encoder, full, progress)
        )
    console.say(
        f"Chỉ mục theo danh mục phiên bản {report.version}: mã hoá {report.encoded}, "
        f"dùng lại {report.reused}, bỏ {report.removed}.",
        f"Index at catalog version {report.version}: {report.encoded} encoded, "
        f"{report.reused} reused, {report.removed} removed.",
    )
    return report


def _update(
    workspace: Workspace, catalog: Catalog, encoder: str | None, full: bool, progress: Progress
) -> IndexReport:
    settings = workspace.settings
    return update_index(
        catalog,
        workspace.index_path,
        encoder_name=encoder or encoder_asked(settings),
        full=full,
        cache=workspace.cache_path,
        hardware=Hardware(device=settings.encoder_device, batch=settings.encoder_batch),
        progress=progress,
    )


def _fill_store(
    workspace: Workspace, catalog: Catalog, encoder: str | None, full: bool, progress: Progress
) -> IndexReport:
    from indexer.stores.following import follow  # noqa: PLC0415 - only where a store is set
    from indexer.stores.opening import open_store, store_address  # noqa: PLC0415

    address = store_address(workspace)
    store = open_store(workspace, address, encoder, full=full)
    try:
        return follow(store, catalog, address.name, progress)
    finally:
        store.close()


def refresh_if_behind(workspace: Workspace, console: Console) -> None:
    """Updates the index where the catalog, or the encoder the settings ask for, is another."""
    made_of = index_made_of(workspace.index_path)
    asked = encoder_asked(workspace.settings)
    with workspace.catalog() as catalog:
        version = catalog.version
    if made_of is None or made_of != (version, asked or made_of[1]):
        refresh(workspace, console)
