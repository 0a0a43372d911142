"""How long work tells its caller how far it is."""

from collections.abc import Callable

# (stage, done, total): `stage` is a short English key, `total` 0 when unknown.
Progress = Callable[[str, int, int], None]


def silent(stage: str, done: int, total: int) -> None:
    """The progress of work nobody watches."""
