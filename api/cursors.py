"""Cursors: where the next page starts, opaque to the reader."""

import base64
import binascii
import json
from typing import Any

from api.problems import invalid
from indexer.bilingual import Bilingual


def encode(*parts: str | int) -> str:
    """A cursor that holds `parts`; fits a URL as it is."""
    body = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")


def decode(cursor: str, *kinds: type) -> tuple[Any, ...]:
    """The parts of a cursor, of these types.

    Raises:
        ProblemError: 422, `cursor` was not made by `encode` from such parts.
    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        parts = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (UnicodeError, binascii.Error, ValueError, RecursionError):
        parts = None
    if not isinstance(parts, list) or tuple(map(type, parts)) != kinds:
        raise invalid(
            "query.cursor",
            cursor,
            Bilingual(vi="không phải con trỏ trang", en="not a cursor"),
            Bilingual(vi="giá trị next của trang trước", en="the value of next in the page before"),
        )
    return tuple(parts)


def number(cursor: str | None) -> int | None:
    """The number in a cursor made by `encode(n)`, within what a database compares; None without.

    Raises:
        ProblemError: 422, as `decode`.
    """
    if not cursor:
        return None
    return int(min(max(decode(cursor, int)[0], 0), 2**31 - 1))
