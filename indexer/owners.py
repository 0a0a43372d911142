"""Names of organisations as they are compared: forms and abbreviations evened out."""

import re
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
    r"joint stock|jsc|company|co|ltd|limited|llc|inc|incorporated|corp|corporation|gmbh|plc|group|"
    r"pvt|private|the|cp)\b"
)


@lru_cache(maxsize=65_536)
def owner_key(name: str) -> str:
    """The telling words of an organisation's name: "Cty TNHH Điều Lộc Sương" -> dieu loc suong."""
    words = re.findall(r"[^\W_]+", fold(normalise(name)))
    spelled = " ".join(_LONG_FORMS.get(word, word) for word in words)
    bare = " ".join(_FORMS.sub(" ", spelled).split())
    return bare or spelled


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
