"""The judge of plans: every rule verified by code that is not the solver's.

Of the event and the plan only the data is used, never a method the solver calls: slots,
availability, limits and worth are read here a second time. Rules about records (`require`,
`conflict` by domain or organisation) are judged through `Plan.pairs`, where only pairs that
those rules allow may stand.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from itertools import pairwise
from typing import Any

from pydantic import ValidationError

from indexer.bilingual import Bilingual
from indexer.errors import RequestError
from indexer.owners import owner_key
from matcher.planning.checkbook import Book, Violation, numbers_of, said
from matcher.planning.checkrules import RULE_JUDGES
from matcher.planning.plan import Meeting, Plan


def check(plan: Plan | Mapping[str, Any]) -> list[Violation]:
    """Everything wrong with a plan, empty for a plan that holds; plan.json as read also goes.

    Raises:
        RequestError: it is not a plan at all; names the place, the value and what is accepted.
    """
    book = Book.of(plan if isinstance(plan, Plan) else _parsed(plan))
    broken = list(_places(book))
    if broken:  # Nothing more can be said of meetings at slots and tables that do not exist.
        return broken
    return [violation for judge in _JUDGES for violation in judge(book)]


def _parsed(content: Mapping[str, Any]) -> Plan:
    try:
        return Plan.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "1"
        value = str(first["input"])[:80]
        raise RequestError(
            vi=f"Kế hoạch, mục {place}: không nhận “{value}”. "
            "Chấp nhận: plan.json do cungcau plan ghi, version 1.",
            en=f"Plan, entry {place}: “{value}” is not accepted. "
            "Accepted: plan.json as cungcau plan writes it, version 1.",
        ) from error


def _places(book: Book) -> Iterator[Violation]:
    """Slots and tables that do not exist, breaks, tables that are away."""
    slots, tables = len(book.plan.event.slots), len(book.tables)
    away = [numbers_of(table.unavailable) for table in book.tables]
    for position, meeting, _ in book.meetings():
        who, slot, table = book.who(meeting), meeting.slot, meeting.table
        if slot > slots:
            yield said(
                "no-such-slot",
                f"{who}: lượt {slot} không có; sự kiện có {slots} lượt.",
                f"{who}: there is no slot {slot}; the event has {slots}.",
                position,
            )
        elif table > tables:
            yield said(
                "no-such-table",
                f"{who}: bàn {table} không có; sự kiện có {tables} bàn.",
                f"{who}: there is no table {table}; the event has {tables}.",
                position,
            )
        elif book.slot(slot).is_break:
            when = book.when(slot)
            yield said(
                "break",
                f"{who} gặp lúc {when.vi}, là giờ nghỉ.",
                f"{who} meet at {when.en}, which is a break.",
                position,
            )
        elif slot in away[table - 1]:
            when = book.when(slot)
            yield said(
                "table-away",
                f"{who}: bàn {book.table(table)} không dùng được lúc {when.vi}.",
                f"{who}: table {book.table(table)} cannot be used at {when.en}.",
                position,
            )


def _table_once(book: Book) -> Iterator[Violation]:
    """One meeting at a table at a time."""
    by_table: dict[int, list[int]] = defaultdict(list)
    for position, meeting, _ in book.meetings():
        by_table[meeting.table].append(position)
    for table, positions in sorted(by_table.items()):
        for number, under_way in book.by_slot(positions):
            if len(under_way) > 1:
                when = book.when(number)
                who = "; ".join(book.who(book.plan.meetings[p]) for p in under_way)
                yield said(
                    "table-taken",
                    f"Bàn {book.table(table)} lúc {when.vi} có {len(under_way)} cuộc gặp: {who}.",
                    f"Table {book.table(table)} at {when.en} holds {len(under_way)} meetings: "
                    f"{who}.",
                    *under_way,
                )


def _booths(book: Book) -> Iterator[Violation]:
    """A booth is for its owner, and its owner's meetings are there."""
    booths = {owner_key(table.owner) for table in book.tables if table.owner}
    for position, meeting, keys in book.meetings():
        host = owner_key(book.tables[meeting.table - 1].owner)
        hosts = [key for key in keys if key in booths]
        when = book.when(meeting.slot)
        if host and host not in keys:
            yield said(
                "booth",
                f"{book.who(meeting)} lúc {when.vi}: bàn {book.table(meeting.table)} là gian của "
                f"{book.names.get(host, host)}.",
                f"{book.who(meeting)} at {when.en}: table {book.table(meeting.table)} is the booth "
                f"of {book.names.get(host, host)}.",
                position,
            )
        elif not host and hosts:
            name = book.names.get(hosts[0], hosts[0])
            yield said(
                "booth",
                f"{name} có gian riêng nhưng gặp ở bàn {book.table(meeting.table)} lúc {when.vi}.",
                f"{name} has its own booth but meets at table {book.table(meeting.table)} "
                f"at {when.en}.",
                position,
            )


def _takes_part(book: Book) -> Iterator[Violation]:
    """Owners who are not invited, on the wrong side, or not there at the time."""
    slots = set(range(1, len(book.plan.event.slots) + 1))
    present = {
        key: (slots if item.available is None else numbers_of(item.available))
        - numbers_of(item.unavailable)
        for key, item in book.people.items()
    }
    for position, meeting, keys in book.meetings():
        sides = (("demand", meeting.demand_owner), ("supply", meeting.supply_owner))
        for key, (side, name) in zip(keys, sides, strict=True):
            item = book.people.get(key)
            if item is None:
                if book.people and not book.plan.event.everybody:
                    yield said(
                        "not-invited",
                        f"{name} không tham dự sự kiện nhưng có cuộc gặp.",
                        f"{name} does not take part in the event but has a meeting.",
                        position,
                    )
                continue
            if item.sides not in ("both", side):
                one = (
                    Bilingual("cầu", "demand") if side == "demand" else Bilingual("cung", "supply")
                )
                yield said(
                    "side",
                    f"{name} không tham dự ở phía {one.vi} ({book.who(meeting)}).",
                    f"{name} does not take part on the {one.en} side ({book.who(meeting)}).",
                    position,
                )
            if meeting.slot not in present[key]:
                when = book.when(meeting.slot)
                yield said(
                    "absent",
                    f"{name} vắng mặt lúc {when.vi} nhưng phải gặp ({book.who(meeting)}).",
                    f"{name} is not there at {when.en} but is to meet ({book.who(meeting)}).",
                    position,
                )


def _bodies(book: Book) -> Iterator[Violation]:
    """Nobody is in more meetings at once than it has people, both sides counted together."""
    for key, positions in sorted(book.of_owner().items()):
        item = book.people.get(key)
        people = item.people if item else 1
        for number, under_way in book.by_slot(positions):
            if len(under_way) > people:
                when = book.when(number)
                yield said(
                    "double-booked",
                    f"{book.names[key]} có {len(under_way)} cuộc gặp cùng lúc {when.vi}; "
                    f"có {people} người.",
                    f"{book.names[key]} has {len(under_way)} meetings at once at {when.en}; "
                    f"it has {people} to send.",
                    *under_way,
                )


def _walking(book: Book) -> Iterator[Violation]:
    """Every meeting can be reached: fewer people suffice than the owner sends (path cover)."""
    walks = {(room.name, to): m for room in book.plan.event.rooms for to, m in room.walk.items()}
    if not walks:
        return
    rooms = [table.room for table in book.tables]

    def reaches(one: Meeting, other: Meeting) -> bool:
        here, there = rooms[one.table - 1], rooms[other.table - 1]
        minutes = max(walks.get((here, there), 0), walks.get((there, here), 0))
        minutes = 0 if here == there else minutes
        return book.ends(one.slot) + timedelta(minutes=minutes) <= book.begins(other.slot)

    for key, positions in sorted(book.of_owner().items()):
        item = book.people.get(key)
        if item is not None and item.online:
            continue
        people = item.people if item else 1
        meetings = [book.plan.meetings[p] for p in positions]
        late = [
            (one, other)
            for one, other in pairwise(range(len(meetings)))
            if book.ends(meetings[one].slot) <= book.begins(meetings[other].slot)
            and not reaches(meetings[one], meetings[other])
        ]
        if not late or (people > 1 and _people_needed(meetings, reaches) <= people):
            continue
        for one, other in late:
            first, then = meetings[one], meetings[other]
            when = book.when(then.slot)
            yield said(
                "walking",
                f"{book.names[key]} không kịp đi từ bàn {book.table(first.table)} sang bàn "
                f"{book.table(then.table)} lúc {when.vi}.",
                f"{book.names[key]} cannot walk from table {book.table(first.table)} to table "
                f"{book.table(then.table)} in time for {when.en}.",
                positions[one],
                positions[other],
            )


def _people_needed(meetings: list[Meeting], reaches: Callable[[Meeting, Meeting], bool]) -> int:
    """The fewest people who can hold all meetings: meetings less the longest chaining."""
    follows = [[j for j, b in enumerate(meetings) if reaches(a, b)] for a in meetings]
    taken: dict[int, int] = {}

    def chained(one: int, seen: set[int]) -> bool:
        for other in follows[one]:
            if other not in seen:
                seen.add(other)
                if other not in taken or chained(taken[other], seen):
                    taken[other] = one
                    return True
        return False

    return len(meetings) - sum(chained(one, set()) for one in range(len(meetings)))


_JUDGES = (_table_once, _booths, _takes_part, _bodies, _walking, *RULE_JUDGES)
