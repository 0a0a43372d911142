"""The owners an event names against the records there are: a slip must not lift a veto unseen."""

from collections.abc import Iterable

from indexer.errors import RequestError
from indexer.owners import owner_key
from indexer.records import Record
from matcher.planning.event import Event

_LEAST_ALIKE = 60  # of 100: below this a name is no suggestion
_MOST = 5  # strangers named in one error


def check_names(event: Event, records: Iterable[Record]) -> None:
    """Refuses an event that names owners by whom there is no record.

    `records` are those of the whole catalog: who stays away this year may still be named.

    Raises:
        RequestError: names each stranger, the list it stands in and the owners most like it.
    """
    every = list(records)
    known = {owner_key(record.owner): record.owner for record in every if record.owner}
    found = [("participants", name) for name in event.strangers(every)]
    found += [pair for pair in _named(event) if owner_key(pair[1]) not in known]
    if not found:
        return
    found = list(dict.fromkeys(found))
    said = [(part, name, _alike(name, known)) for part, name in found[:_MOST]]
    vi = "; ".join(f"{n} ([[{p}]]" + (f", gần giống: {a})" if a else ")") for p, n, a in said)
    en = "; ".join(f"{n} ([[{p}]]" + (f", similar: {a})" if a else ")") for p, n, a in said)
    more = len(found) - len(said)
    raise RequestError(
        vi=f"Sự kiện: không có hồ sơ của {vi}"
        + (f" và {more} tên khác" if more else "")
        + ". Chấp nhận: tên đơn vị như trong danh mục.",
        en=f"Event: no record of {en}"
        + (f" and {more} more" if more else "")
        + ". Accepted: owners as the catalog names them.",
    )


def _named(event: Event) -> list[tuple[str, str]]:
    """(list, owner) of every owner named outside of participants and rules."""
    wishes = [name for wish in event.wishes for name in (wish.from_owner, wish.to_owner)]
    met = [name for pair in event.met for name in (pair.one, pair.other)]
    fixed = [name for item in event.fixed for name in (item.demand, item.supply)]
    policies = [name for policy in event.policies for name in policy.owners]
    tables = [table.owner for table in event.places() if table.owner]
    lists = {"wishes": wishes, "fixed": fixed, "met": met, "policies": policies, "tables": tables}
    return [(part, name) for part, names in lists.items() for name in names]


def _alike(name: str, known: dict[str, str]) -> str:
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - only to help after a slip

    keys = list(known)
    found = process.extract(
        owner_key(name), keys, scorer=fuzz.WRatio, limit=2, score_cutoff=_LEAST_ALIKE
    )
    return ", ".join(f"“{known[choice[0]]}”" for choice in found)
