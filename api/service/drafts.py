"""From what somebody wrote to a record: values as spreadsheets may state them, checked by name."""

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import ValidationError

from api import problems
from api.problems import FieldError, ProblemError
from api.schemas.written import RecordFields
from indexer.bilingual import Bilingual
from indexer.errors import BadValue
from indexer.importing.cells import cell_text
from indexer.importing.contacts import take_contacts
from indexer.importing.identity import id_from_code, id_from_content
from indexer.records import (
    DEFAULT_TYPE,
    DEMAND_TYPES,
    TEXT_FIELDS,
    Contact,
    Money,
    Record,
    RecordType,
    Side,
)
from indexer.text import language_of
from indexer.values import parse_codes, parse_date, parse_money, parse_trl, parse_type
from indexer.values import parse_visibility as visibility_of
from indexer.values.money import ACCEPTED as ACCEPTED_MONEY
from indexer.values.money import LARGEST

_NAMES = (
    "owner",
    "field",
    "ip_type",
    "ip_status",
    "ip_number",
    "transfer",
    "cooperation",
    "place",
    "country",
)
_LEAST = -6  # decimals of an amount
_NO_TEXT = BadValue(
    Bilingual(vi="không có tên lẫn nội dung", en="neither a title nor any text"),
    Bilingual(vi="ít nhất tên hoặc mô tả", en="at least a title or a description"),
)


def draft(asked: RecordFields, side: Side, code: str = "", *, place: str = "body") -> Record:
    """The record that `asked` describes; its id is of its code, else of its content.

    Telephone numbers and addresses are taken out of texts and fill the contact where none is
    given. `place` is where `asked` stands in the request.

    Raises:
        ProblemError: 422 with every value that cannot be used.
    """
    errors: list[FieldError] = []
    values = {**_texts(asked), **_read(asked, side, place, errors)}
    text = "\n".join(values[name] for name in (*TEXT_FIELDS, "field") if values.get(name))
    if not any(values.get(name) for name in TEXT_FIELDS) and not values["extra"]:
        errors.append(_refused(f"{place}.title", asked.title, _NO_TEXT))
    if (starts := values.get("starts")) and (ends := values.get("ends")) and starts > ends:
        errors.append(_refused(f"{place}.ends", asked.ends, _reversed(starts.isoformat())))
    if errors:
        raise ProblemError(problems.INVALID, errors=errors)
    values["language"] = asked.language or language_of(text)
    if asked.contact is not None:
        values["contact"] = asked.contact
    name = id_from_code(side, code) if code else ""
    try:
        return Record(
            id=name or id_from_content(side, values["title"], values["owner"], text),
            side=side,
            **values,
        )
    except ValidationError as error:
        said = "; ".join(str(item["msg"]) for item in error.errors())
        raise ProblemError(problems.INVALID, Bilingual(vi=said, en=said)) from error


def _texts(asked: RecordFields) -> dict[str, Any]:
    """The texts, cleaned and without contact data, which become the contact."""
    emails: list[str] = []
    phones: list[str] = []

    def impersonal(text: str) -> str:
        bare, found_emails, found_phones = take_contacts(cell_text(text))
        emails.extend(found_emails)
        phones.extend(found_phones)
        return bare

    values: dict[str, Any] = {
        name: impersonal(getattr(asked, name)) for name in (*TEXT_FIELDS, *_NAMES)
    }
    values["title"] = " ".join(values["title"].split())
    extra = {cell_text(key): impersonal(text) for key, text in asked.extra.items()}
    values["extra"] = {key: text for key, text in extra.items() if key and text}
    if emails or phones:
        values["contact"] = Contact(
            email=", ".join(dict.fromkeys(emails)), phone=", ".join(dict.fromkeys(phones))
        )
    return values


def _read(asked: RecordFields, side: Side, place: str, errors: list[FieldError]) -> dict[str, Any]:
    """The structured values; what cannot be read goes to `errors`."""
    values: dict[str, Any] = {}
    for name, read in _readers(side):
        written = getattr(asked, name)
        if written is None or written == "":
            continue
        try:
            value = read(written)
        except BadValue as bad:
            errors.append(_refused(f"{place}.{name}", written, bad))
            continue
        if value is not None:
            values[name] = value
    values.setdefault("type", DEFAULT_TYPE[side])
    return values


def _readers(side: Side) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    yield "type", lambda value: _type(value, side)
    yield "codes", lambda value: parse_codes(value, "") if isinstance(value, str) else tuple(value)
    yield "trl", lambda value: parse_trl(value) if isinstance(value, str | int) else value
    yield "money", _money
    yield "starts", parse_date
    yield "ends", lambda value: parse_date(value, end=True)
    yield "expires", lambda value: parse_date(value, end=True)
    yield "visibility", visibility_of


def _type(value: RecordType | str, side: Side) -> RecordType | None:
    if isinstance(value, RecordType) and (value in DEMAND_TYPES) is (side is Side.DEMAND):
        return value
    return parse_type(str(value), side)


def _money(value: Money | str) -> Money | None:
    money = parse_money(value) if isinstance(value, str) else value
    ends = [end for end in (money.low, money.high) if end is not None] if money else []
    if any(end > LARGEST or not _LEAST <= int(end.as_tuple().exponent) <= 16 for end in ends):
        raise BadValue(
            Bilingual(vi="số tiền quá lớn hoặc quá lẻ", en="too large or too fine an amount"),
            ACCEPTED_MONEY,
        )
    return money


def _reversed(starts: str) -> BadValue:
    return BadValue(
        Bilingual(
            vi=f"kết thúc trước khi bắt đầu ({starts})", en=f"ends before it starts ({starts})"
        ),
        Bilingual(vi="ngày kết thúc không trước ngày bắt đầu", en="an end on or after the start"),
    )


def _refused(place: str, value: object, bad: BadValue) -> FieldError:
    return FieldError(place, _plain(value), bad.reason, bad.accepted)


def _plain(value: object) -> object:
    """A refused value as it was written."""
    dump = getattr(value, "model_dump_json", None)
    return dump() if dump is not None else value


def said(record: Record) -> RecordFields:
    """What somebody would have written to get `record`, all but its contact: for patches."""
    names = set(RecordFields.model_fields) - {"contact", "organisation"}
    values = {name: getattr(record, name) for name in names}
    for name in ("starts", "ends", "expires"):
        values[name] = values[name].isoformat() if values[name] else None
    # Not validated: what was imported may be longer than what a request may hold.
    return RecordFields.model_construct(_fields_set=names, **values)
