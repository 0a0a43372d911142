"""Signatures of webhooks, by the rules of standardwebhooks.com, whose libraries check them.

The secret is "whsec_" and the key in base64. What is signed is "ID.TIMESTAMP.BODY", by HMAC-SHA256;
the header holds "v1," and the signature in base64.
"""

import base64
import hashlib
import hmac
import secrets

_PREFIX = "whsec_"
_KEY_BYTES = 32


def new_secret() -> str:
    """A secret nobody can guess, shown once to who receives the messages."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()


def headers(secret: str, message: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of one message; `timestamp` is in seconds since 1970, UTC."""
    return {
        "webhook-id": message,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, message, timestamp, body),
    }


def signature(secret: str, message: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`."""
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    signed = f"{message}.{timestamp}.".encode() + body
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()
