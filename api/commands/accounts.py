"""What the commands over accounts share: passwords as people give them, refusals in plain words."""

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.console import Console
from api.problems import ProblemError
from api.service.passwords import LONGEST, SHORTEST, hashed
from indexer.errors import RequestError

_OPTIONS = {"body.organisation": "--organisation", "body.centre": "--centre"}


@contextmanager
def plainly() -> Iterator[None]:
    """Refusals of the service become errors of the command."""
    try:
        yield
    except ProblemError as problem:
        if not problem.errors:
            raise RequestError(vi=problem.detail.vi, en=problem.detail.en) from problem
        first = problem.errors[0]
        place = _OPTIONS.get(first.place, first.place)
        raise RequestError(
            vi=f"{place} “{first.value}”: {first.reason.vi}. Chấp nhận: {first.accepted.vi}.",
            en=f"{place} “{first.value}”: {first.reason.en}. Accepted: {first.accepted.en}.",
        ) from problem


def stored_password(file: Path | None, console: Console) -> str:
    """What is stored of the password in a file ("-" is stdin), or typed twice at the terminal.

    Raises:
        RequestError: the file cannot be read, or the password is too short or mistyped.
    """
    if file is None and sys.stdin.isatty():
        password = _typed(console)
    elif file is None or str(file) == "-":
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = _first_line(file)
    if not SHORTEST <= len(password) <= LONGEST:
        raise RequestError(
            vi=f"Mật khẩu cần từ {SHORTEST} đến {LONGEST} ký tự, ví dụ một câu dễ nhớ.",
            en=f"A password needs {SHORTEST} to {LONGEST} characters, such as a sentence.",
        )
    return hashed(password)


def _typed(console: Console) -> str:
    vi = console.language == "vi"
    password = getpass.getpass("Mật khẩu: " if vi else "Password: ")
    if password != getpass.getpass("Nhập lại: " if vi else "Again: "):
        raise RequestError(vi="Hai lần nhập không giống nhau.", en="The two are not the same.")
    return password


def _first_line(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig").partition("\n")[0].rstrip("\r")
    except OSError as error:
        raise RequestError(
            vi=f"Không đọc được {file}: {error.strerror}",
            en=f"{file} cannot be read: {error.strerror}",
        ) from error
    except UnicodeDecodeError as error:
        raise RequestError(
            vi=f"{file}: tệp phải được lưu bằng mã UTF-8.",
            en=f"{file}: the file must be saved as UTF-8.",
        ) from error
