"""A live index: searched while its catalog changes."""
