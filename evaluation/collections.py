"""A judged collection: documents (supply), queries (demand) and grades, whatever they lie in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.bilingual import Bilingual
from indexer.errors import RequestError

if TYPE_CHECKING:
    from indexer.catalog import Catalog
    from indexer.records import Record

Judgements = Mapping[str, Mapping[str, int]]

_ACCEPTED = Bilingual(
    vi="thư mục BEIR (corpus.jsonl, queries.jsonl, qrels/test.tsv hoặc qrels/test.qrels), thư mục "
    "sự kiện (offers.xlsx, needs.xlsx, judgements.tsv), hoặc bảng đánh giá (.xlsx, .xls, .ods, "
    ".csv, .tsv) có cột nhu cầu, sản phẩm và mức đánh giá",
    en="a BEIR folder (corpus.jsonl, queries.jsonl, qrels/test.tsv or qrels/test.qrels), an event "
    "folder (offers.xlsx, needs.xlsx, judgements.tsv), or a spreadsheet of judgements (.xlsx, "
    ".xls, .ods, .csv, .tsv) with columns need, offer and grade",
)


@dataclass(frozen=True)
class Collection:
    """Everything a system is judged on; the i-th text belongs to the i-th id.

    Documents stand in descending order of id (by code point), so that a stable sort by score is
    already trec_eval's rule for ties and the order of the file has no say in the figures.
    `qrels` maps query id to {document id: grade}, grade >= 1 is relevant. `itself` maps a query
    to the document it was taken from, which no ranking of that query may hold. `unanswerable`
    are the queries of an event that were judged against everything and have no relevant document:
    they stay out of `qrels` and of the means, and are what rejection is measured on. `owners` maps
    document id to its owner, `fields` query id to its field, `records` either id to the whole
    record, all where the source tells. `notices` tell what was odd but did not stop the reading.
    """

    name: str
    document_ids: tuple[str, ...]
    documents: tuple[str, ...]
    query_ids: tuple[str, ...]
    queries: tuple[str, ...]
    qrels: Judgements
    itself: Mapping[str, str]
    unanswerable: tuple[str, ...] = ()
    owners: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    records: Mapping[str, "Record"] = field(default_factory=dict, repr=False)
    notices: tuple[Bilingual, ...] = ()


def useful(collection: Collection) -> int:
    """The lowest grade worth a meeting: 2 where grades reach 2 or more, else 1."""
    graded = any(grade >= 2 for grades in collection.qrels.values() for grade in grades.values())
    return 2 if graded else 1


def load_collections(path: Path | str, catalog: "Catalog | None" = None) -> tuple[Collection, ...]:
    """The collections that lie at `path`, told by what is there.

    A BEIR folder (`evaluation.readers.beir`) and a spreadsheet of judgements
    (`evaluation.readers.sheets`) give one, an event folder (`evaluation.judged`) the whole event
    and, after it, its directions of language. `catalog` is what the cells of a spreadsheet name.

    Raises RequestError where nothing of the kind is there, or as the readers named do.
    """
    found = Path(path)
    if found.is_dir():
        if any((found / name).exists() for name in ("corpus.jsonl", "queries.jsonl", "qrels")):
            return (load_collection(found),)
        from evaluation.judged import is_event, judged_event  # noqa: PLC0415

        if is_event(found):
            return judged_event(found)
        raise RequestError(
            vi=f"Không nhận ra bộ dữ liệu nào trong thư mục “{found}”. Chấp nhận: {_ACCEPTED.vi}.",
            en=f"No collection is recognised in the folder “{found}”. Accepted: {_ACCEPTED.en}.",
        )
    if not found.exists():
        raise RequestError(
            vi=f"Không có bộ dữ liệu “{found}”. Chấp nhận: {_ACCEPTED.vi}.",
            en=f"There is no collection “{found}”. Accepted: {_ACCEPTED.en}.",
        )
    from evaluation.readers.sheets import judged_sheet  # noqa: PLC0415

    return (judged_sheet(found, catalog),)


def load_collection(path: Path | str) -> Collection:
    """Read a BEIR folder; raises RequestError as `evaluation.readers.beir.read_beir` does."""
    folder = Path(path)
    if not folder.is_dir():
        raise RequestError(
            vi=f"Không có thư mục bộ dữ liệu “{folder}”.",
            en=f"There is no collection folder “{folder}”.",
        )
    # Here, not above: the readers make the values defined in this file.
    from evaluation.readers.beir import read_beir  # noqa: PLC0415

    return read_beir(folder)
