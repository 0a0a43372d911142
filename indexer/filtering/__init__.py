"""What conditions ask of the records of an index, as arrays: no database is asked in a search."""
