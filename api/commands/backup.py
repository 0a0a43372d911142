"""`cungcau backup`: all of a workspace in one file, while others use it."""

from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import lang_option, open_workspace, workspace_option
from api.console import Console


def add(app: typer.Typer, console: Console) -> None:
    vi = console.language == "vi"

    @app.command(
        "backup",
        help=(
            "Sao lưu toàn bộ thư mục làm việc vào một tệp; dịch vụ vẫn chạy bình thường.\n\n"
            "Cho tên thư mục thì tệp mang tên theo giờ. Ví dụ: cungcau backup /srv/sao-luu"
            if vi
            else "Back all of the workspace up into one file, while the service runs.\n\n"
            "Into a folder the file is named by the time. Example: cungcau backup /srv/backups"
        ),
    )
    def backup_command(
        target: Annotated[Path, typer.Argument(metavar="FILE")],
        index: Annotated[
            bool,
            typer.Option(
                "--index/--no-index",
                help="Kèm chỉ mục để khôi phục xong là tìm được ngay"
                if vi
                else "With the index, so that a restored workspace searches at once",
            ),
        ] = True,
        json: Annotated[bool, typer.Option("--json")] = False,
        workspace: Annotated[Path | None, workspace_option(vi)] = None,
        lang: Annotated[str | None, lang_option(vi)] = None,
    ) -> int:
        from indexer.backup.making import backup  # noqa: PLC0415 - start-up time

        made = backup(open_workspace(workspace, console), target, index=index)
        records = made.manifest.rows["records"]
        console.say(
            f"Đã sao lưu {records} bản ghi, danh mục phiên bản {made.manifest.catalog_version}:",
            f"Backed up {records} records, catalog version {made.manifest.catalog_version}:",
        )
        console.tell_path(made.path)
        if json:
            console.json(
                {
                    "path": str(made.path),
                    "bytes": made.size,
                    "made": made.manifest.made,
                    "catalog_version": made.manifest.catalog_version,
                    "records": records,
                }
            )
        return 0
