"""A slot of an event: when a meeting may be held."""

import re
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from matcher.planning.unfit import Unfit

_YEARS = 2000, 2199  # far enough from the ends of the calendar for any time zone and length
_DAY_FIRST = re.compile(r"^(\d{1,2})[/.](\d{1,2})[/.](\d{4})[ ,]+(\d{1,2}):(\d{2})$")
_ISO = re.compile(r"^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::00)?$")
Name = Annotated[str, Field(min_length=1)]
Count = Annotated[int, Field(ge=0, le=10_000)]


class Part(BaseModel):
    """An entry of an event: unknown keys and figures that are no numbers are refused."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False
    )


def _as_iso(value: object) -> object:
    """`20/05/2027 9:00`, `2027-05-20T09:00:00` and dates of a file's own as `2027-05-20 09:00`."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if not isinstance(value, str):
        return value
    if found := _DAY_FIRST.match(value.strip()):
        day, month, year, hour, minute = (int(part) for part in found.groups())
        return f"{year:04d}-{month:02d}-{day:02d} {hour:02d}:{minute:02d}"
    found = _ISO.match(value.strip())
    return f"{found[1]} {found[2]}" if found else value


def _a_moment(text: str) -> str:
    try:
        year = datetime.strptime(text, "%Y-%m-%d %H:%M").year
    except ValueError as error:
        raise Unfit(
            f"{text!r} không phải thời điểm có thật trong lịch",
            f"{text!r} is no time there is in the calendar",
        ) from error
    if not _YEARS[0] <= year <= _YEARS[1]:
        raise Unfit(
            f"{text!r} không thuộc các năm {_YEARS[0]} đến {_YEARS[1]}",
            f"{text!r} is not in the years {_YEARS[0]} to {_YEARS[1]}",
        )
    return text


# Kept as `2027-05-20 09:00`, however it was written.
Moment = Annotated[
    str,
    BeforeValidator(_as_iso),
    Field(pattern=r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}$"),
    AfterValidator(_a_moment),
]


class Slot(Part):
    """One meeting time in the event's local clock: `2027-05-20 09:00`. In a break nobody meets."""

    starts: Moment
    minutes: Annotated[int, Field(ge=5, le=240)] = 20
    is_break: Annotated[bool, Field(alias="break")] = False
