"""One file per schema revision. A new one is added to `indexer.schema.REVISIONS` too."""
