"""`python -m api.pages.translations`: puts the English of the pages together.

The pages are written in Vietnamese. Their English stands in `locale/en/parts/NOUN.po`, one file for
every group of pages; this merges them into the catalog that the pages read, and says what is
missing. Needs Babel, which the pages themselves do not.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from api.pages.words import LOCALE

_PAGES = Path(__file__).parent
_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
_OPTIONS = {
    "templates/**.html": {
        "trimmed": "true",
        "silent": "false",
        "trim_blocks": "true",
        "lstrip_blocks": "true",
        "newstyle_gettext": "true",
    }
}
# So that the same parts make the same files.
_UNDATED = datetime(2026, 1, 1, tzinfo=UTC)
_HEADER = "# Made by `python -m api.pages.translations` from parts/*.po: edit those.\n#"
# A sentence, or its forms for one and for many.
Key = str | tuple[str, ...]


@dataclass(frozen=True)
class Merged:
    """The English catalog, and what is wrong with its parts: sentences that name the place."""

    catalog: Catalog
    faults: list[str] = field(default_factory=list)


def extracted() -> dict[Key, str]:
    """Every sentence of the pages, with the place it stands first."""
    found: dict[Key, str] = {}
    for name, line, key, *_ in extract_from_dir(_PAGES, _METHODS, _OPTIONS):
        found.setdefault(key, f"{name}:{line}")
    return found


def merged() -> Merged:
    """All parts as one catalog in the order of the sentences' places."""
    wanted, faults = extracted(), []
    given: dict[Key, tuple[Message, str]] = {}
    for part, message in _messages():
        key: Key = message.id if isinstance(message.id, str) else tuple(message.id)
        earlier = given.get(key)
        if key not in wanted:
            faults.append(f"{part}: no page says {_shown(key)}")
        elif earlier and earlier[0].string != message.string:
            faults.append(f"{part}: {_shown(key)} is translated otherwise in {earlier[1]}")
        if _empty(message):
            faults.append(f"{part}: {_shown(key)} has no translation")
        given[key] = message, part
    catalog = Catalog(
        locale="en",
        header_comment=_HEADER,
        fuzzy=False,
        creation_date=_UNDATED,
        revision_date=_UNDATED,
    )
    for key, place in wanted.items():
        if key not in given:
            faults.append(f"{place}: {_shown(key)} is not translated")
            continue
        message = given[key][0]
        catalog.add(key, message.string, flags=message.flags)
        faults += [f"{given[key][1]}: {error}" for error in catalog[_first(key)].check(catalog)]
    return Merged(catalog, faults)


def files_of(catalog: Catalog) -> Mapping[Path, bytes]:
    """The files the pages read, and what belongs in them."""
    folder = LOCALE / "en" / "LC_MESSAGES"
    readable, compiled = BytesIO(), BytesIO()
    write_po(readable, catalog, width=100, omit_header=True, sort_output=True)
    write_mo(compiled, catalog)
    text = catalog.header_comment.encode() + b"\n\n" + readable.getvalue()
    return {folder / "messages.po": text, folder / "messages.mo": compiled.getvalue()}


def main() -> int:
    """Writes the files; 1 where something is missing or stale, which is said."""
    made = merged()
    for path, content in files_of(made.catalog).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for fault in made.faults:
        print(fault, file=sys.stderr)  # noqa: T201 - people's words
    return 1 if made.faults else 0


def _messages() -> Iterator[tuple[str, Message]]:
    for path in sorted((LOCALE / "en" / "parts").glob("*.po")):
        with path.open("rb") as file:
            part = read_po(file, locale="en", abort_invalid=True)
        for message in part:
            if message.id:
                yield path.name, message


def _first(key: Key) -> str:
    return key if isinstance(key, str) else key[0]


def _empty(message: Message) -> bool:
    strings = message.string if isinstance(message.string, tuple) else (message.string,)
    return message.fuzzy or not all(strings)


def _shown(key: Key) -> str:
    return f"“{_first(key)}”"


if __name__ == "__main__":
    sys.exit(main())
