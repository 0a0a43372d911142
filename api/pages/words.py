"""The words of the pages: written in Vietnamese, translated to English from `locale/`."""

import gettext
from functools import cache
from pathlib import Path

from indexer.bilingual import Language

LOCALE = Path(__file__).parent / "locale"
Words = gettext.NullTranslations


@cache
def words_of(language: Language) -> Words:
    """The translations into a language; of Vietnamese, what the pages say as it is written."""
    if language == "vi":
        return gettext.NullTranslations()
    return gettext.translation("messages", LOCALE, [language])
