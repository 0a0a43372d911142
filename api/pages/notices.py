"""What the next page says about what has just been done, and how to undo it.

Carried in a cookie, because any process may serve the next page; signed with the token of forms,
so that nobody else puts words, or an undo, in front of a reader.
"""

import base64
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal

COOKIE = "cungcau_notice"
LIFETIME = 120  # seconds until the next page must have come
# Browsers drop cookies of 4,096 bytes and more.
_MOST_BYTES = 3_500


@dataclass(frozen=True, slots=True)
class Undo:
    """The form that takes something back: where it is sent, and its fields."""

    action: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence in the reader's language."""

    text: str
    kind: Literal["done", "warning"] = "done"
    undo: Undo | None = None


def write(notice: Notice, token: str) -> str:
    """The value of the cookie; raises ValueError where it is too long for one."""
    payload = json.dumps(asdict(notice), separators=(",", ":")).encode()
    value = f"{base64.urlsafe_b64encode(payload).decode()}.{_signature(payload, token)}"
    if len(value) > _MOST_BYTES:
        raise ValueError(f"a notice of {len(value)} bytes does not fit a cookie")
    return value


def read(value: str, token: str) -> Notice | None:
    """The notice of a cookie; None where it is none of ours."""
    encoded, _, signature = value.partition(".")
    try:
        payload = base64.urlsafe_b64decode(encoded)
    except ValueError:
        return None
    if not hmac.compare_digest(_signature(payload, token).encode(), signature.encode()):
        return None
    held = json.loads(payload)
    undo = Undo(**held["undo"]) if held["undo"] else None
    return Notice(held["text"], held["kind"], undo)


def _signature(payload: bytes, token: str) -> str:
    return hmac.new(b"notice:" + token.encode(), payload, "sha256").hexdigest()
