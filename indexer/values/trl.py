"""Technology readiness from words: "7", "TRL7", "7-8", "TRL>=7", "Mức 5", or a level's name."""

import re
from datetime import date
from functools import lru_cache

from indexer.bilingual import Bilingual
from indexer.errors import BadValue
from indexer.records import TrlRange
from indexer.values.absent import Unclear, is_absent, plain, unreadable

ACCEPTED = Bilingual(
    vi="mức từ 1 đến 9, ví dụ: 7 · TRL 7 · 7-8 · TRL>=7, hoặc tên mức, ví dụ: xác thực trong "
    "phòng thí nghiệm",
    en="a level from 1 to 9, e.g. 7 · TRL 7 · 7-8 · TRL>=7, or a level's name, e.g. validated in "
    "laboratory",
)

_WORDS = re.compile(
    r"\b(?:trl|muc|cap|level|do|san sang|cong nghe|dat|o|readiness)\b\s*:?|trl(?=\d)"
)
_LEVELS = re.compile(
    r"^(?P<least>>=|≥|>|=>|tu|toi thieu|it nhat|tren|min(?:imum)?|at least|from|above)?"
    r"(?P<most><=|≤|<|=<|toi da|khong qua|duoi|den|max(?:imum)?|at most|up to|below)?"
    r"\s*=?\s*(?P<low>\d+)(?:[.,]0+)?"
    r"(?:\s*(?:-|–|—|~|/|,|;|&|den|toi|to|va|and|hoac|or)\s*(?P<high>\d+)(?:[.,]0+)?)?"
    r"\s*(?P<more>\+|tro len|or (?:higher|above|more)|and (?:higher|above|more))?"
    r"(?:\s*[-–—:.(,;]\s*[^\d]*)?$"
)

# Longest and most specific phrases first: "operational environment" stands in levels 7 and 9.
# A pilot is between the demonstration in relevant and in operational environment.
_PILOT = re.compile(r"\bpilot\b|san xuat thu|thu nghiem quy mo")
_NAMES: tuple[tuple[int, tuple[str, ...]], ...] = (
    (9, ("he thong thuc te", "actual system", "flight proven", "thuong mai hoa", "commercial",
         "already on the market", "da co tren thi truong", "full market")),
    (8, ("he thong hoan chinh", "system complete", "complete and qualified",
         "hoan thien he thong")),
    (7, ("trong moi truong van hanh", "in operational environment", "in an operational environment",
         "moi truong thuc te", "field tested", "operational demonstration")),
    (6, ("trinh dien trong moi truong lien quan", "demonstrated in relevant",
         "demonstration in relevant", "demonstrated in a relevant", "demonstration in a relevant",
         "trinh dien mo hinh", "available for demonstration")),
    (5, ("trong moi truong lien quan", "in relevant environment", "in a relevant environment")),
    (4, ("phong thi nghiem", "laborator", "in lab", "lab tested", "lab scale")),
    (3, ("bang chung khai niem", "chung minh khai niem", "kiem chung khai niem",
         "proof of concept", "proof-of-concept", "experimental proof")),
    (2, ("khai niem cong nghe", "technology concept", "concept formulated", "concept stage",
         "hinh thanh khai niem", "y tuong")),
    (1, ("nguyen ly co ban", "nguyen li co ban", "basic principle")),
)  # fmt: skip


def parse_trl(value: str | int | float | date, *, heading: str = "TRL") -> TrlRange | None:
    """The level or levels a cell states, or None where it states none.

    heading: a heading that does not say TRL ("Stage of development") invites words, so that
    words nobody can place on the scale are a remark there and not an error.

    A date is a "7-8" that the spreadsheet program took for a day and a month: day and month
    are the two levels. Raises BadValue (Unclear for remarks) with what would be accepted.
    """
    if isinstance(value, date):
        ends = sorted((value.day, value.month))
        return _range(ends[0], ends[1], value.isoformat())
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _parse(str(value), "trl" in plain(heading))


@lru_cache(maxsize=4096)
def _parse(text: str, strict: bool) -> TrlRange | None:
    if is_absent(text):
        return None
    body = plain(text)
    if re.match(r"[-−]\s*\d", body):
        raise _outside(text)
    body_only = " ".join(_WORDS.sub(" ", body).split()).strip(" .:-–—")
    levels = _LEVELS.match(body_only)
    if levels:
        return _counted(levels, text)
    for level, names in _NAMES:
        if any(name in body for name in names):
            return TrlRange(low=level, high=level)
    if _PILOT.search(body):
        return TrlRange(low=6, high=7)
    shown = text if len(text) <= 60 else text[:59] + "…"
    reason = Bilingual(
        vi=f"không đọc được mức sẵn sàng công nghệ “{shown}”",
        en=f"cannot read the technology readiness level “{shown}”",
    )
    if not strict and "trl" not in body and re.search(r"[^\W\d_]{3}", body):
        raise Unclear(reason, ACCEPTED)
    raise unreadable(body_only, reason, ACCEPTED)


def _counted(levels: re.Match[str], text: str) -> TrlRange:
    low, high = int(levels["low"][:4]), int((levels["high"] or levels["low"])[:4])
    if "/" in levels.group() and high == 9:
        high = low  # "7/9" says level 7 on the scale of 9
    if low > high:
        if "," in levels.group() or "." in levels.group():
            raise _outside(text)  # "7,5" is half a level, not a range
        low, high = high, low
    if (levels["least"] and not levels["high"]) or levels["more"]:
        strict = levels["least"] in (">", "tren", "above")
        return _range(low + strict, 9, text)
    if levels["most"]:
        strict = levels["most"] in ("<", "duoi", "below")
        return _range(1, high - strict, text)
    return _range(low, high, text)


def _range(low: int, high: int, text: str) -> TrlRange:
    if not (1 <= low <= high <= 9):
        raise _outside(text)
    return TrlRange(low=low, high=high)


def _outside(text: str) -> BadValue:
    return BadValue(
        Bilingual(
            vi=f"mức sẵn sàng công nghệ “{text[:60]}” nằm ngoài thang 1–9",
            en=f"technology readiness level “{text[:60]}” is outside the scale 1–9",
        ),
        ACCEPTED,
    )
