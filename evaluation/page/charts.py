"""Means with their intervals as bars, and scores against what came of them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.measures.intervals import Interval
from evaluation.page import wording
from evaluation.page.shapes import Box, Dot, Drawing, Line, Words, box, line
from indexer.bilingual import Bilingual
from matcher.export.clean import shorten

_LINE = 16.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One mean in 0..1 with its interval; `main` bars are the ones the page is about."""

    label: str
    value: float
    interval: Interval
    main: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Bars that answer the same question, under one heading."""

    heading: Bilingual
    bars: tuple[Bar, ...]


def bars(groups: Sequence[Group]) -> Drawing:
    """Horizontal bars from 0 to 1, each with its interval as a whisker and its value at the end."""
    left, width, right = 150.0, 560.0, 48.0
    span = width - left - right
    boxes: list[Box] = []
    lines: list[Line] = []
    words: list[Words] = []
    y = 4.0
    for group in groups:
        y += _LINE
        words.append(Words("head", 0, y - 4, group.heading))
        for bar in group.bars:
            kind = "main" if bar.main else "rest"
            middle = y + _LINE / 2
            boxes.append(box(kind, left, y + 3, span * bar.value, _LINE - 6))
            low, high = (left + span * end for end in (bar.interval.low, bar.interval.high))
            lines.append(line("whisker", (low, middle), (high, middle)))
            for end in (low, high):
                lines.append(line("whisker", (end, middle - 4), (end, middle + 4)))
            name = shorten(bar.label, 22)
            words.append(Words("label", left - 6, middle + 4, Bilingual(name, name), "end"))
            words.append(Words("value", width, middle + 4, wording.number(bar.value), "end"))
            y += _LINE
        y += 8
    grid = [line("grid", (x, 4), (x, y)) for x in _fifths(left, span)]
    words += _scale(left, span, y + 14)
    return Drawing(width, y + 20, tuple(boxes), (*grid, *lines), (), tuple(words))


def reliability(bins: Sequence[tuple[int, float, float]]) -> Drawing:
    """What was promised (across) against what came true (up), of (pairs, promised, true) bins.

    The line from corner to corner is where a promise is kept; a dot's area tells how many pairs
    stand behind it.
    """
    left, top, side = 44.0, 8.0, 250.0
    floor = top + side
    most = max((count for count, _, _ in bins), default=1) or 1
    kept = [(count, promised, true) for count, promised, true in bins if count]
    places = [(left + side * promised, floor - side * true) for _, promised, true in kept]
    dots = [
        Dot("main", round(x, 1), round(y, 1), round(3 + 9 * math.sqrt(count / most), 1))
        for (count, _, _), (x, y) in zip(kept, places, strict=True)
    ]
    lines = [line("grid", (x, top), (x, floor)) for x in _fifths(left, side)]
    lines += [
        line("grid", (left, floor - x + left), (left + side, floor - x + left))
        for x in _fifths(left, side)
    ]
    lines.append(line("ideal", (left, floor), (left + side, top)))
    if len(places) > 1:
        lines.append(line("path", *places))
    words = [*_scale(left, side, floor + 16), *_upright(left - 6, floor, side)]
    words.append(
        Words(
            "axis", left + side / 2, floor + 34, Bilingual("Điểm máy cho", "Score given"), "middle"
        )
    )
    return Drawing(left + side + 16, floor + 40, (), tuple(lines), tuple(dots), tuple(words))


def _fifths(start: float, span: float) -> list[float]:
    return [start + span * fifth / 5 for fifth in range(6)]


def _scale(left: float, span: float, y: float) -> list[Words]:
    return [
        Words("scale", round(x, 1), y, wording.number(fifth / 5, 1), "middle")
        for fifth, x in enumerate(_fifths(left, span))
    ]


def _upright(x: float, floor: float, span: float) -> list[Words]:
    return [
        Words(
            "scale", x, round(floor - span * fifth / 5 + 4, 1), wording.number(fifth / 5, 1), "end"
        )
        for fifth in range(6)
    ]
