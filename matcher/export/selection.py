"""What of a large match list a page can show and still open at once."""

from collections.abc import Mapping
from dataclasses import dataclass

from matcher.match import Match
from matcher.matchlist import MatchList

Lists = Mapping[str, tuple[Match, ...]]

PAGE_LIMIT = 8_000  # matches; about 10 MB of page
_ALL = 10**9
# Most matches (a need, an offer), tried in turn until the page is small enough.
_STEPS = ((_ALL, _ALL), (3, 3), (3, 1), (1, 1))


@dataclass(frozen=True, slots=True)
class Selection:
    """The part of a match list that is shown; `shown` and `total` count matches of both views."""

    by_demand: Lists
    by_supply: Lists
    shown: int
    total: int

    @property
    def complete(self) -> bool:
        return self.shown == self.total


def select(match_list: MatchList, limit: int = PAGE_LIMIT) -> Selection:
    """The whole list where it has at most `limit` matches, else the best few of each record.

    Where even one match a record is too much, each view keeps the records with the best first
    matches, at most half the limit each.
    """
    by_demand, by_supply = match_list.by_demand, match_list.by_supply
    for most_of_need, most_of_offer in _STEPS:
        by_demand = _heads(match_list.by_demand, most_of_need)
        by_supply = _heads(match_list.by_supply, most_of_offer)
        if _count(by_demand) + _count(by_supply) <= limit:
            break
    else:
        by_demand = _strongest(by_demand, limit // 2)
        by_supply = _strongest(by_supply, limit // 2)
    return Selection(
        by_demand,
        by_supply,
        shown=_count(by_demand) + _count(by_supply),
        total=_count(match_list.by_demand) + _count(match_list.by_supply),
    )


def _heads(lists: Lists, most: int) -> Lists:
    return {record_id: matches[:most] for record_id, matches in lists.items()}


def _strongest(lists: Lists, most: int) -> Lists:
    """Keeps the order of the list; equal scores are kept by id."""
    ranked = sorted(lists, key=lambda record_id: (-lists[record_id][0].score, record_id))
    kept = set(ranked[:most])
    return {record_id: matches for record_id, matches in lists.items() if record_id in kept}


def _count(lists: Lists) -> int:
    return sum(map(len, lists.values()))
