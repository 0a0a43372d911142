"""What a repaired plan changes, and whose agendas have to be given out again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from indexer.bilingual import Bilingual
from indexer.owners import owner_key
from matcher.planning.plan import Meeting, Plan
from matcher.planning.replan import compare

Kind = Literal["dropped", "moved", "added"]

KINDS: dict[Kind, Bilingual] = {
    "dropped": Bilingual("Huỷ", "Cancelled"),
    "moved": Bilingual("Đổi giờ hoặc bàn", "Moved"),
    "added": Bilingual("Thêm", "Added"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """A meeting that is not what it was; `meeting` is the new one, for a dropped one the old."""

    kind: Kind
    meeting: Meeting
    before: Meeting | None
    after: Meeting | None

    def owners(self) -> tuple[str, str]:
        """The keys of the two owners."""
        return owner_key(self.meeting.demand_owner), owner_key(self.meeting.supply_owner)


def changes(before: Plan, after: Plan) -> tuple[Change, ...]:
    """Cancelled meetings first, then moved, then added; each by the time it is or was held."""
    found = compare(before, after)
    return (
        *(Change("dropped", old, old, None) for old in _by_time(found.dropped)),
        *(
            Change("moved", new, old, new)
            for old, new in sorted(found.moved, key=lambda pair: _time(pair[1]))
        ),
        *(Change("added", new, None, new) for new in _by_time(found.added)),
    )


def touched(found: Sequence[Change]) -> frozenset[str]:
    """The keys of the owners whose agenda changes."""
    return frozenset(key for change in found for key in change.owners())


def _by_time(meetings: Sequence[Meeting]) -> list[Meeting]:
    return sorted(meetings, key=_time)


def _time(meeting: Meeting) -> tuple[int, int]:
    return meeting.slot, meeting.table
