"""The postings of many texts, made in steps that need little memory beside the tokens.

Three passes: which neighbours there are and how often; what every text holds, some thousands of
texts at a time; and of a range of terms at a time, the postings of all texts one after another.
The result does not depend on the steps: it is what `indexer.words.namespaces.occurrences` gives.
"""

from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from indexer.arrays import ArrayFile, mapped, read_array
from indexer.words.compounds import frequent
from indexer.words.names import Names
from indexer.words.namespaces import BARE, FOLDED
from indexer.words.tokentable import TokenTable

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]
Bits = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

_TEXTS = 2**14  # looked at in one step
_THREADS = 2
_POSTINGS = 2**24  # put together in one step


@dataclass(frozen=True)
class Postings:
    """The postings of n terms, one term after another, and one empty term behind them.

    Term i stands in `documents[bounds[i] : bounds[i + 1]]` (ascending) and weighs as much as the
    same stretch of `weights` says, idf times a saturated count, at most `peaks[i]`. `spread`,
    shape (2, n), counts the documents it stands in of those that hold Vietnamese and English.
    """

    idf: FloatArray
    documents: Numbers
    weights: FloatArray
    bounds: npt.NDArray[np.int32] | IntArray
    peaks: FloatArray
    spread: Numbers

    def check(self, terms: int) -> None:
        """Raises ValueError where the arrays do not fit each other and so many terms."""
        shapes = len(self.idf), len(self.peaks), len(self.bounds) - 2, *self.spread.shape
        ends = int(self.bounds[0]), int(self.bounds[-1]), len(self.weights)
        if shapes != (terms, terms, terms, 2, terms) or ends != (0, *[len(self.documents)] * 2):
            raise ValueError("terms and weights do not agree")


def build(
    table: TokenTable,
    units: Collection[str],
    damp: npt.NDArray[np.float64],
    spoken: Bits,
    folder: Path | None,
    prefix: str,
) -> tuple[Names, Postings]:
    """The terms of the texts and their postings; with a `folder`, documents and weights are
    written there and mapped into memory.

    `units` are pairs of words that are compounds anyway, `damp` and `spoken` are described in
    `indexer.words.lexical`.
    """
    names, spaces = _terms(table, units)
    with ThreadPoolExecutor(_THREADS) as threads:  # sorting leaves the interpreter free
        starts = range(0, len(table), _TEXTS)
        steps = list(threads.map(lambda start: _counted(table, spaces, start), starts))
    frequency: IntArray = np.zeros(len(names), dtype=np.int64)
    for step in steps:
        frequency[step.terms] += np.diff(step.bounds)
    n = len(table)
    idf = np.log1p((n - frequency + 0.5) / (frequency + 0.5))
    ends = np.concatenate([[0], np.cumsum(frequency)])
    bounds: npt.NDArray[np.int32] | IntArray = np.append(ends, ends[-1])
    many = int(ends[-1])
    peaks, spread = np.zeros(len(names), np.float32), np.zeros((2, len(names)), np.int32)
    out = _Output(folder, prefix, many)
    for first, last in _ranges(ends):
        documents, counts = _gathered(steps, first, last, ends)
        weights = np.repeat(idf[first:last], frequency[first:last])
        weights *= counts / (counts + damp[documents])
        out.write(documents, weights.astype(np.float32))
        starts = ends[first:last] - ends[first]
        peaks[first:last] = np.maximum.reduceat(weights.astype(np.float32), starts)
        for row in range(2):
            held = ((spoken[documents] >> row) & 1).astype(np.int32)
            spread[row, first:last] = np.add.reduceat(held, starts)
    found, weights32 = out.arrays()
    fits = many < 2**31
    if fits:
        bounds = bounds.astype(np.int32)
    return names, Postings(idf.astype(np.float32), found, weights32, bounds, peaks, spread)


@dataclass(frozen=True)
class _Space:
    """The terms of one namespace: what of the words or pairs each is, -1 for none.

    `keys` are the pairs, ascending, None for words; `bare`: only what stands in bare texts. The
    last of `term` is -1: of what is no pair of these.
    """

    keys: IntArray | None
    term: Numbers
    bare: bool


def _terms(table: TokenTable, units: Collection[str]) -> tuple[Names, list[_Space]]:
    """The names of all terms, and which term everything is in every namespace."""
    many = len(table.words)
    plain_names = sorted(set(table.plain))
    place = {name: i for i, name in enumerate(plain_names)}
    plain = np.fromiter((place[name] for name in table.plain), np.int64, many)
    accented = np.fromiter(
        (a != b for a, b in zip(table.words, table.plain, strict=True)), np.bool_, many
    )
    in_bare: Mask = np.zeros(many, dtype=bool)
    in_bare[table.ids[np.repeat(table.bare, table.lengths)]] = True
    every: Mask = np.ones(many, dtype=bool)
    names: list[str] = []
    spaces = list(_spaces(None, every, plain, accented, in_bare, names, (table.words, plain_names)))

    keys, counts, pairs_bare = _pairs(table)
    left, right = np.divmod(keys, max(many, 1))
    row = {word: i for i, word in enumerate(table.words)}
    counted = frequent(table, left, right, counts) | np.isin(keys, _known(units, row))
    both = plain[left] * len(plain_names) + plain[right]
    marked = accented[left] | accented[right]
    kept = counted | np.isin(both, both[counted & marked])
    keys, both = keys[kept], both[kept]
    counted, marked, pairs_bare = counted[kept], marked[kept], pairs_bare[kept]
    forms = _Pairs(table.words, keys), _Pairs(plain_names, np.unique(both))
    forms_plain = np.searchsorted(forms[1].keys, both)
    spaces += _spaces(keys, counted, forms_plain, marked, pairs_bare, names, forms)
    found, numbers = Names.of(names)
    numbers = np.append(numbers, -1).astype(np.int32)
    return found, [replace(one, term=np.asarray(numbers[one.term])) for one in spaces]


class _Pairs:
    """Pairs by their keys: the names of all of them, made when asked for."""

    def __init__(self, words: "list[str] | tuple[str, ...]", keys: IntArray) -> None:
        self._words = words
        self.keys = keys

    def __getitem__(self, i: int) -> str:
        left, right = divmod(int(self.keys[i]), len(self._words))
        return f"{self._words[left]} {self._words[right]}"


def _spaces(
    keys: IntArray | None,
    counted: Mask,
    plain: IntArray,
    accented: Mask,
    in_bare: Mask,
    names: list[str],
    forms: tuple["tuple[str, ...] | _Pairs", "list[str] | _Pairs"],
) -> Iterator[_Space]:
    """The namespaces of words or of pairs; their names are added to `names`.

    `counted` are those indexed as written, `plain` their forms without accents, `accented` those
    that differ from it, `in_bare` those that stand in texts typed without accents.
    """
    opened = np.unique(plain[counted & accented])
    folded = np.isin(plain, opened)
    yield _space(keys, counted, np.arange(len(plain)), "", names, forms[0])
    yield _space(keys, folded, plain, FOLDED, names, forms[1])
    yield _space(keys, (folded | counted) & in_bare, plain, BARE, names, forms[1])


def _space(
    keys: IntArray | None,
    wanted: Mask,
    form: IntArray,
    prefix: str,
    names: list[str],
    forms: "tuple[str, ...] | list[str] | _Pairs",
) -> _Space:
    used, number = np.unique(form[wanted], return_inverse=True)
    term = np.full(len(wanted) + 1, -1, dtype=np.int32)
    term[:-1][wanted] = number + len(names)
    names.extend(prefix + forms[i] for i in used.tolist())
    return _Space(keys, term, prefix == BARE)


def _known(units: Collection[str], row: dict[str, int]) -> IntArray:
    """The keys of these pairs of words, of those whose words there are."""
    found = []
    for unit in units:
        left, _, right = unit.partition(" ")
        if left in row and right in row:
            found.append(row[left] * len(row) + row[right])
    return np.asarray(found, dtype=np.int64)


def _pairs(table: TokenTable) -> tuple[IntArray, IntArray, Mask]:
    """The different pairs of neighbours, as left * words + right, ascending; how often each
    occurs; which occur in texts typed without accents."""
    parts = []
    for start in range(0, len(table), _TEXTS):
        _, keys, texts = _neighbours(table, start)
        found, counts = _runs(np.sort(keys))
        bare = np.isin(found, np.unique(keys[table.bare[texts + start]]))
        parts.append((found, np.diff(np.append(counts, len(keys))), bare))
        while len(parts) > 1 and len(parts[-1][0]) * 2 > len(parts[-2][0]):
            parts[-2:] = [_merged(*parts[-2:])]
    while len(parts) > 1:
        parts[-2:] = [_merged(*parts[-2:])]
    none: IntArray = np.zeros(0, dtype=np.int64)
    return parts[0] if parts else (none, none, none.astype(bool))


_Counted = tuple[IntArray, IntArray, Mask]


def _merged(one: _Counted, other: _Counted) -> _Counted:
    keys = np.concatenate([one[0], other[0]])
    order = np.argsort(keys, kind="stable")
    found, starts = _runs(keys[order])
    if not len(found):
        return one
    counts = np.add.reduceat(np.concatenate([one[1], other[1]])[order], starts)
    bare = np.logical_or.reduceat(np.concatenate([one[2], other[2]])[order], starts)
    return found, counts, bare


def _runs(ordered: IntArray) -> tuple[IntArray, IntArray]:
    """The different values of an ascending array, and where each begins."""
    first = np.ones(len(ordered), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    starts = np.flatnonzero(first)
    return ordered[starts], starts


def _neighbours(table: TokenTable, start: int) -> tuple[tuple[Numbers, Numbers], IntArray, Numbers]:
    """Of a step's texts: ((token, text) of every token, the keys of its pairs, their texts); a
    text is its number within the step."""
    stop = min(start + _TEXTS, len(table))
    ids = table.ids[table.starts[start] : table.starts[stop]]
    texts = np.repeat(np.arange(stop - start, dtype=np.int32), table.lengths[start:stop])
    inside = texts[1:] == texts[:-1]
    keys = ids[:-1][inside].astype(np.int64) * len(table.words) + ids[1:][inside]
    return (ids, texts), keys, texts[1:][inside]


@dataclass(frozen=True)
class _Step:
    """What some texts hold, by term: term `terms[i]` stands `counts[j]` times in text
    `first + texts[j]` for j from `bounds[i]` to `bounds[i + 1]`."""

    first: int
    terms: Numbers
    bounds: Numbers
    texts: npt.NDArray[np.uint16]
    counts: npt.NDArray[np.unsignedinteger]


def _counted(table: TokenTable, spaces: list[_Space], start: int) -> _Step:
    tokens, keys, texts = _neighbours(table, start)
    ordered = np.sort(keys * _TEXTS + texts)
    keys, texts = ordered // _TEXTS, (ordered % _TEXTS).astype(np.int32)
    parts = []
    for space in spaces:
        number: Numbers | IntArray
        number, text = tokens
        if space.keys is not None:
            number, text = _places(space.keys, keys), texts
        term = space.term[number]
        kept = term >= 0
        if space.bare:
            kept &= table.bare[text + start]
        parts.append(term[kept].astype(np.int64) * _TEXTS + text[kept])
    found, starts = _runs(np.sort(np.concatenate(parts)))
    total = sum(map(len, parts))
    counts = np.diff(np.append(starts, total))
    terms, bounds = _runs(found // _TEXTS)
    return _Step(
        start,
        terms.astype(np.int32),
        np.append(bounds, len(found)).astype(np.int32),
        (found % _TEXTS).astype(np.uint16),
        counts.astype(np.uint16 if counts.max(initial=0) < 2**16 else np.uint32),
    )


def _places(keys: IntArray, asked: IntArray) -> IntArray:
    """Where each of the ascending `asked` is among the ascending `keys`, -1 where it is not."""
    found, starts = _runs(asked)
    if not len(keys) or not len(found):
        return np.full(len(asked), -1, dtype=np.int64)
    places = np.minimum(np.searchsorted(keys, found), len(keys) - 1)
    places[keys[places] != found] = -1
    return np.repeat(places, np.diff(np.append(starts, len(asked))))


def _ranges(ends: IntArray) -> Iterator[tuple[int, int]]:
    """Ranges of terms that have together about _POSTINGS postings, or one term."""
    first = 0
    while first < len(ends) - 1:
        last = int(np.searchsorted(ends, ends[first] + _POSTINGS, side="right")) - 1
        last = max(last, first + 1)
        yield first, last
        first = last


def _gathered(
    steps: list[_Step], first: int, last: int, ends: IntArray
) -> tuple[Numbers, npt.NDArray[np.float32]]:
    """(document, count) of every posting of these terms."""
    filled = ends[first:last] - ends[first]
    many = int(ends[last] - ends[first])
    documents, counts = np.empty(many, dtype=np.int32), np.empty(many, dtype=np.float32)
    for step in steps:
        some = slice(*np.searchsorted(step.terms, [first, last]).tolist())
        terms = step.terms[some] - first
        begin, end = step.bounds[some.start], step.bounds[some.stop]
        lengths = np.diff(step.bounds[some.start : some.stop + 1]).astype(np.int64)
        # A term's postings of this step go behind those of the steps before.
        shift = filled[terms] - (step.bounds[some].astype(np.int64) - begin)
        places = np.arange(end - begin) + np.repeat(shift, lengths)
        documents[places] = step.texts[begin:end].astype(np.int32) + step.first
        counts[places] = step.counts[begin:end]
        filled[terms] += lengths
    return documents, counts


class _Output:
    """Where documents and weights go: into memory, or into files."""

    def __init__(self, folder: Path | None, prefix: str, count: int) -> None:
        names = ("documents", "weights") if folder else ()
        self._paths = [Path(folder or "", f"{prefix}{name}.npy") for name in names]
        types = np.int32, np.float32
        self._files = [ArrayFile(p, t, count) for p, t in zip(self._paths, types, strict=False)]
        self._parts: list[tuple[Numbers, FloatArray]] = []

    def write(self, documents: Numbers, weights: FloatArray) -> None:
        for file, array in zip(self._files, (documents, weights), strict=False):
            file.write(array)
        if not self._files:
            self._parts.append((documents, weights))

    def arrays(self) -> tuple[Numbers, FloatArray]:
        if self._paths:
            documents, weights = (read_array(mapped(path)) for path in self._paths)
            return documents, weights
        if not self._parts:
            return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32)
        documents, weights = map(np.concatenate, zip(*self._parts, strict=True))
        return documents, weights
