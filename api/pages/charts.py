"""Columns of numbers as shapes of an SVG, for the template `charts.html`.

Drawn in the page's own markup, they follow its colours, light or dark, and its print style.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 360.0, 180.0
_TOP, _BOTTOM, _SIDE = 20.0, 26.0, 6.0
_GAP = 0.25  # of a column
_LABEL = 40.0  # least room of a label across
_VALUE = 22.0


@dataclass(frozen=True, slots=True)
class Column:
    """One column in the units of the view box; `label` and `said` are "" where there is no room."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    label: str
    said: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`rows` are all labels and values as they are read out, in the order of the columns."""

    title: str
    about: str
    columns: Sequence[Column]
    rows: Sequence[tuple[str, str]]
    headings: tuple[str, str]
    width: float = WIDTH
    height: float = HEIGHT
    floor: float = HEIGHT - _BOTTOM


def columns(
    title: str,
    about: str,
    headings: tuple[str, str],
    values: Sequence[tuple[str, str, int, str]],
) -> Chart:
    """A column for each of `values`: its name where it stands alone, its short label below, its
    height, and the height in the reader's words. `about` says in a sentence what there is to see.
    """
    most = max([1, *(value for _, _, value, _ in values)])
    slot = (WIDTH - 2 * _SIDE) / max(1, len(values))
    every = max(1, -(-int(_LABEL) // max(1, int(slot))))
    found = []
    for position, (_, label, value, said) in enumerate(values):
        height = (HEIGHT - _TOP - _BOTTOM) * value / most
        left = _SIDE + position * slot
        found.append(
            Column(
                round(left + slot * _GAP / 2, 1),
                round(HEIGHT - _BOTTOM - height, 1),
                round(slot * (1 - _GAP), 1),
                round(height, 1),
                round(left + slot / 2, 1),
                label if position % every == 0 else "",
                said if slot >= _VALUE else "",
            )
        )
    rows = [(name, said) for name, _, _, said in values]
    return Chart(title, about, found, rows, headings)
