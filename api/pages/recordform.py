"""A record as the fields of a form, and back: only what somebody changed is asked for."""

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from api.pages.form import Form
from indexer.records import DEFAULT_TYPE, TEXT_FIELDS, Code, Contact, Money, Record, Side, TrlRange
from indexer.values import parse_codes
from indexer.values.codes import UNSTATED

CONTACT = ("person", "phone", "email")
PLAIN = (
    "type", *TEXT_FIELDS, "owner", "organisation", "field", "codes", "trl", "ip_type", "ip_status",
    "ip_number", "transfer", "cooperation", "money", "starts", "ends", "place", "country",
    "visibility", "expires", *CONTACT,
)  # fmt: skip
EXTRA = "extra"
FIELDS = (*PLAIN, EXTRA)
_DAYS = ("starts", "ends", "expires")
_SPOKEN = frozenset((*TEXT_FIELDS, "field", EXTRA))  # their words say which language it is in
_DIGEST = 6  # bytes


@dataclass(frozen=True, slots=True)
class Entered:
    """What stands in a form: texts by field, and further entries by their heading."""

    values: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        """The text of a field; that of all further entries is their lines."""
        if name == EXTRA:
            return "\n".join(f"{heading}: {text}" for heading, text in self.extra.items())
        return self.values.get(name, "")

    def changed(self, before: "Entered") -> list[str]:
        """The fields that differ."""
        return [name for name in FIELDS if self[name] != before[name]]

    def taking(self, other: "Entered", names: set[str]) -> "Entered":
        """This with the named fields of another."""
        values = {name: (other if name in names else self)[name] for name in PLAIN}
        return Entered(values, (other if EXTRA in names else self).extra)


def blank(side: Side) -> Entered:
    """The form of a new record."""
    return Entered({"type": DEFAULT_TYPE[side].value, "visibility": "public"})


def entered(form: Form) -> Entered:
    """What a form sent."""
    pairs = zip(form.every("extra_heading"), form.every("extra_text"), strict=False)
    extra = {" ".join(heading.split()): text for heading, text in pairs if heading and text}
    return Entered({name: form[name] for name in PLAIN}, extra)


def shown(record: Record, organisation: str = "", contact: Contact | None = None) -> Entered:
    """A record as a form shows it; its contact only where that is given."""
    values = {name: getattr(record, name) for name in PLAIN if hasattr(record, name)}
    values |= {name: _day(values[name]) for name in _DAYS}
    values |= {
        "codes": _codes(record.codes),
        "trl": _trl(record.trl),
        "money": _money(record.money),
        "organisation": organisation,
    }
    values |= {name: getattr(contact, name) if contact else "" for name in CONTACT}
    extra = {" ".join(heading.split()): _tidy(text) for heading, text in record.extra.items()}
    return Entered({name: _tidy(str(values[name])) for name in PLAIN}, extra)


def asked(now: Entered, before: Entered, old: Record | None = None) -> dict[str, Any]:
    """What is to be written, as the interface for programs takes it: what differs from `before`.

    Raises:
        BadValue: the classification codes cannot be read.
    """
    names = now.changed(before)
    wanted: dict[str, Any] = {
        name: now[name] for name in names if name not in (*CONTACT, EXTRA, "codes")
    }
    if EXTRA in names:
        wanted[EXTRA] = _extra(now.extra, old)
    if "codes" in names:
        wanted["codes"] = codes_of(now["codes"])
    if any(name in names for name in CONTACT):
        wanted["contact"] = {name: now[name] for name in CONTACT}
    if old is not None and _SPOKEN & set(names):
        wanted["language"] = None  # told anew from the words
    return wanted


def _extra(now: Mapping[str, str], old: Record | None) -> dict[str, str]:
    """Entries under the headings as they are stored, where only the words were changed."""
    spelt = {" ".join(heading.split()): heading for heading in old.extra} if old else {}
    return {spelt.get(heading, heading): text for heading, text in now.items()}


def codes_of(text: str) -> list[dict[str, str]]:
    """The codes of "IPC: C02F 3/12; VSIC 2025: 3700"; a scheme holds for those after it.

    Raises:
        BadValue: a code of no scheme that is known.
    """
    found: list[Code] = []
    scheme = ""
    for piece in text.replace("\n", ";").split(";"):
        before, colon, code = piece.rpartition(":")
        scheme = before.strip() if colon else scheme
        found += parse_codes(code.strip(), scheme) if code.strip() else ()
    return [code.model_dump() for code in dict.fromkeys(found)]


def digests(values: Entered) -> str:
    """What stood in every field, too short to be read but enough to compare: for a form to carry
    what it began with."""
    return ",".join(f"{name}:{_digest(values[name])}" for name in FIELDS)


def differing(values: Entered, base: str) -> set[str]:
    """The fields that are not what they were when `digests` made `base`."""
    was = dict(part.split(":", 1) for part in base.split(",") if ":" in part)
    return {name for name in FIELDS if was.get(name) != _digest(values[name])}


def _digest(text: str) -> str:
    return hashlib.blake2b(_tidy(text).encode(errors="replace"), digest_size=_DIGEST).hexdigest()


def _tidy(text: str) -> str:
    """As a browser sends it back and a form reads it."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _day(value: date | None) -> str:
    return f"{value:%d/%m/%Y}" if value else ""


def _trl(value: TrlRange | None) -> str:
    if value is None:
        return ""
    return str(value.low) if value.low == value.high else f"{value.low}-{value.high}"


def _codes(codes: tuple[Code, ...]) -> str:
    parts = []
    for code in codes:
        version = "" if code.version == UNSTATED else f" {code.version}"
        parts.append(f"{code.scheme}{version}: {code.code}")
    return "; ".join(parts)


def _money(value: Money | None) -> str:
    if value is None:
        return ""
    low, high = (None if end is None else _amount(end) for end in (value.low, value.high))
    if low == high:
        return f"{low} {value.currency}"
    if high is None:
        return f"từ {low} {value.currency}"
    return f"đến {high} {value.currency}" if low is None else f"{low} – {high} {value.currency}"


def _amount(value: Decimal) -> str:
    return f"{value:,f}".translate(str.maketrans(",.", ".,"))
