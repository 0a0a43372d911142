"""Rules of an event: what excludes a pair, what prefers one, and why."""
