"""From an event and its candidate pairs to a plan: pairing, timetable, tables, certificate."""

from collections.abc import Sequence
from importlib.metadata import version
from math import floor, inf
from time import monotonic

import numpy as np

from indexer.bilingual import Bilingual
from indexer.errors import RequestError
from indexer.progress import Progress, silent
from matcher.planning.board import Board
from matcher.planning.check import check
from matcher.planning.event import Event
from matcher.planning.firstfree import first_free
from matcher.planning.instance import Infeasible, Instance, compile_event
from matcher.planning.pairing import pair
from matcher.planning.plan import Certificate, Meeting, Pair, Plan, Standing
from matcher.planning.seating import Seating, seat
from matcher.planning.timetable import arrange

_ALTERNATES = 5
_CAPS = 12  # times a share of a total that itself depends on the share is tightened
_SAME = 1e-9
_CLERK = 1.0  # seconds for completing a plan when the time is up


def plan(
    event: Event,
    pairs: Sequence[Pair],
    seed: int = 0,
    seconds: float = 10.0,
    progress: Progress = silent,
) -> Plan:
    """The best plan found in about `seconds`; at once where it is proven best.

    The same event, pairs (in any order) and seed give the same plan, as long as the time is
    not what ends the search.

    Raises:
        RequestError: no slot to meet in, or `seconds` no number above 0.
        Infeasible: fixed or least meetings that cannot be held; `parties` names whose.
    """
    begun = monotonic()
    if not event.meeting_slots():
        raise RequestError(
            vi="Sự kiện không có lượt gặp nào. Chấp nhận: ít nhất một [[slots]] không phải nghỉ.",
            en="The event has no slot to meet in. Accepted: at least one [[slots]] that is no "
            "break.",
        )
    if not 0 < seconds < inf:
        raise RequestError(
            vi=f"Thời gian tính “{seconds}” không nhận. Chấp nhận: số giây lớn hơn 0.",
            en=f"The time “{seconds}” is not accepted. Accepted: seconds above 0.",
        )
    instance = compile_event(event, pairs, seed)
    progress("pairing", 0, 1)
    share, cap, bound = event.most_share, None, float("inf")
    for _ in range(_CAPS):
        left = max(1.0, seconds - (monotonic() - begun))
        pairing = pair(instance, cap=cap, seconds=left, progress=progress)
        bound = min(bound, pairing.bound) if cap is None else bound
        left = max(0.1, seconds - (monotonic() - begun))
        board, proven = arrange(
            instance,
            pairing,
            cap=cap,
            seed=seed,
            seconds=left,
            progress=progress,
        )
        bound = min(bound, proven) if cap is None else bound
        seating = _seat(board, instance, cap)
        allowed = max(1, floor(share * len(board.slot) + _SAME))
        if share >= 1 or max(board.held, default=0) <= allowed:
            break
        cap = allowed if cap is None else min(allowed, cap - 1)
        if cap < 1:
            break
    board, seating = _completed(board, seating, instance, bound, begun + seconds)
    unplaced = [p for p in np.flatnonzero(pairing.chosen).tolist() if p not in board.slot]
    return Plan.model_construct(
        version=1,
        event=event,
        meetings=_meetings(board, seating),
        alternates=_alternates(board, instance),
        certificate=_certificate(board, instance, bound, monotonic() - begun),
        pairs=instance.pairs,
        settings={"seed": seed, "seconds": seconds, "ortools": version("ortools")},
        policy=_policy(event),
        unplaced=tuple(instance.pairs[p] for p in unplaced),
    )


def _seat(board: Board, instance: Instance, cap: int | None) -> Seating:
    """Tables for all; a meeting without one moves to another slot or is given up."""
    forced = {item.pair for item in instance.fixtures}
    for _ in range(len(instance.slots)):
        seating = seat(board)
        if not seating.stranded:
            return seating
        for item in seating.stranded:
            was = board.remove(item)
            moved = False
            for k in range(len(instance.slots)):
                if k != was and item not in board.kept and board.suits(item, k):
                    board.add(item, k)
                    moved = not seat(board).stranded
                    if moved:
                        break
                    board.remove(item)
            if not moved and item in forced:
                pairing = instance.pairs[item]
                raise Infeasible(
                    vi=f"Cuộc gặp cố định {pairing.demand_owner} – {pairing.supply_owner} không "
                    "có bàn. Chấp nhận: bàn khác hoặc lượt khác.",
                    en=f"There is no table for the fixed meeting {pairing.demand_owner} – "
                    f"{pairing.supply_owner}. Accepted: another table or slot.",
                    parties=(pairing.demand_owner, pairing.supply_owner),
                )
    return seat(board)


def _completed(
    board: Board, seating: Seating, instance: Instance, bound: float, until: float
) -> tuple[Board, Seating]:
    """The plan with what else finds a free table, or a clerk's where that is worth more.

    Only where the plan is not proven best: seating may have cost it meetings that another order
    would have kept.
    """
    event, worth = instance.event, instance.worth
    if bound - float(worth[list(board.slot)].sum()) <= _SAME * max(1.0, bound):
        return board, seating
    until = max(until, monotonic() + _CLERK)
    starts = [_meetings(board, seating)]
    starts += [()] if event.fairness == "value" else []
    number = {(pair.demand_owner, pair.supply_owner): i for i, pair in enumerate(instance.pairs)}
    for start in starts:
        found = first_free(event, instance.pairs, instance.fixtures, until, start)
        if found is None:
            continue
        other, tables = Board(instance), {}
        for meeting in found:
            item = number[meeting.demand_owner, meeting.supply_owner]
            other.add(item, instance.slots.index(meeting.slot))
            tables[item] = meeting.table - 1
        gain = float(worth[list(other.slot)].sum()) - float(worth[list(board.slot)].sum())
        if gain > _SAME and not check(_bare(other, Seating(tables, ()), instance, bound)):
            board, seating = other, Seating(tables, ())
    return board, seating


def _bare(board: Board, seating: Seating, instance: Instance, bound: float) -> Plan:
    """A plan with what the judge reads of it."""
    return Plan.model_construct(
        version=1,
        event=instance.event,
        meetings=_meetings(board, seating),
        alternates={},
        certificate=_certificate(board, instance, bound, 0.0),
        pairs=instance.pairs,
        settings={},
        policy={},
        unplaced=(),
    )


def _meetings(board: Board, seating: Seating) -> tuple[Meeting, ...]:
    """In the order of slots and tables."""
    instance = board.instance
    rows = sorted((k, seating.tables[p], p) for p, k in board.slot.items())
    return tuple(
        Meeting.model_construct(**dict(instance.pairs[p]), slot=instance.slots[k], table=table + 1)
        for k, table, p in rows
    )


def _certificate(board: Board, instance: Instance, bound: float, seconds: float) -> Certificate:
    met = np.array(sorted(board.slot), dtype=np.int64)
    n, worth = instance.n_bodies, instance.worth
    objective = float(worth[met].sum())
    bound = max(bound, objective)
    gap = (bound - objective) / bound if bound > 0 else 0.0
    ends = np.r_[instance.left[met], instance.right[met]]
    value = np.bincount(ends, np.tile(worth[met], 2), minlength=n)
    best = best_alone(instance)
    return Certificate(
        objective=objective,
        bound=bound,
        gap=0.0 if gap < _SAME else gap,
        seconds=round(seconds, 3),
        per_party={
            instance.names[i]: Standing(
                got=board.held[i], value=round(float(value[i]), 9), best=round(float(best[i]), 9)
            )
            for i in range(n)
        },
    )


def best_alone(instance: Instance) -> np.ndarray:
    """The worth of the most each body could have if it were alone."""
    body, pairs, place = instance.ranked
    within = place < np.array(instance.most, dtype=np.int64)[body]
    return np.bincount(body[within], instance.worth[pairs[within]], minlength=instance.n_bodies)


def _alternates(board: Board, instance: Instance) -> dict[str, tuple[str, ...]]:
    """For each owner whom else to meet, best first."""
    placed = np.zeros(len(instance.pairs), dtype=bool)
    placed[list(board.slot)] = True
    body, pairs, _ = instance.ranked
    free = ~placed[pairs] & (instance.worth[pairs] > 0)
    body, pairs = body[free], pairs[free]
    first = np.arange(len(body)) - np.searchsorted(body, body, side="left") < _ALTERNATES
    found: dict[str, list[str]] = {name: [] for name in instance.names}
    for one, item in zip(body[first].tolist(), pairs[first].tolist(), strict=True):
        other = board.left[item] + board.right[item] - one
        found[instance.names[one]].append(instance.names[other])
    return {name: tuple(others) for name, others in found.items()}


def _policy(event: Event) -> dict[str, str]:
    """How meetings were weighed, disclosed in both languages."""
    said = [
        Bilingual(
            f"Giá trị một cuộc gặp = (điểm + {event.wish_weight:g} × nguyện vọng trung bình), "
            "ít nhất 0, nhân trọng số chính sách.",
            f"A meeting is worth (score + {event.wish_weight:g} × mean wish), at least 0, "
            "times the weights of policies.",
        )
    ]
    said += [
        Bilingual(
            f"{item.label}: trọng số {item.weight:g}.", f"{item.label}: weight {item.weight:g}."
        )
        for item in event.policies
    ]
    match event.fairness:
        case "value":
            said.append(Bilingual("Chọn tổng giá trị lớn nhất.", "Chosen: the greatest worth."))
        case "guarantee":
            said.append(
                Bilingual(
                    f"Trước hết nhiều đơn vị nhất có 1, 2, … {event.guarantee} cuộc gặp.",
                    f"First of all as many owners as possible have 1, 2, … {event.guarantee} "
                    "meetings.",
                )
            )
        case "worst-first":
            said.append(
                Bilingual(
                    "Trước hết nâng số cuộc gặp của đơn vị có ít nhất.",
                    "First of all the fewest meetings anybody has are raised.",
                )
            )
    if event.most_share < 1:
        said.append(
            Bilingual(
                f"Mỗi đơn vị nhiều nhất {event.most_share:.0%} số cuộc gặp.",
                f"No owner has more than {event.most_share:.0%} of the meetings.",
            )
        )
    if event.most_probability < 1:
        said.append(
            Bilingual(
                f"Mỗi cặp được xét với xác suất {event.most_probability:g} (bốc thăm theo hạt).",
                f"Each pair is considered with probability {event.most_probability:g} "
                "(a seeded lot).",
            )
        )
    return {
        "vi": " ".join(item.vi for item in said),
        "en": " ".join(item.en for item in said),
    }
