"""The reader's language: asked by option or environment, else the machine's, else English."""

import locale
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # loading the package takes longer than asking for the language
    from indexer.bilingual import Language


LANGUAGES = ("vi", "en")


def choose_language(argv: Sequence[str], environ: Mapping[str, str]) -> "Language":
    """vi or en from `--lang`, CUNGCAU_LANG, LC_ALL/LC_MESSAGES/LANG, the system locale."""
    if asked := asked_language(argv, environ):
        return "vi" if asked == "vi" else "en"
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(name, ""):
            return "vi" if value.casefold().startswith("vi") else "en"
    system = locale.getlocale()[0] or ""
    return "vi" if system.casefold().startswith("vi") else "en"


def asked_language(argv: Sequence[str], environ: Mapping[str, str]) -> str:
    """What was asked for by `--lang` or CUNGCAU_LANG, whether we speak it or not; "" for none."""
    return _option(argv) or environ.get("CUNGCAU_LANG", "")


def _option(argv: Sequence[str]) -> str:
    for position, word in enumerate(argv):
        if word == "--lang" and position + 1 < len(argv):
            return argv[position + 1]
        if word.startswith("--lang="):
            return word.removeprefix("--lang=")
    return ""
