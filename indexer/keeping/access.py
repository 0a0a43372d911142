"""Who may read which record: one rule, asked of the database and of arrays alike.

- public: everybody;
- restricted: whoever has signed in, at any centre of the network;
- private: the staff of the centre that keeps the record, and the organisation it belongs to;
- confidential: the organisation it belongs to and those it grants; where it belongs to none, the
  staff of its centre who may change it.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from indexer.records import Visibility
from indexer.sql.schema import records
from indexer.sql.serviceschema import grants

Mask = NDArray[np.bool_]


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


@dataclass(frozen=True)
class Keeping:
    """Who keeps the rows of one side of an index: arrays (n,) in the order of its rows."""

    ids: tuple[str, ...]
    tiers: NDArray[np.str_]
    centres: NDArray[np.str_]
    organisations: NDArray[np.str_]

    def mask(self, reader: Reader, granted: Collection[str] = ()) -> Mask | None:
        """The rows `reader` may read, shape (n,); None for all. `granted` are ids granted to the
        reader's organisation."""
        if reader.everything:
            return None
        allowed = self.tiers == Visibility.PUBLIC.value
        if reader.signed_in:
            allowed |= self.tiers == Visibility.RESTRICTED.value
        if reader.signed_in and reader.organisation:
            allowed |= self.organisations == reader.organisation
            if granted:
                allowed |= np.isin(self.ids, list(granted))
        if reader.staff:
            of_centre = self.centres == reader.centre
            allowed |= of_centre & (self.tiers == Visibility.PRIVATE.value)
        if reader.keeper:
            allowed |= (self.centres == reader.centre) & (self.organisations == "")
        return np.asarray(allowed, dtype=bool)
