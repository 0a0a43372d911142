"""A slot of an event: when a meeting may be held."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

_YEARS = 2000, 2199  # far enough from the ends of the calendar for any time zone and length


class Part(BaseModel):
    """An entry of an event: unknown keys and figures that are no numbers are refused."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False
    )


def _a_moment(text: str) -> str:
    year = datetime.strptime(text, "%Y-%m-%d %H:%M").year
    if not _YEARS[0] <= year <= _YEARS[1]:
        raise ValueError(f"{text!r} is not in the years {_YEARS[0]} to {_YEARS[1]}")
    return text


class Slot(Part):
    """One meeting time in the event's local clock: `2027-05-20 09:00`. In a break nobody meets."""

    starts: Annotated[
        str, Field(pattern=r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}$"), AfterValidator(_a_moment)
    ]
    minutes: Annotated[int, Field(ge=5, le=240)] = 20
    is_break: Annotated[bool, Field(alias="break")] = False
