"""Records: written one by one by those who may, read by those who may."""

import sqlalchemy as sa

from api import etags, problems
from api.actors import Actor
from api.problems import ProblemError, invalid
from api.schemas.written import RecordFields, RecordIn, RecordPatch
from api.service.alone import alone
from api.service.deliveries import announce_record
from api.service.drafts import draft, said
from api.service.keepers import Writer, check_write, writer
from indexer.bilingual import Bilingual
from indexer.errors import RequestError
from indexer.importing.identity import id_from_everything
from indexer.keeping.access import LOCAL
from indexer.keeping.audit import Entry, append
from indexer.keeping.records import KeptRecord, find
from indexer.records import Contact, Record, Source
from indexer.sql.changes import distinct, entrust, write


def tag(found: KeptRecord) -> str:
    """The entity tag of a record: of its last change, and of where it was read from last."""
    source = found.record.source
    parts = (source.file, source.sheet, source.row)
    return etags.etag("record", found.record.id, found.version, parts)


def missing(record_id: str) -> ProblemError:
    """404: no record has that id, or none the asker may read."""
    detail = Bilingual(
        vi=f"Không có hồ sơ mã “{record_id}”. Danh sách mã: /v1/records",
        en=f"There is no record with id “{record_id}”. The ids are listed at /v1/records",
    )
    return ProblemError(problems.NOT_FOUND, detail)


def get(connection: sa.Connection, record_id: str, by: Actor) -> KeptRecord:
    """Raises ProblemError: 404, there is none of that id that the actor may read."""
    found = find(connection, by.reader, record_id)
    if found is None:
        raise missing(record_id)
    return found


def create(connection: sa.Connection, asked: RecordIn, by: Actor, request: str = "") -> KeptRecord:
    """A new record, kept by the actor's centre and organisation.

    Raises:
        ProblemError: 403, the actor may not write such a record; 409, there is one of that id;
            422, a value cannot be used.
    """
    alone(connection)
    own = writer(connection, by, asked.side, asked.organisation)
    if own.owner:
        asked = asked.model_copy(update={"owner": own.owner})
    record = draft(asked, asked.side, asked.id or "")
    record = _named(connection, record, asked.id, own, by)
    _store(connection, record, own)
    append(connection, _entry("record.create", record.id, by, request))
    made = _stored(connection, record.id)
    announce_record(connection, "created", made)
    return made


def replace(
    connection: sa.Connection,
    record_id: str,
    asked: RecordFields,
    by: Actor,
    if_match: str | None,
    request: str = "",
) -> KeptRecord:
    """Writes a record anew. Contact, organisation and visibility that are not named stay.

    Raises:
        ProblemError: 403; 404; 412 and 428, `if_match` is not the tag of what is stored; 422, a
            value cannot be used.
    """
    found = _writable(connection, record_id, by, if_match)
    return _change(connection, found, asked, by, request)


def patch(
    connection: sa.Connection,
    record_id: str,
    asked: RecordPatch,
    by: Actor,
    if_match: str | None,
    request: str = "",
) -> KeptRecord:
    """Writes what `asked` names. Raises as `replace`."""
    found = _writable(connection, record_id, by, if_match)
    named = {name: getattr(asked, name) for name in asked.model_fields_set}
    whole = said(found.record).model_copy(update=named)
    return _change(connection, found, whole, by, request)


def remove(
    connection: sa.Connection, record_id: str, by: Actor, if_match: str | None, request: str = ""
) -> None:
    """Takes out a record. Raises ProblemError: 403, 404, 412, 428 as `replace`."""
    gone = _writable(connection, record_id, by, if_match)
    write(connection, {}, [record_id])
    append(connection, _entry("record.delete", record_id, by, request))
    announce_record(connection, "deleted", gone)


def _writable(
    connection: sa.Connection, record_id: str, by: Actor, if_match: str | None
) -> KeptRecord:
    alone(connection)  # so that nobody changes it between this look and the writing
    found = get(connection, record_id, by)
    check_write(by, found.record.side, found.kept)
    etags.require(if_match, tag(found))
    return found


def _change(
    connection: sa.Connection, found: KeptRecord, asked: RecordFields, by: Actor, request: str
) -> KeptRecord:
    old, named = found.record, asked.model_fields_set
    own = writer(connection, by, old.side, asked.organisation if "organisation" in named else None)
    if own.owner:
        asked = asked.model_copy(update={"owner": own.owner})
    new = draft(asked, old.side)
    kept: dict[str, object] = {"id": old.id, "same_as": old.same_as, "source": old.source}
    if "contact" in named:
        kept["contact"] = asked.contact or Contact()
    elif old.contact != Contact():
        kept["contact"] = old.contact
    if "visibility" not in named:
        kept["visibility"] = old.visibility
    new = new.model_copy(update=kept)
    _store(connection, new, None)
    if "organisation" in named and own.kept.organisation != found.kept.organisation:
        entrust(connection, old.id, own.kept.organisation)
    append(connection, _entry("record.update", old.id, by, request))
    changed = _stored(connection, old.id)
    announce_record(connection, "updated", changed)
    return changed


def _named(
    connection: sa.Connection, record: Record, code: str | None, own: Writer, by: Actor
) -> Record:
    """The record under an id nobody has, in the space of ids of the actor.

    Raises:
        ProblemError: 409, there is a record of that id.
    """
    record_id = own.record_id(connection, by, record.id, "body.id")
    first = find(connection, LOCAL, record_id)
    if first is not None and not code and first.record.text() != record.text():
        other = id_from_everything(record.side, record.title, record.owner, record.text())
        record_id = own.record_id(connection, by, other, "body.id")
        first = find(connection, LOCAL, record_id)
    if first is not None:
        raise ProblemError(
            problems.EXISTS,
            Bilingual(
                vi=f"Đã có hồ sơ mã “{record_id}”. Hãy sửa hồ sơ đó bằng PUT, hoặc chọn mã khác.",
                en=f"There is a record with id “{record_id}” already. Change it with PUT, or "
                "choose another id.",
            ),
        )
    return record.model_copy(update={"id": record_id, "source": Source()})


def _store(connection: sa.Connection, record: Record, own: Writer | None) -> None:
    try:
        incoming, _ = distinct([record], ())
    except RequestError as error:  # characters that no database can keep
        raise invalid("body", record.id, error.message, _STORABLE) from error
    write(connection, incoming, [], own.kept if own else None)


def _stored(connection: sa.Connection, record_id: str) -> KeptRecord:
    """The record as it is now; also where the change took it out of the writer's own sight."""
    found = find(connection, LOCAL, record_id)
    if found is None:
        raise missing(record_id)
    return found


def _entry(action: str, record_id: str, by: Actor, request: str) -> Entry:
    return Entry(by.label, action, f"record:{record_id}", by.centre, request)


def tell_contact_read(
    connection: sa.Connection, found: KeptRecord, by: Actor, request: str = ""
) -> None:
    """Notes in the audit that the actor is shown the contact of a record."""
    append(connection, _entry("contact.read", found.record.id, by, request))


_STORABLE = Bilingual(vi="văn bản không có ký tự điều khiển", en="text without control characters")
