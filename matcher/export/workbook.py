"""match-list.xlsx: what an organiser prints, sorts and filters."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

import xlsxwriter.workbook
from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.worksheet import Worksheet

from indexer.bilingual import Bilingual, Language
from indexer.progress import Progress, silent
from indexer.records import Side
from matcher.export.cells import safe_cell
from matcher.export.excluded import excluded_columns, excluded_rows
from matcher.export.facts import setting_lines
from matcher.export.labels import GRADE, GRADES, NOTHING, TITLE
from matcher.export.listsheet import ListSheet, Look
from matcher.export.overview import SheetLink, write_overview
from matcher.export.sheets import PRINTED_COLUMNS, Cell, Column, Rows, columns
from matcher.export.styles import ACCENT_SOFT, Styles
from matcher.export.unmatched import unmatched_columns, unmatched_rows
from matcher.export.wording import say_moment
from matcher.matchlist import MatchList

# Of 100,000 matches 2 s instead of 5, and the file an eighth larger.
_PRESSED = 3
SHEET_ROWS = 1_048_576  # the most Excel holds, its header included

_SHEETS = {
    "overview": Bilingual("Tổng quan", "Overview"),
    Side.DEMAND: Bilingual("Theo nhu cầu", "By need"),
    Side.SUPPLY: Bilingual("Theo nguồn cung", "By offer"),
    "unmatched": Bilingual("Chưa ghép được", "Unmatched"),
    "excluded": Bilingual("Bị loại theo luật", "Excluded by rules"),
    "settings": Bilingual("Thiết lập", "Settings"),
}

_SETTINGS_COLUMNS = (
    Column(Bilingual("Mục", "Item"), 48, "text"),
    Column(Bilingual("Giá trị", "Value"), 60, "text"),
)

_ONE_OF = Bilingual("Chỉ nhận 0, 1, 2 hoặc 3.", "Only 0, 1, 2 or 3.")


def write_workbook(
    match_list: MatchList,
    path: Path,
    *,
    language: Language,
    created: datetime,
    progress: Progress = silent,
) -> None:
    """Writes the workbook row by row, so that memory does not grow with its length.

    Equal input and an equal `created` give equal bytes. Raises OSError where the disk does not
    take the file.
    """
    with TemporaryDirectory(prefix="cungcau-", ignore_cleanup_errors=True) as drafts:
        options = {"constant_memory": True, "tmpdir": drafts, "use_zip64": True}
        xlsxwriter.workbook.ZipFile = _Zip
        workbook = Workbook(str(path), options)
        try:
            _Writer(workbook, match_list, language, created, progress).write()
        except BaseException:
            _abandon(workbook)
            raise
        try:
            workbook.close()
        except FileCreateError as error:
            _abandon(workbook)
            raise OSError(*getattr(error.args[0], "args", error.args)) from error


class _Zip(ZipFile):
    """What XlsxWriter packs a workbook with: it has no setting for how hard to press."""

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - as ZipFile has them
        super().__init__(*args, **{**options, "compresslevel": _PRESSED})


def _abandon(workbook: Workbook) -> None:
    """Closes the row files without assembling a workbook from them (Windows keeps open files)."""
    for sheet in workbook.worksheets():
        sheet._opt_close()
    workbook.fileclosed = True


class _Writer:
    """Writes the sheets of one workbook, first to last."""

    def __init__(
        self,
        workbook: Workbook,
        match_list: MatchList,
        language: Language,
        created: datetime,
        progress: Progress,
    ) -> None:
        self._workbook = workbook
        self._list = match_list
        self._language = language
        self._created = created
        self._progress = progress
        self._styles = Styles(workbook)
        self._done = 0
        self._total = sum(
            len(matches)
            for lists in (match_list.by_demand, match_list.by_supply)
            for matches in lists.values()
        )
        self._total += len(match_list.unmatched_demands) + len(match_list.unmatched_supplies)
        self._total += len(match_list.excluded)

    def write(self) -> None:
        self._workbook.set_properties(
            {
                "title": TITLE.say(self._language),
                "comments": "cungcau",
                "created": self._created.astimezone(UTC).replace(tzinfo=None),
            }
        )
        self._overview()
        rows = Rows(self._list.records, self._language)
        for side, lists in (
            (Side.DEMAND, self._list.by_demand),
            (Side.SUPPLY, self._list.by_supply),
        ):
            self._table(self._name(side), columns(side), rows.of(side, lists), PRINTED_COLUMNS)
        spec = unmatched_columns()
        unmatched = unmatched_rows(self._list, self._language)
        self._table(self._name("unmatched"), spec, unmatched, len(spec))
        if self._list.excluded:
            spec = excluded_columns()
            excluded = excluded_rows(self._list, self._language)
            self._table(self._name("excluded"), spec, excluded, len(spec))
        self._table(self._name("settings"), _SETTINGS_COLUMNS, self._settings(), 2)
        self._progress("export xlsx", self._total, self._total)

    def _overview(self) -> None:
        sheet = self._add(self._name("overview"))
        links = [
            SheetLink(self._name(Side.DEMAND), len(self._list.by_demand)),
            SheetLink(self._name(Side.SUPPLY), len(self._list.by_supply)),
        ]
        write_overview(
            self._workbook, sheet, self._styles, self._list, links, self._language, self._created
        )

    def _table(
        self, name: str, spec: Sequence[Column], rows: Iterable[Sequence[Cell]], printed: int
    ) -> None:
        """One sheet, and as many more as Excel's limit of rows asks for.

        Rows with the same first cell are one group; every other group has a coloured band.
        """
        sheet = self._start(name, spec)
        line, number, band = 0, 1, True
        previous: Cell = None
        looks = self._looks(sheet, spec)
        for row in rows:
            if line == SHEET_ROWS - 1:
                self._finish(sheet, spec, line, printed)
                number += 1
                sheet, line = self._start(f"{name} ({number})", spec), 0
            lead = row[0] != previous
            if lead:
                band, previous = not band, row[0]
            line += 1
            sheet.append(line, row, looks[band, lead or line == 1])
            self._step()
        if line == 0:
            sheet.write_string(1, 0, NOTHING.say(self._language), self._styles.subtitle())
        self._finish(sheet, spec, line, printed)

    def _looks(self, sheet: ListSheet, spec: Sequence[Column]) -> dict[tuple[bool, bool], Look]:
        """How a row looks, by (in a coloured band, first of its group)."""
        return {
            (band, lead): sheet.look(
                [self._styles.cell(column.kind, band=band, lead=lead) for column in spec]
            )
            for band in (False, True)
            for lead in (False, True)
        }

    def _settings(self) -> Iterator[list[Cell]]:
        for pair in setting_lines(self._list, self._created):
            yield [safe_cell(part.say(self._language), self._language) for part in pair]

    def _step(self) -> None:
        self._done += 1
        if self._done % 1000 == 0 and self._done <= self._total:
            self._progress("export xlsx", self._done, self._total)

    def _start(self, name: str, spec: Sequence[Column]) -> ListSheet:
        sheet: ListSheet = self._add(name, ListSheet)
        for place, column in enumerate(spec):
            sheet.set_column(place, place, column.width)
        sheet.set_row(0, 30)
        for place, column in enumerate(spec):
            sheet.write_string(0, place, column.heading.say(self._language), self._styles.header())
        return sheet

    def _finish(self, sheet: Worksheet, spec: Sequence[Column], lines: int, printed: int) -> None:
        """What Excel needs to know of the whole sheet: filter, print area, score bars."""
        sheet.autofilter(0, 0, max(lines, 1), len(spec) - 1)
        sheet.freeze_panes(1, 2)
        sheet.repeat_rows(0)
        sheet.print_area(0, 0, max(lines, 1), printed - 1)
        for place, column in enumerate(spec):
            if column.kind == "score" and lines:
                sheet.conditional_format(1, place, lines, place, _score_bar())
            if column.kind == "grade" and lines:
                sheet.data_validation(1, place, lines, place, _grades(self._language))

    def _add(self, name: str, kind: type[Worksheet] = Worksheet) -> Worksheet:
        sheet = self._workbook.add_worksheet(name, kind)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
        sheet.hide_gridlines(2)
        # The blank keeps the size 8 apart from the digits of the moment: "&808:30" is size 808.
        sheet.set_header(f"&L&8{TITLE.say(self._language)}&C&8&A&R&8 {self._moment()}")
        page = Bilingual("Trang &P / &N", "Page &P of &N").say(self._language)
        sheet.set_footer(f"&L&8cungcau&R&8{page}")
        return sheet

    def _moment(self) -> str:
        return say_moment(self._created).say(self._language)

    def _name(self, key: str) -> str:
        return _SHEETS[key].say(self._language)


def _grades(language: Language) -> dict[str, Any]:
    """A list to choose from, and what each grade means when its cell is entered."""
    meanings = [f"{grade}: {text.say(language)}" for grade, text in enumerate(GRADES)]
    return {
        "validate": "list",
        "source": list(range(len(GRADES))),
        "input_title": GRADE.say(language),
        "input_message": "\n".join(reversed(meanings)),
        "error_title": GRADE.say(language),
        "error_message": _ONE_OF.say(language),
    }


def _score_bar() -> dict[str, Any]:
    return {
        "type": "data_bar",
        "bar_color": ACCENT_SOFT,
        "min_type": "num",
        "max_type": "num",
        "min_value": 0,
        "max_value": 1,
    }
