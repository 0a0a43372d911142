"""The cell formats of the workbook, by name."""

from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format

_INK = "#1C2127"
_MUTED = "#5A626C"
_LINE = "#D5DAE0"
_BAND = "#F1F5F6"
ACCENT = "#0B6B5D"
ACCENT_SOFT = "#A9D3CB"
REST = "#8A939D"

_BASE = {"font_name": "Calibri", "font_size": 10, "font_color": _INK, "valign": "top"}
_NUMBER_FORMAT = {
    "score": "0.00", "share": "0%", "number": "0", "grade": "0", "count": "#,##0",
}  # fmt: skip


class Styles:
    """Makes each format of a workbook once."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._made: dict[tuple[object, ...], Format] = {}

    def cell(self, kind: str, *, band: bool, lead: bool) -> Format:
        """A cell of a list; `band` colours every other group, `lead` is the group's first row."""
        look: dict[str, Any] = {"text_wrap": True, "bottom": 4, "bottom_color": _LINE}
        if band:
            look["bg_color"] = _BAND
        if lead:
            look |= {"top": 1, "top_color": _MUTED}
        if kind == "own":
            look |= {"bold": True} if lead else {"font_color": _MUTED}
        if kind in _NUMBER_FORMAT:
            look |= {"num_format": _NUMBER_FORMAT[kind], "align": "right", "text_wrap": False}
        return self._make(("cell", kind, band, lead), look)

    def header(self) -> Format:
        look = {"bold": True, "font_color": "#FFFFFF", "bg_color": ACCENT, "text_wrap": True}
        return self._make(
            ("header",), look | {"valign": "vcenter", "border": 1, "border_color": ACCENT}
        )

    def title(self) -> Format:
        return self._make(("title",), {"bold": True, "font_size": 18})

    def subtitle(self) -> Format:
        return self._make(("subtitle",), {"font_color": _MUTED})

    def note(self) -> Format:
        return self._make(("note",), {"text_wrap": True, "font_color": _MUTED})

    def warning(self) -> Format:
        look = {"text_wrap": True, "bold": True, "font_color": "#7A3E00", "bg_color": "#FDF0DC"}
        return self._make(("warning",), look)

    def link(self) -> Format:
        return self._make(("link",), {"font_color": ACCENT, "underline": 1})

    def plain(self, number_format: str = "") -> Format:
        look = {"text_wrap": True, "bottom": 4, "bottom_color": _LINE}
        if number_format:
            look |= {"num_format": number_format, "text_wrap": False}
        return self._make(("plain", number_format), look)

    def _make(self, key: tuple[object, ...], look: dict[str, Any]) -> Format:
        if key not in self._made:
            self._made[key] = self._workbook.add_format(_BASE | look)
        return self._made[key]
