"""`cungcau serve`: the HTTP service of a workspace."""

from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import embedded_only, lang_option, open_workspace, workspace_option
from api.console import Console


def add(app: typer.Typer, console: Console) -> None:
    vi = console.language == "vi"

    @app.command(
        "serve",
        help=(
            "Mở dịch vụ HTTP trên máy này; khi đã có tài khoản và allowed_hosts thì cả cho "
            "máy khác (--host 0.0.0.0).\n\nVí dụ: cungcau serve --port 8000"
            if vi
            else "Serve the workspace over HTTP on this machine; with accounts and allowed_hosts, "
            "other machines too (--host 0.0.0.0).\n\n"
            "Example: cungcau serve --port 8000"
        ),
    )
    def serve_command(
        host: Annotated[str, typer.Option()] = "127.0.0.1",
        port: Annotated[int, typer.Option()] = 8000,
        workspace: Annotated[Path | None, workspace_option(vi)] = None,
        lang: Annotated[str | None, lang_option(vi)] = None,
    ) -> int:
        from api.serve import serve  # noqa: PLC0415 - the web framework is slow to import

        # Who begins in the browser has no workspace yet: it is made here, empty.
        opened = open_workspace(workspace, console, create=True)
        embedded_only(opened, "serve")
        serve(opened, host=host, port=port, language=console.language)
        return 0
