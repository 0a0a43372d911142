"""Events judged by us, as collections by the languages of need and offer."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from evaluation.collections import Collection
from indexer.importing import read_records
from indexer.records import Record, Side
from indexer.text import is_unaccented_vietnamese, language_of

# Of the real event's workbook: the sheet, its lines of heading, the columns read.
_SHEETS = {"vi": (0, 3, (1, 3, 4, 5)), "en": (1, 1, (0, 2, 3, 4))}

DIRECTIONS = (("vi", "vi"), ("vi", "en"), ("en", "vi"), ("en", "en"), ("all", "all"))


def sample_event(folder: Path) -> Iterator[Collection]:
    """The sample event with its judgements, whole and by direction, named like "demo vi→en".

    A need typed without accents counts as Vietnamese, a text in both languages as either.
    Raises RequestError where the files of the event cannot be read.
    """
    records = read_records([folder / "offers.xlsx", folder / "needs.xlsx"]).records
    grades = read_grades(folder / "judgements.tsv")
    for asked, offered in DIRECTIONS:
        needs = {r.id: r.text() for r in records if r.side is Side.DEMAND and _speaks(r, asked)}
        offers = {r.id: r.text() for r in records if r.side is Side.SUPPLY and _speaks(r, offered)}
        name = "demo" if asked == "all" else f"demo {asked}→{offered}"
        yield collection(name, needs, offers, grades)


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
) -> Collection:
    """A collection of these texts; needs without an answer among these offers are not judged."""
    qrels: dict[str, dict[str, int]] = {}
    for need, offer, grade in grades:
        if need in needs and offer in offers:
            qrels.setdefault(need, {})[offer] = grade
    ids = tuple(sorted(offers, reverse=True))
    return Collection(
        name=name,
        document_ids=ids,
        documents=tuple(offers[i] for i in ids),
        query_ids=tuple(needs),
        queries=tuple(needs.values()),
        qrels=qrels,
        itself={},
    )


def read_grades(path: Path) -> list[tuple[str, str, int]]:
    """(need, offer, grade) of a file of judgements with a heading."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t"))
    return [(need, offer, int(grade)) for need, offer, grade in rows[1:]]


def _speaks(record: Record, language: str) -> bool:
    if language == "all":
        return True
    text = record.text()
    found = "vi" if is_unaccented_vietnamese(text) else language_of(text)
    return found in {language, "mixed"}


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
