"""Why an owner has the meetings it has: the limit that binds, partner by partner, in words."""

from collections import Counter
from collections.abc import Mapping
from typing import Literal

from indexer.bilingual import Bilingual
from indexer.errors import RequestError
from indexer.owners import owner_key
from matcher.planning.bookings import Bookings, Obstacle
from matcher.planning.plan import Pair, Plan

Why = Literal[
    "met", "forbidden", "full", "apart", "busy", "in-a-row", "interpreters", "table", "worth"
]

_WHY: Mapping[Why, tuple[str, str]] = {
    "met": ("đã có cuộc gặp", "are met"),
    "forbidden": ("bị loại (từ chối, đã gặp hoặc luật)", "are excluded (veto, met before, a rule)"),
    "full": ("đã đủ số cuộc gặp tối đa", "have all the meetings they may have"),
    "apart": ("không có mặt cùng lượt nào", "are never there at the same time"),
    "busy": ("kín lịch trong các lượt chung", "have no slot left in common"),
    "in-a-row": ("không còn lượt nghỉ", "would leave no rest between meetings"),
    "interpreters": ("cần phiên dịch, đã hết", "need an interpreter, and none is left"),
    "table": ("hết bàn trong các lượt còn trống", "find no table in the slots left"),
    "worth": ("không làm kế hoạch tốt hơn", "would not make the plan better"),
}
# What keeps a pair apart in every slot, in the words of this page.
_NEVER: Mapping[Obstacle, Why] = {"met": "met", "forbidden": "forbidden", "most": "full"}


def why_few(plan: Plan, owner: str) -> tuple[Bilingual, ...]:
    """“You have three meetings because …”: how many, and what keeps there from being more.

    Raises:
        RequestError: the plan knows no such owner.
    """
    key = owner_key(owner)
    bookings = Bookings(plan.event, plan.meetings)
    pairs = {
        frozenset(bookings.keys(pair)): pair for pair in plan.pairs if key in bookings.keys(pair)
    }
    got = bookings.count[key]
    if not pairs and not got and plan.event.participant(owner) is None:
        raise RequestError(
            vi=f"Kế hoạch không có “{owner}”. Chấp nhận: tên một đơn vị trong kế hoạch.",
            en=f"The plan knows no “{owner}”. Accepted: the name of an owner in the plan.",
        )
    said = [Bilingual(f"{owner} có {got} cuộc gặp.", f"{owner} has {_meetings(got)}.")]
    own = _own_limit(bookings, plan, owner, got)
    if own is not None:
        return (*said, own)
    if not pairs:
        nobody = "Không có cặp ứng viên nào.", "There is no candidate to meet."
        return (*said, Bilingual(*nobody))
    why = Counter(_why(bookings, pair) for pair in pairs.values())
    kinds = [kind for kind in _WHY if why[kind]]
    kinds.sort(key=lambda kind: (kind != "met", -why[kind]))
    vi = "; ".join(f"{why[kind]} {_WHY[kind][0]}" for kind in kinds)
    en = "; ".join(f"{why[kind]} {_WHY[kind][1]}" for kind in kinds)
    n = len(pairs)
    return (*said, Bilingual(f"Trong {n} ứng viên: {vi}.", f"Of {n} candidates: {en}."))


def _meetings(count: int) -> str:
    return "1 meeting" if count == 1 else f"{count} meetings"


def _own_limit(bookings: Bookings, plan: Plan, owner: str, got: int) -> Bilingual | None:
    """The owner's own limit, where it is reached: presence or maximum."""
    event, key = plan.event, owner_key(owner)
    free, people = len(bookings.free(key)), bookings.people(key)
    if not free:
        return Bilingual("Đơn vị này không có mặt lượt nào.", "It is there in no slot.")
    item = event.participant(owner)
    stated = item.most_meetings if item and item.most_meetings is not None else None
    if stated is not None and got >= stated:
        return Bilingual(f"Đơn vị này đặt tối đa {stated}.", f"Its own maximum is {stated}.")
    if stated is None and event.most_meetings is not None and got >= event.most_meetings:
        most = event.most_meetings
        return Bilingual(f"Sự kiện đặt tối đa {most}.", f"The event's maximum is {most}.")
    if got >= people * free:
        return Bilingual(
            f"Đơn vị này có mặt {free} lượt và gặp trong mọi lượt.",
            f"It is there in {free} {'slot' if free == 1 else 'slots'} and meets in each.",
        )
    return None


def _why(bookings: Bookings, pair: Pair) -> Why:
    """What keeps one candidate from being met."""
    never = bookings.never(pair)
    if never is not None:
        return _NEVER[never]
    one, two = bookings.keys(pair)
    both = bookings.free(one) & bookings.free(two)
    if not both:
        return "apart"
    # The obstacle nearest to a meeting: a table before an interpreter, a rest before a person.
    met = {slot: bookings.obstacle(pair, slot) for slot in both}
    open_slots = [slot for slot, obstacle in met.items() if obstacle is None]
    if any(bookings.table_for(pair, slot) is not None for slot in open_slots):
        return "worth"
    nearest: tuple[Why, ...] = ("interpreters", "in-a-row", "busy")
    return "table" if open_slots else next(why for why in nearest if why in met.values())
