"""Collections by where they lie, told by what is there."""

from pathlib import Path
from typing import TYPE_CHECKING

from evaluation.collections import Collection
from evaluation.judged import is_event, judged_event
from evaluation.readers.beir import read_beir
from evaluation.readers.sheets import judged_sheet
from indexer.bilingual import Bilingual
from indexer.errors import RequestError

if TYPE_CHECKING:
    from indexer.catalog import Catalog

_ACCEPTED = Bilingual(
    vi="thư mục BEIR (corpus.jsonl, queries.jsonl, qrels/test.tsv hoặc qrels/test.qrels), thư mục "
    "sự kiện (offers.xlsx, needs.xlsx, judgements.tsv), hoặc bảng đánh giá (.xlsx, .xls, .ods, "
    ".csv, .tsv) có cột nhu cầu, sản phẩm và mức đánh giá",
    en="a BEIR folder (corpus.jsonl, queries.jsonl, qrels/test.tsv or qrels/test.qrels), an event "
    "folder (offers.xlsx, needs.xlsx, judgements.tsv), or a spreadsheet of judgements (.xlsx, "
    ".xls, .ods, .csv, .tsv) with columns need, offer and grade",
)


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
    return (judged_sheet(found, catalog),)


def load_collection(path: Path | str) -> Collection:
    """Read a BEIR folder; raises RequestError as `evaluation.readers.beir.read_beir` does."""
    folder = Path(path)
    if not folder.is_dir():
        raise RequestError(
            vi=f"Không có thư mục bộ dữ liệu “{folder}”.",
            en=f"There is no collection folder “{folder}”.",
        )
    return read_beir(folder)
