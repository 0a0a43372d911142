"""agendas.html: a sheet of paper for every participant, to print and hand out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import groupby
from math import ceil
from pathlib import Path

import jinja2
import segno
from markupsafe import Markup, escape

from indexer.bilingual import Bilingual, Language
from indexer.progress import Progress, silent
from indexer.records import Side
from matcher.export.clean import clean, shorten
from matcher.export.plan_agendas import Agenda, Agendas, Appointment
from matcher.export.plan_map import Spot, TableMap, table_map
from matcher.export.plan_names import side_of

_QR_BYTES = 700  # of text; the squares of a longer one are too small for a telephone
_ALTERNATES = 3
_DAYS = (
    Bilingual("Thứ Hai", "Monday"),
    Bilingual("Thứ Ba", "Tuesday"),
    Bilingual("Thứ Tư", "Wednesday"),
    Bilingual("Thứ Năm", "Thursday"),
    Bilingual("Thứ Sáu", "Friday"),
    Bilingual("Thứ Bảy", "Saturday"),
    Bilingual("Chủ nhật", "Sunday"),
)


# What the style sheet makes of each size, in mm: a day's heading, a line of a partner's name and
# its characters, a line of what it is about, how many of those, and the space around a row.
_SIZES = {
    "large": (19.0, 6.9, 31, 5.5, 2, 3.4),
    "middle": (16.0, 5.7, 38, 4.6, 1, 2.0),
    "small": (11.0, 4.9, 46, 0.0, 0, 1.0),
}
_ROOM = 160.0  # mm of an A4 page that are left to the meetings
_TITLE = 12.0  # mm of a further line of the owner's name


@dataclass(frozen=True, slots=True)
class Row:
    """One meeting: `about` is what the partner brings to it."""

    time: str
    table: str
    room: str
    partner: str
    about: str
    interpreter: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that one page says. `size` is the class of its type: large, middle or small."""

    owner: str
    anchor: str
    side: Bilingual
    delegation: str
    days: tuple[tuple[Bilingual, tuple[Row, ...]], ...]
    size: str
    alternates: tuple[str, ...]
    spots: tuple[Spot, ...]
    code: Markup


def write_agendas(
    agendas: Agendas,
    chosen: Sequence[Agenda],
    path: Path,
    *,
    language: Language,
    progress: Progress = silent,
) -> None:
    """Writes a page for each of `chosen`. It opens, and prints, in `language`; the reader can
    change to the other or to both. No script runs in it, and it loads nothing."""
    plan, chart = agendas.plan, table_map(agendas.plan.event.places())
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.filters |= {"both": _both}
    parts = environment.from_string(_asset("plan_agendas.html")).generate(
        language=language,
        event=clean(plan.event.name),
        place=clean(plan.event.place),
        style=Markup(_asset("plan_agendas.css")),
        map=chart,
        names=[(agenda.stem, clean(agenda.owner)) for agenda in chosen],
        sheets=_sheets(agendas, chosen, chart, progress),
    )
    with path.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
        file.writelines(parts)


def _sheets(
    agendas: Agendas, chosen: Sequence[Agenda], chart: TableMap | None, progress: Progress
) -> Iterator[Sheet]:
    for done, agenda in enumerate(chosen, start=1):
        yield _sheet(agendas, agenda, chart)
        if done % 50 == 0 or done == len(chosen):
            progress("export agendas", done, len(chosen))


def _sheet(agendas: Agendas, agenda: Agenda, chart: TableMap | None) -> Sheet:
    meetings = agenda.appointments
    days = tuple(
        (_day(items[0]), tuple(_row(item) for item in items))
        for items in (
            list(group) for _, group in groupby(meetings, key=lambda item: item.starts.date())
        )
    )
    return Sheet(
        owner=clean(agenda.owner),
        anchor=agenda.stem,
        side=side_of(agenda),
        delegation=clean(agenda.participant.delegation) if agenda.participant else "",
        days=days,
        size=_size(agenda.owner, days),
        alternates=tuple(clean(name) for name in agenda.alternates[:_ALTERNATES]),
        spots=tuple(chart.at(item.meeting.table for item in meetings)) if chart else (),
        code=_code(agenda_text(agendas, agenda)) if meetings else Markup(),
    )


def _size(owner: str, days: Sequence[tuple[Bilingual, tuple[Row, ...]]]) -> str:
    """The largest type in which the meetings fit one page; the smallest where none does."""
    room = _ROOM - _TITLE * (len(owner) // 34)
    for size, (day, line, characters, about, most, around) in _SIZES.items():
        height = day * len(days)
        for _, rows in days:
            for row in rows:
                height += line * ceil(len(row.partner) / characters) + around
                height += about * min(ceil(len(row.about) / (characters * 1.4)), most)
        if height <= room:
            return size
    return "small"


def _row(item: Appointment) -> Row:
    theirs = item.offer if item.side is Side.DEMAND else item.subject
    return Row(
        time=f"{item.starts:%H:%M} – {item.ends:%H:%M}",
        table=clean(item.place.name),
        room=clean(item.place.room),
        partner=clean(item.partner),
        about=shorten(clean(theirs), 140),
        interpreter=item.interpreter,
    )


def _day(item: Appointment) -> Bilingual:
    day, name = item.starts, _DAYS[item.starts.weekday()]
    return Bilingual(f"{name.vi}, {day:%d/%m/%Y}", f"{name.en}, {day.day} {day:%B %Y}")


def agenda_text(agendas: Agendas, agenda: Agenda) -> str:
    """The agenda in plain text, at most 700 bytes: names give way before times and tables."""
    head = [clean(agendas.plan.event.name)[:60], clean(agenda.owner)[:60]]
    text = ""
    for length in (40, 24, 14, 8, 0):
        lines = [
            f"{item.starts:%d/%m %H:%M} [{clean(item.place.name)[:12]}] "
            f"{shorten(clean(item.partner), length) if length else ''}".rstrip()
            for item in agenda.appointments
        ]
        text = "\n".join([*head, *lines])
        if len(text.encode()) <= _QR_BYTES:
            return text
    return text.encode()[:_QR_BYTES].decode(errors="ignore")


def _code(text: str) -> Markup:
    """A QR code (ISO/IEC 18004). One mask for all: trying the eight costs five times the time."""
    code = segno.make(text, error="l", micro=False, mask=2, encoding="utf-8", boost_error=False)
    drawn: str = code.svg_inline(omitsize=True, border=4, svgclass="qr", lineclass=None)
    return Markup(drawn)  # squares only: no part of the text is in it


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
