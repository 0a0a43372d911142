"""Speed against quality, with the line of the systems that none beats in both (Pareto)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from evaluation.page import wording
from evaluation.page.shapes import Dot, Drawing, Words, line
from indexer.bilingual import Bilingual
from matcher.export.clean import shorten
from matcher.export.wording import say_count

_CHARACTER = 6.4  # width of a character of 12 px, about


@dataclass(frozen=True, slots=True)
class Point:
    """A system by speed (milliseconds a query) and quality (0..1)."""

    label: str
    milliseconds: float
    quality: float
    main: bool


def pareto(points: Sequence[Point]) -> list[Point]:
    """The points no other is both as fast and as good as, fastest first."""
    kept: list[Point] = []
    for point in sorted(points, key=lambda one: (one.milliseconds, -one.quality, one.label)):
        if not kept or point.quality > kept[-1].quality:
            kept.append(point)
    return kept


def speed(points: Sequence[Point]) -> Drawing:
    """Quality (up) over milliseconds a query (across, logarithmic) with the Pareto line."""
    left, top, width, height = 48.0, 10.0, 560.0, 280.0
    right, floor = width - 16, height - 40
    times = [_visible(point.milliseconds) for point in points]
    first, last = math.floor(math.log10(min(times))), math.ceil(math.log10(max(times)))
    last = max(last, first + 1)
    low, high, step = _range([point.quality for point in points])

    def place(point: Point) -> tuple[float, float]:
        across = (math.log10(_visible(point.milliseconds)) - first) / (last - first)
        up = (point.quality - low) / (high - low)
        return left + across * (right - left), floor - up * (floor - top)

    lines, words = [], []
    for power in range(first, last + 1):
        x = left + (power - first) / (last - first) * (right - left)
        lines.append(line("grid", (x, top), (x, floor)))
        words.append(Words("scale", x, floor + 16, _power(power), "middle"))
    for tick in range(round((high - low) / step) + 1):
        y = floor - tick * step / (high - low) * (floor - top)
        lines.append(line("grid", (left, y), (right, y)))
        words.append(Words("scale", left - 6, y + 4, wording.number(low + tick * step, 2), "end"))
    best = [place(point) for point in pareto(points)]
    if len(best) > 1:
        lines.append(line("path", *best))
    dots = [
        Dot("main" if point.main else "rest", round(x, 1), round(y, 1), 5)
        for point, (x, y) in zip(points, map(place, points), strict=True)
    ]
    words.append(
        Words(
            "axis",
            (left + right) / 2,
            floor + 34,
            Bilingual("mili giây mỗi nhu cầu", "milliseconds a need"),
            "middle",
        )
    )
    named = [(point.label, *place(point)) for point in points]
    words += _labels(named, best, left, right, top)
    return Drawing(width, height, (), tuple(lines), tuple(dots), tuple(words))


def _labels(
    named: Sequence[tuple[str, float, float]],
    path: Sequence[tuple[float, float]],
    left: float,
    right: float,
    top: float,
) -> list[Words]:
    """A name beside each dot, where it covers no other name, no other dot and not the path."""
    taken = [(x - 6, y - 6, x + 6, y + 6) for _, x, y in named]
    along = [
        (x1 + (x2 - x1) * part / 40, y1 + (y2 - y1) * part / 40)
        for (x1, y1), (x2, y2) in pairwise(path)
        for part in range(41)
    ]
    covered = [(x - 1, y - 1, x + 1, y + 1) for x, y in along]
    found = []
    for number, (label, x, y) in enumerate(named):
        name = shorten(label, 28)
        wide = len(name) * _CHARACTER
        others = [one for place, one in enumerate(taken) if place != number]
        choices = [
            (x + dx * 9 - (wide if dx < 0 else wide / 2 if dx == 0 else 0), y + 4 + dy)
            for dy in (0.0, 13.0, -13.0, 26.0, -26.0, 39.0, -39.0)
            for dx in (1, -1, 0)
            if dx or dy
        ]
        inside = [c for c in choices if left <= c[0] and c[0] + wide <= right and c[1] > top + 6]
        apart = [c for c in inside if _free(c, wide, others)]
        clear = [c for c in apart if _free(c, wide, covered)]
        at, base = (clear or apart or inside or choices)[0]
        taken.append((at, base - 11, at + wide, base + 2))
        found.append(Words("label", round(at, 1), round(base, 1), Bilingual(name, name)))
    return found


def _free(
    place: tuple[float, float], wide: float, taken: Sequence[tuple[float, float, float, float]]
) -> bool:
    at, base = place
    return not any(
        at < x2 and at + wide > x1 and base - 11 < y2 and base + 2 > y1 for x1, y1, x2, y2 in taken
    )


def _range(values: Sequence[float]) -> tuple[float, float, float]:
    """Round ends that hold all values, and the step between ticks: at most six of them."""
    low, high = min(values), max(values)
    for step in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5):
        start = max(0.0, math.floor((low - step / 4) / step) * step)
        stop = min(1.0, math.ceil((high + step / 4) / step) * step)
        if stop - start <= 5 * step + 1e-9:
            return start, max(stop, start + step), step
    return 0.0, 1.0, 0.2


def _visible(milliseconds: float) -> float:
    return max(milliseconds, 0.001)  # what no clock here can tell from nothing


def _power(power: int) -> Bilingual:
    if power >= 0:
        return say_count(10**power)
    return wording.number(10.0**power, -power)
