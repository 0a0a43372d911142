"""An event: who takes part, in which slots, at which tables."""

import tomllib
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from indexer.errors import RequestError
from indexer.owners import owner_key
from indexer.records import Record

_ACCEPTED = (
    'name = "…", place = "…", tables = 24, '
    '[[slots]] starts = "2027-05-20 09:00" minutes = 20 (5–240), '
    '[[participants]] owner = "…" most_meetings = 8'
)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _a_moment(text: str) -> str:
    datetime.strptime(text, "%Y-%m-%d %H:%M")
    return text


class Slot(_Part):
    """One meeting time, as the organiser writes it: `2027-05-20 09:00`."""

    starts: Annotated[
        str, Field(pattern=r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}$"), AfterValidator(_a_moment)
    ]
    minutes: Annotated[int, Field(ge=5, le=240)] = 20


class Participant(_Part):
    """An organisation that takes part, by its name in the records."""

    owner: Annotated[str, Field(min_length=1)]
    most_meetings: Annotated[int, Field(ge=0)] | None = None


class Event(_Part):
    """What an event file says. Without participants, every owner of a record takes part."""

    name: Annotated[str, Field(min_length=1)]
    place: str = ""
    tables: Annotated[int, Field(ge=1)] = 10
    slots: tuple[Slot, ...] = ()
    participants: tuple[Participant, ...] = ()

    def invites(self, record: Record) -> bool:
        """Whether the owner of `record` takes part."""
        return not self.participants or owner_key(record.owner) in self._owners

    def strangers(self, records: Iterable[Record]) -> list[str]:
        """Participants by whom there is no record."""
        known = {owner_key(record.owner) for record in records}
        return [item.owner for item in self.participants if owner_key(item.owner) not in known]

    @cached_property
    def _owners(self) -> frozenset[str]:
        return frozenset(owner_key(item.owner) for item in self.participants)


def read_event(path: Path) -> Event:
    """The event of a TOML file; RequestError names the file, the place and what is accepted."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise RequestError(
            vi=f"Không mở được tệp sự kiện {path}: {error.strerror}.",
            en=f"The event file {path} cannot be opened: {error.strerror}.",
        ) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RequestError(
            vi=f"Tệp sự kiện {path} không phải TOML hợp lệ (UTF-8): {error}.",
            en=f"The event file {path} is not valid TOML in UTF-8: {error}.",
        ) from error
    try:
        return Event.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        value = str(first["input"])[:80]
        raise RequestError(
            vi=f"Tệp sự kiện {path}, mục {place}: không nhận “{value}”. Chấp nhận: {_ACCEPTED}.",
            en=f"The event file {path}, entry {place}: “{value}” is not accepted. "
            f"Accepted: {_ACCEPTED}.",
        ) from error
