"""Who is given to whom where there is no timetable: judges to entries, desks to groups.

The same pairing as for meetings, with the same fairness, wishes, vetoes and policies: each party
has a least and a most, and the sum of what the pairs are worth is the greatest there can be.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import floor
from time import monotonic

import numpy as np

from indexer.errors import RequestError
from matcher.planning.event import Event
from matcher.planning.instance import Instance, compile_event
from matcher.planning.pairing import pair
from matcher.planning.plan import Certificate, Pair, Standing
from matcher.planning.planner import best_alone

_CAPS = 12  # times a share of a total that itself depends on the share is tightened
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Allocation:
    """The pairs chosen, in the order of their names, and how good they are together."""

    event: Event
    pairs: tuple[Pair, ...]
    certificate: Certificate

    def of(self, name: str) -> tuple[str, ...]:
        """The partners a party has been given, by name."""
        both = [(item.demand_owner, item.supply_owner) for item in self.pairs]
        found = [other for one, other in both if one == name]
        return tuple(sorted(found + [one for one, other in both if other == name]))


def allocate(
    event: Event, pairs: Sequence[Pair], seed: int = 0, seconds: float = 10.0
) -> Allocation:
    """The allocation of greatest worth; the same event, pairs and seed give the same.

    `least_meetings` and `most_meetings` are how many partners a party has; one that says no most
    takes all. Slots, tables, presence, people and interpreters mean nothing here.

    Raises:
        RequestError: the event has slots, which are for `matcher.planning.planner.plan`.
        Infeasible: least numbers that cannot be reached; `parties` names whose.
    """
    begun = monotonic()
    if event.slots:
        raise RequestError(
            vi="Phân công không có giờ nên không nhận [[slots]]. Chấp nhận: sự kiện không có "
            "[[slots]]; có giờ thì dùng cungcau plan.",
            en="An allocation has no times and takes no [[slots]]. Accepted: an event without "
            "[[slots]]; for one with times there is cungcau plan.",
        )
    instance = _untimed(event, pairs, seed)
    cap: int | None = None
    bound = float("inf")
    for _ in range(_CAPS):
        left = max(1.0, seconds - (monotonic() - begun))
        found = pair(instance, cap=cap, seconds=left)
        bound = found.bound if cap is None else bound
        chosen = np.flatnonzero(found.chosen)
        ends = np.r_[instance.left[chosen], instance.right[chosen]]
        held = np.bincount(ends, minlength=instance.n_bodies)
        allowed = max(1, floor(event.most_share * len(chosen) + _SAME))
        if event.most_share >= 1 or held.max(initial=0) <= allowed or cap == 1:
            break
        cap = allowed if cap is None else max(1, min(allowed, cap - 1))
    return Allocation(
        event,
        tuple(instance.pairs[i] for i in chosen.tolist()),
        _certificate(instance, chosen, max(bound, 0.0), monotonic() - begun),
    )


def _untimed(event: Event, pairs: Sequence[Pair], seed: int) -> Instance:
    """The instance with the limits that are said, and room for all pairs in one slot."""
    said_once = {**event.model_dump(by_alias=True), "slots": [{"starts": "2000-01-01 00:00"}]}
    instance = compile_event(Event.model_validate(said_once), pairs, seed)
    count = np.bincount(np.r_[instance.left, instance.right], minlength=instance.n_bodies)
    most = []
    for name, candidates in zip(instance.names, count.tolist(), strict=True):
        part = instance.event.participant(name)
        own = part.most_meetings if part else None
        said = instance.event.most_meetings if own is None else own
        most.append(candidates if said is None else min(said, candidates))
    return replace(
        instance,
        most=tuple(most),
        tables=(len(instance.pairs),),
        slots=(1,),
        host=np.full(len(instance.pairs), -1, dtype=np.int64),
        foreign=np.zeros(len(instance.pairs), dtype=bool),
        booths={},
    )


def _certificate(
    instance: Instance, chosen: np.ndarray, bound: float, seconds: float
) -> Certificate:
    worth, n = instance.worth, instance.n_bodies
    ends = np.r_[instance.left[chosen], instance.right[chosen]]
    got = np.bincount(ends, minlength=n)
    value = np.bincount(ends, np.tile(worth[chosen], 2), minlength=n)
    best = best_alone(instance)
    objective = float(worth[chosen].sum())
    bound = max(bound, objective)
    gap = (bound - objective) / bound if bound > 0 else 0.0
    return Certificate(
        objective=objective,
        bound=bound,
        gap=gap if gap >= _SAME else 0.0,
        seconds=round(seconds, 3),
        per_party={
            instance.names[i]: Standing(
                got=int(got[i]), value=round(float(value[i]), 9), best=round(float(best[i]), 9)
            )
            for i in range(n)
        },
    )
