"""`cungcau personal-data`: what is held of a person, and erasing a person."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.common import lang_option, open_workspace, workspace_option
from api.console import Console

if TYPE_CHECKING:
    from api.service.erasing import Erasure


def add(app: typer.Typer, console: Console) -> None:
    vi = console.language == "vi"
    group = typer.Typer(
        name="personal-data",
        help=(
            "Dữ liệu cá nhân của một người: xuất ra, xóa.\n\n"
            "Ví dụ: cungcau personal-data export an.nguyen@vidu.vn"
            if vi
            else "Personal data of one person: export, erase.\n\n"
            "Example: cungcau personal-data export an.nguyen@example.com"
        ),
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    _add_export(group, console, vi)
    _add_erase(group, console, vi)
    app.add_typer(group)


def _subject_argument(vi: bool) -> typer.models.ArgumentInfo:
    argument: typer.models.ArgumentInfo = typer.Argument(
        metavar="SUBJECT",
        help="Địa chỉ thư điện tử hoặc số điện thoại" if vi else "E-mail address or phone number",
    )
    return argument


def _add_export(group: typer.Typer, console: Console, vi: bool) -> None:
    @group.command(
        "export",
        help="In mọi dữ liệu đang lưu về một người, dạng JSON."
        if vi
        else "Print everything that is held of a person, as JSON.",
    )
    def export_command(
        subject: Annotated[str, _subject_argument(vi)],
        workspace: Annotated[Path | None, workspace_option(vi)] = None,
        lang: Annotated[str | None, lang_option(vi)] = None,
    ) -> int:
        from api.actors import LOCAL_ACTOR  # noqa: PLC0415 - the service is slow to import
        from api.service import personaldata  # noqa: PLC0415
        from indexer.keeping.audit import Entry, append  # noqa: PLC0415
        from indexer.keeping.subjects import Subject  # noqa: PLC0415

        opened, person = open_workspace(workspace, console), Subject.of(subject)
        with opened.catalog() as catalog:
            with catalog.writing() as connection:
                append(connection, Entry(LOCAL_ACTOR.label, "person.export"))
            with catalog.reading() as connection:
                held = personaldata.gather(connection, person, None, opened.path)
        found = asdict(held)
        console.json(found)
        count = sum(map(len, found.values()))
        console.say(f"{count} mục.", f"{count} items.")
        return 0


def _add_erase(group: typer.Typer, console: Console, vi: bool) -> None:
    @group.command(
        "erase",
        help="Xóa dữ liệu của một người; --redact xóa cả trong nội dung hồ sơ."
        if vi
        else "Erase a person; --redact clears texts of records too.",
    )
    def erase_command(
        subject: Annotated[str, _subject_argument(vi)],
        redact: Annotated[bool, typer.Option("--redact")] = False,
        json: Annotated[bool, typer.Option("--json")] = False,
        workspace: Annotated[Path | None, workspace_option(vi)] = None,
        lang: Annotated[str | None, lang_option(vi)] = None,
    ) -> int:
        from api.actors import LOCAL_ACTOR  # noqa: PLC0415 - the service is slow to import
        from api.commands.accounts import plainly  # noqa: PLC0415
        from api.commands.index import refresh  # noqa: PLC0415
        from api.service import erasing  # noqa: PLC0415
        from indexer.keeping.subjects import Subject  # noqa: PLC0415

        opened, person = open_workspace(workspace, console), Subject.of(subject)
        with plainly(), opened.writing(), opened.catalog() as catalog:
            done = erasing.erase(catalog, opened.path, person, LOCAL_ACTOR, redact=redact)
        if redact and opened.index_path.exists():
            refresh(opened, console, full=True)  # the words of the texts leave the index too
        _tell(done, console)
        if json:
            console.json(asdict(done))
        return 1 if done.occurrences or done.files or not done.swept else 0


def _tell(done: "Erasure", console: Console) -> None:
    console.say(
        f"Đã xóa: {done.contacts} liên hệ, {done.people} tài khoản, {done.consents} sự đồng ý, "
        f"{done.judgements} tên người đánh giá, {done.saved_searches} tìm kiếm đã lưu, "
        f"{done.texts} đoạn văn bản, tệp của {done.runs} lượt chạy.",
        f"Erased: {done.contacts} contacts, {done.people} accounts, {done.consents} consents, "
        f"{done.judgements} names of judges, {done.saved_searches} saved searches, "
        f"{done.texts} texts, the files of {done.runs} runs.",
    )
    for one in done.occurrences:
        console.say(
            f"Hồ sơ {one.key} còn nhắc người này {one.times} lần (--redact để xóa).",
            f"Record {one.key} still names the person {one.times} times (--redact clears it).",
        )
    for name in done.files:
        console.say(
            f"Tệp {name} còn nhắc người này; hãy tự sửa hoặc xóa.",
            f"The file {name} still names the person; change or remove it yourself.",
        )
    if not done.swept:
        console.say(
            "Chưa ghi đè xong phần đã xóa vì có tiến trình đang đọc; dịch vụ làm lại mỗi giờ, hoặc "
            "hãy chạy lại lệnh này.",
            "What was erased is not overwritten yet, because somebody reads; the service tries "
            "again every hour, or run this command again.",
        )
