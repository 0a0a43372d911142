"""The features of the LSA encoder: words, compounds, and the character n-grams of words."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from indexer.words.compounds import compound_mask
from indexer.words.sparse import csr_matrix
from indexer.words.tokentable import Numbers, TokenTable, folded

MOST_WORDS, MOST_COMPOUNDS, MOST_NGRAMS = 20_000, 20_000, 16_000
# Rare words say more than classical TF-IDF grants; measured on the development collections.
IDF_POWER = 2.0
LONGEST_WORD = 64  # characters; what is longer is no word


@dataclass(frozen=True)
class Features:
    """Names of the features, in three sorted runs: words, compounds, n-grams.

    Words keep their accents; compounds and n-grams lose them, so that text typed without
    accents still meets the same directions.
    """

    names: tuple[str, ...]
    words: int
    compounds: int

    @cached_property
    def _word(self) -> dict[str, int]:
        return _places(self.names[: self.words], 0)

    @cached_property
    def _compound(self) -> dict[str, int]:
        return _places(self.names[self.words : self.words + self.compounds], self.words)

    @cached_property
    def _ngram(self) -> dict[str, int]:
        start = self.words + self.compounds
        return _places(self.names[start:], start)

    def factors(self, table: TokenTable) -> Iterator[tuple[csr_matrix, csr_matrix]]:
        """Pairs (texts × parts, parts × features) whose products, added, are the counts.

        Parts are first the words of the table, then its pairs that are known. Counts are damped
        (1 + log n); the n-grams of one word weigh as much as the word.
        """
        size = len(self.names)
        links = _Links()
        for word in table.words:
            links.add(self._word.get(word), 1.0)
            grams = ngrams(word)
            share = len(grams) ** -0.5
            for gram in grams:
                links.add(self._ngram.get(gram), share)
            links.close()
        yield _damped(table.ids, table.text_of, len(table), len(table.words)), links.matrix(size)

        pairs = table.pairs
        places = [self._compound.get(name, -1) for name in table.spelled(table.plain)]
        feature = np.asarray(places, dtype=np.int32)
        known = feature >= 0  # of all the pairs of many texts, few
        feature, renumber = feature[known], np.cumsum(known, dtype=np.int32) - 1
        inside = known[pairs.number]
        number, text = renumber[pairs.number[inside]], pairs.text[inside]
        ones, bounds = np.ones(len(feature), dtype=np.float32), np.arange(len(feature) + 1)
        compounds = csr_matrix((ones, feature, bounds), (len(feature), size))
        yield _damped(number, text, len(table), len(feature)), compounds


def fit_features(table: TokenTable) -> tuple[Features, npt.NDArray[np.float32]]:
    """The features worth keeping for these texts, and their idf (to IDF_POWER)."""
    in_texts = _text_frequencies(table.ids, table.text_of, len(table.words))
    words = dict(zip(table.words, in_texts, strict=True))
    grams: Counter[str] = Counter()
    for word, frequency in words.items():
        for gram in set(ngrams(word)):
            grams[gram] += frequency
    compounds = _compound_frequencies(table)
    kept = [
        _most_frequent(counts, most)
        for counts, most in (
            (words, MOST_WORDS),
            (compounds, MOST_COMPOUNDS),
            (grams, MOST_NGRAMS),
        )
    ]
    found = [
        min(counts[name], len(table))
        for counts, names in zip((words, compounds, grams), kept, strict=True)
        for name in names
    ]
    idf = np.log((1 + len(table)) / (1 + np.asarray(found, dtype=np.float64))) + 1
    names = tuple(name for run in kept for name in run)
    return Features(names, len(kept[0]), len(kept[1])), (idf**IDF_POWER).astype(np.float32)


def ngrams(word: str) -> list[str]:
    """Character 3- to 5-grams of "<word>" without accents, and longer words whole."""
    marked = f"<{folded(word)}>"[:LONGEST_WORD]
    found = [marked[i : i + n] for n in range(3, 6) for i in range(len(marked) - n + 1)]
    return [*found, marked] if len(marked) > 5 else found


def _compound_frequencies(table: TokenTable) -> dict[str, int]:
    """In how many texts each compound stands, in any accents."""
    spelled = table.spelled(table.plain)
    counted = compound_mask(table).tolist()
    names = sorted({name for name, counts in zip(spelled, counted, strict=True) if counts})
    place = {name: i for i, name in enumerate(names)}
    renumber = np.asarray([place.get(name, -1) for name in spelled], dtype=np.int32)
    number = renumber[table.pairs.number]
    wanted = number >= 0
    frequency = _text_frequencies(number[wanted], table.pairs.text[wanted], len(names))
    return dict(zip(names, frequency, strict=True))


def _text_frequencies(number: Numbers, text: Numbers, names: int) -> list[int]:
    """In how many texts each of the numbers 0..names-1 occurs."""
    shape = (int(text.max(initial=0)) + 1, names)
    present = csr_matrix((np.ones(len(number), dtype=np.float32), (text, number)), shape)
    present.sum_duplicates()
    counted: list[int] = np.bincount(present.indices, minlength=names).tolist()
    return counted


def _most_frequent(counts: Mapping[str, int], most: int) -> list[str]:
    """The names found in most texts, sorted; ties go by name, never by order of arrival."""
    fit = [name for name in counts if len(name) <= LONGEST_WORD]
    return sorted(sorted(fit, key=lambda name: (-counts[name], name))[:most])


def _damped(number: Numbers, text: Numbers, texts: int, names: int) -> csr_matrix:
    """How often each name stands in each text, as 1 + log n."""
    ones = np.ones(len(number), dtype=np.float32)
    counts = csr_matrix((ones, (text, number)), (texts, names))
    counts.sum_duplicates()
    counts.data = 1 + np.log(counts.data)
    return counts


def _places(names: Sequence[str], first: int) -> dict[str, int]:
    return {name: first + i for i, name in enumerate(names)}


class _Links:
    """Rows of (feature, weight), put together one row at a time."""

    def __init__(self) -> None:
        self._columns: list[int] = []
        self._weights: list[float] = []
        self._bounds = [0]

    def add(self, column: int | None, weight: float) -> None:
        if column is not None:
            self._columns.append(column)
            self._weights.append(weight)

    def close(self) -> None:
        self._bounds.append(len(self._columns))

    def matrix(self, columns: int) -> csr_matrix:
        data = np.asarray(self._weights, dtype=np.float32)
        return csr_matrix((data, self._columns, self._bounds), (len(self._bounds) - 1, columns))
