"""One file per schema revision. A new one is added to `indexer.sql.schema.REVISIONS` too."""
