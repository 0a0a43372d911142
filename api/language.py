"""The reader's language: asked by option or environment, else the machine's, else English."""

import locale
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # loading the package takes longer than asking for the language
    from indexer.bilingual import Language


def choose_language(argv: Sequence[str], environ: Mapping[str, str]) -> "Language":
    """vi or en from `--lang`, CUNGCAU_LANG, LC_ALL/LC_MESSAGES/LANG, the system locale."""
    asked = _option(argv) or environ.get("CUNGCAU_LANG", "")
    if asked:
        return "vi" if asked.casefold().startswith("vi") else "en"
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(name, ""):
            return "vi" if value.casefold().startswith("vi") else "en"
    system = locale.getlocale()[0] or ""
    return "vi" if system.casefold().startswith("vi") else "en"


def _option(argv: Sequence[str]) -> str:
    for position, word in enumerate(argv):
        if word == "--lang" and position + 1 < len(argv):
            return argv[position + 1]
        if word.startswith("--lang="):
            return word.removeprefix("--lang=")
    return ""
