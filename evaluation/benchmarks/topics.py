"""Texts that records are recombined from: documents in topics, cut into pieces of a few words."""

import gzip
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evaluation.benchmarks.words import FIELDS, TextLanguage, vocabulary
from indexer.text import language_of

_FEWEST, _MOST = 8, 40  # words of a piece
_DOCUMENTS = 30  # of a topic: what stands side by side in a source speaks of one matter
_LINES = 12  # sentence pairs that are taken for one document
_HELD_OUT = 40  # of so many documents one is kept for questions
_ENDS = re.compile(r"(?<=[.;:?!])\s+")
_DRAWN_TOPICS, _DRAWN_PIECES = 240, 10

Document = tuple[str, tuple[str, ...]]  # title, perhaps "", and pieces in order


@dataclass(frozen=True)
class Topic:
    """Documents of one matter in one language; `field` is a row of `words.FIELDS`."""

    field: int
    language: TextLanguage
    documents: tuple[Document, ...]

    @property
    def pieces(self) -> int:
        return sum(len(pieces) for _, pieces in self.documents)


@dataclass(frozen=True)
class Library:
    """All topics, and the documents held out of them as (row of the topic, document)."""

    source: str
    topics: tuple[Topic, ...]
    held_out: tuple[tuple[int, Document], ...]


def library(texts: Path | None, seed: int) -> Library:
    """Of the texts in a folder (see `read_library`), or drawn words where there is none."""
    return drawn_library(seed) if texts is None else read_library(texts)


def read_library(folder: Path) -> Library:
    """Real text: BEIR corpora, title-body pairs and sentence pairs anywhere in the folder.

    Every piece stands in it once, however many files repeat it: what is held out is held out of
    all of them. Raises ValueError where the folder has no such files.
    """
    seen: set[str] = set()
    topics: list[Topic] = []
    for documents in _sources(folder):
        cut = (_cut(title, body, seen) for title, body in documents)
        topics.extend(_topics((one for one in cut if one[1]), len(topics)))
    if not topics:
        raise ValueError(f"{folder} has no corpus.jsonl and no *.tsv.gz")
    pieces = sum(topic.pieces for topic in topics)
    words = sum(len(p.split()) for t in topics for _, ps in t.documents for p in ps)
    return _library(f"{pieces:,} pieces of {words:,} words of real text", topics)


def drawn_library(seed: int) -> Library:
    """Drawn words in the same form, of two thirds Vietnamese and one third English topics."""
    languages: tuple[TextLanguage, ...] = ("vi", "vi", "en")
    terms = {language: vocabulary(language, seed) for language in ("vi", "en")}
    random = np.random.default_rng([seed, 21])
    topics = []
    for number in range(_DRAWN_TOPICS):
        field, language = number % len(FIELDS), languages[number % len(languages)]
        documents = [
            (
                terms[language].draw(random, field, 8),
                tuple(terms[language].draw(random, field, 16) for _ in range(_DRAWN_PIECES)),
            )
            for _ in range(_DOCUMENTS)
        ]
        topics.append(Topic(field, language, tuple(documents)))
    return _library("words drawn by Zipf's law", topics)


def _library(source: str, topics: Iterable[Topic]) -> Library:
    """With every `_HELD_OUT`-th document taken out of its topic, if it leaves others there."""
    kept: list[Topic] = []
    held_out: list[tuple[int, Document]] = []
    count = 0
    for row, topic in enumerate(topics):
        left = []
        for document in topic.documents:
            count += 1
            spare = count % _HELD_OUT == 0 and len(topic.documents) > 1
            if spare:
                held_out.append((row, document))
            else:
                left.append(document)
        kept.append(Topic(topic.field, topic.language, tuple(left)))
    return Library(source, tuple(kept), tuple(held_out))


def _topics(documents: Iterable[Document], first: int) -> Iterator[Topic]:
    block: list[Document] = []
    number = first
    for document in documents:
        block.append(document)
        if len(block) == _DOCUMENTS:
            yield _topic(block, number)
            block, number = [], number + 1
    if block:
        yield _topic(block, number)


def _topic(documents: list[Document], number: int) -> Topic:
    found = language_of(" ".join(" ".join(pieces[:2]) for _, pieces in documents[:5]))
    language: TextLanguage = "en" if found == "en" else "vi"
    return Topic(number % len(FIELDS), language, tuple(documents))


def _sources(folder: Path) -> Iterator[Iterable[tuple[str, str]]]:
    """The documents of every file, as (title, text)."""
    for path in sorted(folder.rglob("corpus.jsonl")):
        yield _corpus(path)
    for path in sorted(folder.rglob("*_title_body*.tsv.gz")):
        yield _pairs(path)
    for path in sorted(folder.rglob("*.tsv.gz")):
        # A file of a test set has no place even here: its figures are published.
        if "_title_body" not in path.name and "test" not in path.parent.name:
            for column in (0, 1):
                yield _sentences(path, column)


def _corpus(path: Path) -> Iterator[tuple[str, str]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            yield record.get("title", ""), record["text"]


def _pairs(path: Path) -> Iterator[tuple[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", errors="replace") as lines:
        for line in lines:
            title, _, body = line.rstrip("\n").partition("\t")
            yield title, body


def _sentences(path: Path, column: int) -> Iterator[tuple[str, str]]:
    block: list[str] = []
    with gzip.open(path, "rt", encoding="utf-8", errors="replace") as lines:
        for line in lines:
            cells = line.rstrip("\n").split("\t")
            # Shorter ones are words of menus and dictionaries.
            if column < len(cells) and cells[column].count(" ") >= _FEWEST:
                block.append(cells[column].rstrip(" .") + ".")
            if len(block) == _LINES:
                yield "", " ".join(block)
                block = []
    yield "", " ".join(block)


def _cut(title: str, body: str, seen: set[str]) -> Document:
    """Sentences, the short ones joined and the long ones cut, without those seen before."""
    pieces: list[str] = []
    waiting: list[str] = []
    for sentence in _ENDS.split(body):
        waiting.extend(sentence.replace("\0", " ").split())
        if len(waiting) >= _FEWEST:
            for start in range(0, len(waiting), _MOST):
                piece = " ".join(waiting[start : start + _MOST])
                if piece not in seen:
                    seen.add(piece)
                    pieces.append(piece)
            waiting = []
    return " ".join(title.split()), tuple(pieces)
