"""Shapes of an SVG as values, ready for the page's template; `kind` is a class in its style sheet.

Charts are drawn of these rather than by matplotlib, as `matcher.export.chart` does: shapes in the
page's own markup follow its language, its light or dark colours and its print style, and a report
needs no package that the rest does not.
"""

from dataclasses import dataclass
from typing import Literal

from indexer.bilingual import Bilingual

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Box:
    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Line:
    """Through all points; two make a straight line."""

    kind: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Dot:
    kind: str
    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True)
class Words:
    kind: str
    x: float
    y: float
    text: Bilingual
    anchor: Anchor = "start"


@dataclass(frozen=True)
class Drawing:
    """Everything in the units of the view box, in the order it is drawn."""

    width: float
    height: float
    boxes: tuple[Box, ...] = ()
    lines: tuple[Line, ...] = ()
    dots: tuple[Dot, ...] = ()
    words: tuple[Words, ...] = ()


def box(kind: str, x: float, y: float, width: float, height: float) -> Box:
    return Box(kind, round(x, 1), round(y, 1), round(max(width, 0.5), 1), round(height, 1))


def line(kind: str, *points: tuple[float, float]) -> Line:
    return Line(kind, tuple((round(x, 1), round(y, 1)) for x, y in points))
