"""Two or three records side by side, against a text where one is given."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import Response

from api.deps import OpenedDep
from api.opened import Opened
from api.pages.addresses import record_path, whole_address
from api.pages.fit import Fit, fits
from api.pages.narrowing import LONGEST, Asked
from api.pages.record import Reader
from api.pages.rendering import page
from api.pages.search import about_of
from api.pages.visit import Visit, page_router
from api.readings import note_reading
from api.service import searching
from api.service.searching import DEEPEST, Search
from api.service.stated import asker, stated
from indexer.bilingual import Bilingual
from indexer.keeping.records import find_all
from indexer.records import Record
from matcher.amounts import say_money
from matcher.export.clean import clean, shorten
from matcher.export.labels import TYPES
from matcher.export.views import RecordView
from matcher.export.wording import say_trl

router = page_router()

MOST = 3
_LONGEST = 600  # characters of a text in a cell


@dataclass(frozen=True, slots=True)
class Row:
    """What is compared, and what each record says of it, "" for nothing."""

    label: Bilingual
    cells: tuple[str | Bilingual, ...]


@router.get("/compare")
def compare(request: Request, opened: OpenedDep, visit: Reader) -> Response:
    """`ids` may be given many times, or once with commas between."""
    asked = request.query_params
    ids = _ids(asked.getlist("ids"))
    with opened.catalog.reading() as connection:
        kept = {one.record.id: one.record for one in find_all(connection, visit.actor.reader, ids)}
    chosen = [kept[id_] for id_ in ids if id_ in kept]
    note_reading(request, visit.actor, chosen)
    text = clean(asked.get("q", "")).strip()[:LONGEST]
    here = urlencode([*(("ids", id_) for id_ in ids), *([("q", text)] if text else [])])
    return page(
        request,
        "compare.html",
        records=[RecordView(record, "") for record in chosen],
        lost=len(ids) - len(chosen),
        fits=_fits(opened, visit, chosen, text) if text and chosen else {},
        rows=_rows(chosen),
        text=text,
        deepest=DEEPEST,
        share=whole_address(request, opened, f"/compare?{here}"),
        record_path=record_path,
        back=Asked(text, chosen[0].side).path() if text and chosen else "/search",
    )


def _ids(given: Sequence[str]) -> list[str]:
    written = given[0].split(",") if len(given) == 1 else given
    fit = [one.strip() for one in written if "\0" not in one and len(one) <= 200]
    return [one for one in dict.fromkeys(fit) if one][:MOST]


def _fits(opened: Opened, visit: Visit, chosen: Sequence[Record], text: str) -> dict[str, Fit]:
    """How those of `chosen` that are among the best answers for `text` fit it, by id."""
    side = chosen[0].side
    known = stated(text, side.other)
    about = about_of(Asked(text, side), known)
    reader, matcher = visit.actor.reader, opened.matcher()
    hits = searching.run(matcher, reader, Search(about, side, DEEPEST)).hits
    wanted = {record.id for record in chosen}
    hits = tuple(hit for hit in hits if hit.record.id in wanted)
    narrow = matcher if reader.everything else matcher.readable(reader)
    found = fits(asker(text, side.other, known), hits, narrow.tell(about, hits))
    return {fit.record.id: fit for fit in found}


def _rows(chosen: Sequence[Record]) -> list[Row]:
    """What any of them says something of."""
    rows = [Row(label, tuple(map(of, chosen))) for label, of in _COMPARED]
    return [row for row in rows if any(row.cells)]


def _text(name: str) -> Callable[[Record], str]:
    return lambda record: shorten(clean(getattr(record, name)).strip(), _LONGEST)


def _trl(record: Record) -> str:
    return say_trl(record.trl, record.side) if record.trl else ""


def _money(record: Record) -> str | Bilingual:
    return say_money(record.money) if record.money else ""


def _protection(record: Record) -> str:
    parts = (record.ip_type, record.ip_status, record.ip_number)
    return clean(" · ".join(part.strip() for part in parts if part.strip()))


_COMPARED: tuple[tuple[Bilingual, Callable[[Record], str | Bilingual]], ...] = (
    (Bilingual("Loại", "Type"), lambda record: TYPES[record.type]),
    (Bilingual("Đơn vị", "Organisation"), _text("owner")),
    (Bilingual("Nơi", "Place"), _text("place")),
    (Bilingual("Lĩnh vực", "Field"), _text("field")),
    (Bilingual("Mức sẵn sàng (TRL)", "Readiness (TRL)"), _trl),
    (Bilingual("Giá, kinh phí", "Price or budget"), _money),
    (Bilingual("Sở hữu trí tuệ", "Intellectual property"), _protection),
    (Bilingual("Chuyển giao", "Transfer"), _text("transfer")),
    (Bilingual("Hợp tác", "Cooperation"), _text("cooperation")),
    (Bilingual("Tóm tắt", "Summary"), _text("summary")),
    (Bilingual("Mô tả", "Description"), _text("description")),
    (Bilingual("Ưu điểm", "Advantages"), _text("advantages")),
    (Bilingual("Áp dụng", "Applications"), _text("applications")),
    (Bilingual("Yêu cầu", "Requirements"), _text("requirements")),
)
