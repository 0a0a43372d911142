"""Repair a plan on the day: what can stay stays, then as much worth as the free places hold.

Every meeting that the changed event still allows keeps its slot and table. One whose table is
gone moves to another table, if need be to another slot. Owners who lost a meeting, and owners
who came, get new ones in what is free; nobody else's agenda is touched. That is the fewest
changed meetings there can be; what is filled in is chosen by worth, improved by exchanges.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

from indexer.bilingual import Bilingual
from indexer.owners import owner_key
from matcher.planning.bookings import Bookings
from matcher.planning.changes import Changes, applied
from matcher.planning.event import Event
from matcher.planning.instance import Infeasible, compile_event
from matcher.planning.pairing import pair as pair_up
from matcher.planning.plan import Certificate, Meeting, Pair, Plan, Standing
from matcher.planning.planner import best_alone

Keyed = tuple[Pair, tuple[str, str]]  # a pair and the keys of its owners
_SAME = 1e-9
_TRIES = 2_000  # exchanges looked at: a count, not a time, so that a repair can be repeated


def replan(plan: Plan, changes: Changes, seconds: float = 3.0) -> Plan:
    """The repaired plan; `compare(plan, it)` says what is different.

    Meetings in slots before `changes.now` stay whatever changed. The same changes give the same
    plan; `seconds` is the emergency brake of the exchanges that improve what was filled in.

    Raises:
        RequestError: the changes name what the plan does not have, or contradict each other.
    """
    started = monotonic()
    until = started + seconds
    event, meetings = applied(plan, changes)
    past = _renumbered_now(plan, event, changes)
    bookings, broken = _kept(event, meetings, past, changes)
    replaced = _replaced(bookings, broken, past)
    touched = {owner_key(item.owner) for item in changes.added}
    touched |= {key for meeting in broken for key in bookings.keys(meeting)}
    pairs = (*plan.pairs, *changes.pairs)
    theirs = [
        (pair, keys)
        for pair in pairs
        if (keys := bookings.keys(pair))[0] in touched or keys[1] in touched
    ]
    filled = _filled(bookings, theirs, touched, past, until)
    event = _with_reachable_least(event, bookings)
    held = tuple(bookings.meetings())
    return Plan.model_construct(
        version=1,
        event=event,
        meetings=held,
        alternates=_alternates(bookings, plan, theirs, touched),
        certificate=_certificate(bookings, event, pairs, plan, changes, started, until),
        pairs=pairs,
        settings={
            **plan.settings,
            "replans": int(plan.settings.get("replans", 0)) + 1,
            "replaced": len(replaced),
            "filled": len(filled),
        },
        policy=plan.policy,
        unplaced=tuple(
            Pair(**meeting.model_dump(exclude={"slot", "table"}))
            for meeting in broken
            if meeting not in replaced and bookings.never(meeting) is None
        ),
    )


def _renumbered_now(plan: Plan, event: Event, changes: Changes) -> frozenset[int]:
    """The slots, as numbered now, that have been held."""
    held = {plan.event.slots[n - 1].starts for n in range(1, changes.now) if n <= len(event.slots)}
    return frozenset(n for n, slot in enumerate(event.slots, 1) if slot.starts in held)


def _kept(
    event: Event, meetings: Iterable[Meeting], past: frozenset[int], changes: Changes
) -> tuple[Bookings, list[Meeting]]:
    """A board with every meeting that can stay where it is, and those that cannot."""
    bookings, broken = Bookings(event), []
    ahead = []
    away = {owner_key(item.owner) for item in changes.no_shows}
    away |= {owner_key(item.owner) for item in changes.late}
    lost = {item.table for item in changes.lost_tables}
    tables = event.places()
    for meeting in meetings:
        # A meeting whose owners, table and times are as they were holds as it did.
        as_it_was = not (
            changes.moved_slots
            or away & set(bookings.keys(meeting))
            or tables[meeting.table - 1].name in lost
        )
        if meeting.slot in past or as_it_was:
            bookings.add(meeting)
        else:
            ahead.append(meeting)
    # Fixed meetings stand first; then the most valuable, should moved slots set two at odds.
    fixed = {(owner_key(item.demand), owner_key(item.supply)) for item in event.fixed}
    ahead.sort(key=lambda m: (bookings.keys(m) not in fixed, -bookings.worth(m), m.slot, m.table))
    for meeting in ahead:
        table = None
        if bookings.never(meeting) is None and bookings.obstacle(meeting, meeting.slot) is None:
            table = bookings.table_for(meeting, meeting.slot, wanted=meeting.table)
        if table == meeting.table:
            bookings.add(meeting)
        else:
            broken.append(meeting)
    return bookings, broken


def _replaced(bookings: Bookings, broken: Iterable[Meeting], past: frozenset[int]) -> list[Meeting]:
    """The broken meetings that found another place: the same slot first, the tightest first."""
    open_slots = {
        meeting: [new.slot for new in bookings.openings(meeting) if new.slot not in past]
        for meeting in broken
    }
    found = []
    for meeting in sorted(open_slots, key=lambda m: (len(open_slots[m]), -bookings.worth(m))):
        places = [new for new in bookings.openings(meeting) if new.slot not in past]
        if places:
            bookings.add(min(places, key=lambda new: new.slot != meeting.slot))
            found.append(meeting)
    return found


def _filled(
    bookings: Bookings,
    pairs: Iterable[Keyed],
    touched: set[str],
    past: frozenset[int],
    until: float,
) -> list[Meeting]:
    """New meetings for the owners touched: minimums first, then worth, then exchanges."""

    short = {key for key in touched if bookings.count[key] < bookings.limits(key)[0]}
    wanted = [
        (not short or short.isdisjoint(keys), -worth, *keys, number, pair)
        for number, (pair, keys) in enumerate(pairs)
        if bookings.never_two(*keys) is None and (worth := bookings.worth(pair)) > 0
    ]
    added: dict[frozenset[str], Meeting] = {}
    waiting = []
    for *_, pair in sorted(wanted):  # `number` is unique: pairs are never compared
        place = next((new for new in bookings.openings(pair) if new.slot not in past), None)
        if place is None:
            waiting.append(pair)
        else:
            bookings.add(place)
            added[frozenset(bookings.keys(place))] = place
    improved, tries = True, _TRIES
    while improved and tries > 0:
        improved = False
        for pair in waiting[:tries]:
            if monotonic() >= until:
                return list(added.values())
            improved |= _exchanged(bookings, pair, added, past)
        tries -= len(waiting)
    return list(added.values())


def _exchanged(
    bookings: Bookings, pair: Pair, added: dict[frozenset[str], Meeting], past: frozenset[int]
) -> bool:
    """Put a pair in the place of one added meeting, moved elsewhere or worth less."""
    keys = bookings.keys(pair)
    if frozenset(keys) in added:
        return False
    rivals = {
        frozenset(bookings.keys(meeting)): meeting
        for key in keys
        for at in bookings.held[key].values()
        for meeting in at
        if frozenset(bookings.keys(meeting)) in added
    }
    for two, rival in rivals.items():
        bookings.remove(rival)
        place = next((new for new in bookings.openings(pair) if new.slot not in past), None)
        if place is not None:
            bookings.add(place)
            moved = next((new for new in bookings.openings(rival) if new.slot not in past), None)
            if moved is not None or bookings.worth(pair) > bookings.worth(rival) + 1e-9:
                added[frozenset(keys)] = place
                del added[two]
                if moved is not None:
                    bookings.add(moved)
                    added[two] = moved
                return True
            bookings.remove(place)
        bookings.add(rival)
    return False


def _with_reachable_least(event: Event, bookings: Bookings) -> Event:
    """The event, its minimums lowered to what owners got: on the day a plan is always given."""
    short = {
        owner_key(item.owner): bookings.count[owner_key(item.owner)]
        for item in event.participants
        if bookings.count[owner_key(item.owner)] < bookings.limits(owner_key(item.owner))[0]
    }
    if not short:
        return event
    # Built anew: a copied event would keep what it has worked out about its participants.
    content = event.model_dump(by_alias=True)
    for item in content["participants"]:
        item["least_meetings"] = short.get(owner_key(item["owner"]), item["least_meetings"])
    return Event.model_validate(content)


def _alternates(
    bookings: Bookings, plan: Plan, pairs: Iterable[Keyed], touched: set[str]
) -> Mapping[str, tuple[str, ...]]:
    """As planned, without those who are met now or away; owners touched get theirs anew."""
    most = max((len(names) for names in plan.alternates.values()), default=5)
    found: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for pair, (asks, offers) in pairs:
        if bookings.never_two(asks, offers) in (None, "most"):
            worth = -bookings.worth(pair)
            if asks in touched and bookings.free(offers):
                found[pair.demand_owner].append((worth, pair.supply_owner))
            if offers in touched and bookings.free(asks):
                found[pair.supply_owner].append((worth, pair.demand_owner))
    anew = {
        name: tuple(dict.fromkeys(other for _, other in sorted(others)))[:most]
        for name, others in found.items()
    }
    stayed = {
        name: tuple(
            other
            for other in others
            if bookings.free(owner_key(other))
            and not bookings.together(owner_key(name), owner_key(other))
        )
        for name, others in plan.alternates.items()
        if owner_key(name) not in touched
    }
    return {**stayed, **anew}


def _certificate(
    bookings: Bookings,
    event: Event,
    pairs: Sequence[Pair],
    plan: Plan,
    changes: Changes,
    started: float,
    until: float,
) -> Certificate:
    """What the plan is worth against a bound that holds for the changed event.

    The bound: the best pairing under the changed event's limits. The old bound holds too where
    nothing was added or moved and no minimum or fixed meeting was lifted.
    """
    got: dict[str, list[float]] = defaultdict(list)
    names: dict[str, str] = {}
    for meeting in bookings.meetings():
        for name in (meeting.demand_owner, meeting.supply_owner):
            got[owner_key(name)].append(bookings.worth(meeting))
            names.setdefault(owner_key(name), name)
    bound, best = _bound(bookings, event, pairs, plan, max(1.0, until - monotonic()))
    names = {**{owner_key(name): name for name in (*best, *plan.certificate.per_party)}, **names}
    alone = {owner_key(name): worth for name, worth in best.items()}
    objective = sum(bookings.worth(meeting) for meeting in bookings.meetings())
    grown = changes.added or changes.pairs or changes.moved_slots
    if not grown and not _lifted(plan.event, event, names.values()):
        bound = min(bound, plan.certificate.bound)
    bound = max(bound, objective)
    gap = (bound - objective) / bound if bound > 0 else 0.0
    return Certificate(
        objective=objective,
        bound=bound,
        gap=gap if gap >= _SAME else 0.0,
        seconds=round(monotonic() - started, 3),
        per_party={
            names[key]: Standing(
                got=len(got[key]),
                value=sum(got[key]),
                best=max(alone.get(key, 0.0), sum(got[key])),
            )
            for key in sorted(names)
        },
    )


def _bound(
    bookings: Bookings, event: Event, pairs: Sequence[Pair], plan: Plan, seconds: float
) -> tuple[float, Mapping[str, float]]:
    """What no plan for the event is worth more than, and what each owner could get alone.

    Fixed meetings that are not held and lots bind nobody here: without them a bound holds too.
    """
    met = {frozenset(bookings.keys(meeting)) for meeting in bookings.meetings()}
    freed = {
        "fairness": "value",
        "most_probability": 1.0,
        "fixed": tuple(
            item
            for item in event.fixed
            if frozenset((owner_key(item.demand), owner_key(item.supply))) in met
        ),
    }
    seed = int(plan.settings.get("seed", 0))
    instance = compile_event(event.model_copy(update=freed), pairs, seed)
    best = dict(zip(instance.names, best_alone(instance).tolist(), strict=True))
    bound = sum(best.values()) / 2  # each meeting counts half for both its owners
    try:
        return min(bound, pair_up(instance, seconds=seconds).bound), best
    except Infeasible:  # HiGHS found nothing in time: the plan itself is feasible
        return bound, best


def _lifted(before: Event, after: Event, names: Iterable[str]) -> bool:
    """Whether a fixed meeting or a minimum does not bind any more."""
    asks = before.least_meetings or any(item.least_meetings for item in before.participants)
    return before.fixed != after.fixed or (
        bool(asks) and any(after.limits(name)[0] < before.limits(name)[0] for name in names)
    )


@dataclass(frozen=True)
class Comparison:
    """Before and after: every meeting once, by what became of it."""

    kept: tuple[Meeting, ...]
    moved: tuple[tuple[Meeting, Meeting], ...]
    dropped: tuple[Meeting, ...]
    added: tuple[Meeting, ...]
    owners: tuple[str, ...]
    value: tuple[float, float]

    def lines(self, before: Plan, after: Plan) -> tuple[Bilingual, ...]:
        """One sentence a change, for the list of changes and the door."""
        said = [
            _line("Bỏ", "Dropped", meeting, _place(before, meeting)) for meeting in self.dropped
        ]
        said += [
            _line("Chuyển", "Moved", new, f"{_place(before, old)} → {_place(after, new)}")
            for old, new in self.moved
        ]
        said += [_line("Thêm", "Added", meeting, _place(after, meeting)) for meeting in self.added]
        return tuple(said)


def _line(vi: str, en: str, meeting: Meeting, place: str) -> Bilingual:
    who = f"{meeting.demand_owner} – {meeting.supply_owner}"
    return Bilingual(f"{vi}: {who}, {place}", f"{en}: {who}, {place}")


def _place(plan: Plan, meeting: Meeting) -> str:
    starts = plan.event.slots[meeting.slot - 1].starts
    return f"{starts} [{plan.event.places()[meeting.table - 1].name}]"


def compare(before: Plan, after: Plan) -> Comparison:
    """What is different; `owners` are those whose agenda must be issued again."""
    old = {_two(meeting): meeting for meeting in before.meetings}
    new = {_two(meeting): meeting for meeting in after.meetings}
    both = [(old[two], new[two]) for two in old if two in new]
    moved = tuple(pair for pair in both if _place(before, pair[0]) != _place(after, pair[1]))
    dropped = tuple(meeting for two, meeting in old.items() if two not in new)
    added = tuple(meeting for two, meeting in new.items() if two not in old)
    changed = [*dropped, *added, *(meeting for _, meeting in moved)]
    owners = {name for m in changed for name in (m.demand_owner, m.supply_owner)}
    return Comparison(
        kept=tuple(one for one, other in both if _place(before, one) == _place(after, other)),
        moved=moved,
        dropped=dropped,
        added=added,
        owners=tuple(sorted(owners)),
        value=(before.certificate.objective, after.certificate.objective),
    )


def _two(meeting: Meeting) -> frozenset[str]:
    return frozenset((owner_key(meeting.demand_owner), owner_key(meeting.supply_owner)))
