"""Writing a match list into a folder."""

from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from indexer.bilingual import Language
from indexer.collecting import put_off
from indexer.errors import RequestError
from indexer.progress import Progress, silent
from matcher.export.atomic import replacing, sweep
from matcher.matchlist import MatchList

NAMES = ("match-list.xlsx", "match-list.jsonl", "match-list.html")
EXCLUDED = "excluded.jsonl"


@put_off()
def write_match_list(
    match_list: MatchList,
    folder: Path,
    *,
    language: Language = "vi",
    created: datetime | None = None,
    progress: Progress = silent,
) -> tuple[Path, ...]:
    """Writes match-list.xlsx, .jsonl and .html into `folder`; returns their paths in that order.

    A list made under rules has a fourth file, excluded.jsonl: the pairs that rules kept off it.
    The folder is made if need be. The files replace older ones together, after all are
    complete; on any error the older ones stay. `language` is that of the workbook and the one
    the page opens in. `created` is the moment the files name (now, if none is given): equal
    lists with an equal `created` give equal bytes. Contact data is in none of the files.

    Raises RequestError when the folder cannot be written or the disk is full.
    """
    # Imported here: the search path loads this package and must stay light.
    from matcher.export.excluded import write_excluded  # noqa: PLC0415
    from matcher.export.jsonl import write_jsonl  # noqa: PLC0415
    from matcher.export.page import write_page  # noqa: PLC0415
    from matcher.export.workbook import write_workbook  # noqa: PLC0415

    moment = created or datetime.now().astimezone()
    names = (*NAMES, EXCLUDED) if match_list.rule_counts else NAMES
    paths = tuple(folder / name for name in names)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in paths:
            if path.is_dir():
                raise IsADirectoryError(0, "Is a directory", str(path))
        sweep(folder)
        with ExitStack() as stack:
            # Entered last, the workbook takes its name first: it is the file people leave open
            # in Excel, which on Windows refuses the name, and then the others stay as well.
            drafts = [stack.enter_context(replacing(path)) for path in paths[::-1]]
            workbook, lines, page, *kept_off = drafts[::-1]
            write_workbook(
                match_list, workbook, language=language, created=moment, progress=progress
            )
            write_jsonl(match_list.lines(), lines, progress)
            write_page(match_list, page, language=language, created=moment, progress=progress)
            for path in kept_off:
                write_excluded(match_list.excluded, path)
    except OSError as error:
        raise _unwritable(folder, error) from error
    return paths


def _unwritable(folder: Path, error: OSError) -> RequestError:
    reason = error.strerror or str(error)
    return RequestError(
        vi=f"Không ghi được danh sách ghép nối vào {folder}: {reason}. "
        "Hãy chọn thư mục khác hoặc giải phóng dung lượng đĩa.",
        en=f"Cannot write the match list into {folder}: {reason}. "
        "Choose another folder or free disk space.",
    )
