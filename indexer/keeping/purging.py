"""Overwriting what deleted rows leave behind in the file of a database."""

import time
from contextlib import closing
from typing import Any

import sqlalchemy as sa

_TRIES, _PAUSE = 20, 0.1  # seconds between two looks whether readers have left the old pages


def purge(engine: sa.Engine) -> bool:
    """Writes the database anew without the pages and parts of pages that were freed.

    SQLite: the file and its write-ahead log then hold nothing of deleted rows; false where a
    reader holds on to an old state, so that the log could not be emptied yet. PostgreSQL: freed
    rows are given up for overwriting; the files are the server's, see docs/personal-data.md.
    """
    with closing(engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
        if engine.dialect.name != "sqlite":
            # VACUUM takes no part in transactions, and the engine begins one for everything.
            connection.rollback()
            session: Any = connection.driver_connection
            session.autocommit = True
            try:
                cursor.execute("VACUUM")
            finally:
                session.autocommit = False
            return True
        cursor.execute("VACUUM")
        for _ in range(_TRIES):
            busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not busy:
                return True
            time.sleep(_PAUSE)
    return False
