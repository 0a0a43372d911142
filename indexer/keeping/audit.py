"""The audit: who did what to which record when. Only ever added to, each line sealed with the last.

The digest of a line is the SHA-256 of its fields and of the digest before it, and the row of `meta`
keeps the number and the digest of the last one: a line that is edited, removed or put in between
breaks the chain from there on. Whoever can write the database can also write the chain anew; the
last digest, noted elsewhere, tells (`cungcau doctor` prints it).

Lines name people and records by id, never by name or address: erasing a person leaves the chain
whole.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from indexer.bilingual import Bilingual
from indexer.keeping.moments import now
from indexer.sql.schema import meta
from indexer.sql.serviceschema import audit

START = "0" * 64  # the digest before the first line
_LONGEST_OBJECT, _LONGEST_REQUEST = 250, 40  # characters; an id of a record has at most 200
_SEALED = ("id", "at", "actor", "action", "object", "centre", "request", "detail", "previous")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line to add: `actor` is `Actor.label`, `object` a kind and an id ("record:abc").

    `detail` must be writable as JSON and hold no personal data. `at` is the moment of writing
    where it is "".
    """

    actor: str
    action: str
    object: str = ""
    centre: str = ""
    request: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    at: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: how many lines there are, and the digest of the last."""

    count: int
    digest: str


def append(connection: sa.Connection, entry: Entry) -> int:
    """Adds a line within the caller's writing transaction; returns its number, from 1."""
    return append_all(connection, [entry])


def append_all(connection: sa.Connection, entries: Sequence[Entry]) -> int:
    """Adds lines in their order; returns the number of the last one there is."""
    # The lock keeps two writers from going on from the same line; SQLite has one writer anyway.
    last = connection.execute(
        sa.select(meta.c.audited, meta.c.audit_digest).with_for_update()
    ).one()
    number, digest = int(last.audited), str(last.audit_digest) or START
    rows: list[dict[str, Any]] = []
    for entry in entries:
        number += 1
        row: dict[str, Any] = {
            "id": number,
            "at": entry.at or now(),
            "actor": entry.actor,
            "action": entry.action,
            "object": entry.object[:_LONGEST_OBJECT],
            "centre": entry.centre,
            "request": entry.request[:_LONGEST_REQUEST],
            "detail": _detail(entry.detail),
            "previous": digest,
        }
        row["digest"] = digest = sealed(row)
        rows.append(row)
    if rows:
        connection.execute(sa.insert(audit), rows)
        connection.execute(sa.update(meta).values(audited=number, audit_digest=digest))
    return number


def head(connection: sa.Connection) -> Head:
    """Where the chain ends."""
    row = connection.execute(sa.select(meta.c.audited, meta.c.audit_digest)).one()
    return Head(int(row.audited), str(row.audit_digest) or START)


def sealed(row: Mapping[str, Any]) -> str:
    """The digest of a line: SHA-256 of its other fields as one JSON list, UTF-8."""
    fields = json.dumps([row[name] for name in _SEALED], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(fields.encode("utf-8", errors="surrogatepass")).hexdigest()


def verify(connection: sa.Connection) -> list[Bilingual]:
    """What is wrong with the chain: nothing, or its first broken line."""
    return list(_breaks(connection))[:1]


def _breaks(connection: sa.Connection) -> Iterator[Bilingual]:
    expected, digest = 0, START
    rows = connection.execute(
        sa.select(audit).order_by(audit.c.id).execution_options(yield_per=1000)
    )
    for found in rows.mappings():
        row = {column.name: found[column] for column in audit.columns}
        expected += 1
        if row["id"] != expected:
            yield Bilingual(
                vi=f"Nhật ký kiểm toán thiếu dòng {expected}: đã bị xóa",
                en=f"Line {expected} of the audit is missing: it was removed",
            )
            return
        if row["previous"] != digest or row["digest"] != sealed(row):
            yield Bilingual(
                vi=f"Dòng {expected} của nhật ký kiểm toán đã bị sửa hoặc chèn vào sau",
                en=f"Line {expected} of the audit was changed, or put in later",
            )
            return
        digest = row["digest"]
    end = head(connection)
    if end.count > expected:
        yield Bilingual(
            vi=f"Nhật ký kiểm toán thiếu dòng {expected + 1} đến {end.count} ở cuối: đã bị xóa",
            en=f"Lines {expected + 1} to {end.count} at the end of the audit are missing: removed",
        )
    elif end != Head(expected, digest):
        yield Bilingual(
            vi=f"Nhật ký kiểm toán có {expected} dòng, sổ ghi {end.count}: có dòng bị chèn vào",
            en=f"The audit has {expected} lines where {end.count} were written: some were put in",
        )


def _detail(detail: Mapping[str, Any]) -> str:
    return json.dumps(detail, ensure_ascii=False, sort_keys=True) if detail else ""
