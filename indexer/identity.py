"""Stable ids: a record keeps its id when a corrected file is imported again.

The id is the file's own code. A code without letters ("17") is common to every numbered list,
so it carries its side: "demand-17". Without a code the id is the side and twelve hexadecimal
digits of SHA-256 over the title, the owner and the text, blanks and case aside.
"""

import hashlib
import unicodedata
from collections.abc import Iterable

from indexer.records import Side

LONGEST_CODE = 150


def id_from_code(side: Side, code: str) -> str:
    """The id of a record whose file gives it a code."""
    code = " ".join(code.split())
    return code if any(sign.isalpha() for sign in code) else f"{side.value}-{code}"


def id_from_content(side: Side, title: str, owner: str, texts: Iterable[str]) -> str:
    """The id of a record without a code: equal for equal title, owner and text."""
    parts = (title, owner, " ".join(texts))
    body = "\n".join(
        " ".join(unicodedata.normalize("NFC", part).casefold().split()) for part in parts
    )
    return f"{side.value}-{hashlib.sha256(body.encode()).hexdigest()[:12]}"
