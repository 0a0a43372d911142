"""overview.svg: the whole timetable, the load of its slots and how evenly meetings are shared.

Drawn as shapes by a template, like the chart of the match list: no plotting library, and the file
stays small for thousands of meetings, because all cells of one shade are one path.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import jinja2

from indexer.bilingual import Bilingual, Language
from matcher.export.clean import clean
from matcher.export.plan_agendas import Agendas
from matcher.export.wording import say_count
from matcher.planning.plan import Plan

WIDTH = 960
_LEFT, _RIGHT, _TOP = 64, 16, 96
_GRID = 520  # most height of the timetable
_CELL = 18  # most height of a table in it
_LOAD = 90
_CHART = 150
_GAP = 64
_BINS = 8  # of how many meetings owners have; with more, labels such as 10–11 would touch
SHADES = 5  # of a meeting's score


@dataclass(frozen=True, slots=True)
class Shape:
    """A rectangle; `kind` is its class in the style sheet."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Label:
    x: float
    y: float
    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """All that the template draws, in the units of the view box."""

    title: str
    about: str
    height: float
    shades: tuple[str, ...]  # one path of all the cells of a shade, the palest first
    shapes: tuple[Shape, ...]
    labels: tuple[Label, ...]
    width: int = WIDTH


def write_picture(agendas: Agendas, path: Path, *, language: Language) -> None:
    text = picture_text(agendas, language)
    path.write_text(text, encoding="utf-8", errors="replace", newline="\n")


def picture_text(agendas: Agendas, language: Language) -> str:
    """The picture as SVG."""
    template = files("matcher.export").joinpath("plan_picture.html").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    drawn = draw(agendas, language)
    return environment.from_string(template).render(picture=drawn, lang=language)


def draw(agendas: Agendas, language: Language) -> Picture:
    plan = agendas.plan
    shapes: list[Shape] = []
    labels: list[Label] = []
    tables = len(plan.event.places())
    cell = min(_CELL, _GRID / max(tables, 1))
    floor = _TOP + cell * tables
    shades = _timetable(agendas, cell, shapes, labels)
    _load(plan, floor + 40, shapes, labels, language)
    top = floor + 40 + _LOAD + _GAP
    half = (WIDTH - _LEFT - _RIGHT - _GAP) / 2
    meetings = Counter(len(agenda.appointments) for agenda in agendas.all)
    most = max(meetings, default=0)
    step = max(1, -(-most // _BINS)) if most > 12 else 1
    counts = {
        str(low) if step == 1 else f"{low}–{low + step - 1}": sum(
            meetings[number] for number in range(low, low + step)
        )
        for low in range(0, most + 1, step)
    }
    heading = Bilingual("Số cuộc gặp của mỗi đơn vị", "Meetings of each organisation")
    _bars(_LEFT, top, half, heading.say(language), counts, shapes, labels, language)
    heading = Bilingual(
        "Giá trị nhận được, % mức tốt nhất của riêng mình",
        "Worth received, % of one's own best",
    )
    left = _LEFT + half + _GAP
    _bars(left, top, half, heading.say(language), _shares(plan), shapes, labels, language)
    labels.append(Label(_LEFT, 34, clean(plan.event.name), "title"))
    about = _about(plan).say(language)
    labels.append(Label(_LEFT, 56, about, "small"))
    return Picture(
        title=clean(plan.event.name),
        about=about,
        height=top + _CHART + 40,
        shades=shades,
        shapes=tuple(shapes),
        labels=tuple(labels),
    )


def _about(plan: Plan) -> Bilingual:
    meetings = say_count(len(plan.meetings))
    tables = say_count(len(plan.event.places()))
    slots = len(plan.event.meeting_slots())
    gap = f"{plan.certificate.gap * 100:.2f}"
    return Bilingual(
        f"{meetings.vi} cuộc gặp, {slots} lượt, {tables.vi} bàn; còn cách cận trên "
        f"{gap.replace('.', ',')}%. Ô đậm: điểm cao.",
        f"{meetings.en} meetings, {slots} slots, {tables.en} tables; within {gap}% of the upper "
        "bound. Darker cells: higher scores.",
    )


def _timetable(
    agendas: Agendas, cell: float, shapes: list[Shape], labels: list[Label]
) -> tuple[str, ...]:
    """Slots across, tables down; returns the paths of the meetings' cells."""
    plan = agendas.plan
    slots, places = plan.event.slots, plan.event.places()
    column = _column(plan)
    gap = min(1.0, cell / 6)
    for place, slot in enumerate(slots):
        kind = "break" if slot.is_break else "empty"
        height = cell * len(places)
        shapes.append(Shape(kind, _r(_LEFT + place * column), _TOP, _r(column - 1), _r(height)))
    _times(agendas, labels)
    every = max(1, -(-len(places) // 40))
    for place, table in list(enumerate(places))[::every]:
        y = _r(_TOP + (place + 0.5) * cell + 3)
        labels.append(Label(_LEFT - 6, y, clean(table.name)[:8], "end"))
    paths: list[list[str]] = [[] for _ in range(SHADES)]
    for meeting in plan.meetings:
        x, y = _LEFT + (meeting.slot - 1) * column, _TOP + (meeting.table - 1) * cell
        shade = min(int(meeting.score * SHADES), SHADES - 1)
        width, height = _r(column - 1), _r(cell - gap)
        paths[shade].append(f"M{_r(x)} {_r(y)}h{width}v{height}h-{width}z")
    return tuple("".join(path) for path in paths)


def _times(agendas: Agendas, labels: list[Label]) -> None:
    """The day where it begins, and as many times of the day as find room."""
    plan, said = agendas.plan, None
    column = _column(plan)
    every = max(1, int(-(-36 // column)))
    for number in range(1, len(plan.event.slots) + 1):
        starts = agendas.starts(number)
        x = _r(_LEFT + (number - 1) * column)
        new_day = starts.date() != said
        if new_day:
            said = starts.date()
            labels.append(Label(x, _TOP - 20, f"{starts:%d/%m}", "day"))
        if (number - 1) % every == 0:
            labels.append(Label(x, _TOP - 6, f"{starts:%H:%M}", "small"))


def _load(
    plan: Plan, top: float, shapes: list[Shape], labels: list[Label], language: Language
) -> None:
    """The meetings of every slot, as bars under it; full height is every table taken."""
    column, places = _column(plan), max(len(plan.event.places()), 1)
    held = Counter(meeting.slot for meeting in plan.meetings)
    heading = Bilingual("Số cuộc gặp mỗi lượt", "Meetings of each slot")
    labels.append(Label(_LEFT, top - 8, heading.say(language), "heading"))
    for number, slot in enumerate(plan.event.slots, 1):
        if slot.is_break:
            continue
        x, height = _LEFT + (number - 1) * column, _LOAD * held[number] / places
        shapes.append(Shape("empty", _r(x), _r(top), _r(column - 1), _LOAD))
        bottom = top + _LOAD
        shapes.append(Shape("bar", _r(x), _r(bottom - height), _r(column - 1), _r(height)))
        if column >= 22:
            middle = _r(x + column / 2)
            labels.append(Label(middle, _r(bottom + 14), str(held[number]), "middle"))
    labels.append(Label(_LEFT - 6, _r(top + 10), say_count(places).say(language), "end"))


def _shares(plan: Plan) -> dict[str, int]:
    """How many owners got which tenth of what they could get alone."""
    tenths = [0] * 10
    for standing in plan.certificate.per_party.values():
        if standing.best > 0:
            tenths[min(int(round(standing.value / standing.best, 9) * 10), 9)] += 1
    edges = pairwise(range(0, 101, 10))
    return {f"{low}–{high}": tenths[low // 10] for low, high in edges}


def _bars(
    left: float,
    top: float,
    width: float,
    heading: str,
    counts: Mapping[str, int],
    shapes: list[Shape],
    labels: list[Label],
    language: Language,
) -> None:
    labels.append(Label(left, top - 20, heading, "heading"))
    most, slot = max([*counts.values(), 1]), width / max(len(counts), 1)
    for place, (name, count) in enumerate(counts.items()):
        x, height = left + place * slot, (_CHART - 20) * count / most
        y = top + _CHART - height
        shapes.append(Shape("bar", _r(x + 2), _r(y), _r(slot - 4), _r(height)))
        middle = _r(x + slot / 2)
        labels.append(Label(middle, _r(y - 4), say_count(count).say(language), "middle"))
        labels.append(Label(middle, _r(top + _CHART + 14), name, "middle"))


def _column(plan: Plan) -> float:
    return (WIDTH - _LEFT - _RIGHT) / max(len(plan.event.slots), 1)


def _r(value: float) -> float:
    return round(value, 1)
