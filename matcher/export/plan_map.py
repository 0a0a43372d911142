"""Where the tables stand to each other: a grid for each room, in the order of the event file."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, sqrt

from matcher.export.clean import clean, shorten
from matcher.planning.event import Table

MOST = 600  # tables; with more, none could be made out on a page
_WIDE, _HIGH, _ROOM = 44, 30, 26
_NAME = 5  # characters that fit a table
_LETTER = 14  # height of their letters
_PAPER, _HEIGHT, _MOST = 115.0, 46.0, 0.4  # mm on paper: the whole map, and a unit at the most
_READABLE = 2.0  # mm: letters of 5.7 pt


@dataclass(frozen=True, slots=True)
class Spot:
    """A table's rectangle, `_WIDE` x `_HIGH` less a gap, by its upper left corner."""

    x: int
    y: int
    name: str
    width: int = _WIDE - 4
    height: int = _HIGH - 4


@dataclass(frozen=True, slots=True)
class TableMap:
    """`spots[i]` is table i + 1; `rooms` are (y of the line, name)."""

    width: int
    height: int
    spots: tuple[Spot, ...]
    rooms: tuple[tuple[int, str], ...]

    @property
    def unit(self) -> float:
        """mm of a unit on paper."""
        return min(_PAPER / self.width, _HEIGHT / self.height, _MOST)

    @property
    def names_readable(self) -> bool:
        return self.unit * _LETTER >= 0.9 * _READABLE

    @property
    def letter(self) -> float:
        """Height in units of letters that can be read on paper, for the tables that matter."""
        return round(max(_LETTER, _READABLE / self.unit), 1)

    def at(self, tables: Iterable[int]) -> list[Spot]:
        return [self.spots[number - 1] for number in sorted(set(tables))]


def table_map(places: tuple[Table, ...]) -> TableMap | None:
    """The map, twice as wide as high; None where there are more than `MOST` tables."""
    if not 1 <= len(places) <= MOST:
        return None
    across = max(1, min(len(places), ceil(sqrt(len(places) * 2 * _HIGH / _WIDE))))
    rooms: dict[str, list[int]] = {}
    for number, place in enumerate(places):
        rooms.setdefault(place.room, []).append(number)
    spots: dict[int, Spot] = {}
    names, y = [], 0
    for room, members in rooms.items():
        if room:
            names.append((y + _ROOM - 8, shorten(clean(room), 60)))
            y += _ROOM
        for order, number in enumerate(members):
            x, line = order % across * _WIDE, order // across * _HIGH
            spots[number] = Spot(x + 2, y + line + 2, shorten(clean(places[number].name), _NAME))
        y += ceil(len(members) / across) * _HIGH
    ordered = tuple(spots[number] for number in range(len(places)))
    return TableMap(across * _WIDE, y, ordered, tuple(names))
