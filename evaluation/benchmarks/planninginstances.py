"""The events that plans are made for: how many needs, offers, slots and tables, and who is away."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from matcher.planning.event import Event
from matcher.planning.plan import Pair

Instance = tuple[Event, list[Pair]]
_WISHES = ("very high", "high", "low", "very low", "veto")


def _slots(n: int) -> list[dict[str, Any]]:
    return [
        {"starts": f"2027-05-{20 + k // 15:02d} {8 + k % 15 // 2:02d}:{k % 15 % 2 * 30:02d}"}
        for k in range(n)
    ]


def _pairs(
    demands: Sequence[str], supplies: Sequence[str], each: int, rng: np.random.Generator
) -> list[Pair]:
    """`each` candidates of every need, with their scores; 0: all of them."""
    found = []
    for demand in demands:
        chosen = np.arange(len(supplies))
        if 0 < each < len(supplies):
            chosen = rng.choice(len(supplies), each, replace=False)
        for j, score in zip(chosen.tolist(), rng.random(len(chosen)).tolist(), strict=True):
            if demand != supplies[j]:
                found.append(
                    Pair(demand_owner=demand, supply_owner=supplies[j], score=round(score, 4))
                )
    return found


def full(demands: int, supplies: int, slots: int, tables: int, each: int, seed: int) -> Instance:
    """Everybody there all the time."""
    rng = np.random.default_rng(seed)
    event = Event.model_validate({"name": "full", "slots": _slots(slots), "tables": tables})
    ends = [f"Cầu {i}" for i in range(demands)], [f"Cung {i}" for i in range(supplies)]
    return event, _pairs(*ends, each, rng)


def absent(each: int, seed: int) -> Instance:
    """500 x 500, 20 slots, 120 tables; each there in 70% of slots, 10% on both sides."""
    rng = np.random.default_rng(seed)
    both = [f"Hai {i}" for i in range(50)]
    demands = [*(f"Cầu {i}" for i in range(450)), *both]
    supplies = [*(f"Cung {i}" for i in range(450)), *both]
    people = [
        {
            "owner": name,
            "available": ",".join(str(k + 1) for k in range(20) if rng.random() < 0.7),
        }
        for name in dict.fromkeys([*demands, *supplies])
    ]
    event = Event.model_validate(
        {"name": "absent", "slots": _slots(20), "tables": 120, "participants": people}
    )
    return event, _pairs(demands, supplies, each, rng)


def ruled(seed: int) -> Instance:
    """60 x 90 under every kind of rule there is."""
    rng = np.random.default_rng(seed)
    demands, supplies = [f"Cầu {i}" for i in range(60)], [f"Cung {i}" for i in range(90)]
    slots = _slots(11)
    slots[5]["break"] = True
    people = []
    for name in [*demands, *supplies]:
        away = ",".join(str(k + 1) for k in range(11) if rng.random() < 0.1)
        people.append(
            {
                "owner": name,
                "unavailable": away,
                "most_meetings": int(rng.integers(3, 8)),
                "people": 2 if rng.random() < 0.1 else 1,
                "languages": [str(rng.choice(["vi", "vi", "en"]))],
                "online": bool(rng.random() < 0.1),
                "groups": ["SME"] if rng.random() < 0.3 else [],
            }
        )
    tables = [{"name": str(i + 1), "room": "AB"[i % 2]} for i in range(20)]
    tables += [{"name": f"G{i}", "room": "A", "owner": f"Cung {i}"} for i in range(4)]
    ends = rng.integers(0, 60, 40), rng.integers(0, 90, 40)
    wishes = [
        {"from": f"Cầu {i}", "to": f"Cung {j}", "degree": _WISHES[k % 5]}
        for k, (i, j) in enumerate(zip(*(part.tolist() for part in ends), strict=True))
    ]
    event = Event.model_validate(
        {
            "name": "ruled",
            "slots": slots,
            "tables": tables,
            "rooms": [{"name": "A", "walk": {"B": 8}}],
            "participants": people,
            "least_meetings": 1,
            "wishes": wishes,
            "fixed": [{"demand": "Cầu 59", "supply": "Cung 89", "slot": 3, "table": 1}],
            "met": [{"one": "Cầu 1", "other": "Cung 2"}],
            "interpreters": 6,
            "most_in_a_row": 4,
            "policies": [{"label": "SME", "group": "SME", "weight": 1.2}],
            "rules": [{"kind": "forbid", "party": "Cầu 3", "others": ["Cung 4"]}],
        }
    )
    free = [day for day in people if day["owner"] in ("Cầu 59", "Cung 89")]
    for day in free:
        day["unavailable"] = ""
    event = Event.model_validate({**event.model_dump(by_alias=True), "participants": people})
    return event, _pairs(demands, supplies, 0, rng)


LARGEST = "1000 x 4000, 30 slots, 400 tables"
INSTANCES: dict[str, Callable[[int], Instance]] = {
    "50 x 150, 12 slots, 30 tables": lambda seed: full(50, 150, 12, 30, 0, seed),
    "200 x 600, 16 slots, 80 tables": lambda seed: full(200, 600, 16, 80, 40, seed),
    "200 x 600, all pairs": lambda seed: full(200, 600, 16, 80, 0, seed),
    LARGEST: lambda seed: full(1000, 4000, 30, 400, 100, seed),
    "500 x 500, 70% there, 10% both sides": lambda seed: absent(60, seed),
    "every kind of rule": ruled,
}
