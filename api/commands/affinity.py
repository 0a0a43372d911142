"""`cungcau affinity`: how well every owner's papers fit every submission."""

from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import lang_option
from api.console import Console
from indexer.encoder import DEFAULT_ENCODER
from indexer.errors import RequestError


def add(app: typer.Typer, console: Console) -> None:
    vi = console.language == "vi"
    example = (
        "cungcau affinity --archives archives --submissions submissions.json --out scores.json"
    )

    @app.command(
        "affinity",
        help=(
            "Chấm mức phù hợp của từng chuyên gia với từng bản thảo (định dạng OpenReview)."
            if vi
            else "Score every expert for every submission (OpenReview's layout)."
        )
        + ("\n\nVí dụ: " if vi else "\n\nExample: ")
        + example,
    )
    def affinity_command(
        archives: Annotated[
            Path,
            typer.Option(
                metavar="DIR",
                help="Thư mục các tệp ~id.jsonl" if vi else "Folder of ~id.jsonl files",
            ),
        ],
        submissions: Annotated[
            Path,
            typer.Option(
                metavar="FILE",
                help="Các bản thảo: JSON hoặc JSON lines"
                if vi
                else "The submissions: JSON or JSON lines",
            ),
        ],
        out: Annotated[
            Path,
            typer.Option(metavar="FILE", help="Tệp điểm, JSON" if vi else "Scores, JSON"),
        ],
        encoder: Annotated[str, typer.Option(metavar="NAME")] = DEFAULT_ENCODER,
        workspace: Annotated[Path | None, typer.Option("--workspace", hidden=True)] = None,
        lang: Annotated[str | None, lang_option(vi)] = None,
    ) -> int:
        from indexer.encoder import check_encoder_name  # noqa: PLC0415
        from matcher.affinity import affinity, write_affinity  # noqa: PLC0415 - slow to import
        from matcher.expertise import read_expertise  # noqa: PLC0415

        check_encoder_name(encoder)
        _prepare(out, submissions)
        with console.progress() as progress:
            given = read_expertise(archives, submissions, progress)
            found = affinity(given.archives, given.submissions, encoder=encoder, progress=progress)
            write_affinity(found, out)
        for notice in given.notices:
            console.tell(notice)
        many, asked = len(found.owners), len(found.submissions)
        console.say(
            f"Đã chấm {many} chuyên gia × {asked} bản thảo:",
            f"{many} owners × {asked} submissions scored:",
        )
        console.tell_path(out)
        return 0


def _prepare(out: Path, submissions: Path) -> None:
    """What would cost minutes of work if it only failed at the end."""
    from matcher.affinity import unwritable  # noqa: PLC0415 - slow to import

    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        if out.is_dir():
            raise IsADirectoryError(0, "Is a directory", str(out))
    except OSError as error:
        raise unwritable(out, error) from error
    if out.exists() and submissions.exists() and out.samefile(submissions):
        raise RequestError(
            vi=f"--out: “{out}” cũng là tệp bản thảo. Chấp nhận: một tệp khác.",
            en=f"--out: “{out}” is the file of submissions as well. Accepted: another file.",
        )
