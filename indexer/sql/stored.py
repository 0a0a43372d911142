"""A record as the catalog's tables hold it, and back."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic_core import PydanticSerializationError

from indexer.errors import RequestError
from indexer.records import Contact, Record, Source
from indexer.sql.schema import FOLDED
from indexer.text import fold, normalise

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stored:
    """Column values of one record by table; `contact` is None where nothing is known."""

    record: Values
    body: Values
    contact: Values | None


@lru_cache(maxsize=8_192)  # owners, fields and places stand in many records
def folded(text: str) -> str:
    """The form in which text is compared: no case, accents, unseen characters, double blanks."""
    return " ".join(fold(normalise(text)).split()) if text else ""


def stored(record: Record) -> Stored:
    """The column values of `record`, all but its version.

    Raises:
        RequestError: the record holds characters no database can keep.
    """
    contact, source = record.contact.model_dump(), record.source.model_dump()
    try:
        # Without defaults, so that a field added later does not change what is stored.
        body = record.model_dump_json(exclude={"contact", "source"}, exclude_defaults=True)
        digest = content_hash(body, **contact)
        apart = "".join([*contact.values(), source["file"], source["sheet"]])
        apart.encode()
    except (PydanticSerializationError, UnicodeEncodeError) as error:
        raise _unstorable(record.id) from error
    if "\0" in apart or any(char < " " or char == "\x7f" for char in record.id):
        raise _unstorable(record.id)
    return Stored(
        record={**filters(record), "content_hash": digest},
        body={
            "record_id": record.id,
            "body": body,
            "source_file": source["file"],
            "source_sheet": source["sheet"],
            "source_row": source["row"],
        },
        contact={"record_id": record.id, **contact} if any(contact.values()) else None,
    )


def content_hash(body: str, person: str, phone: str, email: str) -> str:
    """SHA-256 of a body and a contact as they stand in the database.

    Of the stored text, not of the record read from it: a later program version, whose records
    have more fields, still finds the hash right.
    """
    contact = json.dumps([person, phone, email], ensure_ascii=False)
    return hashlib.sha256(f"{body}\n{contact}".encode()).hexdigest()


def filters(record: Record) -> Values:
    """The columns of `records` that follow from the record alone."""
    money = record.money
    # PostgreSQL takes no NUL in text; in the body JSON escapes it.
    texts = {name: getattr(record, name).replace("\0", "") for name in FOLDED}
    return {
        "id": record.id,
        "side": record.side.value,
        "type": record.type.value,
        **texts,
        **{f"{name}_key": folded(text) for name, text in texts.items()},
        "trl_low": record.trl.low if record.trl else None,
        "trl_high": record.trl.high if record.trl else None,
        "money_low": None if money is None or money.low is None else float(money.low),
        "money_high": None if money is None or money.high is None else float(money.high),
        "currency": money.currency if money else "",
        "language": record.language,
        "visibility": record.visibility.value,
        "starts": record.starts,
        "ends": record.ends,
        "expires": record.expires,
        "same_as": record.same_as.replace("\0", ""),
    }


def restored(
    body: str,
    source_file: str,
    source_sheet: str,
    source_row: int,
    contact: Iterable[str | None] = (None, None, None),
) -> Record:
    """The record of one joined row.

    Raises:
        pydantic.ValidationError: the body is not a record.
    """
    record = Record.model_validate_json(body)
    person, phone, email = contact
    apart: dict[str, Contact | Source] = {}
    if person is not None and phone is not None and email is not None:
        apart["contact"] = Contact(person=person, phone=phone, email=email)
    if source_file or source_sheet or source_row:
        apart["source"] = Source(file=source_file, sheet=source_sheet, row=source_row)
    return record.model_copy(update=apart) if apart else record


def _unstorable(record_id: str) -> RequestError:
    return RequestError(
        vi=f"Hồ sơ {record_id!r} chứa ký tự không thể lưu (ký tự điều khiển hoặc mã Unicode hỏng).",
        en=f"Record {record_id!r} holds characters that cannot be stored "
        "(control characters or broken Unicode).",
    )
