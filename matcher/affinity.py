"""How well the papers of every owner fit every submission: reviewer and expert assignment."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from indexer.background import background_cosine
from indexer.encoder import DEFAULT_ENCODER, LSA
from indexer.encoders.loading import load_encoder
from indexer.errors import RequestError
from indexer.progress import Progress, silent
from indexer.text import normalise
from indexer.words.lexical import LexicalIndex
from indexer.words.tokentable import TokenTable
from matcher.export.atomic import replacing
from matcher.similarity import FloatArray, dense_similarity, lexical_similarity

if TYPE_CHECKING:
    from indexer.encoder import Encoder

BEST = 3  # papers an owner is judged by

_BLOCK_CELLS = 2_000_000  # texts x submissions compared at once: 8 MB an array
_ENCODED_AT_ONCE = 1_024
_DECIMALS = 6  # the last bits of a matrix product depend on the machine

# What texts that have nothing to do with each other share, (mean, deviation), of words and of
# meaning, and how many such texts stand beside those at hand: with a handful of papers nothing
# tells what is usual for a submission, with hundreds these hardly count. As in `_standardised`.
_WORDS, _MEANING = (0.03, 0.025), (0.23, 0.14)
_USUAL = 20

# The standardised similarity that scores .5, about where half the owners of the benchmark do work
# on the subject, and how gently scores leave it: steeper, the best would tie in six decimals.
_EVEN, _SPREAD = 2.3, 1.0


@dataclass(frozen=True)
class Affinity:
    """`scores` has shape (owners, submissions), in 0..1, six decimals; higher fits better."""

    owners: tuple[str, ...]
    submissions: tuple[str, ...]
    scores: NDArray[np.float64]


def affinity(
    archives: Mapping[str, Sequence[str]],
    submissions: Mapping[str, str],
    *,
    encoder: str = DEFAULT_ENCODER,
    best: int = BEST,
    progress: Progress = silent,
) -> Affinity:
    """Score every owner for every submission by the owner's papers (texts, see `Expertise`).

    A paper and a submission are compared by words and by meaning, as the matcher does. Either
    is then standardised for the submission: how many deviations it is above what the submission
    has in common with all papers and the other submissions. Otherwise a submission in general
    terms is close to everybody and owners would seem to know it best. Both count half; an owner
    has the mean of the `best` of its papers (equal ones count once), and a logistic brings it into
    0..1. An owner without papers and a submission without text score 0.

    On owners put together from judged papers of three collections this puts far fewer pairs of
    submissions in the wrong order than the matcher's plain similarity, and the best three papers
    fewer than the best one or all; the best five differ little (`python -m
    evaluation.benchmarks.affinity`). On a gold standard of real reviewers (Stelmakh et al. 2023)
    three were best.

    Memory is bounded by the texts, their vectors and the scores. Raises RequestError for an
    unknown encoder.
    """
    columns: dict[str, int] = {}
    papers: list[str] = []
    of_owner = [_columns(texts, columns, papers) for texts in archives.values()]
    asked = {name: text for name, text in submissions.items() if text.strip()}
    scores = np.zeros((len(archives), len(submissions)))
    if papers and asked:
        place = {name: i for i, name in enumerate(submissions)}
        places = np.array([place[name] for name in asked])
        compared = _Compared(papers, list(asked.values()), encoder, progress)
        step = max(1, _BLOCK_CELLS // (len(papers) + len(asked)))
        for start in range(0, len(asked), step):
            found = compared.similarities(start, min(start + step, len(asked)))
            for owner, own in enumerate(of_owner):
                if len(own):
                    scores[owner, places[start : start + step]] = _score(found[:, own], best)
            progress("match", min(start + step, len(asked)), len(asked))
    return Affinity(tuple(archives), tuple(submissions), scores)


def write_affinity(found: Affinity, path: Path) -> None:
    """Writes `{owner: {submission: score}}` as one JSON object; the old file stays on any error.

    Raises RequestError where the file cannot be written.
    """
    try:
        with replacing(path) as draft, draft.open("w", encoding="ascii") as file:
            for i, owner in enumerate(found.owners):
                row = dict(zip(found.submissions, found.scores[i].tolist(), strict=True))
                file.write(f"{',' if i else '{'}\n{json.dumps(owner)}: {json.dumps(row)}")
            file.write("\n}\n" if found.owners else "{}\n")
    except OSError as error:
        raise unwritable(path, error) from error


def unwritable(path: Path, error: OSError) -> RequestError:
    reason = error.strerror or str(error)
    return RequestError(
        vi=f"--out: không ghi được “{path}”: {reason}. Chấp nhận: tên một tệp ghi được.",
        en=f"--out: “{path}” cannot be written: {reason}. Accepted: a file that can be written.",
    )


class _Compared:
    """Papers and submissions, made comparable once; any rows of submissions are then cheap."""

    def __init__(
        self, papers: Sequence[str], asked: Sequence[str], encoder: str, progress: Progress
    ) -> None:
        self._papers = len(papers)
        # Submissions stand beside the papers: they, too, tell what is usual.
        total = len(papers) + len(asked)
        progress("terms", 0, total)
        self._lexical = LexicalIndex.build(TokenTable.of([*papers, *asked]))
        self._queries = self._lexical.queries(asked)
        self._ceilings = self._lexical.ceiling(self._queries)
        progress("terms", total, total)
        model = _load(encoder, papers)
        progress("encode", 0, total)
        self._vectors = np.zeros((total, model.dimension), dtype=np.float32)
        for start in range(0, total, _ENCODED_AT_ONCE):
            stop = min(start + _ENCODED_AT_ONCE, total)
            middle = min(max(len(papers), start), stop)
            self._vectors[start:middle] = model.encode(papers[start:middle])
            rows = slice(max(start, middle) - len(papers), stop - len(papers))
            if middle < stop:
                self._vectors[middle:stop] = model.encode(asked[rows], query=True)
            progress("encode", stop, total)
        self._background = background_cosine(
            self._vectors[self._papers :], self._vectors[: self._papers]
        )

    def similarities(self, start: int, stop: int) -> FloatArray:
        """Standardised similarities of these submissions, shape (stop - start, papers)."""
        scores = self._lexical.scores(self._queries[start:stop])
        words = lexical_similarity(scores, self._ceilings[start:stop])
        asked = self._vectors[self._papers + start : self._papers + stop]
        meaning = dense_similarity(asked @ self._vectors.T, self._background)
        itself = self._papers + np.arange(start, stop)
        found = _standardised(words, itself, *_WORDS) + _standardised(meaning, itself, *_MEANING)
        return np.asarray(found[:, : self._papers] / 2, dtype=np.float32)


def _standardised(
    similarity: FloatArray, itself: NDArray[np.int64], mean: float, deviation: float
) -> FloatArray:
    """Rows in deviations from their mean, shape as given.

    Both similarities are squares, whose roots lie more evenly. `itself` is the column of each
    row's own text, which says nothing of what is usual for it.
    """
    root = np.sqrt(similarity)
    own = root[np.arange(len(root)), itself].astype(np.float64)
    others = root.shape[1] - 1 + _USUAL
    average = (root.sum(axis=1, dtype=np.float64) - own + _USUAL * mean) / others
    away = np.square(root - average[:, None]).sum(axis=1) - np.square(own - average)
    variance = (away + _USUAL * (deviation**2 + (mean - average) ** 2)) / others
    found = (root - average[:, None]) / np.sqrt(variance)[:, None]
    return np.asarray(found, dtype=np.float32)


def _score(similarities: FloatArray, best: int) -> NDArray[np.float64]:
    """Scores in 0..1 from an owner's similarities, shape (submissions, papers)."""
    highest = np.sort(similarities, axis=1)[:, -best:].astype(np.float64)
    raised = np.exp((_EVEN - highest.mean(axis=1)) / _SPREAD)
    return np.asarray(np.round(1 / (1 + raised), _DECIMALS), dtype=np.float64)


def _columns(texts: Sequence[str], columns: dict[str, int], papers: list[str]) -> NDArray[np.int64]:
    """The columns of an owner's papers; a new text gets a new one, co-authors share theirs."""
    own: dict[int, None] = {}
    for text in texts:
        key = " ".join(normalise(text).casefold().split())
        if key:
            own[columns.setdefault(key, len(papers))] = None
            if len(columns) > len(papers):
                papers.append(text)
    return np.fromiter(own, dtype=np.int64, count=len(own))


def _load(name: str, papers: Sequence[str]) -> "Encoder":
    if name == LSA:
        from indexer.encoders.lsa import fit_lsa  # noqa: PLC0415 - only the encoder asked for

        return fit_lsa(papers)
    return load_encoder(name)
