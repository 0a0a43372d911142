"""What a participant's sheet of paper says, whatever it is written as."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil

from indexer.bilingual import Bilingual
from indexer.owners import owner_key
from indexer.progress import Progress, silent
from indexer.records import Side
from matcher.export.clean import clean, shorten
from matcher.export.plan_agendas import Agenda, Agendas, Appointment
from matcher.export.plan_code import Code, code_of
from matcher.export.plan_map import Spot, TableMap
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
_MONTHS = "January February March April May June July August September October November December"
NONE_YET = Bilingual("Chưa xếp được cuộc gặp nào.", "No meeting could be arranged yet.")
NONE_LEFT = Bilingual("Bạn không còn cuộc gặp nào.", "You have no meetings any more.")
REPLACES = Bilingual(
    "Lịch mới: thay cho tờ đã phát trước.", "New agenda: it replaces the sheet you were given."
)


@dataclass(frozen=True, slots=True)
class Type:
    """What a size of type takes of the paper, in mm: a day's heading, a line of a partner's name
    of so many `characters`, a line of what it is about, how many of those, the space around a
    row."""

    day: float
    line: float
    characters: int
    about: float
    lines: int
    around: float


@dataclass(frozen=True, slots=True)
class Types:
    """The sizes of a medium, the largest first. `room`: mm of an A4 page for the meetings under a
    name of one line of `characters`; `title`: a further line of it."""

    sizes: dict[str, Type]
    room: float
    characters: int
    title: float


_CHIP = 14  # characters that the mark of an interpreter takes
_NOTICE, _CANCELLED = 9.0, 6.0  # mm of the line that says so, and of each meeting cancelled


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
    """All that one page says; `replaces` marks a sheet that is given out again, `cancelled` says
    what is not held any more."""

    owner: str
    anchor: str
    side: Bilingual
    delegation: str
    days: tuple[tuple[Bilingual, tuple[Row, ...]], ...]
    alternates: tuple[str, ...]
    spots: tuple[Spot, ...]
    code: Code | None
    replaces: bool
    cancelled: tuple[str, ...]

    def without(self) -> Bilingual:
        """What is said in place of meetings."""
        return NONE_LEFT if self.replaces else NONE_YET

    def size(self, types: Types) -> str:
        """The largest type in which the meetings fit one page; the smallest where none does."""
        room = types.room - types.title * (len(self.owner) // types.characters)
        if self.replaces:
            room -= _NOTICE + _CANCELLED * len(self.cancelled)
        fitting = (name for name, size in types.sizes.items() if self._height(size) <= room)
        return next(fitting, next(reversed(types.sizes)))

    def _height(self, size: Type) -> float:
        """mm that the meetings take."""
        height = size.day * len(self.days)
        for row in (row for _, rows in self.days for row in rows):
            length = len(row.partner) + _CHIP * row.interpreter
            height += size.line * ceil(length / size.characters) + size.around
            wide = ceil(len(row.about) / (size.characters * 1.4))
            height += size.about * min(wide, size.lines)
        return height


def sheets(
    agendas: Agendas,
    chosen: Sequence[Agenda],
    chart: TableMap | None,
    *,
    cancelled: Mapping[str, Sequence[Appointment]] | None = None,
    progress: Progress = silent,
) -> Iterator[Sheet]:
    """A sheet for each of `chosen`. With `cancelled`, by owner key, they replace earlier ones."""
    for done, agenda in enumerate(chosen, start=1):
        gone = None if cancelled is None else cancelled.get(owner_key(agenda.owner), ())
        yield _sheet(agendas, agenda, chart, gone)
        if done % 50 == 0 or done == len(chosen):
            progress("export agendas", done, len(chosen))


def _sheet(
    agendas: Agendas,
    agenda: Agenda,
    chart: TableMap | None,
    gone: Sequence[Appointment] | None,
) -> Sheet:
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
        alternates=tuple(clean(name) for name in agenda.alternates[:_ALTERNATES]),
        spots=tuple(chart.at(item.meeting.table for item in meetings)) if chart else (),
        code=code_of(agenda_text(agendas, agenda)) if meetings else None,
        replaces=gone is not None,
        cancelled=tuple(
            f"{item.starts:%d/%m %H:%M} {shorten(clean(item.partner), 60)}" for item in gone or ()
        ),
    )


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
    month = _MONTHS.split()[day.month - 1]  # strftime would name it as the machine's locale does
    return Bilingual(f"{name.vi}, {day:%d/%m/%Y}", f"{name.en}, {day.day} {month} {day.year}")


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
