"""What a typed need states besides its problem, and what it leaves open: read from its text.

A small function over the text, without the catalog: it answers while somebody types.
"""

import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Generic, TypeVar

from api.service.industries import INDUSTRIES, PROVINCES, SPELLED
from indexer.bilingual import Bilingual
from indexer.errors import BadValue
from indexer.records import DEFAULT_TYPE, Money, Record, Side, TrlRange
from indexer.text import fold, is_unaccented_vietnamese, language_of, normalise, words
from indexer.values.money import parse_money
from matcher.amounts import say_money

_T = TypeVar("_T", bound=Hashable)

LONGEST = 20_000  # characters of a need that are read
_ENOUGH_WORDS = 8
_SYLLABLE = 7  # letters of the longest syllable there is
_NEAR = 45  # characters before an amount in which the word stands that makes it a budget

_NUMBER = r"\d[\d.,]*(?:\s\d{3})*"
_UNIT = r"(?:ty|ti|trieu|tr|nghin|ngan|billion|million|thousand|bn)"
_CURRENCY = r"(?:vnd|dong|usd|eur|euro|do la)"
_ONE = rf"(?:[$€]\s?{_NUMBER}|{_NUMBER}\s?{_UNIT}\b(?:\s{_CURRENCY}\b)?|{_NUMBER}\s?{_CURRENCY}\b)"
_AMOUNT = re.compile(
    rf"(?<![\w.,])(?:{_NUMBER}\s?(?:-|–|den|toi|to)\s?)?{_ONE}(?:\s?(?:-|–|den|toi|to)\s?{_ONE})?"
    r"(?!\s?(?:/|moi\b|mot\b|per\b|a\s))"
)
_BUDGET = re.compile(
    r"\b(?:kinh phi|ngan sach|dau tu|von|gia|chi phi|toi da|khong qua|duoi|tam|khoang|du kien|"
    r"budget|price|cost|costs|invest|spend|up to|under|at most|below|about)\b"
)
_MOST = re.compile(r"\b(?:toi da|khong qua|duoi|up to|under|at most|below|max)\s*:?\s*$")
_TRL = re.compile(
    r"\btrl\s*:?\s*(?P<least>>=|≥|>|tu|toi thieu|it nhat|min|at least|from)?\s*(?P<low>[1-9])"
    r"(?:\s*(?:-|–|den|to)\s*(?P<high>[1-9]))?(?!\d)"
)
_READY = re.compile(
    r"\b(?:trl|muc (?:do )?san sang|ap dung ngay|dung (?:duoc )?ngay|trien khai ngay|"
    r"thuong mai hoa|da (?:co )?(?:ban|tren thi truong)|chay thu|thu nghiem|dung thu|nguyen mau|"
    r"phong thi nghiem|san xuat thu|hoan thien|cung (?:nghien cuu|phat trien)|prototype|pilot|"
    r"proven|ready[ -]to|off the shelf|market[ -]ready|commercial|laboratory|lab[ -]scale|"
    r"co-?develop\w*)\b"
)
_SOMEWHERE = re.compile(
    r"\b(?:tinh|thanh pho|huyen|quan|xa|phuong|thi xa|khu cong nghiep|kcn|khu che xuat|mien bac|"
    r"mien trung|mien nam|mien tay|dong bang|tay nguyen|viet nam|vietnam|province|district|"
    r"industrial park|mekong delta|nationwide|toan quoc)\b"
)


@dataclass(frozen=True, slots=True)
class Point:
    """One thing a need may state: `found` is how it was understood, None where it is open.

    `ask` says what to add, with an example.
    """

    name: str
    label: Bilingual
    ask: Bilingual
    found: Bilingual | None = None


@dataclass(frozen=True, slots=True)
class Stated:
    """What a text was understood to state."""

    points: tuple[Point, ...]
    trl: TrlRange | None = None
    money: Money | None = None
    place: str = ""

    @property
    def open(self) -> tuple[Point, ...]:
        """What it leaves unclear."""
        return tuple(point for point in self.points if point.found is None)

    @property
    def clear(self) -> tuple[Point, ...]:
        return tuple(point for point in self.points if point.found is not None)


def stated(text: str, side: Side = Side.DEMAND) -> Stated:
    """What `text`, which stands for a record of `side`, states; of an empty one nothing is said."""
    said = normalise(text[:LONGEST]).strip()
    if not said:
        return Stated(())
    folded = fold(said)
    bare = is_unaccented_vietnamese(said) or folded == said.casefold()
    trl, money = _readiness(folded), _budget(folded)
    place = _province(said.casefold(), bare)
    values = {
        "detail": Bilingual("", "") if len(words(said)) >= _ENOUGH_WORDS else None,
        "field": _industries(said.casefold(), bare),
        "trl": _say_trl(trl, folded),
        "budget": say_money(money) if money else None,
        "place": _say_place(place, folded),
    }
    points = tuple(
        Point(name, *_POINTS[side][name], found)
        for name, found in values.items()
        if name != "detail" or found is None
    )
    return Stated(points, trl, money, place)


def asker(text: str, side: Side, known: Stated) -> Record:
    """The text as a record of its side, with what it was understood to state in its fields."""
    said = normalise(text[:LONGEST]).strip()
    return Record(
        id="query",
        side=side,
        type=DEFAULT_TYPE[side],
        description=said,
        language=language_of(said),
        trl=known.trl,
        money=known.money,
        place=known.place,
    )


def _readiness(folded: str) -> TrlRange | None:
    form = _TRL.search(folded)
    if form is None:
        return None
    low = int(form["low"])
    high = int(form["high"] or (9 if form["least"] else low))
    return TrlRange(low=min(low, high), high=max(low, high))


def _say_trl(trl: TrlRange | None, folded: str) -> Bilingual | None:
    if trl is None:
        ready = _READY.search(folded)
        return _IN_WORDS if ready else None
    levels = str(trl.low) if trl.low == trl.high else f"{trl.low}–{trl.high}"
    return Bilingual(f"TRL {levels}", f"TRL {levels}")


def _budget(folded: str) -> Money | None:
    """The first amount that a word for money to be spent stands before."""
    for form in _AMOUNT.finditer(folded):
        before = folded[max(0, form.start() - _NEAR) : form.start()]
        if _BUDGET.search(before) is None:
            continue
        written = ("<= " if _MOST.search(before) else "") + form.group()
        try:
            return parse_money(written)
        except BadValue:
            continue
    return None


def _province(said: str, bare: bool) -> str:
    return next(iter(_places().met(said, bare)), "")


def _say_place(place: str, folded: str) -> Bilingual | None:
    if place:
        return Bilingual(place, place)
    somewhere = _SOMEWHERE.search(folded)
    return _IN_WORDS if somewhere else None


def _industries(said: str, bare: bool) -> Bilingual | None:
    found = _fields().met(said, bare)[:2]
    if not found:
        return None
    return Bilingual("; ".join(one.vi for one in found), "; ".join(one.en for one in found))


class _Names(Generic[_T]):
    """Things by the words that name them, as written and as typed without accents."""

    def __init__(self, things: Mapping[str, _T]) -> None:
        # One syllable without its accents may be any of a dozen words.
        bare = {
            fold(word): thing
            for word, thing in things.items()
            if " " in word or fold(word) == word or len(word) > _SYLLABLE
        }
        self._known = (things, bare)
        self._patterns = tuple(map(_any_of, self._known))

    def met(self, said: str, bare: bool) -> list[_T]:
        """What the text names, in the order in which it does, each once."""
        found = self._patterns[bare].finditer(said)
        return list(dict.fromkeys(self._known[bare][form.group()] for form in found))


def _any_of(names: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(names, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")


@cache
def _places() -> _Names[str]:
    own = {name.casefold(): name for name in PROVINCES}
    return _Names(own | SPELLED)


@cache
def _fields() -> _Names[Bilingual]:
    return _Names({word: one.name for one in INDUSTRIES for word in one.words})


_IN_WORDS = Bilingual("đã nói bằng lời", "said in words")
_FIELD = Bilingual("Lĩnh vực", "Field")
_PLACE = Bilingual("Nơi thực hiện", "Place")
_TRL_NAME = Bilingual("Mức sẵn sàng", "Readiness")
_DETAIL = Bilingual("Chi tiết", "Detail")
# By the side the text stands for: (label, what to add).
_POINTS: Mapping[Side, Mapping[str, tuple[Bilingual, Bilingual]]] = {
    Side.DEMAND: {
        "detail": (
            _DETAIL,
            Bilingual(
                "Kể thêm vài chữ: vướng ở đâu, quy mô bao nhiêu, đã thử gì.",
                "Say a little more: what is wrong, how much of it, what was tried.",
            ),
        ),
        "field": (
            _FIELD,
            Bilingual(
                "Việc này thuộc ngành nào, với sản phẩm nào? Ví dụ: chế biến tôm đông lạnh.",
                "Which industry and product is it for? For example: frozen shrimp processing.",
            ),
        ),
        "trl": (
            _TRL_NAME,
            Bilingual(
                "Cần thứ dùng được ngay hay cùng nghiên cứu? Ví dụ: TRL từ 7.",
                "Must it be ready to use, or may it be developed together? For example: TRL 7-9.",
            ),
        ),
        "budget": (
            Bilingual("Kinh phí", "Budget"),
            Bilingual(
                "Dự kiến chi bao nhiêu? Ví dụ: kinh phí tối đa 2 tỷ đồng.",
                "How much can be spent? For example: budget up to 80,000 USD.",
            ),
        ),
        "place": (
            _PLACE,
            Bilingual(
                "Làm ở tỉnh, thành phố nào? Ví dụ: nhà máy ở Bình Dương.",
                "In which province? For example: a plant in Bình Dương.",
            ),
        ),
    },
    Side.SUPPLY: {
        "detail": (
            _DETAIL,
            Bilingual(
                "Kể thêm vài chữ: làm được gì, cho ai, cần gì để chạy.",
                "Say a little more: what it does, for whom, what it needs to run.",
            ),
        ),
        "field": (
            _FIELD,
            Bilingual(
                "Dùng cho ngành nào, sản phẩm nào? Ví dụ: chế biến tôm đông lạnh.",
                "Which industry and product is it for? For example: frozen shrimp processing.",
            ),
        ),
        "trl": (
            _TRL_NAME,
            Bilingual(
                "Đã đến đâu: phòng thí nghiệm, chạy thử, hay đang bán? Ví dụ: TRL 7.",
                "How far is it: laboratory, pilot, on sale? For example: TRL 7.",
            ),
        ),
        "budget": (
            Bilingual("Giá", "Price"),
            Bilingual(
                "Giá khoảng bao nhiêu? Ví dụ: giá từ 500 triệu đồng.",
                "What does it cost, about? For example: price about 20,000 USD.",
            ),
        ),
        "place": (
            _PLACE,
            Bilingual(
                "Bên cung ở tỉnh, thành phố nào? Ví dụ: ở Cần Thơ.",
                "In which province are you? For example: in Cần Thơ.",
            ),
        ),
    },
}
