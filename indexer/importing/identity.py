"""Stable ids: a record keeps its id when a corrected file is imported again.

The id is the file's own code. A code without letters ("17") is common to every numbered list,
so it carries its side: "demand-17". Without a code the id is the side and twelve hexadecimal
digits of SHA-256 over the title and the owner, or over owner and text where there is no title,
blanks and case aside: a corrected description keeps its id.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence, Set

from indexer.records import Record, Side

LONGEST_CODE = 150


def id_from_code(side: Side, code: str) -> str:
    """The id of a record whose file gives it a code."""
    code = " ".join(code.split())
    return code if any(sign.isalpha() for sign in code) else f"{side.value}-{code}"


def id_from_content(side: Side, title: str, owner: str, text: str) -> str:
    """The id of a record without a code: equal for equal title and owner (without a title: for
    equal owner and text)."""
    return _digest(side, (title, owner) if title.strip() else ("", owner, text))


def id_from_everything(side: Side, title: str, owner: str, text: str) -> str:
    """The id of a further record with the same title and owner but another text."""
    return _digest(side, (title, owner, text))


def apart(
    records: Sequence[Record], taken: Mapping[Side, Set[str]]
) -> tuple[tuple[Record, ...], list[tuple[str, str]]]:
    """The records, those with an id `taken` by the other side renamed; and (old, new) of these.

    Offers and needs are numbered by different people: the same code on both sides is two records.
    """
    names = {
        record.id: f"{record.side.value}-{record.id}"
        for record in records
        if record.id in taken[record.side]
    }
    if not names:
        return tuple(records), []
    kept = tuple(
        record.model_copy(
            update={
                "id": names.get(record.id, record.id),
                "same_as": names.get(record.same_as, record.same_as),
            }
        )
        for record in records
    )
    return kept, sorted(names.items())


def _digest(side: Side, parts: Iterable[str]) -> str:
    body = "\n".join(
        " ".join(unicodedata.normalize("NFC", part).casefold().split()) for part in parts
    )
    return f"{side.value}-{hashlib.sha256(body.encode()).hexdigest()[:12]}"
