"""`cungcau restore`: a workspace as a backup has it."""

from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import lang_option, workspace_option, workspace_path
from api.console import Console


def add(app: typer.Typer, console: Console) -> None:
    vi = console.language == "vi"

    @app.command(
        "restore",
        help=(
            "Khôi phục thư mục làm việc từ tệp sao lưu. Thư mục đang có dữ liệu thì cần "
            "--replace.\n\nVí dụ: cungcau restore cungcau-20261122-050000.zip"
            if vi
            else "Restore the workspace from a backup. One that holds data needs --replace.\n\n"
            "Example: cungcau restore cungcau-20261122-050000.zip"
        ),
    )
    def restore_command(
        backup: Annotated[Path, typer.Argument(metavar="FILE")],
        replace: Annotated[bool, typer.Option("--replace")] = False,
        json: Annotated[bool, typer.Option("--json")] = False,
        workspace: Annotated[Path | None, workspace_option(vi)] = None,
        lang: Annotated[str | None, lang_option(vi)] = None,
    ) -> int:
        from api.service.backups import restore  # noqa: PLC0415 - start-up time

        done = restore(backup, workspace_path(workspace), over=replace)
        console.say(
            f"Đã khôi phục {done.records} bản ghi của bản sao lưu {done.made}; xóa lại "
            f"{done.erased} người đã yêu cầu xóa sau đó. Mọi người cần đăng nhập lại."
            + ("" if done.index else " Lập chỉ mục: cungcau index"),
            f"Restored {done.records} records of the backup of {done.made}; erased again "
            f"{done.erased} people who had been erased since. Everybody has to sign in again."
            + ("" if done.index else " Make the index: cungcau index"),
        )
        if json:
            console.json({"made": done.made, "records": done.records, "erased": done.erased})
        return 0
