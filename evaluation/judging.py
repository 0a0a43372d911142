"""The graded rows of a file as judgements of the catalog, row by row: what cannot be, is told."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from evaluation.readers.gradesheet import Graded, read_grade_sheet
from evaluation.readers.naming import Names
from indexer.bilingual import Bilingual
from indexer.catalog import Catalog
from indexer.errors import RequestError
from indexer.judgements import Judgement
from indexer.records import Side


@dataclass(frozen=True, slots=True)
class JudgedFile:
    """What a file says: its judgements, the rows that cannot be used and why, and notices."""

    judgements: tuple[Judgement, ...]
    refused: tuple[Bilingual, ...]
    notices: tuple[Bilingual, ...]


def read_judgements(path: Path, catalog: Catalog, *, who: str = "") -> JudgedFile:
    """Read a graded match list or another spreadsheet of judgements on records of the catalog.

    Refused, each with its cell: a row that names a record that is not there (deleted since, or
    never imported) or several, and every row of a pair that has two different grades. Raises
    RequestError as `read_grade_sheet` does.
    """
    sheet = read_grade_sheet(path)
    needs, offers = (Names(side, catalog.records(side)) for side in (Side.DEMAND, Side.SUPPLY))
    pairs: dict[tuple[str, str], list[Graded]] = defaultdict(list)
    refused: list[Bilingual] = []
    for row in sheet.rows:
        try:
            pairs[needs.named(row), offers.named(row)].append(row)
        except RequestError as error:
            refused.append(error.message)
    judgements = []
    for (need, offer), rows in pairs.items():
        other = next((row for row in rows if row.grade != rows[0].grade), None)
        if other is not None:
            refused.append(_contradiction(need, offer, rows[0], other))
            continue
        # Of "2" and "contract" alike the first is kept: they weigh the same.
        judgements.append(
            Judgement(need, offer, rows[0].grade, rows[0].answer, who=who, source=path.name)
        )
    return JudgedFile(tuple(judgements), tuple(refused), sheet.notices)


def _contradiction(need: str, offer: str, one: Graded, other: Graded) -> Bilingual:
    first, second = one.where("grade"), other.where("grade")
    return Bilingual(
        vi=f"Cặp {need} – {offer} có hai mức khác nhau: {one.grade} ({first.vi}) và {other.grade} "
        f"({second.vi}); không lưu mức nào, hãy sửa một trong hai.",
        en=f"The pair {need} – {offer} has two grades: {one.grade} ({first.en}) and {other.grade} "
        f"({second.en}); neither is stored, correct one of them.",
    )
