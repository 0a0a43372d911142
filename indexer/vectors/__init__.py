"""Vectors, and who is near."""
