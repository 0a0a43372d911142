"""A catalog of any size for benchmarks: records of about 100 words, recombined from real text.

    python -m evaluation.benchmarks.records --count 1000000 --workspace DIR --texts ../shared/data

An offer is made of pieces (8 to 40 words) of a few documents of one topic, and some carry a
designation nobody else has, so that the vocabulary goes on growing as in a real collection. Needs
are made of documents held out: no piece of them is in any offer. Record n is the same whatever the
count, so that a small catalog is the beginning of a large one. Without texts, words are drawn.

The catalog is written directly, in chunks; interrupted, the next run goes on where it stopped.
"""

import json
import time
from bisect import bisect
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from evaluation.benchmarks.output import say
from evaluation.benchmarks.topics import Library, Topic, library
from evaluation.benchmarks.words import FIELDS
from indexer.catalog import Catalog
from indexer.records import Money, Record, RecordType, Side, TextLanguage, TrlRange
from indexer.workspace import Workspace

NEEDS = 1_000
SEED = 9
# Conditions by the share of offers they hold for, at every size.
CONDITIONS: Mapping[str, tuple[str, ...]] = {
    "50%": ("trl>=6",),
    "10%": ("place=Hà Nội",),
    "1%": ("place=Điện Biên",),
    "0.1%": ("owner=Viện Nghiên cứu số 7",),
    "0.01%": ("owner=Công ty số 7",),
}

_WORDS = 100
# Cumulative shares of the levels from 1 on, half of them 6 and more; and of the places.
_TRLS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.85, 0.95, 1.0)
_PLACES = ("Hà Nội", "Thành phố Hồ Chí Minh", "Đà Nẵng", "Hải Phòng", "Cần Thơ", "Điện Biên")
_SHARES = (0.1, 0.6, 0.8, 0.9, 0.99, 1.0)
_LARGE, _SMALL = 900, 1_000  # owners of .1% of all offers each, and of .01%
_DESIGNATED = 0.3  # share of offers with a designation of their own
_CHUNK = 5_000
_TITLE = 14  # words of a title made of a piece
_NOTE = "records.json"


class Author:
    """Writes the records of one library; each from its own generator."""

    def __init__(self, texts: Library, seed: int) -> None:
        self._texts = texts
        self._seed = seed
        sizes = np.cumsum([topic.pieces for topic in texts.topics])
        self._sizes = sizes / sizes[-1]

    def offers(self, first: int, count: int) -> Iterator[Record]:
        for number in range(first, first + count):
            random = np.random.default_rng([self._seed, 31, number])
            topic = self._texts.topics[int(np.searchsorted(self._sizes, random.random()))]
            title, pieces = _recombined(random, topic)
            if random.random() < _DESIGNATED:
                letters = "".join("ABCDEGHKLMNPQRSTVX"[i] for i in random.integers(0, 18, 2))
                title = f"{title} {letters}{int(random.integers(10**4, 10**6))}"
            yield _record(f"O{number:08d}", Side.SUPPLY, topic, title, pieces, random)

    def needs(self, count: int) -> Iterator[Record]:
        held_out = self._texts.held_out
        for number in range(count):
            random = np.random.default_rng([self._seed, 32, number])
            at = int(random.integers(len(held_out)))
            row, (title, pieces) = held_out[at]
            while sum(map(_length, pieces)) < _WORDS:
                at = (at + 1) % len(held_out)
                pieces = (*pieces, *held_out[at][1][1])
            topic, kept = self._texts.topics[row], _first(pieces, _WORDS)
            yield _record(f"N{number:08d}", Side.DEMAND, topic, title or _head(kept), kept, random)


def _recombined(random: np.random.Generator, topic: Topic) -> tuple[str, tuple[str, ...]]:
    """A title, and pieces of one to four documents of the topic, one to three in a row."""
    chosen: list[str] = []
    title = ""
    wanted = _WORDS * random.uniform(0.8, 1.2)
    while sum(map(_length, chosen)) + _length(title) < wanted:
        name, pieces = topic.documents[int(random.integers(len(topic.documents)))]
        title = title or name
        at = int(random.integers(len(pieces)))
        chosen.extend(pieces[at : at + int(random.integers(1, 4))])
    kept = _first(tuple(chosen), round(wanted) - _length(title))
    return title or _head(kept), kept


def _record(
    name: str,
    side: Side,
    topic: Topic,
    title: str,
    pieces: tuple[str, ...],
    random: np.random.Generator,
) -> Record:
    lots = random.random(3)
    trl = 1 + bisect(_TRLS, lots[0])
    owner = int(random.integers(_LARGE)), int(random.integers(_SMALL))
    language: TextLanguage = topic.language
    return Record(
        id=name,
        side=side,
        type=RecordType.TECHNOLOGY if side is Side.SUPPLY else RecordType.NEED,
        title=title,
        summary=pieces[0],
        description=" ".join(pieces[1:]),
        field=FIELDS[topic.field][language == "en"],
        owner=f"Viện Nghiên cứu số {owner[0]}" if lots[1] < 0.9 else f"Công ty số {owner[1]}",
        place=_PLACES[bisect(_SHARES, lots[2])],
        trl=TrlRange(low=trl, high=trl),
        money=_money(int(random.integers(50, 20_000)) * 1_000_000),
        language=language,
    )


def _money(amount: int) -> Money:
    return Money(low=amount, high=amount)


def _length(text: str) -> int:
    return text.count(" ") + 1 if text else 0


def _head(pieces: tuple[str, ...]) -> str:
    return " ".join(pieces[0].split()[:_TITLE])


def _first(pieces: tuple[str, ...], words: int) -> tuple[str, ...]:
    """The first so many words of the pieces."""
    kept: list[str] = []
    for piece in pieces:
        if words <= 0 and kept:
            break
        kept.append(" ".join(piece.split()[: max(words, 1)]))
        words -= _length(piece)
    return tuple(kept)


def fill(
    folder: Path, *, count: int, texts: Path | None, seed: int = SEED, needs: int = NEEDS
) -> dict[str, Any]:
    """A workspace with the catalog of `count` records, `needs` of them needs; what is there
    already is kept. Gives what the catalog is made of.

    Raises ValueError: the folder holds another catalog, or a count has no room for the needs.
    """
    if count <= needs:
        raise ValueError(f"{count} records leave no offers beside {needs} needs")
    note = folder / _NOTE
    asked = {"records": count, "needs": needs, "words": _WORDS, "seed": seed}
    if note.is_file():
        known: dict[str, Any] = json.loads(note.read_text("utf-8"))
        if {key: known[key] for key in asked} != asked or known["real"] != (texts is not None):
            raise ValueError(f"{folder} holds other records: {known}")
        if known["whole"]:
            return known
    else:
        folder.mkdir(parents=True, exist_ok=True)
    say(f"reading the texts of {texts}" if texts else "drawing words")
    started, fresh = time.perf_counter(), not note.is_file()
    found = library(texts, seed)
    made = {**asked, "real": texts is not None, "source": found.source, "whole": False}
    note.write_text(json.dumps(made, indent=2), encoding="utf-8")
    Workspace.open(folder, create=True)
    with Workspace.open(folder).catalog() as catalog:
        _write(catalog, Author(found, seed), offers=count - needs, needs=needs)
    made["whole"] = True
    if fresh:
        made["seconds"] = round(time.perf_counter() - started, 1)
    note.write_text(json.dumps(made, indent=2), encoding="utf-8")
    return made


def _write(catalog: Catalog, author: Author, *, offers: int, needs: int) -> None:
    started = time.perf_counter()
    there = len(catalog.ids(Side.SUPPLY))
    # Chunks are whole transactions: what is there are the first so many.
    rows = author.offers(there, offers - there)
    for done in range(there, offers, _CHUNK):
        catalog.apply(islice(rows, _CHUNK))
        if done % (20 * _CHUNK) == 0:
            say(f"{done + _CHUNK:,} of {offers:,}, {time.perf_counter() - started:.0f} s")
    catalog.apply(author.needs(needs))


def questions(catalog: Catalog, words: int, count: int) -> list[str]:
    """The first so many words of so many needs, in the order of their ids."""
    needs = islice(catalog.records(side=Side.DEMAND), count)
    return [" ".join(need.text().split()[:words]) for need in needs]


def main(
    workspace: Annotated[Path, typer.Option(help="The folder to make, or to complete.")],
    count: Annotated[int, typer.Option(min=2)] = 1_000_000,
    texts: Annotated[Path | None, typer.Option(help="A folder of real texts.")] = None,
    seed: Annotated[int, typer.Option()] = SEED,
    needs: Annotated[int, typer.Option(min=1, help="How many of them are needs.")] = NEEDS,
) -> None:
    """Write a catalog; `cungcau index --workspace DIR` makes its index."""
    started = time.perf_counter()
    made = fill(workspace, count=count, texts=texts, seed=seed, needs=needs)
    say(f"{made['records']:,} records from {made['source']}, {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    typer.run(main)
