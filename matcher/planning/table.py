"""The tables of an event and the rooms they stand in."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from matcher.planning.ranges import Ranges
from matcher.planning.slot import Count, Name, Part


class Table(Part):
    """A table; with an owner it is a booth, where its owner's meetings are and nobody else's."""

    name: Name
    room: str = ""
    owner: str = ""
    unavailable: Ranges = ""


Tables = Annotated[tuple[Table, ...], Field(min_length=1, max_length=10_000)]


class Room(Part):
    """A room and the minutes of walking to other rooms, the same both ways."""

    name: Name
    walk: Mapping[str, Count] = {}
