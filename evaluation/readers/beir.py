"""BEIR folders: `corpus.jsonl`, `queries.jsonl` and judgements.

`corpus.jsonl` holds `_id`, `title`, `text`, `queries.jsonl` `_id`, `text`; other keys are left
alone. Judgements are `qrels/test.tsv` (query id, document id, whole grade; a heading line is
optional) or, where that is not there, TREC's four columns in `qrels/test.qrels`.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from evaluation.collections import Collection, Judgements
from evaluation.readers.lines import at_line, numbered_lines
from evaluation.readers.trec import Judging, Qrels, by_token, read_qrels
from indexer.bilingual import Bilingual
from indexer.errors import RequestError

_TSV, _TREC = "qrels/test.tsv", "qrels/test.qrels"
_HEADINGS = frozenset({"score", "relevance", "grade", "label", "rel"})


def read_beir(folder: Path) -> Collection:
    """Read a BEIR folder.

    Raises RequestError, naming file and line: a file is missing, empty or not UTF-8, a line is
    not a JSON object, an id is missing, empty or given twice, a query is empty, a grade is not a
    whole number from -10 to 100, one pair is judged twice with different grades, nothing is
    judged at all.
    """
    documents = _read_texts(_present(folder, "corpus.jsonl"), with_title=True)
    if not documents:
        raise RequestError(
            vi=f"{folder / 'corpus.jsonl'}: không có tài liệu nào.",
            en=f"{folder / 'corpus.jsonl'}: there are no documents.",
        )
    queries = _read_texts(_present(folder, "queries.jsonl"), with_title=False)
    _refuse_empty(folder / "queries.jsonl", queries)
    read = _judgements(folder, queries, documents)
    notices = [*read.notices, *_oddities(read.grades, queries, documents)]
    qrels = {query: dict(grades) for query, grades in read.grades.items() if query in queries}
    if not qrels:
        raise RequestError(
            vi=f"{folder.name}: không có đánh giá nào cho các truy vấn của bộ dữ liệu.",
            en=f"{folder.name}: none of its queries is judged.",
        )
    itself = _own_documents(queries, documents, qrels)
    for query, document in itself.items():
        qrels[query].pop(document, None)
    notices.extend(_dropped(itself))
    ids = tuple(sorted(documents, reverse=True))
    return Collection(
        name=folder.resolve().name,
        document_ids=ids,
        documents=tuple(documents[one] for one in ids),
        query_ids=tuple(queries),
        queries=tuple(queries.values()),
        qrels=qrels,
        itself=itself,
        notices=tuple(notices),
    )


def _judgements(folder: Path, queries: Mapping[str, str], documents: Mapping[str, str]) -> Qrels:
    if (folder / _TSV).is_file() or not (folder / _TREC).is_file():
        return _read_tsv(_present(folder, _TSV))
    read = read_qrels(folder / _TREC)
    query_of, document_of = by_token(queries), by_token(documents)
    named = {
        query_of.get(query, query): {document_of.get(one, one): grade for one, grade in own.items()}
        for query, own in read.grades.items()
    }
    return Qrels(named, read.notices)


def _present(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.is_file():
        raise RequestError(
            vi=f"Bộ dữ liệu “{folder}” thiếu tệp {name}.",
            en=f"The collection “{folder}” lacks the file {name}.",
        )
    return path


def _read_texts(path: Path, *, with_title: bool) -> dict[str, str]:
    texts: dict[str, str] = {}
    for number, line in numbered_lines(path):
        entry = _object(path, number, line)
        key = entry.get("_id")
        if isinstance(key, int) and not isinstance(key, bool):
            key = str(key)
        if not isinstance(key, str) or not key.strip():
            raise at_line(path, number, "thiếu “_id”", "“_id” is missing")
        if key in texts:
            raise at_line(path, number, f"“_id” {key} bị trùng", f"“_id” {key} is given twice")
        parts = [_text(path, number, entry, "text")]
        if with_title:
            parts.insert(0, _text(path, number, entry, "title"))
        texts[key] = "\n".join(part for part in parts if part.strip())
    return texts


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        raise at_line(path, number, "JSON bị hỏng", "the JSON is broken") from None
    if not isinstance(entry, dict):
        raise at_line(path, number, "không phải là một đối tượng JSON", "is not a JSON object")
    return entry


def _text(path: Path, number: int, entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise at_line(path, number, f"“{key}” không phải là chuỗi", f"“{key}” is not a string")
    return value


def _refuse_empty(path: Path, queries: Mapping[str, str]) -> None:
    empty = [query for query, text in queries.items() if not text.strip()]
    if empty:
        some = ", ".join(empty[:5])
        raise RequestError(
            vi=f"{path}: {len(empty)} truy vấn không có nội dung: {some}.",
            en=f"{path}: {len(empty)} queries without text: {some}.",
        )


def _read_tsv(path: Path) -> Qrels:
    judging = Judging(path)
    for number, line in numbered_lines(path):
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) != 3:
            raise at_line(
                path,
                number,
                f"cần 3 cột cách nhau bằng tab, thấy {len(cells)}",
                f"3 columns set apart by tabs are needed, {len(cells)} found",
            )
        query, document, written = cells
        if number == 1 and written.casefold() in _HEADINGS:
            continue
        judging.add(number, query, document, written)
    return judging.finish()


def _oddities(
    judged: Judgements, queries: Mapping[str, str], documents: Mapping[str, str]
) -> Iterator[Bilingual]:
    unknown = [query for query in judged if query not in queries]
    if unknown:
        some = ", ".join(unknown[:5])
        yield Bilingual(
            vi=f"Đánh giá nêu {len(unknown)} truy vấn không có trong bộ dữ liệu, bỏ qua: {some}.",
            en=f"Judgements name {len(unknown)} unknown queries, left out: {some}.",
        )
    missing = [one for grades in judged.values() for one in grades if one not in documents]
    if missing:
        some = ", ".join(missing[:5])
        yield Bilingual(
            vi=f"Đánh giá nêu {len(missing)} tài liệu không có trong bộ dữ liệu; "
            f"tài liệu phù hợp trong số đó tính là không tìm thấy: {some}.",
            en=f"Judgements name {len(missing)} unknown documents; "
            f"relevant ones among them count as not found: {some}.",
        )
    silent = sum(query not in judged for query in queries)
    if silent:
        yield Bilingual(
            vi=f"{silent} truy vấn chưa được đánh giá, không tính vào trung bình.",
            en=f"{silent} queries are not judged and stay out of the mean.",
        )
    hopeless = sum(max(grades.values()) < 1 for query, grades in judged.items() if query in queries)
    if hopeless:
        yield Bilingual(
            vi=f"{hopeless} truy vấn được đánh giá nhưng không có tài liệu phù hợp, tính là 0.",
            en=f"{hopeless} judged queries have no relevant document and count 0.",
        )


def _own_documents(
    queries: Mapping[str, str], documents: Mapping[str, str], qrels: Judgements
) -> dict[str, str]:
    """The document each query was taken from, where a collection's queries are its documents.

    Ids must agree (equal, or `<document>_<part>`), and nine tenths of the query's words must
    stand in the document, since numbers as ids agree by accident (CACM, Cranfield). A document
    that is the query's only relevant one is what it looks for (known-item collections), not
    the query itself, and stays.
    """
    own: dict[str, str] = {}
    for query, text in queries.items():
        document = query if query in documents else query.rpartition("_")[0]
        if document not in documents:
            continue
        relevant = {one for one, grade in qrels.get(query, {}).items() if grade >= 1}
        words = _words(text)
        shared = len(words & _words(documents[document]))
        if relevant != {document} and shared >= 0.9 * len(words):
            own[query] = document
    return own


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def _dropped(itself: Mapping[str, str]) -> Iterator[Bilingual]:
    if itself:
        yield Bilingual(
            vi=f"{len(itself)} truy vấn được lấy từ chính một tài liệu; "
            "tài liệu đó bị loại khỏi kết quả của truy vấn ấy.",
            en=f"{len(itself)} queries were taken from a document of the collection; "
            "that document is dropped from the query's own ranking.",
        )
