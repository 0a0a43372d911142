"""`cungcau index`: brings the index up to the catalog."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import (
    lang_option,
    on_option,
    open_workspace,
    workers_option,
    workspace_option,
)
from api.console import Console
from indexer.catalog import Catalog
from indexer.encoder import Hardware, encoder_asked
from indexer.encoders.spread import SpreadEncoder
from indexer.errors import RequestError
from indexer.executors.choosing import LOCAL, executor_on
from indexer.index import index_made_of
from indexer.progress import Progress
from indexer.updating import IndexReport, Spread, update_index
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
        on: Annotated[str | None, on_option(vi)] = None,
        workers: Annotated[int | None, workers_option(vi)] = None,
        json: Annotated[bool, typer.Option("--json")] = False,
        workspace: Annotated[Path | None, workspace_option(vi)] = None,
        lang: Annotated[str | None, lang_option(vi)] = None,
    ) -> int:
        opened = open_workspace(workspace, console)
        if on is None and workers is None:
            report = refresh(opened, console, encoder=encoder, full=full)
        else:
            _check_on(opened)
            with executor_on(on or LOCAL, workers) as executor:
                spread = partial(SpreadEncoder, executor=executor, tell=console.tell)
                report = refresh(opened, console, encoder=encoder, full=full, spread=spread)
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


def _check_on(workspace: Workspace) -> None:
    """Raises RequestError where the records are in a store, which is filled by one process."""
    if workspace.settings.store:
        raise RequestError(
            vi="--on và --workers không dùng được khi thiết lập store có giá trị: kho "
            f"“{workspace.settings.store}” do một tiến trình ghi. Hãy bỏ hai tuỳ chọn này.",
            en="--on and --workers do not go with the setting store: one process fills "
            f"“{workspace.settings.store}”. Leave these options off.",
        )


def refresh(
    workspace: Workspace,
    console: Console,
    *,
    encoder: str | None = None,
    full: bool = False,
    spread: Spread | None = None,
) -> IndexReport:
    """Updates the index of a workspace and tells what was done; `spread` as of `update_index`."""
    with workspace.writing(), workspace.catalog() as catalog, console.progress() as progress:
        report = (
            _fill_store(workspace, catalog, encoder, full, progress)
            if workspace.settings.store
            else _update(workspace, catalog, encoder, full, spread, progress)
        )
    console.say(
        f"Chỉ mục theo danh mục phiên bản {report.version}: mã hoá {report.encoded}, "
        f"dùng lại {report.reused}, bỏ {report.removed}.",
        f"Index at catalog version {report.version}: {report.encoded} encoded, "
        f"{report.reused} reused, {report.removed} removed.",
    )
    return report


def _update(
    workspace: Workspace,
    catalog: Catalog,
    encoder: str | None,
    full: bool,
    spread: Spread | None,
    progress: Progress,
) -> IndexReport:
    settings = workspace.settings
    return update_index(
        catalog,
        workspace.index_path,
        encoder_name=encoder or encoder_asked(settings),
        full=full,
        cache=workspace.cache_path,
        hardware=Hardware(device=settings.encoder_device, batch=settings.encoder_batch),
        spread=spread,
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
