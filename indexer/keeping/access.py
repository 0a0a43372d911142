"""Who may read which record: one rule, asked of the database and of arrays alike.

- public: everybody;
- restricted: whoever has signed in, at any centre of the network;
- private: the staff of the centre that keeps the record, and the organisation it belongs to;
- confidential: the organisation it belongs to and those it grants; where it belongs to none, the
  staff of its centre who may change it.
"""

from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from indexer.filtering.dictionary import Mask
from indexer.filtering.fieldtable import FieldTable
from indexer.records import Visibility
from indexer.sql.schema import records
from indexer.sql.serviceschema import grants


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads records.

    `everything` is the person at this machine, whose service has no other readers. `staff` may
    read what is private to `centre`; `keeper` may also change it. `organisation` is "" for people
    of none.
    """

    centre: str = ""
    organisation: str = ""
    everything: bool = False
    signed_in: bool = False
    staff: bool = False
    keeper: bool = False


LOCAL = Reader(everything=True, signed_in=True, staff=True, keeper=True)
ANONYMOUS = Reader()


def readable(reader: Reader) -> sa.ColumnElement[bool]:
    """The condition on `records` that holds for what `reader` may read."""
    if reader.everything:
        return sa.true()
    tier, column = records.c.visibility, records.c
    allowed = [tier == Visibility.PUBLIC.value]
    if reader.signed_in:
        allowed.append(tier == Visibility.RESTRICTED.value)
    if reader.signed_in and reader.organisation:
        granted = sa.select(grants.c.record_id).where(grants.c.organisation == reader.organisation)
        allowed.append(column.organisation == reader.organisation)
        allowed.append(column.id.in_(granted))
    if reader.staff:
        of_centre = column.centre == reader.centre
        allowed.append(sa.and_(of_centre, tier == Visibility.PRIVATE.value))
    if reader.keeper:
        allowed.append(sa.and_(column.centre == reader.centre, column.organisation == ""))
    return sa.or_(*allowed)


def readable_rows(fields: FieldTable, reader: Reader) -> Mask:
    """The rows that `reader` may read without grants, shape (n,)."""
    if reader.everything:
        return np.ones(len(fields), dtype=bool)
    tier, centre = fields.texts["visibility"], fields.texts["centre"]
    organisation = fields.texts["organisation"]
    allowed = tier.equal(Visibility.PUBLIC.value)
    if reader.signed_in:
        allowed |= tier.equal(Visibility.RESTRICTED.value)
    if reader.signed_in and reader.organisation:
        allowed |= organisation.equal(reader.organisation)
    if reader.staff:
        allowed |= centre.equal(reader.centre) & tier.equal(Visibility.PRIVATE.value)
    if reader.keeper:
        allowed |= centre.equal(reader.centre) & organisation.equal("")
    return allowed
