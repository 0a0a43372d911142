"""The catalog's database: tables, changes, revisions."""
