"""plan.xlsx: the timetable for the organiser, as a grid, by participant and as what changed."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.worksheet import Worksheet

from indexer.bilingual import Bilingual, Language
from matcher.export.cells import safe_cell
from matcher.export.labels import NOTHING
from matcher.export.plan_agendas import Agendas
from matcher.export.plan_changes import KINDS, Change
from matcher.export.plan_sheets import (
    BY_PARTICIPANT,
    CHANGES,
    SHARES,
    UNPLACED,
    change_rows,
    meeting_cell,
    owners_of,
    participant_rows,
    share_rows,
    unplaced_rows,
)
from matcher.export.sheets import Cell, Column
from matcher.export.styles import Styles
from matcher.export.wording import say_day

TITLE = Bilingual("Kế hoạch gặp gỡ", "Meeting plan")
_OVERVIEW = Bilingual("Tổng quan", "Overview")
_GRID = Bilingual("Lưới giờ – bàn", "Slots and tables")
_BREAK = Bilingual("Nghỉ", "Break")
_LISTS = {
    "participants": Bilingual("Theo đơn vị", "By participant"),
    "shares": Bilingual("Cân bằng", "Shares"),
    "unplaced": Bilingual("Chưa xếp được", "Unplaced"),
    "changes": Bilingual("Thay đổi", "Changes"),
}
_MOST_ROWS = 1_048_575  # below the header


def write_plan_workbook(
    agendas: Agendas,
    path: Path,
    *,
    language: Language,
    created: datetime,
    before: Agendas | None = None,
    found: tuple[Change, ...] = (),
) -> None:
    """Writes the workbook; the sheet of changes is there where a plan `before` is given.

    Equal input and an equal `created` give equal bytes. Raises OSError where the disk does not
    take the file.
    """
    workbook = Workbook(str(path), {"use_zip64": True, "strings_to_formulas": False})
    _Writer(workbook, agendas, language, created).write(before, found)
    try:
        workbook.close()
    except FileCreateError as error:
        raise OSError(*getattr(error.args[0], "args", error.args)) from error


class _Writer:
    def __init__(
        self, workbook: Workbook, agendas: Agendas, language: Language, created: datetime
    ) -> None:
        self._workbook = workbook
        self._agendas = agendas
        self._plan = agendas.plan
        self._language = language
        self._created = created
        self._styles = Styles(workbook)

    def write(self, before: Agendas | None, found: tuple[Change, ...]) -> None:
        made = self._created.astimezone(UTC).replace(tzinfo=None)
        self._workbook.set_properties(
            {"title": self._say(TITLE), "comments": "cungcau", "created": made}
        )
        self._overview(before is not None, found)
        self._grid()
        language = self._language
        self._list("participants", BY_PARTICIPANT, participant_rows(self._agendas, language))
        self._list("shares", SHARES, share_rows(self._agendas, language))
        self._list("unplaced", UNPLACED, unplaced_rows(self._agendas, language))
        if before is not None:
            rows = change_rows(found, before, self._agendas, language)
            self._list("changes", CHANGES, rows)

    def _overview(self, replanned: bool, found: tuple[Change, ...]) -> None:
        sheet, styles = self._sheet(_OVERVIEW), self._styles
        sheet.set_column(0, 0, 44)
        sheet.set_column(1, 1, 70)
        sheet.set_row(0, 28)
        sheet.write_string(0, 0, self._say(TITLE), styles.title())
        sheet.write_string(1, 0, self._say(self._version()), styles.subtitle())
        line = 3
        for label, value in self._facts(replanned, found):
            sheet.write_string(line, 0, self._say(label), styles.plain())
            if isinstance(value, str):
                sheet.write_string(line, 1, self._safe(value), styles.plain())
            else:
                kind = "0.00%" if isinstance(value, float) else "#,##0"
                sheet.write_number(line, 1, value, styles.plain(kind))
            line += 1
        line += 1
        names = [_GRID, *(name for key, name in _LISTS.items() if key != "changes" or replanned)]
        for name in names:
            link = f"internal:'{self._say(name)}'!A1"
            sheet.write_url(line, 0, link, styles.link(), f"→ {self._say(name)}")
            line += 1

    def _facts(
        self, replanned: bool, found: tuple[Change, ...]
    ) -> Iterator[tuple[Bilingual, str | int | float]]:
        plan = self._plan
        event, proof = plan.event, plan.certificate
        yield Bilingual("Sự kiện", "Event"), event.name
        yield Bilingual("Nơi", "Place"), event.place
        yield Bilingual("Múi giờ", "Time zone"), event.timezone
        yield Bilingual("Số cuộc gặp", "Meetings"), len(plan.meetings)
        yield Bilingual("Đơn vị có cuộc gặp", "Organisations with a meeting"), owners_of(plan)
        yield (
            Bilingual("Đơn vị chưa có cuộc gặp", "Organisations without a meeting"),
            len(self._agendas.all) - owners_of(plan),
        )
        yield Bilingual("Số lượt gặp", "Meeting slots"), len(event.meeting_slots())
        yield Bilingual("Số bàn", "Tables"), len(event.places())
        yield Bilingual("Tổng giá trị", "Total worth"), f"{proof.objective:.4f}"
        yield (
            Bilingual("Cận trên: không kế hoạch nào hơn", "Upper bound: no plan is worth more"),
            f"{proof.bound:.4f}",
        )
        yield Bilingual("Còn cách cận trên", "Gap to the bound"), float(proof.gap)
        words = plan.policy.get(self._language) or "; ".join(
            f"{name}: {text}" for name, text in plan.policy.items()
        )
        yield Bilingual("Cách chọn", "How meetings were chosen"), words
        for policy in event.policies:
            yield (
                Bilingual("Ưu tiên đã công bố", "Disclosed weight"),
                (f"{policy.label}: × {policy.weight:g}"),
            )
        for name, value in plan.settings.items():
            yield Bilingual(name, name), str(value)
        if replanned:
            for kind, label in KINDS.items():
                yield label, sum(change.kind == kind for change in found)

    def _grid(self) -> None:
        """Tables down and slots across: an event has more tables than slots, and paper is long."""
        sheet, event = self._sheet(_GRID), self._plan.event
        sheet.set_column(0, 0, 16)
        sheet.set_column(1, max(len(event.slots), 1), 24)
        sheet.set_row(0, 30)
        head = self._say(Bilingual("Bàn", "Table"))
        sheet.write_string(0, 0, head, self._styles.header())
        times = self._agendas
        for number, slot in enumerate(event.slots, 1):
            when = f"{times.starts(number):%Y-%m-%d\n%H:%M}–{times.ends(number):%H:%M}"
            rest = f" {self._say(_BREAK)}" if slot.is_break else ""
            sheet.write_string(0, number, when + rest, self._styles.header())
        own = self._styles.cell("own", band=False, lead=True)
        for number, place in enumerate(event.places(), 1):
            name = f"{place.name}\n{place.room}" if place.room else place.name
            sheet.write_string(number, 0, self._safe(name), own)
        for meeting in self._plan.meetings:
            band = meeting.table % 2 == 0
            style = self._styles.cell("text", band=band, lead=False)
            cell = meeting_cell(meeting, self._language)
            sheet.write_string(meeting.table, meeting.slot, cell, style)
        sheet.freeze_panes(1, 1)
        sheet.repeat_rows(0)
        sheet.repeat_columns(0)

    def _list(self, key: str, spec: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> None:
        sheet = self._sheet(_LISTS[key])
        for place, column in enumerate(spec):
            sheet.set_column(place, place, column.width)
            sheet.write_string(0, place, self._say(column.heading), self._styles.header())
        sheet.set_row(0, 30)
        line, band, previous = 0, True, None
        for line, row in zip(range(1, _MOST_ROWS + 1), rows, strict=False):
            lead = line == 1 or row[0] != previous
            band, previous = (not band if lead else band), row[0]
            for place, (value, column) in enumerate(zip(row, spec, strict=True)):
                style = self._styles.cell(column.kind, band=band, lead=lead)
                if value is None or value == "":
                    sheet.write_blank(line, place, None, style)
                elif isinstance(value, str):
                    sheet.write_string(line, place, value, style)
                else:
                    sheet.write_number(line, place, value, style)
        if line == 0:
            sheet.write_string(1, 0, self._say(NOTHING), self._styles.subtitle())
        sheet.autofilter(0, 0, max(line, 1), len(spec) - 1)
        sheet.freeze_panes(1, 1)
        sheet.repeat_rows(0)

    def _sheet(self, name: Bilingual) -> Worksheet:
        sheet = self._workbook.add_worksheet(self._say(name))
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
        sheet.hide_gridlines(2)
        version = self._say(self._version())
        sheet.set_header(f"&L&8{self._say(TITLE)}&C&8&A&R&8 {version}")
        page = Bilingual("Trang &P / &N", "Page &P of &N")
        sheet.set_footer(f"&L&8cungcau&R&8{self._say(page)}")
        return sheet

    def _version(self) -> Bilingual:
        """The event's days, and which repair this is: a time of writing would make the file of
        an equal plan another one."""
        slots = len(self._plan.event.slots)
        days = [self._agendas.starts(number) for number in ((1, slots) if slots else ())]
        said = [say_day(day) for day in dict.fromkeys(day.date() for day in days)]
        repairs = int(self._plan.settings.get("replans", 0))
        parts = [Bilingual(" – ".join(d.vi for d in said), " – ".join(d.en for d in said))]
        if repairs:
            parts.append(Bilingual(f"bản sửa lần {repairs}", f"repair no. {repairs}"))
        return Bilingual(
            " · ".join(part.vi for part in parts if part.vi),
            " · ".join(part.en for part in parts if part.en),
        )

    def _say(self, words: Bilingual) -> str:
        return words.say(self._language)

    def _safe(self, text: str) -> str:
        return safe_cell(text, self._language)
