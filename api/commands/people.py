"""`cungcau people`: who has an account; the first administrator is made here."""

import re
from pathlib import Path
from typing import Annotated, Any

import sqlalchemy as sa
import typer

from api.commands.common import choose, lang_option, open_workspace, workspace_option
from api.console import Console
from indexer.catalog import Catalog
from indexer.errors import RequestError

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def add(app: typer.Typer, console: Console) -> None:
    vi = console.language == "vi"
    group = typer.Typer(
        name="people",
        help=(
            "Tài khoản người dùng của dịch vụ: thêm, liệt kê, khóa, đổi mật khẩu.\n\n"
            "Ví dụ: cungcau people add lan@vien.example --role administrator"
            if vi
            else "Accounts of the service: add, list, disable, change passwords.\n\n"
            "Example: cungcau people add lan@vien.example --role administrator"
        ),
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    _add_add(group, console, vi)
    _add_list(group, console, vi)
    _add_disable(group, console, vi)
    _add_password(group, console, vi)
    app.add_typer(group)


def _add_add(group: typer.Typer, console: Console, vi: bool) -> None:
    @group.command("add", help="Thêm một người dùng." if vi else "Add a person.")
    def add_command(
        email: Annotated[str, typer.Argument(metavar="EMAIL")],
        role: Annotated[
            str,
            typer.Option(
                help="administrator (toàn hệ thống), organiser (trung tâm), owner (có công nghệ), "
                "enterprise (có nhu cầu), reader (chỉ đọc)"
                if vi
                else "administrator (of all), organiser (of a centre), owner (of offers), "
                "enterprise (with needs), reader"
            ),
        ],
        name: Annotated[str, typer.Option(help="Họ tên" if vi else "Full name")] = "",
        centre: Annotated[
            str, typer.Option(help="Mã trung tâm" if vi else "Id of the centre")
        ] = "",
        organisation: Annotated[
            str,
            typer.Option(
                help="Tên hoặc mã tổ chức; tên mới thì tạo"
                if vi
                else "Name or id of the organisation; a new name is made"
            ),
        ] = "",
        password_file: Annotated[Path | None, _password_file(vi)] = None,
        no_password: Annotated[
            bool,
            typer.Option(
                "--no-password",
                help="Chỉ đăng nhập qua OpenID Connect" if vi else "Signs in by OpenID Connect",
            ),
        ] = False,
        workspace: Annotated[Path | None, workspace_option(vi)] = None,
        lang: Annotated[str | None, lang_option(vi)] = None,
    ) -> int:
        from api.actors import LOCAL_ACTOR, Role  # noqa: PLC0415 - the service is slow to import
        from api.commands.accounts import plainly, stored_password  # noqa: PLC0415
        from api.service import people  # noqa: PLC0415

        opened = open_workspace(workspace, console)
        kind = choose(Role, role, "--role") or Role.READER
        if not _EMAIL.fullmatch(email):
            raise RequestError(
                vi=f"“{email}” không phải địa chỉ thư điện tử. Ví dụ: lan@vien.example",
                en=f"“{email}” is not an e-mail address. Example: lan@vien.example",
            )
        password = "" if no_password else stored_password(password_file, console)
        with opened.catalog() as catalog, catalog.writing() as connection, plainly():
            known = _organisation(connection, centre, organisation) if organisation else ""
            wanted = people.Wanted(email, kind, name, centre, known, password=password)
            made = people.add(connection, wanted, LOCAL_ACTOR)
        console.say(f"Đã tạo tài khoản {email} ({kind}).", f"Account {email} ({kind}) made.")
        console.print(made.id)
        return 0


def _add_list(group: typer.Typer, console: Console, vi: bool) -> None:
    @group.command("list", help="Liệt kê người dùng." if vi else "List people.")
    def list_command(
        json: Annotated[bool, typer.Option("--json")] = False,
        workspace: Annotated[Path | None, workspace_option(vi)] = None,
        lang: Annotated[str | None, lang_option(vi)] = None,
    ) -> int:
        from api.actors import LOCAL_ACTOR  # noqa: PLC0415 - the service is slow to import
        from api.schemas.people import PersonOut  # noqa: PLC0415
        from api.service import people  # noqa: PLC0415

        opened = open_workspace(workspace, console)
        with opened.catalog() as catalog, catalog.reading() as connection:
            found = people.page(connection, LOCAL_ACTOR)
        if json:
            console.json([PersonOut.model_validate(one).model_dump(mode="json") for one in found])
            return 0
        for one in sorted(found, key=lambda one: (one.centre, one.email)):
            state = one.disabled and ("đã khóa" if console.language == "vi" else "disabled")
            console.print("\t".join((one.email, one.role, one.centre, one.name, state)))
        console.say(f"{len(found)} người dùng.", f"{len(found)} people.")
        return 0


def _add_disable(group: typer.Typer, console: Console, vi: bool) -> None:
    @group.command(
        "disable",
        help="Khóa một tài khoản: hết phiên đăng nhập, khóa API không dùng được nữa."
        if vi
        else "Disable an account: its sessions end, its keys are refused.",
    )
    def disable_command(
        email: Annotated[str, typer.Argument(metavar="EMAIL")],
        undo: Annotated[
            bool, typer.Option("--undo", help="Mở lại" if vi else "Enable it again")
        ] = False,
        workspace: Annotated[Path | None, workspace_option(vi)] = None,
        lang: Annotated[str | None, lang_option(vi)] = None,
    ) -> int:
        opened = open_workspace(workspace, console)
        with opened.catalog() as catalog:
            _change(catalog, email, {"disabled": not undo})
        if undo:
            console.say(f"Đã mở lại tài khoản {email}.", f"Account {email} enabled.")
        else:
            console.say(f"Đã khóa tài khoản {email}.", f"Account {email} disabled.")
        return 0


def _add_password(group: typer.Typer, console: Console, vi: bool) -> None:
    @group.command(
        "password",
        help="Đặt mật khẩu mới; mọi phiên đăng nhập kết thúc."
        if vi
        else "Set a new password; all sessions end.",
    )
    def password_command(
        email: Annotated[str, typer.Argument(metavar="EMAIL")],
        password_file: Annotated[Path | None, _password_file(vi)] = None,
        workspace: Annotated[Path | None, workspace_option(vi)] = None,
        lang: Annotated[str | None, lang_option(vi)] = None,
    ) -> int:
        from api.commands.accounts import stored_password  # noqa: PLC0415 - slow to import

        opened = open_workspace(workspace, console)
        with opened.catalog() as catalog:
            _change(catalog, email, {"password": stored_password(password_file, console)})
        console.say(f"Đã đổi mật khẩu của {email}.", f"The password of {email} is changed.")
        return 0


def _password_file(vi: bool) -> typer.models.OptionInfo:
    text = (
        "Tệp có mật khẩu ở dòng đầu, - là stdin; không ghi thì hỏi trên màn hình"
        if vi
        else "A file with the password in its first line, - is stdin; asked for without"
    )
    option: typer.models.OptionInfo = typer.Option(
        "--password-file", metavar="FILE", help=text, show_default=False
    )
    return option


def _organisation(connection: sa.Connection, centre: str, asked: str) -> str:
    """The id of the organisation of that name or id in the centre; a new name is added."""
    from api.actors import LOCAL_ACTOR  # noqa: PLC0415 - the service is slow to import
    from api.service import organisations  # noqa: PLC0415

    found = organisations.named(connection, centre, asked)
    if found is None and re.fullmatch("[0-9a-f]{16}", asked):
        return asked  # an id, which adding the person checks
    if found is None:
        found = organisations.add(connection, centre, " ".join(asked.split()), "", LOCAL_ACTOR)
    return found.id


def _change(catalog: Catalog, email: str, changes: dict[str, Any]) -> None:
    from api.actors import LOCAL_ACTOR  # noqa: PLC0415 - the service is slow to import
    from api.commands.accounts import plainly  # noqa: PLC0415
    from api.service import people  # noqa: PLC0415

    with catalog.writing() as connection, plainly():
        person = people.with_address(connection, email)
        if person is None:
            raise RequestError(
                vi=f"Không có tài khoản {email}. Xem: cungcau people list",
                en=f"There is no account {email}. See: cungcau people list",
            )
        people.change(connection, person.id, changes, LOCAL_ACTOR, person.etag)
