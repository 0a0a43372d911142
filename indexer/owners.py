"""Names of organisations as they are compared: forms and abbreviations evened out."""

import re
from collections.abc import Sequence
from functools import lru_cache

from indexer.text import fold, normalise

_LONG_FORMS = {
    "htx": "hop tac xa",
    "ubnd": "uy ban nhan dan",
    "dh": "dai hoc",
    "cd": "cao dang",
    "tt": "trung tam",
    "bv": "benh vien",
    "p": "phuong",
    "q": "quan",
    "tp": "thanh pho",
    "dn": "doanh nghiep",
    "vn": "viet nam",
    "vietnam": "viet nam",
}
# What says only that it is a company, in both languages.
_FORMS = re.compile(
    r"\b(?:cong ty|cty|cong ti|tnhh|trach nhiem huu han|co phan|mot thanh vien|mtv|tap doan|"
    r"joint stock|jsc|company|ltd|limited|llc|inc|incorporated|corp|corporation|gmbh|plc|group|"
    r"pvt|private|cp)\b"
)
# What may stand after "Co."; "Co khi" is no company form but "cơ khí" typed without accents.
_AFTER_CO = frozenset({"ltd", "limited", "llc", "inc", "jsc", "plc", "pte", "pvt", "joint"})


@lru_cache(maxsize=65_536)
def owner_key(name: str) -> str:
    """The telling words of an organisation's name: "Cty TNHH Điều Lộc Sương" -> dieu loc suong."""
    words = re.findall(r"[^\W_]+", normalise(name).casefold())
    folded = [fold(word) for word in words]
    spelled = " ".join(_LONG_FORMS.get(word, word) for word in folded)
    telling = " ".join(
        _LONG_FORMS.get(word, word) for at, word in enumerate(folded) if not _english(words, at)
    )
    bare = " ".join(_FORMS.sub(" ", telling).split())
    return bare or spelled


def _english(words: Sequence[str], at: int) -> bool:
    """Whether the word is "Co." or "The", and not "cơ" or "thể", "thế", "thẻ": those have accents,
    and without them stand elsewhere in a name."""
    if words[at] == "co":
        last = at + 1 == len(words)
        return at > 0 if last else words[at + 1] in _AFTER_CO
    return words[at] == "the" and at == 0


@lru_cache(maxsize=65_536)
def owners_alike(one: str, other: str) -> float:
    """0..1 for two owner keys: 1 the same, 0 nothing shared; word order does not count."""
    from rapidfuzz import fuzz  # noqa: PLC0415 - not on the search path

    if not one or not other:
        return 0.0
    if one == other:
        return 1.0
    first, second = set(one.split()), set(other.split())
    small = min(first, second, key=len)
    whole = len(first & second) == len(small) and any(len(word) >= 4 for word in small)
    joined = fuzz.ratio(one.replace(" ", ""), other.replace(" ", "")) / 100
    return max(fuzz.token_sort_ratio(one, other) / 100, joined, 0.9 if whole else 0.0)
