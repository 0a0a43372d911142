"""agendas.pdf: the same sheets of paper, ready for a print shop. Set by Typst, which brings a
typeface with all Vietnamese letters; letters it lacks (Chinese, Arabic, …) need a font on the
machine."""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from importlib.resources import files
from pathlib import Path

import typst
from markupsafe import escape

from indexer.bilingual import Bilingual, Language
from matcher.export.clean import clean, shorten
from matcher.export.plan_code import Code
from matcher.export.plan_handout import NONE_YET, REPLACES, Row, Sheet, Type, Types
from matcher.export.plan_map import Spot, TableMap
from matcher.planning.event import Event

_NAME = 300  # characters of an owner's name; longer ones would push the meetings off the page
_PARTNER = 160
# What plan_agendas.typ makes of each size.
_TYPES = Types(
    {
        "huge": Type(18.0, 8.6, 31, 7.0, 2, 4.2),
        "large": Type(17.0, 7.3, 37, 6.0, 2, 2.6),
        "middle": Type(16.0, 6.0, 47, 5.0, 1, 1.4),
        "small": Type(13.0, 4.7, 60, 0.0, 0, 0.4),
    },
    room=158.0,
    characters=36,
    title=11.0,
)
# A word that no line can hold is broken anywhere: the setter breaks between words alone.
_LONG = re.compile(r"(\S{24})(?=\S)")
_WORDS = {
    "time": Bilingual("Giờ", "Time"),
    "table": Bilingual("Bàn", "Table"),
    "meet": Bilingual("Gặp", "Meet"),
    "interpreter": Bilingual("có phiên dịch", "interpreter"),
    "cancelled": Bilingual("Đã huỷ", "Cancelled"),
    "map": Bilingual("Bàn của bạn (sơ đồ theo thứ tự bàn)", "Your tables (in order, not to scale)"),
    "code": Bilingual("Quét để giữ lịch trong điện thoại", "Scan to keep this agenda"),
    "nobody": NONE_YET,
}
_ALTERNATES = Bilingual("Nếu còn lượt trống, có thể gặp thêm", "If a slot falls free, also meet")


def write_pdf(
    event: Event,
    sheets: Iterable[Sheet],
    chart: TableMap | None,
    path: Path,
    *,
    language: Language,
    created: datetime,
) -> None:
    """Writes the sheets as A4 pages in `language`, with the owners as bookmarks; what does not
    fit one page goes on to the next. Equal input and an equal `created` give equal bytes where
    the same fonts are installed."""
    head = " · ".join(clean(text) for text in (event.name, event.place) if text)
    data = {
        "language": language,
        "event": clean(event.name),
        "words": {key: words.say(language) for key, words in _WORDS.items()},
        "map": _map(chart) if chart else None,
        "sheets": [_page(sheet, _broken(head), language) for sheet in sheets],
    }
    template = files("matcher.export").joinpath("plan_agendas.typ").read_bytes()
    pdf = typst.compile(
        template,
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=int(created.timestamp()),
        pdf_tags=False,  # they double the file, which is for paper; agendas.html is for readers
    )
    path.write_bytes(pdf)


def _page(sheet: Sheet, head: str, language: Language) -> dict[str, object]:
    facts = " · ".join(text for text in (sheet.side.say(language), sheet.delegation) if text)
    size = sheet.size(_TYPES)
    names = "; ".join(shorten(name, _NAME) for name in sheet.alternates)
    return {
        "head": head,
        "owner": _broken(shorten(sheet.owner, _NAME)),
        "facts": _broken(facts),
        "notice": REPLACES.say(language) if sheet.replaces else "",
        "size": size,
        "days": [
            {"name": day.say(language), "rows": [_row(row, size) for row in rows]}
            for day, rows in sheet.days
        ],
        "without": sheet.without().say(language),
        "cancelled": [_broken(line) for line in sheet.cancelled],
        "alternates": _broken(f"{_ALTERNATES.say(language)}: {names}") if names else "",
        "spots": [_spot(spot) for spot in sheet.spots],
        "code": _drawn(sheet.code) if sheet.code else "",
    }


def _row(row: Row, size: str) -> dict[str, object]:
    form = _TYPES.sizes[size]
    about = shorten(row.about, int(form.characters * 1.3) * form.lines) if form.lines else ""
    return {
        "time": row.time,
        "table": _broken(row.table),
        "room": _broken(row.room),
        "partner": _broken(shorten(row.partner, _PARTNER)),
        "about": _broken(about),
        "interpreter": row.interpreter,
    }


def _spot(spot: Spot) -> dict[str, object]:
    return {"x": spot.x, "y": spot.y, "width": spot.width, "height": spot.height, "name": spot.name}


def _broken(text: str) -> str:
    return _LONG.sub("\\1\u200b", text)


def _drawn(code: Code) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {code.size} {code.size}">'
        f'<path stroke="#000" d="{code.path}"/></svg>'
    )


def _map(chart: TableMap) -> dict[str, object]:
    """The tables once, as a drawing that every page shows with its own tables on top."""
    size = f"{chart.width} {chart.height}"
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" '
        f'font-family="Libertinus Serif" font-size="14">{"".join(_tables(chart))}</svg>'
    )
    return {
        "drawing": drawing,
        "unit": chart.unit,
        "letter": chart.letter,
        "width": chart.width,
        "height": chart.height,
    }


def _tables(chart: TableMap) -> Iterator[str]:
    for y, name in chart.rooms:
        yield f'<text x="2" y="{y}" font-size="{chart.letter}">{escape(name)}</text>'
    path = "".join(f"M{s.x} {s.y}h{s.width}v{s.height}h-{s.width}z" for s in chart.spots)
    yield f'<path fill="#e1e6ea" d="{path}"/>'
    if not chart.names_readable:  # they would only cost time
        return
    for spot in chart.spots:
        yield (
            f'<text x="{spot.x + spot.width / 2}" y="{spot.y + 18}" '
            f'fill="#4f5861" text-anchor="middle">{escape(spot.name)}</text>'
        )
