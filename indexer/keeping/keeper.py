"""Who keeps a record, and what its id is then: no two centres can collide, or probe each other."""

from dataclasses import dataclass

from indexer.bilingual import Bilingual
from indexer.errors import BadValue

LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """The centre that keeps a record and the organisation of it that the record belongs to."""

    centre: str = ""
    organisation: str = ""


def qualified(centre: str, id: str) -> str:
    """The id of a centre's record: `<centre>/<id>`, and as it is in the centre without a name.

    An id that has the centre already, as an export writes it, stays as it is.

    Raises:
        BadValue: the id is too long, or holds characters no id may hold.
    """
    found = id if not centre or id.startswith(f"{centre}/") else f"{centre}/{id}"
    if not id.strip() or len(found) > LONGEST_ID or not id.isprintable():
        room = LONGEST_ID - len(found) + len(id)
        raise BadValue(
            Bilingual(vi="mã không dùng được", en="the id cannot be used"),
            Bilingual(vi=f"1 đến {room} ký tự in được", en=f"1 to {room} printable characters"),
        )
    return found
