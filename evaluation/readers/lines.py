"""Lines of text files, numbered as people count them, and the errors that name one."""

from collections.abc import Iterator
from pathlib import Path

from indexer.errors import RequestError


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """(1-based number, text) of every line that is not blank.

    Raises RequestError where the file cannot be read or a line is not UTF-8.
    """
    number = 0
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, start=1):
                line = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip("\r\n")
                if line.strip():
                    yield number, line
    except UnicodeDecodeError:
        raise at_line(path, number, "không phải là UTF-8", "is not UTF-8") from None
    except OSError as error:
        raise RequestError(
            vi=f"Không đọc được tệp “{path}”: {error.strerror}.",
            en=f"The file “{path}” cannot be read: {error.strerror}.",
        ) from error


def at_line(path: Path, number: int, vi: str, en: str) -> RequestError:
    """The error of one line of a file."""
    return RequestError(vi=f"{path}, dòng {number}: {vi}.", en=f"{path}, line {number}: {en}.")
