"""TREC's two files: judgements (qrels) and runs, read and written.

A line of qrels is `query iteration document grade`, a line of a run `query Q0 document rank score
system`, set apart by blanks or tabs. Blanks and % in our ids are written as in URLs (%20, %25).
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

import numpy as np

from evaluation.collections import Collection, Judgements
from evaluation.readers.lines import at_line, numbered_lines
from evaluation.runs import Ranking, Run
from indexer.bilingual import Bilingual
from indexer.errors import RequestError

LOWEST, HIGHEST = -10, 100

_LARGEST = float(np.finfo(np.float32).max)
_ERRORS = "backslashreplace"  # half a surrogate pair in an id must not stop the writing


@dataclass(frozen=True)
class Qrels:
    """Query id to {document id: grade}, and what was odd but did not stop the reading."""

    grades: Judgements
    notices: tuple[Bilingual, ...] = ()


class Judging:
    """Collects the judgements of a file line by line, under one policy for pairs that repeat."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._grades: dict[str, dict[str, int]] = {}
        self._repeated: list[int] = []

    def add(self, number: int, query: str, document: str, written: str) -> None:
        """One line. Raises RequestError where its grade is not one, or a pair has two grades."""
        grade = self._grade(number, written)
        grades = self._grades.setdefault(query, {})
        if document in grades:
            self._repeated.append(number)
        if grades.setdefault(document, grade) != grade:
            pair = f"{query} – {document}"
            raise at_line(
                self._path,
                number,
                f"cặp {pair} có hai mức đánh giá: {grades[document]} và {grade}",
                f"the pair {pair} has two grades: {grades[document]} and {grade}",
            )

    def finish(self) -> Qrels:
        if not self._repeated:
            return Qrels(self._grades)
        count = len(self._repeated)
        some = ", ".join(map(str, self._repeated[:5])) + (", …" if count > 5 else "")
        notice = Bilingual(
            vi=f"{self._path.name}: {count} đánh giá lặp lại với cùng mức, tính một lần "
            f"(dòng {some}).",
            en=f"{self._path.name}: {count} judgements are repeated with the same grade and count "
            f"once (line {some}).",
        )
        return Qrels(self._grades, (notice,))

    def _grade(self, number: int, written: str) -> int:
        whole = re.fullmatch(r"[+-]?[0-9]{1,4}", written)
        if not whole or not LOWEST <= int(written) <= HIGHEST:
            raise at_line(
                self._path,
                number,
                f"mức đánh giá “{written}” không phải là số nguyên từ {LOWEST} đến {HIGHEST}",
                f"the grade “{written}” is not a whole number from {LOWEST} to {HIGHEST}",
            )
        # Some collections mark what is worse than irrelevant; no measure here tells that from 0.
        return max(0, int(written))


def read_qrels(path: Path) -> Qrels:
    """TREC judgements, grades below 0 as 0.

    Raises RequestError, naming file and line: not UTF-8, not four columns, a grade that is not
    a whole number from -10 to 100, a pair with two grades, no judgement at all.
    """
    judging, number = Judging(path), 0
    for number, line in numbered_lines(path):
        query, _, document, written = _columns(path, number, line, 4)
        judging.add(number, query, document, written)
    if not number:
        raise _empty(path)
    return judging.finish()


def write_qrels(collection: Collection, path: Path) -> None:
    """Write the judgements of a collection. Raises OSError where the disk does not take them."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for query, grades in collection.qrels.items():
            for document, grade in grades.items():
                file.write(f"{token(query)} 0 {token(document)} {grade}\n")


def read_run(path: Path, collection: Collection) -> Run:
    """A run of any system over this collection, ranked as trec_eval ranks it.

    Documents stand by falling score (in single precision) and, where scores are equal, by
    falling id; the rank column is not looked at. Queries the file does not name have no results.
    Raises RequestError, naming file and line: not UTF-8, not six columns, a score that is not a
    finite number, a query or document the collection does not have, a document twice for one
    query, no result at all.
    """
    queries, documents = by_token(collection.query_ids), by_token(collection.document_ids)
    found: dict[str, dict[str, float]] = {}
    for number, line in numbered_lines(path):
        written, _, named, _, score, _ = _columns(path, number, line, 6)
        query = queries.get(written)
        document = documents.get(named)
        if query is None:
            raise _unknown(path, number, "truy vấn", "query", written, collection)
        if document is None:
            raise _unknown(path, number, "tài liệu", "document", named, collection)
        scores = found.setdefault(query, {})
        if document in scores:
            raise at_line(
                path,
                number,
                f"tài liệu {document} xuất hiện hai lần cho truy vấn {query}",
                f"the document {document} stands twice for the query {query}",
            )
        scores[document] = _score(path, number, score)
    if not found:
        raise _empty(path)
    return {query: _ranking(scores) for query, scores in found.items()}


def write_run(run: Run, path: Path, system: str) -> None:
    """Write a run; tools that follow trec_eval's rule for ties rank as we do.

    Raises OSError where the disk does not take it.
    """
    tag, written_as = token(system), cache(token)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for query, ranking in run.items():
            written = token(query)
            scores = ranking.scores.tolist()
            file.writelines(
                f"{written} Q0 {written_as(document)} {rank} {score:.9g} {tag}\n"
                for rank, (document, score) in enumerate(
                    zip(ranking.document_ids, scores, strict=True), start=1
                )
            )


def token(name: str) -> str:
    """An id as one word of UTF-8: these files separate by blanks."""
    if re.search(r"[\s%]", name):
        name = re.sub(r"[\s%]", lambda found: quote(found[0], safe=""), name)
    return name.encode("utf-8", _ERRORS).decode("utf-8")


def by_token(ids: Iterable[str]) -> Mapping[str, str]:
    """Every id by the ways it may stand in a file: as `token` writes it, else as it is."""
    ids = tuple(ids)
    return {one: one for one in ids} | {token(one): one for one in ids}


def _columns(path: Path, number: int, line: str, count: int) -> list[str]:
    cells = line.split()
    if len(cells) != count:
        raise at_line(
            path,
            number,
            f"cần {count} cột cách nhau bằng khoảng trắng, thấy {len(cells)}",
            f"{count} columns set apart by blanks are needed, {len(cells)} found",
        )
    return cells


def _score(path: Path, number: int, written: str) -> float:
    try:
        exact = float(written)
    except ValueError:
        exact = math.nan
    if not abs(exact) <= _LARGEST:
        raise at_line(
            path,
            number,
            f"điểm “{written}” không phải là số hữu hạn (độ chính xác đơn)",
            f"the score “{written}” is not a finite number (single precision)",
        )
    return exact


def _ranking(scores: Mapping[str, float]) -> Ranking:
    ids = sorted(scores, reverse=True)
    values = np.array([scores[one] for one in ids], dtype=np.float32)
    order = np.argsort(-values, kind="stable")
    return Ranking(tuple(ids[place] for place in order.tolist()), values[order])


def _unknown(
    path: Path, number: int, vi: str, en: str, name: str, collection: Collection
) -> RequestError:
    return at_line(
        path,
        number,
        f"bộ dữ liệu {collection.name} không có {vi} {name}",
        f"the collection {collection.name} has no {en} {name}",
    )


def _empty(path: Path) -> RequestError:
    return RequestError(
        vi=f"{path}: tệp không có dòng nào.", en=f"{path}: there is no line in the file."
    )
