"""What is wrong with a value of an event, in both languages."""

from collections.abc import Mapping
from typing import Any

from indexer.bilingual import Bilingual


class Unfit(ValueError):  # noqa: N818 - a value, not a failure of the program
    """A value an event cannot hold; `str()` is the English sentence."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.message = Bilingual(vi=vi, en=en)


def why_unfit(error: Mapping[str, Any]) -> Bilingual | None:
    """What one error of pydantic says in our own words; None where it has none of them."""
    cause = error.get("ctx", {}).get("error")
    return cause.message if isinstance(cause, Unfit) else None
