"""The page of an evaluation: tables, charts, the needs served worst."""
