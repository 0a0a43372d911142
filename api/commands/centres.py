"""`cungcau centres`: the tenants of the service."""

import re
from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import lang_option, open_workspace, workspace_option
from api.console import Console
from indexer.errors import RequestError

_ID = re.compile(r"[a-z0-9](-?[a-z0-9])*")
_LONGEST = 40


def add(app: typer.Typer, console: Console) -> None:
    vi = console.language == "vi"
    group = typer.Typer(
        name="centres",
        help=(
            "Các trung tâm cùng dùng dịch vụ; mỗi trung tâm giữ hồ sơ của mình.\n\n"
            'Ví dụ: cungcau centres add da-nang --name "Trung tâm Khởi nghiệp Đà Nẵng"'
            if vi
            else "The centres that share the service, each keeping records of its own.\n\n"
            'Example: cungcau centres add da-nang --name "Trung tâm Khởi nghiệp Đà Nẵng"'
        ),
        no_args_is_help=True,
        rich_markup_mode=None,
    )

    @group.command("add", help="Thêm một trung tâm." if vi else "Add a centre.")
    def add_command(
        id_: Annotated[
            str,
            typer.Argument(
                metavar="ID",
                help="Chữ thường không dấu, chữ số, gạch nối; mã hồ sơ bắt đầu bằng mã này"
                if vi
                else "Lower-case letters, digits, hyphens; ids of records begin with it",
            ),
        ],
        name: Annotated[str, typer.Option(help="Tên đầy đủ" if vi else "Full name")] = "",
        workspace: Annotated[Path | None, workspace_option(vi)] = None,
        lang: Annotated[str | None, lang_option(vi)] = None,
    ) -> int:
        from api.actors import LOCAL_ACTOR  # noqa: PLC0415 - the service is slow to import
        from api.commands.accounts import plainly  # noqa: PLC0415
        from api.service import centres  # noqa: PLC0415

        opened = open_workspace(workspace, console)
        if not _ID.fullmatch(id_) or len(id_) > _LONGEST:
            raise RequestError(
                vi=f"Không dùng được mã trung tâm “{id_}”. Chấp nhận: 1 đến {_LONGEST} chữ thường "
                "không dấu, chữ số, gạch nối ở giữa; ví dụ: da-nang.",
                en=f"“{id_}” cannot be the id of a centre. Accepted: 1 to {_LONGEST} lower-case "
                "letters, digits, hyphens between; such as da-nang.",
            )
        with opened.catalog() as catalog, catalog.writing() as connection, plainly():
            centres.add(connection, id_, name or id_, LOCAL_ACTOR)
        console.say(f"Đã thêm trung tâm {id_}.", f"Centre {id_} added.")
        return 0

    @group.command("list", help="Liệt kê các trung tâm." if vi else "List the centres.")
    def list_command(
        json: Annotated[bool, typer.Option("--json")] = False,
        workspace: Annotated[Path | None, workspace_option(vi)] = None,
        lang: Annotated[str | None, lang_option(vi)] = None,
    ) -> int:
        from api.schemas.centres import CentreOut  # noqa: PLC0415 - slow to import
        from api.service import centres  # noqa: PLC0415

        opened = open_workspace(workspace, console)
        with opened.catalog() as catalog, catalog.reading() as connection:
            found = centres.page(connection)
        if json:
            console.json([CentreOut.model_validate(one).model_dump() for one in found])
            return 0
        for one in found:
            console.print(f"{one.id}\t{one.name}")
        console.say(f"{len(found)} trung tâm.", f"{len(found)} centres.")
        return 0

    app.add_typer(group)
