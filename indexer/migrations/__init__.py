"""Alembic migrations of the catalog; run by `indexer.database`, never by hand."""
