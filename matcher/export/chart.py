"""The score distribution as shapes of an SVG, ready for the page's template.

Drawn here rather than by matplotlib: stacked bars need no plotting library, and bars in the page's
own markup follow its language, its light or dark colours and its print style, which a drawing made
elsewhere cannot; nor does `cungcau match` then pay the second and 100 MB of that import.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from indexer.bilingual import Bilingual
from matcher.export.distribution import Bin
from matcher.export.wording import say_count

WIDTH, HEIGHT = 480, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 8, 8, 24
_GAP = 3


@dataclass(frozen=True, slots=True)
class Bar:
    """One rectangle in the units of the view box; `kind` is its class in the style sheet."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A label at `place` along its axis."""

    place: float
    label: Bilingual


@dataclass(frozen=True, slots=True)
class Chart:
    bars: tuple[Bar, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    floor: int = HEIGHT - _BOTTOM


def draw(bins: Sequence[Bin]) -> Chart:
    """Stacked bars: the best match of each need below, all others above."""
    step = _step(max((bin_.total for bin_ in bins), default=0))
    top = step * max(1, -(-max((bin_.total for bin_ in bins), default=0) // step))
    unit = (HEIGHT - _TOP - _BOTTOM) / top
    slot = (WIDTH - _LEFT - _RIGHT) / max(len(bins), 1)
    bars = []
    for place, bin_ in enumerate(bins):
        x, floor = _LEFT + place * slot + _GAP / 2, float(HEIGHT - _BOTTOM)
        for kind, count in (("best", bin_.best), ("other", bin_.other)):
            if count:
                height = count * unit
                floor -= height
                sizes = (round(value, 1) for value in (x, floor, slot - _GAP, height))
                bars.append(Bar(kind, *sizes))
    return Chart(tuple(bars), _across(), _up(step, top, unit))


def _across() -> tuple[Tick, ...]:
    span = WIDTH - _LEFT - _RIGHT
    return tuple(
        Tick(round(_LEFT + span * fifth / 5, 1), Bilingual(f"0,{fifth * 2}", f"0.{fifth * 2}"))
        if fifth not in (0, 5)
        else Tick(round(_LEFT + span * fifth / 5, 1), Bilingual(str(fifth // 5), str(fifth // 5)))
        for fifth in range(6)
    )


def _up(step: int, top: int, unit: float) -> tuple[Tick, ...]:
    floor = HEIGHT - _BOTTOM
    return tuple(
        Tick(round(floor - count * unit, 1), say_count(count)) for count in range(0, top + 1, step)
    )


def _step(most: int) -> int:
    """The round number (1, 2 or 5 times a power of ten) that gives at most five steps."""
    size = 1
    while True:
        for factor in (1, 2, 5):
            if most <= 5 * factor * size:
                return factor * size
        size *= 10
