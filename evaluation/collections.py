"""A judged collection: documents (supply), queries (demand) and grades, from a BEIR folder.

A BEIR folder holds `corpus.jsonl` (`_id`, `title`, `text`), `queries.jsonl` (`_id`, `text`) and
`qrels/test.tsv` (query id, document id, whole grade; a heading line is optional). Other keys are
left alone.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.bilingual import Bilingual
from indexer.errors import RequestError

Judgements = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Collection:
    """Everything a system is judged on; the i-th text belongs to the i-th id.

    Documents stand in descending order of id (by code point), so that a stable sort by score is
    already trec_eval's rule for ties and the order of the file has no say in the figures.
    `qrels` maps query id to {document id: grade}, grade >= 1 is relevant. `itself` maps a query
    to the document it was taken from, which no ranking of that query may hold. `notices` tell
    what was odd but did not stop the reading.
    """

    name: str
    document_ids: tuple[str, ...]
    documents: tuple[str, ...]
    query_ids: tuple[str, ...]
    queries: tuple[str, ...]
    qrels: Judgements
    itself: Mapping[str, str]
    notices: tuple[Bilingual, ...] = ()


def load_collection(path: Path | str) -> Collection:
    """Read a BEIR folder.

    Raises RequestError, naming file and line: a file is missing or not UTF-8, a line is not a
    JSON object, an id is missing, empty or given twice, a query is empty, a grade is not a
    whole number, one pair is judged twice with different grades, nothing is judged at all.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise RequestError(
            vi=f"Không có thư mục bộ dữ liệu “{folder}”.",
            en=f"There is no collection folder “{folder}”.",
        )
    documents = _read_texts(_present(folder, "corpus.jsonl"), with_title=True)
    queries = _read_texts(_present(folder, "queries.jsonl"), with_title=False)
    _refuse_empty(folder / "queries.jsonl", queries)
    judged = _read_qrels(_present(folder, "qrels/test.tsv"))
    notices = list(_oddities(judged, queries, documents))
    qrels = {query: grades for query, grades in judged.items() if query in queries}
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


def _present(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.is_file():
        raise RequestError(
            vi=f"Bộ dữ liệu “{folder}” thiếu tệp {name}.",
            en=f"The collection “{folder}” lacks the file {name}.",
        )
    return path


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """(1-based number, text) of every line that is not blank."""
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, start=1):
                line = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip("\r\n")
                if line.strip():
                    yield number, line
    except UnicodeDecodeError:
        raise _at(path, number, "không phải là UTF-8", "is not UTF-8") from None
    except OSError as error:
        raise RequestError(
            vi=f"Không đọc được tệp “{path}”: {error.strerror}.",
            en=f"The file “{path}” cannot be read: {error.strerror}.",
        ) from error


def _at(path: Path, number: int, vi: str, en: str) -> RequestError:
    return RequestError(vi=f"{path}, dòng {number}: {vi}.", en=f"{path}, line {number}: {en}.")


def _read_texts(path: Path, *, with_title: bool) -> dict[str, str]:
    texts: dict[str, str] = {}
    for number, line in _lines(path):
        entry = _object(path, number, line)
        key = entry.get("_id")
        if isinstance(key, int) and not isinstance(key, bool):
            key = str(key)
        if not isinstance(key, str) or not key.strip():
            raise _at(path, number, "thiếu “_id”", "“_id” is missing")
        if key in texts:
            raise _at(path, number, f"“_id” {key} bị trùng", f"“_id” {key} is given twice")
        parts = [_text(path, number, entry, "text")]
        if with_title:
            parts.insert(0, _text(path, number, entry, "title"))
        texts[key] = "\n".join(part for part in parts if part.strip())
    return texts


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        raise _at(path, number, "JSON bị hỏng", "the JSON is broken") from None
    if not isinstance(entry, dict):
        raise _at(path, number, "không phải là một đối tượng JSON", "is not a JSON object")
    return entry


def _text(path: Path, number: int, entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _at(path, number, f"“{key}” không phải là chuỗi", f"“{key}” is not a string")
    return value


def _refuse_empty(path: Path, queries: Mapping[str, str]) -> None:
    empty = [query for query, text in queries.items() if not text.strip()]
    if empty:
        some = ", ".join(empty[:5])
        raise RequestError(
            vi=f"{path}: {len(empty)} truy vấn không có nội dung: {some}.",
            en=f"{path}: {len(empty)} queries without text: {some}.",
        )


def _read_qrels(path: Path) -> dict[str, dict[str, int]]:
    qrels: dict[str, dict[str, int]] = {}
    for number, line in _lines(path):
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) != 3:
            raise _at(
                path,
                number,
                f"cần 3 cột cách nhau bằng tab, thấy {len(cells)}",
                f"3 columns set apart by tabs are needed, {len(cells)} found",
            )
        query, document, written = cells
        if number == 1 and written.casefold() in {"score", "relevance", "grade", "label", "rel"}:
            continue
        grade = _grade(path, number, written)
        grades = qrels.setdefault(query, {})
        if grades.setdefault(document, grade) != grade:
            raise _at(
                path,
                number,
                f"cặp {query} – {document} có hai mức đánh giá: {grades[document]} và {grade}",
                f"the pair {query} – {document} has two grades: {grades[document]} and {grade}",
            )
    return qrels


def _grade(path: Path, number: int, written: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,4}", written):
        raise _at(
            path,
            number,
            f"mức đánh giá “{written}” không phải là số nguyên",
            f"the grade “{written}” is not a whole number",
        )
    # Some collections mark what is worse than irrelevant; no measure here tells that from 0.
    return max(0, int(written))


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
