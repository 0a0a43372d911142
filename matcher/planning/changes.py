"""What went differently on the day, and the event as it is after that.

A file of changes, TOML:

    now = 4                                   # slots before this one have been held and stay
    [[no_shows]]    owner = "Công ty Sao Mai" # slots = "5-8"; without it from now on
    [[late]]        owner = "Viện Cơ khí"     # arrives = 6: the first slot it can take
    [[lost_tables]] table = "12"              # its name; slots = "5-8"
    [[moved_slots]] slot = 7                  # starts = "2027-05-20 15:00"; minutes = 20
    [[added]]       owner = "HTX Đồng Xanh"   # and whatever [[participants]] takes
    [[pairs]]       demand_owner = "…"        # supply_owner, score: candidates of those added
"""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from indexer.bilingual import Bilingual
from indexer.errors import RequestError
from indexer.owners import owner_key
from matcher.planning.event import Event
from matcher.planning.participant import Participant
from matcher.planning.plan import Meeting, Pair, Plan
from matcher.planning.ranges import Ranges, numbers
from matcher.planning.slot import Moment, Name
from matcher.planning.unfit import why_unfit

_EXAMPLES = {
    "now": "now = 4",
    "no_shows": '[[no_shows]] owner = "…" slots = "5-8"',
    "late": '[[late]] owner = "…" arrives = 6 (slot number)',
    "lost_tables": '[[lost_tables]] table = "12" slots = "5-8"',
    "moved_slots": '[[moved_slots]] slot = 7 starts = "2027-05-20 15:00" minutes = 20 (5–240)',
    "added": '[[added]] owner = "…" sides = "demand" | "supply" | "both" available = "1-5,8" '
    "most_meetings = 8 people = 1",
    "pairs": '[[pairs]] demand_owner = "…" supply_owner = "…" score = 0.5 (0–1)',
}
Number = Annotated[int, Field(ge=1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NoShow(_Part):
    owner: Name
    slots: Ranges = ""


class Late(_Part):
    owner: Name
    arrives: Number


class LostTable(_Part):
    table: Name
    slots: Ranges = ""


class MovedSlot(_Part):
    """A slot held at another time; its meetings go with it as long as that can be."""

    slot: Number
    starts: Moment
    minutes: Annotated[int, Field(ge=5, le=240)] | None = None


class Changes(_Part):
    """Everything that changed. Slots are the numbers of the plan that is being repaired."""

    now: Number = 1
    no_shows: tuple[NoShow, ...] = ()
    late: tuple[Late, ...] = ()
    lost_tables: tuple[LostTable, ...] = ()
    moved_slots: tuple[MovedSlot, ...] = ()
    added: tuple[Participant, ...] = ()
    pairs: tuple[Pair, ...] = ()


def read_changes(path: Path) -> Changes:
    """The changes of a TOML file; RequestError names the file, the place and what is accepted."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise RequestError(
            vi=f"Không mở được tệp thay đổi {path}: {error.strerror}.",
            en=f"The file of changes {path} cannot be opened: {error.strerror}.",
        ) from error
    except UnicodeDecodeError as error:
        raise _no_toml(path, error) from error
    return changes_of_text(text, path)


def changes_of_text(text: str, path: Path) -> Changes:
    """The changes of a text in TOML; RequestError as `read_changes`, which calls it `path`."""
    try:
        return changes_of(tomllib.loads(text), path)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _no_toml(path, error) from error


def changes_of(content: object, path: Path) -> Changes:
    """The changes of what a file would say, as JSON has it; RequestError as `read_changes`."""
    try:
        return Changes.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        value = str(first["input"])[:80]
        accepted = _EXAMPLES.get(next(iter(map(str, first["loc"])), ""), ", ".join(_EXAMPLES))
        raise RequestError(
            vi=f"Tệp thay đổi {path}, mục {place}: không nhận “{value}”. Chấp nhận: {accepted}.",
            en=f"The file of changes {path}, entry {place}: “{value}” is not accepted. "
            f"Accepted: {accepted}.",
        ) from error


def _no_toml(path: Path, error: Exception) -> RequestError:
    return RequestError(
        vi=f"Tệp thay đổi {path} không phải TOML hợp lệ (UTF-8): {error}.",
        en=f"The file of changes {path} is not valid TOML in UTF-8: {error}.",
    )


def applied(plan: Plan, changes: Changes) -> tuple[Event, tuple[Meeting, ...]]:
    """The event after the changes, and the plan's meetings with the new numbers of their slots.

    Minimums of owners who will be away are lifted, and so are fixed meetings that can no longer
    be held. RequestError names an owner, a table or a slot that the plan does not know.
    """
    event, far = plan.event, range(changes.now, len(plan.event.slots) + 1)
    if not far:
        _unknown("now", str(changes.now), [f"1 … {len(event.slots)}"])
    participants = _participants(plan, changes)
    for absent in changes.no_shows:
        away = numbers(absent.slots) or frozenset(far)
        _withdraw(participants, absent.owner, away & frozenset(far))
    for late in changes.late:
        _withdraw(participants, late.owner, frozenset(range(changes.now, late.arrives)))
    tables = [table.model_dump() for table in event.places()]
    for lost in changes.lost_tables:
        found = [table for table in tables if table["name"] == lost.table]
        if not found:
            _unknown("lost_tables", lost.table, [table["name"] for table in tables])
        away = numbers(lost.slots) or frozenset(far)
        found[0]["unavailable"] = _ranges(numbers(found[0]["unavailable"]) | away & frozenset(far))
    slots = [slot.model_dump(by_alias=True) for slot in event.slots]
    for moved in changes.moved_slots:
        if moved.slot > len(slots) or moved.slot < changes.now:
            _unknown("moved_slots", str(moved.slot), [str(number) for number in far])
        slots[moved.slot - 1]["starts"] = moved.starts
        slots[moved.slot - 1]["minutes"] = moved.minutes or slots[moved.slot - 1]["minutes"]
    order = sorted(range(len(slots)), key=lambda i: (slots[i]["starts"], i))
    new = {old + 1: place + 1 for place, old in enumerate(order)}
    _check_held(changes, new)
    content = event.model_dump(by_alias=True, exclude={"participants", "tables", "slots", "fixed"})
    content["slots"] = [slots[i] for i in order]
    if changes.lost_tables or not isinstance(event.tables, int):
        content["tables"] = [_renumbered(table, new) for table in tables]
    else:
        content["tables"] = event.tables
    content["participants"] = [_renumbered(item, new) for item in participants.values()]
    changed = _validated(content)
    meetings = plan.meetings
    if changes.moved_slots:
        meetings = tuple(m.model_copy(update={"slot": new[m.slot]}) for m in meetings)
    if not event.fixed:
        return changed, meetings
    content["fixed"] = [
        {**item.model_dump(), "slot": new[item.slot] if item.slot else None}
        for item in event.fixed
        if changed.free_slots(item.demand) & changed.free_slots(item.supply)
        and (item.slot is None or _can_hold(changed, item.demand, item.supply, new[item.slot]))
        and (item.table is None or not _is_lost(changed, item.table, item.slot, new))
    ]
    return _validated(content), meetings


def _check_held(changes: Changes, new: dict[int, int]) -> None:
    """RequestError where a slot was moved to before slots that have been held."""
    early = [moved for moved in changes.moved_slots if new[moved.slot] < changes.now]
    if early:
        slot, starts, now = early[0].slot, early[0].starts, changes.now
        raise RequestError(
            vi=f"Thay đổi moved_slots, lượt {slot}: {starts} trước lượt đã diễn ra "
            f"(trước now = {now}). Chấp nhận: thời điểm sau các lượt đó.",
            en=f"Change moved_slots, slot {slot}: {starts} is before slots that have been held "
            f"(now = {now}). Accepted: a time after those slots.",
        )


def _can_hold(event: Event, one: str, other: str, slot: int) -> bool:
    return slot in event.free_slots(one) & event.free_slots(other)


def _is_lost(event: Event, table: int, slot: int | None, new: dict[int, int]) -> bool:
    away = numbers(event.places()[table - 1].unavailable)
    return new[slot] in away if slot else set(event.meeting_slots()) <= away


def _participants(plan: Plan, changes: Changes) -> dict[str, dict[str, Any]]:
    """Everybody's entry by key: an event without a list gets one, so that it can be amended."""
    found = {owner_key(item.owner): item.model_dump() for item in plan.event.participants}
    if plan.event.is_open:
        names = {n for p in (*plan.pairs, *plan.meetings) for n in (p.demand_owner, p.supply_owner)}
        for name in sorted(names):
            found.setdefault(owner_key(name), Participant(owner=name).model_dump())
    for item in changes.added:
        if owner_key(item.owner) in found:
            raise RequestError(
                vi=f"Thay đổi added: {item.owner} đã có trong sự kiện. Chấp nhận: tên mới.",
                en=f"Change added: {item.owner} takes part already. Accepted: a new name.",
            )
        found[owner_key(item.owner)] = item.model_dump()
    return found


def _withdraw(found: dict[str, dict[str, Any]], owner: str, slots: frozenset[int]) -> None:
    item = found.get(owner_key(owner))
    if item is None:
        _unknown("no_shows/late", owner, sorted(part["owner"] for part in found.values()))
    item["unavailable"] = _ranges(numbers(item["unavailable"]) | slots)
    item["least_meetings"] = 0


def _unknown(what: str, value: str, known: Iterable[str]) -> NoReturn:
    names = list(known)
    some = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
    raise RequestError(
        vi=f"Thay đổi {what}: không có “{value}”. Chấp nhận: {some}.",
        en=f"Change {what}: there is no “{value}”. Accepted: {some}.",
    )


def _renumbered(item: dict[str, Any], new: dict[int, int]) -> dict[str, Any]:
    """An entry with its slot numbers as they are after slots have moved."""
    for key in ("available", "unavailable"):
        if item.get(key):
            item[key] = _ranges({new[number] for number in numbers(item[key]) if number in new})
    return item


def _ranges(found: Iterable[int]) -> str:
    return ",".join(str(number) for number in sorted(found))


def _validated(content: dict[str, Any]) -> Event:
    try:
        return Event.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"])
        given = f"{place}: “{str(first['input'])[:80]}”"
        why = why_unfit(first) or Bilingual(given, given)
        raise RequestError(
            vi=f"Sự kiện sau thay đổi không hợp lệ: {why.vi}. "
            f"Chấp nhận: {_EXAMPLES['moved_slots']}.",
            en=f"The event after the changes does not hold: {why.en}. "
            f"Accepted: {_EXAMPLES['moved_slots']}.",
        ) from error
