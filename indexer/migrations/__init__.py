"""Alembic migrations of the catalog; run by `indexer.sql.database`, never by hand."""
