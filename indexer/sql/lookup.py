"""Records by id, for one search after another: what was read once is not read again.

A record is known by its id and the hash of its content, so that what is remembered is never older
than the catalog. Contacts and places it was read from are no part of it: no search shows them.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from threading import Lock

import sqlalchemy as sa

from indexer.records import Record
from indexer.sql.changes import chunks
from indexer.sql.schema import bodies, records
from indexer.sql.stored import restored

_KEPT = 20_000  # records of some 4 kB
_Key = tuple[str, str]

_known: OrderedDict[_Key, Record] = OrderedDict()
_lock = Lock()


def look_up(
    connection: sa.Connection, ids: Iterable[str], conditions: Sequence[sa.ColumnElement[bool]]
) -> dict[str, Record]:
    """The records of these ids that satisfy all `conditions`, by id, without contact and source.

    Raises:
        pydantic.ValidationError: a body is not a record.
    """
    keys: list[_Key] = []
    for chunk in chunks(ids):
        query = sa.select(records.c.id, records.c.content_hash).where(records.c.id.in_(chunk))
        keys.extend((key, name) for key, name in connection.execute(query.where(*conditions)).all())
    with _lock:
        found = {key: _known[key] for key in keys if key in _known}
        for key in found:
            _known.move_to_end(key)
    new = {key[0]: key for key in keys if key not in found}
    if new:
        read = {new[key]: restored(body, "", "", 0) for key, body in _bodies(connection, new)}
        _remember(read)
        found |= read
    return {key[0]: found[key] for key in keys if key in found}


def _bodies(connection: sa.Connection, ids: Iterable[str]) -> list[tuple[str, str]]:
    query = sa.select(bodies.c.record_id, bodies.c.body)
    return [
        (key, body)
        for chunk in chunks(ids)
        for key, body in connection.execute(query.where(bodies.c.record_id.in_(chunk))).all()
    ]


def _remember(read: Mapping[_Key, Record]) -> None:
    with _lock:
        _known.update(read)
        while len(_known) > _KEPT:
            _known.popitem(last=False)
