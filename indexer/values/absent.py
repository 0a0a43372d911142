"""Cells that say "nothing yet", and words that are a remark rather than a wrong value."""

import re
from functools import lru_cache

from indexer.bilingual import Bilingual
from indexer.errors import BadValue
from indexer.text import fold, normalise

_ABSENT = frozenset(
    """
    | - | -- | --- | . | ... | … | / | ? | x | n/a | na | n.a | n.a. | none | null | nil | nan |
    no | tbd | tba | tbc | unknown | not applicable | not available | not specified | not yet |
    to be determined | to be defined | to be agreed | negotiable | negotiation | by negotiation |
    contact | contact us | on request | upon request | open | any | all |
    thoa thuan | theo thoa thuan | gia thoa thuan | thuong luong | co the thuong luong |
    lien he | vui long lien he | gia lien he | bao gia | theo bao gia | bao gia sau |
    chua xac dinh | chua ro | chua co | chua biet | chua | chua cong bo | khong | khong co |
    khong xac dinh | khong ro | khong yeu cau | khong ap dung | tuy | tuy chon | tuy thoa thuan |
    dang cap nhat | cap nhat sau | se cap nhat | de trong | bo trong | trong |
    vo thoi han | khong thoi han | khong gioi han
    """.replace("\n", " ")
    .replace("  ", " ")
    .split("|")
)
_ABSENT_WORDS = frozenset(word.strip() for word in _ABSENT)


class Unclear(BadValue):
    """Not a wrong value but a remark ("tùy theo quy mô"): worth keeping as text, not rejecting."""


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """The folded text on one line, blanks collapsed: what the value parsers look at."""
    return " ".join(fold(normalise(text)).split())


def is_absent(text: str) -> bool:
    """Whether the cell says that there is no value (yet): empty, "-", "thỏa thuận", "N/A"."""
    return plain(text).strip(" .:;!*") in _ABSENT_WORDS


def unreadable(text: str, reason: Bilingual, accepted: Bilingual) -> BadValue:
    """The error for a cell nothing could be made of.

    Two words or more without a digit are a remark (`Unclear`); anything else is a wrong value.
    """
    words = re.findall(r"[^\W\d_]+", text)
    if len(words) >= 2 and not re.search(r"\d", text):
        return Unclear(reason, accepted)
    return BadValue(reason, accepted)
