"""The language of an answer: what the reader asked for, of the two the project speaks."""

import re

from indexer.bilingual import Language

_DEFAULT: Language = "vi"
_RANGE = re.compile(r"\s*([A-Za-z]{1,8}|\*)(?:-[\w-]*)?\s*(?:;\s*q\s*=\s*(\d(?:\.\d*)?))?\s*")


def reader_language(accept_language: str) -> Language:
    """The best language of an Accept-Language header (RFC 9110, 12.5.4); Vietnamese by default.

    Regional forms count as their language (`en-GB` is English). Of two languages wanted alike
    the first named wins.
    """
    quality: dict[str, float] = {}
    for item in accept_language.split(","):
        form = _RANGE.fullmatch(item)
        if form is None:
            continue
        name = form.group(1).casefold()
        wanted = min(float(form.group(2) or 1.0), 1.0)
        quality[name] = max(quality.get(name, 0.0), wanted)
    rest = quality.get("*", 0.0)
    vi, en = quality.get("vi", rest), quality.get("en", rest)
    if vi == en:
        both_named = [name for name in quality if name in ("vi", "en")]
        return "en" if en > 0 and both_named[:1] == ["en"] else _DEFAULT
    return "en" if en > vi else "vi"
