"""Why an owner has the meetings it has: the limit that binds, partner by partner, in words."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
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
# The same said of one candidate alone.
_ALONE: Mapping[Why, tuple[str, str]] = {
    "met": ("đã có cuộc gặp", "they meet"),
    "forbidden": ("bị loại (từ chối, đã gặp hoặc luật)", "excluded (veto, met before, a rule)"),
    "full": (
        "một trong hai bên đã đủ số cuộc gặp tối đa",
        "one of the two has all the meetings it may have",
    ),
    "apart": ("hai bên không có mặt cùng lượt nào", "the two are never there at the same time"),
    "busy": ("hai bên kín lịch trong các lượt chung", "the two have no slot left in common"),
    "in-a-row": ("một bên sẽ không còn lượt nghỉ", "one of them would have no rest"),
    "interpreters": ("cần phiên dịch, đã hết", "needs an interpreter, and none is left"),
    "table": ("hết bàn trong các lượt cả hai còn trống", "no table in the slots both have left"),
    "worth": ("còn chỗ, nhưng không làm kế hoạch tốt hơn", "possible, but no better for the plan"),
}
# What keeps a pair apart in every slot, in the words of this page.
_NEVER: Mapping[Obstacle, Why] = {"met": "met", "forbidden": "forbidden", "most": "full"}


def why_few(plan: Plan, owner: str) -> tuple[Bilingual, ...]:
    """“You have three meetings because …”: how many, and what keeps there from being more.

    Raises:
        RequestError: the plan knows no such owner.
    """
    return next(why_each(plan, [owner]))


def why_each(plan: Plan, owners: Iterable[str]) -> Iterator[tuple[Bilingual, ...]]:
    """`why_few` of each owner; the plan is read once for all of them.

    Raises:
        RequestError: the plan knows no such owner.
    """
    bookings = Bookings(plan.event, plan.meetings)
    pairs: dict[str, dict[frozenset[str], Pair]] = defaultdict(dict)
    for pair in plan.pairs:
        keys = bookings.keys(pair)
        for key in keys:
            pairs[key][frozenset(keys)] = pair
    known = {owner_key(name) for name in plan.certificate.per_party}
    for owner in owners:
        key = owner_key(owner)
        yield _why_few(plan, owner, bookings, pairs.get(key, {}), key in known)


def _why_few(
    plan: Plan,
    owner: str,
    bookings: Bookings,
    pairs: Mapping[frozenset[str], Pair],
    is_known: bool,
) -> tuple[Bilingual, ...]:
    got = bookings.count[owner_key(owner)]
    if not (pairs or got or is_known) and plan.event.participant(owner) is None:
        raise RequestError(
            vi=f"Kế hoạch không có “{owner}”. Chấp nhận: tên một đơn vị trong kế hoạch.",
            en=f"The plan knows no “{owner}”. Accepted: the name of an owner in the plan.",
        )
    said = [Bilingual(f"{owner} có {got} cuộc gặp.", f"{owner} has {_meetings(got)}.")]
    own = _own_limit(bookings, plan, owner, got)
    if own is not None:
        return (*said, own)
    if not pairs and plan.event.most_probability < 1:
        chance = f"{plan.event.most_probability:g}"
        lot = Bilingual(
            f"Không bốc thăm được ứng viên nào (mỗi cặp có xác suất {chance.replace('.', ',')}).",
            f"The lot drew no candidate to meet (each pair has a chance of {chance}).",
        )
        return (*said, lot)
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


def why_others(plan: Plan, owner: str) -> list[tuple[str, Why, Bilingual]]:
    """Every candidate partner of an owner, the best first, with what keeps the two apart."""
    bookings, key = Bookings(plan.event, plan.meetings), owner_key(owner)
    best: dict[str, Pair] = {}
    for pair in plan.pairs:
        one, two = bookings.keys(pair)
        if key in (one, two):
            other = two if one == key else one
            if other not in best or bookings.worth(pair) > bookings.worth(best[other]):
                best[other] = pair
    found = []
    for pair in sorted(best.values(), key=bookings.worth, reverse=True):
        is_asker = owner_key(pair.demand_owner) == key
        why = _why(bookings, pair)
        partner = pair.supply_owner if is_asker else pair.demand_owner
        found.append((partner, why, Bilingual(*_ALONE[why])))
    return found


def why_none(plan: Plan) -> Bilingual:
    """Why a plan has no meeting at all, and what would help."""
    event = plan.event
    if plan.pairs:
        best = max(plan.pairs, key=lambda pair: (pair.score, pair.demand_owner))
        said = why_few(plan, best.demand_owner)
        return Bilingual(" ".join(one.vi for one in said), " ".join(one.en for one in said))
    if not event.is_open:
        n = len(event.participants)
        return Bilingual(
            f"Không có cuộc gặp nào: chỉ {n} đơn vị tham dự vì [[participants]] chỉ nêu {n}, và "
            "không có cặp ứng viên nào giữa các đơn vị ấy. Nêu thêm đơn vị, hoặc đặt "
            "everybody = true để mọi đơn vị có hồ sơ đều tham dự.",
            f"There is no meeting: only the {n} named under [[participants]] take part, and no "
            "two of them are a candidate pair. Name more, or set everybody = true so that every "
            "owner of a record takes part.",
        )
    return Bilingual(
        "Không có cuộc gặp nào: không có cặp ứng viên nào đạt least_score = "
        f"{event.least_score:g} mà luật không loại. Hạ least_score hoặc nhập thêm hồ sơ.",
        "There is no meeting: no candidate pair reaches least_score = "
        f"{event.least_score:g} without being barred. Lower least_score or import more records.",
    )


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
