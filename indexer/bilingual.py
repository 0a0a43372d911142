"""A sentence for people, in the two languages the project speaks."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["vi", "en"]


@dataclass(frozen=True, slots=True)
class Bilingual:
    """One message in Vietnamese and English; `say` picks the reader's language."""

    vi: str
    en: str

    def say(self, language: Language) -> str:
        return self.vi if language == "vi" else self.en
