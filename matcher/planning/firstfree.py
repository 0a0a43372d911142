"""The plan a patient clerk would make: the best pair first, at the first table that is free.

It sees walking, rests and people exactly, table by table. The planner, which gives slots before
tables, completes its plans with it, and takes the clerk's where walking has made its own worse.
"""

from collections.abc import Iterable, Iterator, Sequence
from time import monotonic

from matcher.planning.bookings import Bookings, placed
from matcher.planning.event import Event
from matcher.planning.instance import Fixture
from matcher.planning.plan import Meeting, Pair


def first_free(
    event: Event,
    pairs: Sequence[Pair],
    fixtures: Iterable[Fixture],
    until: float,
    meetings: Iterable[Meeting] = (),
) -> list[Meeting] | None:
    """`meetings` and what can be added to them; None where a fixed meeting found no place.

    `pairs` in an order that means something; of equal worth the first comes first. At `until`,
    on the monotonic clock, no more are added.
    """
    bookings = Bookings(event, meetings)
    for fixture in fixtures:
        pair = pairs[fixture.pair]
        if bookings.together(*bookings.keys(pair)):
            continue
        place = next(_places(bookings, pair, fixture), None)
        if place is None:
            return None
        bookings.add(place)
    for pair in sorted(pairs, key=lambda pair: -bookings.worth(pair)):
        if bookings.worth(pair) <= 0 or monotonic() >= until:
            break
        place = next(bookings.openings(pair), None)
        if place is not None:
            bookings.add(place)
    return bookings.meetings()


def _places(bookings: Bookings, pair: Pair, fixture: Fixture) -> Iterator[Meeting]:
    """Where a fixed meeting can be: at the slot and table that are said, else anywhere."""
    slots = bookings.event.meeting_slots()
    for number in slots if fixture.slot is None else (slots[fixture.slot],):
        if bookings.never(pair) is not None or bookings.obstacle(pair, number) is not None:
            continue
        wanted = None if fixture.table is None else fixture.table + 1
        table = bookings.table_for(pair, number, wanted=wanted)
        if table is not None and wanted in (None, table):
            yield placed(pair, number, table)
