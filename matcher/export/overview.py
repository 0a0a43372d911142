"""The first sheet: the counts, how the scores are spread, and the way to the other sheets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from indexer.bilingual import Bilingual, Language
from matcher.export.distribution import Bin, distribution
from matcher.export.facts import count_lines, holds_restricted
from matcher.export.labels import GRADE_HELP, PRIVATE_NOTICE, SCORE_HELP, TITLE
from matcher.export.sheets import PRINTED_COLUMNS
from matcher.export.styles import ACCENT, REST, Styles
from matcher.export.wording import say_moment
from matcher.matchlist import MatchList

BEST = Bilingual("Tốt nhất của mỗi nhu cầu", "Best of each need")
OTHER = Bilingual("Các kết quả khác", "Other matches")
CHART_TITLE = Bilingual("Phân bố điểm theo nhu cầu", "Score distribution, by need")
SCORE = Bilingual("Điểm", "Score")
MATCHES = Bilingual("Số ghép nối", "Matches")

_PRINT_HELP = Bilingual(
    f"Khi in, mỗi trang A4 ngang có {PRINTED_COLUMNS} cột đầu; các cột sau (TRL, kinh phí, giá, "
    "câu dẫn chứng) để xem và lọc trên màn hình.",
    f"Printing gives the first {PRINTED_COLUMNS} columns on landscape A4; the columns after them "
    "(TRL, budget, price, evidence sentences) are for the screen.",
)


@dataclass(frozen=True, slots=True)
class SheetLink:
    name: str
    records: int


def write_overview(
    workbook: Workbook,
    sheet: Worksheet,
    styles: Styles,
    match_list: MatchList,
    links: Sequence[SheetLink],
    language: Language,
    created: datetime,
) -> None:
    """Fills the sheet from top to bottom: rows are written in order, as constant memory asks."""
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, 3, 16)
    sheet.set_column(4, 8, 12)
    sheet.set_row(0, 28)
    sheet.write_string(0, 0, TITLE.say(language), styles.title())
    sheet.write_string(1, 0, say_moment(created).say(language), styles.subtitle())
    line = 3
    for label, number in count_lines(match_list):
        sheet.write_string(line, 0, label.say(language), styles.plain())
        sheet.write_number(line, 1, number, styles.plain("#,##0"))
        line += 1
    line += 1
    for link in links:
        sheet.write_url(line, 0, f"internal:'{link.name}'!A1", styles.link(), f"→ {link.name}")
        line += 1
    line = _notes(sheet, styles, match_list, language, line + 1)
    _bins(workbook, sheet, styles, distribution(match_list.by_demand), language, line + 1)


def _notes(
    sheet: Worksheet, styles: Styles, match_list: MatchList, language: Language, line: int
) -> int:
    notes = [(text, styles.note()) for text in (SCORE_HELP, GRADE_HELP, _PRINT_HELP)]
    if holds_restricted(match_list):
        notes.insert(0, (PRIVATE_NOTICE, styles.warning()))
    for text, style in notes:
        sheet.set_row(line, 30)
        sheet.merge_range(line, 0, line, 8, text.say(language), style)
        line += 1
    return line


def _bins(
    workbook: Workbook,
    sheet: Worksheet,
    styles: Styles,
    bins: Sequence[Bin],
    language: Language,
    line: int,
) -> None:
    """The table of the distribution and, beside it, Excel's own chart of it."""
    for place, heading in enumerate((SCORE, BEST, OTHER)):
        sheet.write_string(line, place, heading.say(language), styles.header())
    first = line + 1
    for number, bin_ in enumerate(bins):
        sheet.write_string(first + number, 0, _range(bin_, language), styles.plain())
        sheet.write_number(first + number, 1, bin_.best, styles.plain("#,##0"))
        sheet.write_number(first + number, 2, bin_.other, styles.plain("#,##0"))
    last = first + len(bins) - 1
    ranges = [_range(bin_, language) for bin_ in bins]
    chart = workbook.add_chart({"type": "column", "subtype": "stacked"})
    series = (
        (1, BEST, ACCENT, [bin_.best for bin_ in bins]),
        (2, OTHER, REST, [bin_.other for bin_ in bins]),
    )
    for place, name, colour, values in series:
        chart.add_series(
            {
                "name": name.say(language),
                "categories": [sheet.name, first, 0, last, 0],
                "values": [sheet.name, first, place, last, place],
                # Given here because in constant memory the cells are gone by now; previews
                # that do not calculate show these.
                "categories_data": ranges,
                "values_data": values,
                "fill": {"color": colour},
                "gap": 20,
            }
        )
    chart.set_title({"name": CHART_TITLE.say(language), "name_font": {"size": 12}})
    chart.set_x_axis({"name": SCORE.say(language), "num_font": {"rotation": -45, "size": 8}})
    chart.set_y_axis({"name": MATCHES.say(language), "major_gridlines": {"visible": True}})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 640, "height": 380})
    sheet.insert_chart(line, 4, chart, {"description": CHART_TITLE.say(language)})


def _range(bin_: Bin, language: Language) -> str:
    text = f"{bin_.low:.2f} – {bin_.high:.2f}"
    return text.replace(".", ",") if language == "vi" else text
