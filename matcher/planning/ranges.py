"""Numbers as an organiser writes them: "1-5,8"."""

import re
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from matcher.planning.unfit import Unfit

_PART = re.compile(r"^(\d{1,4})(?:\s*[-–]\s*(\d{1,4}))?$")


@lru_cache(maxsize=4096)
def numbers(text: str) -> frozenset[int]:
    """The numbers of "1-5,8"; nothing for an empty text. Unfit names what is no range."""
    found: set[int] = set()
    for part in text.replace(";", ",").split(","):
        if not part.strip():
            continue
        match = _PART.match(part.strip())
        if match is None:
            raise _no_range(part.strip())
        first = int(match[1])
        last = int(match[2] or first)
        if first < 1 or last < first:
            raise _no_range(part.strip())
        found.update(range(first, last + 1))
    return frozenset(found)


def _no_range(part: str) -> Unfit:
    return Unfit(
        f"{part!r} không phải dãy số lượt như 1-5,8",
        f"{part!r} is no range of slot numbers such as 1-5,8",
    )


def _checked(text: str) -> str:
    numbers(text)
    return text


def _written(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


# "1-5,8"; a single slot may stand as a number.
Ranges = Annotated[str, BeforeValidator(_written), AfterValidator(_checked)]
