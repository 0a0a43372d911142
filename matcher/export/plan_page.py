"""agendas.html: a sheet of paper for every participant, to print and hand out."""

from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from indexer.bilingual import Bilingual, Language
from matcher.export.clean import clean
from matcher.export.plan_agendas import Agenda
from matcher.export.plan_handout import NONE_YET, REPLACES, Sheet, Type, Types
from matcher.export.plan_map import TableMap
from matcher.planning.event import Event

# What plan_agendas.css makes of each class.
_TYPES = Types(
    {
        "large": Type(19.0, 6.9, 31, 5.5, 2, 3.4),
        "middle": Type(16.0, 5.7, 38, 4.6, 1, 2.0),
        "small": Type(11.0, 4.9, 46, 0.0, 0, 1.0),
    },
    room=160.0,
    characters=34,
    title=12.0,
)


def write_agendas(
    event: Event,
    chosen: Sequence[Agenda],
    sheets: Iterable[Sheet],
    chart: TableMap | None,
    path: Path,
    *,
    language: Language,
) -> None:
    """Writes the sheets of `chosen`, one a page. It opens, and prints, in `language`; the reader
    can change to the other or to both. No script runs in it, and it loads nothing."""
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.filters |= {"both": _both}
    parts = environment.from_string(_asset("plan_agendas.html")).generate(
        language=language,
        event=clean(event.name),
        place=clean(event.place),
        style=Markup(_asset("plan_agendas.css")),
        map=chart,
        names=[(agenda.stem, clean(agenda.owner)) for agenda in chosen],
        replaces=REPLACES,
        none_yet=NONE_YET,
        sheets=sheets,
        types=_TYPES,
    )
    with path.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
        file.writelines(parts)


def _both(words: Bilingual) -> Markup:
    """The words in both languages; the style sheet shows the one chosen, or both."""
    if words.vi == words.en:
        return escape(words.vi)
    vi, en = escape(words.vi), escape(words.en)
    return Markup(
        f'<span lang="vi">{vi}</span><span class="and"> · </span><span lang="en">{en}</span>'
    )


def _asset(name: str) -> str:
    return files("matcher.export").joinpath(name).read_text(encoding="utf-8")
