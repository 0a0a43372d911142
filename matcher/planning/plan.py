"""A plan: the meetings chosen, each with slot and table, and the certificate that says how good."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from indexer.bilingual import Bilingual
from indexer.errors import RequestError
from matcher.planning.event import Event
from matcher.planning.unfit import why_unfit

_ACCEPTED = Bilingual(
    "plan.json do cungcau plan ghi, version 1", "plan.json as cungcau plan writes it, version 1"
)
_MOST_REPLANS = 1_000_000


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Pair(_Value):
    """Two owners who could meet; `score` (0..1) and the record ids are of their best match."""

    demand_owner: str
    supply_owner: str
    score: Annotated[float, Field(ge=0, le=1)]
    demand: str = ""
    supply: str = ""


class Meeting(Pair):
    """A pair at a slot and a table, both counted from 1 as `Event.slots` and `Event.places()` are.

    `score` is the pair's score; what the meeting is worth to the plan is `Event.worth`.
    """

    slot: Annotated[int, Field(ge=1)]
    table: Annotated[int, Field(ge=1)]


class Standing(_Value):
    """What one owner got: meetings, their summed worth, and the most it could get alone."""

    got: Annotated[int, Field(ge=0)]
    value: float
    best: float


class Certificate(_Value):
    """How good a plan is: no plan for this event is worth more than `bound`.

    objective: summed worth of the meetings; gap: (bound - objective) / bound, 0 for an empty
    bound; per_party: standing by owner name. With a fairness that gives up worth, `bound` still
    is of the worth alone and the gap is what fairness costs at the most.
    """

    objective: float
    bound: float
    gap: float
    seconds: Annotated[float, Field(ge=0)]
    per_party: Mapping[str, Standing] = {}


class Plan(_Value):
    """A timetable with all that checking, explaining or repairing it needs.

    `alternates` maps an owner's name to the other owners it could meet, best first. `unplaced`
    are meetings that are worth having but found no slot. `policy` says in words, per language,
    how the meetings were chosen; `settings` holds seed, seconds and the versions used.
    """

    version: Literal[1] = 1
    event: Event
    meetings: tuple[Meeting, ...] = ()
    alternates: Mapping[str, tuple[str, ...]] = {}
    certificate: Certificate
    pairs: tuple[Pair, ...] = ()
    settings: Mapping[str, str | int | float] = {}
    policy: Mapping[str, str] = {}
    unplaced: tuple[Pair, ...] = ()

    @field_validator("settings")
    @classmethod
    def _counts(cls, settings: Mapping[str, str | int | float]) -> Mapping[str, str | int | float]:
        replans = settings.get("replans", 0)
        if not isinstance(replans, int) or not 0 <= replans <= _MOST_REPLANS:
            raise ValueError(f"replans is {replans!r}, not a number from 0 to {_MOST_REPLANS}")
        return settings

    def to_json(self) -> str:
        """One JSON document; `Plan.from_json` reads it back equal."""
        return self.model_dump_json(by_alias=True, exclude_defaults=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> "Plan":
        """RequestError names the first place that is not accepted."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            if first["type"] == "json_invalid":
                raise RequestError(
                    vi=f"Kế hoạch không phải JSON hợp lệ. Chấp nhận: {_ACCEPTED.vi}.",
                    en=f"The plan is not valid JSON. Accepted: {_ACCEPTED.en}.",
                ) from error
            place = ".".join(str(part) for part in first["loc"]) or "1"
            value, why = str(first["input"])[:80], why_unfit(first)
            raise RequestError(
                vi=f"Kế hoạch, mục {place}: không nhận “{value}”"
                + (f" ({why.vi}). " if why else ". ")
                + f"Chấp nhận: {_ACCEPTED.vi}.",
                en=f"Plan, entry {place}: “{value}” is not accepted "
                f"({why.en if why else first['msg']}). "
                f"Accepted: {_ACCEPTED.en}.",
            ) from error


def read_plan(path: Path) -> Plan:
    """The plan of a file; RequestError where it cannot be read or is not a plan."""
    if path.is_dir():
        raise RequestError(
            vi=f"{path} là thư mục. Chấp nhận: {_ACCEPTED.vi}, ví dụ {path / 'plan.json'}.",
            en=f"{path} is a folder. Accepted: {_ACCEPTED.en}, such as {path / 'plan.json'}.",
        )
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "UTF-8"
        raise RequestError(
            vi=f"Không đọc được kế hoạch {path} ({why}). Chấp nhận: {_ACCEPTED.vi}.",
            en=f"The plan {path} cannot be read ({why}). Accepted: {_ACCEPTED.en}.",
        ) from error
    return Plan.from_json(text)
