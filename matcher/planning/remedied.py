"""An event with limits that gave way, as a remedy asks, so that the remedy can be tried."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from indexer.owners import owner_key
from matcher.planning.event import Event
from matcher.planning.participant import Fixed
from matcher.planning.plan import Pair
from matcher.planning.ranges import numbers
from matcher.planning.remedy import Change

_APART = timedelta(hours=4)  # slots are added after a rest whatever their length
_FIRST = {"starts": "2027-05-20 09:00"}


def remedied(event: Event, changes: Iterable[Change]) -> Event:
    """The event after the changes, looking at worth alone.

    Raises:
        ValidationError: the changes lead beyond what an event may say.
    """
    content = event.model_dump(by_alias=True) | {"fairness": "value"}
    content["slots"], content["participants"] = [*content["slots"]], [*content["participants"]]
    for change in changes:
        match change.lever, change.whose:
            case "table", _:
                _add_tables(content, change.steps)
            case "slot", _:
                _add_slots(content, event, change.steps)
            case "interpreter", _:
                content["interpreters"] += change.steps
            case "row", _:
                content["most_in_a_row"] += change.steps
            case "least", (str(name), int(least)):
                _entry(content, event, name)["least_meetings"] = least - change.steps
            case "most", (str(name), int(most)):
                _entry(content, event, name)["most_meetings"] = most + change.steps
            case "presence", (str(name), int(slot)):
                _attend(_entry(content, event, name), slot)
            case "exclusion", Pair() as pair:
                _allow(content, event, owner_key(pair.demand_owner), owner_key(pair.supply_owner))
            case "fixed", Fixed() as item:
                content["fixed"] = [one for one in content["fixed"] if Fixed(**one) != item]
    return Event.model_validate(content)


def _add_tables(content: dict[str, Any], count: int) -> None:
    if isinstance(content["tables"], int):
        content["tables"] += count
    else:
        named = {table["name"] for table in content["tables"]}
        fresh = (name for n in range(len(named) + count) if (name := f"+{n}") not in named)
        more = [{"name": next(fresh)} for _ in range(count)]
        content["tables"] = [*content["tables"], *more]


def _add_slots(content: dict[str, Any], event: Event, count: int) -> None:
    slots = content["slots"]
    if not slots:
        slots.append(_FIRST)
        count -= 1
    last = event.times(len(event.slots))[1] if event.slots else _first_end()
    for n in range(1, count + 1):
        slots.append({"starts": f"{last + n * 2 * _APART:%Y-%m-%d %H:%M}"})


def _first_end() -> datetime:
    return datetime.strptime(_FIRST["starts"], "%Y-%m-%d %H:%M")


def _entry(content: dict[str, Any], event: Event, name: str) -> dict[str, Any]:
    """What the event says of an owner; who had no entry gets one without closing the event."""
    entries: list[dict[str, Any]] = content["participants"]
    for item in entries:
        if owner_key(item["owner"]) == owner_key(name):
            return item
    content["everybody"] = event.is_open
    entries.append({"owner": name})
    return entries[-1]


def _attend(item: dict[str, Any], slot: int) -> None:
    if item.get("available") is not None:
        item["available"] = _ranges(numbers(item["available"]) | {slot})
    item["unavailable"] = _ranges(numbers(item.get("unavailable", "")) - {slot})


def _ranges(found: Iterable[int]) -> str:
    return ",".join(str(number) for number in sorted(found))


def _allow(content: dict[str, Any], event: Event, one: str, other: str) -> None:
    """Without the veto, the earlier meeting and the rules that keep these two apart."""
    two = frozenset((one, other))

    for part in ("wishes", "met", "rules"):
        content[part] = [
            entry
            for entry in content[part]
            if two not in Event.model_validate({"name": event.name, part: [entry]}).apart()
        ]
