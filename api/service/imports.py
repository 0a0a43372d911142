"""Imports: many records at once, with what becomes of every row, stored whole or not at all."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from api.actors import Actor
from api.schemas.imports import Outcome
from api.service.alone import alone
from api.service.deliveries import announce
from api.service.keepers import Writer, may_write, writer
from indexer.bilingual import Bilingual
from indexer.errors import BadValue, RequestError
from indexer.importing.files import Batch, Understood
from indexer.importing.rejects import Reject
from indexer.keeping.access import Reader, readable
from indexer.keeping.audit import Entry, append
from indexer.keeping.keeper import Kept
from indexer.records import Contact, Record, Side, Visibility
from indexer.sql.changes import chunks, write
from indexer.sql.schema import contacts, meta, records
from indexer.sql.stored import Stored, folded, stored


@dataclass(slots=True)
class Row:
    """What becomes of one row; `record` is None where it was rejected."""

    sheet: str
    number: int
    outcome: Outcome
    record: Record | None = None
    alike: tuple[str, ...] = ()
    rejects: list[Reject] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Imported:
    """What became, or would become, of an import; `version` is the catalog's after it."""

    rows: tuple[Row, ...]
    columns: tuple[Understood, ...]
    notices: tuple[Bilingual, ...]
    version: int


@dataclass(frozen=True, slots=True)
class _Known:
    """What is stored under an id, and whether the importer may read it."""

    side: Side
    kept: Kept
    visibility: Visibility
    digest: str
    seen: bool


def bring(
    connection: sa.Connection,
    batch: Batch,
    by: Actor,
    *,
    organisation: str | None = None,
    dry_run: bool = False,
    request: str = "",
) -> Imported:
    """Stores a batch within the caller's transaction; with `dry_run`, only looks what would be.

    A record that is there is changed where it differs. What a table does not tell of is not
    lost: visibility and contact stay where no column gave any.

    Raises:
        ProblemError: 403, the actor may not import; 422, the centre has no such organisation.
    """
    if not dry_run:
        alone(connection)
    own = writer(connection, by, None, organisation)
    taken: list[Row] = []
    named = list(_named(connection, batch.records, own, by.reader, taken))
    known = _known(connection, [record.id for record in named], by.reader)
    told = _contacts(connection, [r.id for r in named if r.id in known and r.contact == Contact()])
    titles = _titles(connection, named, by.reader)
    incoming: dict[str, Stored] = {}
    for record in named:
        row = _row(record, known.get(record.id), told, by)
        taken.append(row)
        if row.record is None:
            continue
        try:
            item = stored(row.record)
        except RequestError as error:
            taken[-1] = _rejected(record, error.message, _STORABLE)
            continue
        there = known.get(record.id)
        if there is not None:
            same = there.digest == item.record["content_hash"]
            row.outcome = "unchanged" if same else "updated"
        else:
            row.alike = tuple(titles.get((record.side, folded(record.title)), ()))
        incoming[record.id] = item
    version = _version(connection)
    if not dry_run:
        kept = None if by.kind == "local" and not organisation else own.kept
        version = write(connection, incoming, [], kept).version
    found = Imported(_in_order(batch, taken), batch.columns, batch.notices, version)
    if not dry_run:
        entry = _entry(found, by, request)
        append(connection, entry)
        announce(connection, own.kept.centre, "records.imported", entry.detail)
    return found


def _named(
    connection: sa.Connection,
    found: Sequence[Record],
    own: Writer,
    reader: Reader,
    rejected: list[Row],
) -> Iterator[Record]:
    """The records under the ids of the centre. Offers and needs are numbered by different people:
    a code that the other side has already gets its side before it."""
    names = {record.id: _qualified(own, record.id) for record in found}
    usable = [name for name in names.values() if name is not None]
    known = _known(connection, usable, reader)
    for record in found:
        name = names[record.id]
        if name is not None and name in known and known[name].side is not record.side:
            name = names[record.id] = _qualified(own, f"{record.side.value}-{record.id}")
        if name is None:
            rejected.append(_rejected(record, *_LONG))
    for record in found:
        name = names[record.id]
        if name is None:
            continue
        change = {"id": name, "same_as": names.get(record.same_as) or ""}
        if own.owner:
            change["owner"] = own.owner
        yield record.model_copy(update=change) if change != _said(record) else record


def _said(record: Record) -> dict[str, str]:
    return {"id": record.id, "same_as": record.same_as}


def _qualified(own: Writer, id: str) -> str | None:
    try:
        return own.qualified(id)
    except BadValue:
        return None


def _row(record: Record, known: _Known | None, told: Mapping[str, Contact], by: Actor) -> Row:
    """The row as it is to be stored, its outcome not yet compared; or rejected."""
    source = record.source
    if known is None:
        return Row(source.sheet, source.row, "inserted", record)
    if (
        not known.seen
        or known.side is not record.side
        or not may_write(by, record.side, known.kept)
    ):
        return _rejected(record, *_IN_USE)
    stays: dict[str, object] = {}
    if "visibility" not in record.model_fields_set:
        stays["visibility"] = known.visibility
    if record.contact == Contact() and record.id in told:
        stays["contact"] = told[record.id]
    return Row(
        source.sheet,
        source.row,
        "updated",
        record.model_copy(update=stays) if stays else record,
    )


def _known(connection: sa.Connection, ids: Iterable[str], reader: Reader) -> dict[str, _Known]:
    found: dict[str, _Known] = {}
    column = records.c
    seen = sa.case((readable(reader), 1), else_=0)
    query = sa.select(
        column.id,
        column.side,
        column.centre,
        column.organisation,
        column.visibility,
        column.content_hash,
        seen,
    )
    for chunk in chunks(ids):
        for key, side, centre, organisation, tier, digest, read in connection.execute(
            query.where(column.id.in_(chunk))
        ):
            kept = Kept(centre, organisation)
            found[key] = _Known(Side(side), kept, Visibility(tier), digest, bool(read))
    return found


def _contacts(connection: sa.Connection, ids: Iterable[str]) -> dict[str, Contact]:
    found = {}
    for chunk in chunks(ids):
        query = sa.select(contacts).where(contacts.c.record_id.in_(chunk))
        for key, person, phone, email in connection.execute(query):
            found[key] = Contact(person=person, phone=phone, email=email)
    return found


def _titles(
    connection: sa.Connection, incoming: Sequence[Record], reader: Reader
) -> dict[tuple[Side, str], list[str]]:
    """Ids of records the reader knows that have the title of one that comes in, by title."""
    own = {record.id for record in incoming}
    wanted = {folded(record.title) for record in incoming if record.title} - {""}
    found: dict[tuple[Side, str], list[str]] = {}
    for chunk in chunks(sorted(wanted)):
        query = sa.select(records.c.id, records.c.side, records.c.title_key).where(
            records.c.title_key.in_(chunk), readable(reader)
        )
        for key, side, title in connection.execute(query.order_by(records.c.id)):
            if key not in own:
                found.setdefault((Side(side), title), []).append(key)
    return found


def _in_order(batch: Batch, taken: Sequence[Row]) -> tuple[Row, ...]:
    """One row for every row of the file, in its order: also the rejected and the repeated."""
    rows = {(row.sheet, row.number): row for row in taken}
    for _, again in batch.repeats:
        source = again.source
        place = source.sheet, source.row
        rows.setdefault(place, Row(source.sheet, source.row, "repeated", again))
    for reject in batch.rejects:
        row = rows.setdefault((reject.sheet, reject.row), Row(reject.sheet, reject.row, "rejected"))
        row.rejects.append(reject)
    sheets = {sheet: at for at, sheet in enumerate(dict.fromkeys(place[0] for place in rows))}
    return tuple(rows[place] for place in sorted(rows, key=lambda p: (sheets[p[0]], p[1])))


def _rejected(record: Record, reason: Bilingual, accepted: Bilingual) -> Row:
    source = record.source
    reject = Reject(source.file, source.sheet, source.row, "id", record.id, reason, accepted)
    return Row(source.sheet, source.row, "rejected", None, rejects=[reject])


def _version(connection: sa.Connection) -> int:
    return int(connection.scalar(sa.select(meta.c.version)) or 0)


def _entry(found: Imported, by: Actor, request: str) -> Entry:
    counted = Counter(str(row.outcome) for row in found.rows)
    return Entry(by.label, "record.import", "", by.centre, request, dict(counted))


_STORABLE = Bilingual(vi="văn bản không có ký tự điều khiển", en="text without control characters")
_LONG = (
    Bilingual(vi="mã không dùng được", en="the id cannot be used"),
    Bilingual(vi="mã ngắn hơn, chỉ gồm ký tự in được", en="a shorter id of printable characters"),
)
_IN_USE = (
    Bilingual(vi="mã này đã có hồ sơ khác dùng", en="another record has this id"),
    Bilingual(vi="một mã chưa dùng, hoặc để trống", en="an unused id, or none"),
)
