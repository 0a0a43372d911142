"""Records, their catalog, and the index made from it."""
