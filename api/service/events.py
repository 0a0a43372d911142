"""Events of a centre: described as an event file describes one, and kept in that form."""

import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import sqlalchemy as sa

from api import etags, problems
from api.actors import Actor
from api.problems import FieldError, ProblemError
from api.service.alone import alone
from indexer.bilingual import Bilingual
from indexer.errors import RequestError
from indexer.keeping.audit import Entry, append
from indexer.keeping.moments import now
from indexer.sql.serviceschema import events
from matcher.planning.event import Event
from matcher.planning.eventfile import event_of, event_of_text, read_event
from matcher.planning.eventtoml import to_toml

MOST = 200  # events of one centre
LONGEST_NAME = 200
FILE = Path("event.toml")  # how errors call an event that came in a request
ENDINGS = (".toml", ".yaml", ".yml", ".xlsx", ".xlsm", ".xls", ".ods")


@dataclass(frozen=True)
class Stored:
    """An event as stored; `body` is its file, TOML."""

    id: str
    centre: str
    name: str
    body: str
    created: str
    version: int

    @property
    def etag(self) -> str:
        return etags.etag("event", self.id, self.version)

    @cached_property
    def event(self) -> Event:
        return event_of_text(self.body, FILE)


@dataclass(frozen=True, slots=True)
class Described:
    """An event to be stored: its name in lists, and its file."""

    name: str
    body: str


def described(
    name: str | None, body: str | None, event: Mapping[str, Any] | None, language: str = "toml"
) -> Described:
    """What a request describes: `body` is TOML or YAML, or `event` says the same as JSON.

    Raises:
        ProblemError: 422, both or neither; or an event that cannot be, with its line.
    """
    if (body is None) == (event is None):
        raise problems.invalid("body", None, _ONE_OF, _ONE_OF_ACCEPTED)
    place = "body.event" if body is None else "body.body"
    path = FILE.with_suffix(f".{language}") if body is not None else FILE
    try:
        read = event_of(event, path) if body is None else event_of_text(body, path)
    except RequestError as error:
        raise refused(place, error.message) from error
    kept = body if body is not None and language == "toml" else to_toml(read)
    return _checked(name or read.name, kept, "body.name" if name else place)


def of_file(name: str, content: BinaryIO) -> Described:
    """What an uploaded file describes: TOML, YAML or a workbook, as its ending says.

    Raises:
        ProblemError: 422, another ending, or an event that cannot be, with its line.
    """
    ending = Path(name.replace("\\", "/")).suffix.lower()
    if ending not in ENDINGS:
        raise problems.invalid("body.file", name, _ENDING, _same(", ".join(ENDINGS)))
    with tempfile.TemporaryDirectory(prefix="cungcau-event-") as folder:
        path = Path(folder) / f"event{ending}"
        path.write_bytes(content.read())
        try:
            read = read_event(path)
        except RequestError as error:
            said = error.message
            prefix = f"{folder}/"
            plain = Bilingual(said.vi.replace(prefix, ""), said.en.replace(prefix, ""))
            raise refused("body.file", plain) from error
        kept = path.read_text("utf-8-sig") if ending == ".toml" else to_toml(read)
    return _checked(read.name, kept, "body.file")


def add(connection: sa.Connection, wanted: Described, by: Actor, request: str = "") -> Stored:
    """A new event of the actor's centre.

    Raises:
        ProblemError: 409, the centre has too many.
    """
    alone(connection)
    own = sa.select(sa.func.count()).where(events.c.centre == by.centre)
    if connection.execute(own).scalar_one() >= MOST:
        raise ProblemError(problems.NOT_POSSIBLE, _TOO_MANY)
    made = Stored(secrets.token_hex(8), by.centre, wanted.name, wanted.body, now(), 1)
    connection.execute(
        sa.insert(events).values({c.name: getattr(made, c.name) for c in events.columns})
    )
    append(connection, _entry("event.create", made, by, request))
    return made


def get(connection: sa.Connection, id_: str, by: Actor) -> Stored:
    """Raises ProblemError: 404, the actor's centre has none of that id."""
    row = connection.execute(sa.select(events).where(events.c.id == id_, _own(by))).one_or_none()
    if row is None:
        raise ProblemError(
            problems.NOT_FOUND,
            Bilingual(
                vi=f"Không có sự kiện mã “{id_}”. Danh sách: /v1/events",
                en=f"There is no event with id “{id_}”. The list: /v1/events",
            ),
        )
    return Stored(**row._mapping)


def page(connection: sa.Connection, by: Actor, after: str, limit: int) -> list[Stored]:
    """The events of the actor's centre, by id after `after`."""
    query = sa.select(events).where(events.c.id > after, _own(by))
    rows = connection.execute(query.order_by(events.c.id).limit(limit))
    return [Stored(**row._mapping) for row in rows]


def change(
    connection: sa.Connection,
    id_: str,
    wanted: Described,
    by: Actor,
    if_match: str | None,
    request: str = "",
) -> Stored:
    """Describes an event anew. Runs that were started before keep the event as it was.

    Raises:
        ProblemError: 404; 412 and 428, `if_match` is not the tag of what is stored.
    """
    alone(connection)
    found = get(connection, id_, by)
    etags.require(if_match, found.etag)
    if (wanted.name, wanted.body) != (found.name, found.body):
        values = {"name": wanted.name, "body": wanted.body, "version": found.version + 1}
        connection.execute(sa.update(events).where(events.c.id == id_).values(values))
        append(connection, _entry("event.update", found, by, request))
    return get(connection, id_, by)


def remove(
    connection: sa.Connection, id_: str, by: Actor, if_match: str | None, request: str = ""
) -> None:
    """Takes out an event; what its runs have made stays. Raises as `change`."""
    alone(connection)
    found = get(connection, id_, by)
    etags.require(if_match, found.etag)
    connection.execute(sa.delete(events).where(events.c.id == id_))
    append(connection, _entry("event.delete", found, by, request))


def refused(place: str, said: Bilingual) -> ProblemError:
    """The problem of an event file, changes or a plan: `said` names line and what is accepted."""
    error = FieldError(place, None, said, _ACCEPTED)
    return ProblemError(problems.INVALID, said, [error])


def _own(by: Actor) -> sa.ColumnElement[bool]:
    return sa.true() if by.reader.everything else events.c.centre == by.centre


def _checked(name: str, body: str, place: str) -> Described:
    if len(name) > LONGEST_NAME or not name.isprintable() or not name.strip():
        raise problems.invalid(place, name, _NAME, _NAME_ACCEPTED)
    return Described(name, body)


def _entry(action: str, event: Stored, by: Actor, request: str) -> Entry:
    return Entry(by.label, action, f"event:{event.id}", event.centre, request)


def _same(text: str) -> Bilingual:
    return Bilingual(text, text)


_ACCEPTED = Bilingual(
    vi="tệp sự kiện như docs/events.md mô tả", en="an event file as docs/events.md describes it"
)
_ONE_OF = Bilingual(vi="cần đúng một trong hai", en="exactly one of the two is needed")
_ONE_OF_ACCEPTED = Bilingual(
    vi="body (tệp sự kiện, TOML hoặc YAML) hoặc event (cùng nội dung, JSON)",
    en="body (an event file, TOML or YAML) or event (the same as JSON)",
)
_ENDING = Bilingual(vi="không đọc được loại tệp này", en="no file of a kind that is read")
_NAME = Bilingual(vi="tên không dùng được", en="not a usable name")
_NAME_ACCEPTED = Bilingual(vi="1 đến 200 ký tự in được", en="1 to 200 printable characters")
_TOO_MANY = Bilingual(
    vi=f"Trung tâm đã có {MOST} sự kiện. Hãy xóa bớt.",
    en=f"The centre has {MOST} events. Remove one first.",
)
