"""Numbers as an organiser writes them: "1-5,8"."""

import re
from functools import lru_cache

_PART = re.compile(r"^(\d{1,4})(?:\s*[-–]\s*(\d{1,4}))?$")


@lru_cache(maxsize=4096)
def numbers(text: str) -> frozenset[int]:
    """The numbers of "1-5,8"; nothing for an empty text. ValueError names what is no range."""
    found: set[int] = set()
    for part in text.replace(";", ",").split(","):
        if not part.strip():
            continue
        match = _PART.match(part.strip())
        if match is None:
            raise ValueError(f"{part.strip()!r} is no range of slot numbers such as 1-5,8")
        first = int(match[1])
        last = int(match[2] or first)
        if first < 1 or last < first:
            raise ValueError(f"{part.strip()!r} is no range of slot numbers such as 1-5,8")
        found.update(range(first, last + 1))
    return frozenset(found)
