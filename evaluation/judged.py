"""Events that were judged whole, as collections by the languages of need and offer.

An event folder holds `offers.*` and `needs.*` as `cungcau import` reads them and `judgements.tsv`
(or another kind of table) with the columns need, offer and grade 0 to 3, by record id. Every need
was judged against every offer: a need the judgements do not name, or only with grade 0, has no
answer here.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from evaluation.collections import Collection
from evaluation.readers.gradesheet import GradeSheet, read_grade_sheet
from evaluation.readers.naming import Names
from evaluation.readers.sheets import assemble, gather
from indexer.bilingual import Bilingual
from indexer.errors import RequestError
from indexer.importing.files import read_records
from indexer.records import Record, Side
from indexer.text import is_unaccented_vietnamese, language_of

# Of the real event's workbook: the sheet, its lines of heading, the columns read.
_SHEETS = {"vi": (0, 3, (1, 3, 4, 5)), "en": (1, 1, (0, 2, 3, 4))}

DIRECTIONS = (("vi", "vi"), ("vi", "en"), ("en", "vi"), ("en", "en"))

_STEMS = ("offers", "needs", "judgements")
_KINDS = (".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".tsv")


def is_event(folder: Path) -> bool:
    """True where the folder holds any file of an event."""
    return any(_files(folder, stem) for stem in _STEMS)


def judged_event(folder: Path) -> tuple[Collection, ...]:
    """The event whole, then by direction, named like "techmart-demo" and "techmart-demo vi→en".

    A need typed without accents counts as Vietnamese, a text in both languages as either. A
    direction without a judged answer is left out. Raises RequestError, naming file and cell,
    where a file is missing or cannot be read, a judgement names no record of the event, its
    grade is not 0 to 3, a pair has two grades, or nothing is relevant.
    """
    offers_path, needs_path, grades_path = (_one(folder, stem) for stem in _STEMS)
    batch = read_records([offers_path, needs_path])
    sheet = read_grade_sheet(grades_path)
    judged, notices = _judged(sheet, batch.records)
    name = folder.resolve().name
    languages = {record.id: _languages(record) for record in batch.records}
    whole = _part(name, batch.records, judged)
    notices += _notices(name, len(batch.rejects), len(whole.unanswerable))
    whole = replace(whole, notices=tuple(notices))
    if not whole.qrels:
        raise RequestError(
            vi=f"{grades_path}: không có cặp nào được đánh giá từ 1 trở lên.",
            en=f"{grades_path}: no pair has a grade of 1 or more.",
        )
    parts = []
    for asked, offered in DIRECTIONS:
        language = {Side.DEMAND: asked, Side.SUPPLY: offered}
        spoken = [one for one in batch.records if language[one.side] in languages[one.id]]
        parts.append(_part(f"{name} {asked}→{offered}", spoken, judged))
    return (whole, *(part for part in parts if part.qrels))


def real_event(folder: Path, offers: Path) -> Iterator[Collection]:
    """Needs in the askers' own words for the real offers of `event-offers.xlsx`, by direction.

    `folder` holds `needs.jsonl` and `judgements.tsv`; offers are named by their sheet's order.
    """
    lines = (folder / "needs.jsonl").read_text("utf-8").splitlines()
    needs = [json.loads(line) for line in lines]
    grades = read_grades(folder / "judgements.tsv")
    for asked in ("vi", "en", "bare"):
        for offered in ("vi", "en"):
            texts = {need["id"]: need[asked] for need in needs}
            found = _offers(offers, offered)
            yield collection(f"real {asked}→{offered}", texts, found, grades)


def collection(
    name: str,
    needs: Mapping[str, str],
    offers: Mapping[str, str],
    grades: Iterable[tuple[str, str, int]],
    records: Iterable[Record] = (),
) -> Collection:
    """A collection of these texts; needs without an answer among these offers are unanswerable."""
    qrels: dict[str, dict[str, int]] = {}
    for need, offer, grade in grades:
        if need in needs and offer in offers:
            qrels.setdefault(need, {})[offer] = grade
    answered = {need: own for need, own in qrels.items() if max(own.values()) >= 1}
    unanswerable = [need for need in needs if need not in answered]
    return assemble(name, needs, offers, answered, records=records, unanswerable=unanswerable)


def read_grades(path: Path) -> list[tuple[str, str, int]]:
    """(need, offer, grade) of a file of judgements; raises RequestError as `read_grade_sheet`."""
    return [
        (row.need_code or row.need, row.offer_code or row.offer, row.grade)
        for row in read_grade_sheet(path).rows
    ]


def _judged(
    sheet: GradeSheet, records: Iterable[Record]
) -> tuple[list[tuple[str, str, int]], list[Bilingual]]:
    """(need id, offer id, grade) of every judgement, and notices."""
    by_side = [[one for one in records if one.side is side] for side in (Side.DEMAND, Side.SUPPLY)]
    needs, offers = Names(Side.DEMAND, by_side[0]), Names(Side.SUPPLY, by_side[1])
    qrels, notices = gather((row, needs.named(row), offers.named(row)) for row in sheet.rows)
    judged = [(need, offer, grade) for need, own in qrels.items() for offer, grade in own.items()]
    return judged, [*sheet.notices, *notices]


def _part(
    name: str,
    records: Sequence[Record],
    judged: Iterable[tuple[str, str, int]],
) -> Collection:
    texts: dict[Side, dict[str, str]] = {Side.DEMAND: {}, Side.SUPPLY: {}}
    for record in records:
        texts[record.side][record.id] = record.text()
    return collection(name, texts[Side.DEMAND], texts[Side.SUPPLY], judged, records)


def _notices(name: str, rejected: int, unanswerable: int) -> Iterator[Bilingual]:
    if rejected:
        yield Bilingual(
            vi=f"{name}: {rejected} dòng không nhập được nên không được tính; `cungcau import` nêu "
            "lý do.",
            en=f"{name}: {rejected} rows could not be read and are left out; `cungcau import` "
            "tells why.",
        )
    if unanswerable:
        yield Bilingual(
            vi=f"{name}: {unanswerable} nhu cầu không có sản phẩm phù hợp, không tính vào trung "
            "bình; dùng để đo khả năng từ chối.",
            en=f"{name}: {unanswerable} needs have no relevant offer and stay out of the mean; "
            "rejection is measured on them.",
        )


def _languages(record: Record) -> frozenset[str]:
    text = record.text()
    found = "vi" if is_unaccented_vietnamese(text) else language_of(text)
    return frozenset({"vi", "en"} if found == "mixed" else {found})


def _files(folder: Path, stem: str) -> list[Path]:
    return [path for kind in _KINDS if (path := folder / f"{stem}{kind}").is_file()]


def _one(folder: Path, stem: str) -> Path:
    found = _files(folder, stem)
    if not found:
        kinds = ", ".join(_KINDS)
        raise RequestError(
            vi=f"Thư mục sự kiện “{folder}” thiếu tệp {stem}. Chấp nhận: {stem} với {kinds}.",
            en=f"The event folder “{folder}” lacks the file {stem}. Accepted: {stem} with {kinds}.",
        )
    if len(found) > 1:
        listed = ", ".join(path.name for path in found)
        raise RequestError(
            vi=f"Thư mục sự kiện “{folder}” có nhiều tệp {stem}: {listed}. Hãy giữ một tệp.",
            en=f"The event folder “{folder}” has several files of {stem}: {listed}. Keep one.",
        )
    return found[0]


def _offers(path: Path, language: str) -> dict[str, str]:
    """Title, description, clients and field of every offer that has a description."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415

    book = CalamineWorkbook.from_path(path)
    sheet, heading, columns = _SHEETS[language]
    name = book.sheet_names[sheet]
    rows = book.get_sheet_by_name(name).to_python()[heading:]
    found = {}
    for number, row in enumerate(rows, start=1):
        title, field, description, clients = (str(row[column]).strip() for column in columns)
        if description:
            parts = (title, description, clients, field)
            found[f"E{number:02d}"] = "\n".join(part for part in parts if part)
    return found
