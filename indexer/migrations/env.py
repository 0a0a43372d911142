"""Runs the migrations on the connection, and in the transaction, that the catalog opened."""

from alembic import context

import indexer.sql.serviceschema  # noqa: F401 - adds its tables
from indexer.sql.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    # SQLite can roll back DDL; the caller's connection begins its transactions itself.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
