"""Decisions that rest on several rows: made one at a time, in whichever process."""

import sqlalchemy as sa

from indexer.sql.schema import meta


def alone(connection: sa.Connection) -> None:
    """Holds until the transaction ends that nobody else decides: call before reading what a
    decision rests on. SQLite has one writer anyway."""
    connection.execute(sa.select(meta.c.id).with_for_update())
