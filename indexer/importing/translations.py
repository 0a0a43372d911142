"""The same offers on two sheets of one workbook, in two languages.

Organisers keep a Vietnamese and an English sheet of one list, free adaptations of each other,
mostly in the same order. Pairs are found from what crosses languages without a dictionary:
the organisation's name, names of products, abbreviations and figures in the text, and then the
order of the rows. Which organisation is called how on the other sheet, and which field, is
learnt from the pairs found first (as in the alignment of bilingual texts by lexical cues and
length: Gale & Church 1993, Melamed 1999).
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from indexer.bilingual import Bilingual
from indexer.owners import owner_key, owners_alike
from indexer.records import Record
from indexer.text import words

_LARGEST = 2_000  # rows of a sheet; the table of all pairs is held in memory
_ANCHOR = 0.42  # content alone says that two rows are the same
_SURE = 0.6  # sure enough to link two rows out of order
_SHARE = 0.35  # of the smaller sheet must be anchored before two sheets count as one list
_LONGEST_RUN = 6  # rows between two pairs that order alone may link
_Matrix = NDArray[np.float32]
_Value = TypeVar("_Value")


def link_translations(
    records: Sequence[Record],
) -> tuple[dict[str, str], list[Bilingual]]:
    """({id: id of the same record on an earlier sheet}, notices) over all workbooks."""
    sheets: dict[tuple[str, str], dict[str, list[Record]]] = defaultdict(dict)
    for record in records:
        if record.source.sheet:
            book = sheets[record.source.file, record.side.value]
            book.setdefault(record.source.sheet, []).append(record)
    linked: dict[str, str] = {}
    notices = []
    for (file, _), book in sheets.items():
        for one, other in combinations(book, 2):
            if not _two_languages(book[one], book[other]):
                continue
            pairs = align(book[one], book[other])
            fresh = {second.id: first.id for first, second in pairs if second.id not in linked}
            linked |= fresh
            if fresh:
                notices.append(_notice(file, one, other, len(fresh), len(book[other])))
    return linked, notices


def _two_languages(one: Sequence[Record], other: Sequence[Record]) -> bool:
    shares = [
        sum(record.language != "en" for record in sheet) / len(sheet) for sheet in (one, other)
    ]
    return abs(shares[0] - shares[1]) >= 0.4 and max(len(one), len(other)) <= _LARGEST


def align(one: Sequence[Record], other: Sequence[Record]) -> list[tuple[Record, Record]]:
    """The pairs of rows that are the same record; [] where the sheets are different lists."""
    content = _content(one, other)
    anchors = [pair for pair in _monotone(content - _ANCHOR / 2) if content[pair] >= _ANCHOR]
    if len(anchors) < max(2, _SHARE * min(len(one), len(other))):
        return []
    score = content + _learnt(one, other, _filled(anchors, len(one), len(other)))
    pairs = [pair for pair in _monotone(score - _ANCHOR / 2) if score[pair] >= _ANCHOR]
    pairs = _filled(pairs, len(one), len(other))
    pairs += _out_of_order(score, pairs)
    return [(one[row], other[column]) for row, column in sorted(pairs)]


def _content(one: Sequence[Record], other: Sequence[Record]) -> _Matrix:
    """Similarity 0..1 of all pairs: cosine over the words both sheets use, owners' names."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - not on the search path

    bags = [[_bag(record) for record in sheet] for sheet in (one, other)]
    seen = [Counter(word for bag in sheet for word in bag) for sheet in bags]
    shared = {word: at for at, word in enumerate(sorted(seen[0].keys() & seen[1].keys()))}
    total = len(one) + len(other)
    vectors = []
    for sheet in bags:
        rows, columns, values = [], [], []
        for row, bag in enumerate(sheet):
            for word, weight in bag.items():
                if word in shared:
                    spread = seen[0][word] + seen[1][word]
                    rows.append(row)
                    columns.append(shared[word])
                    values.append(weight * math.log(1 + total / spread) ** 2)
        shape = (len(sheet), max(1, len(shared)))
        vectors.append(csr_matrix((values, (rows, columns)), shape=shape, dtype=np.float32))
    norms = [np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1))).ravel() for matrix in vectors]
    products = np.asarray((vectors[0] @ vectors[1].T).todense(), dtype=np.float32)
    # A floor under the norms: one shared common word must not look like equality.
    floor = np.float32(2 * math.log(1 + total / 2) ** 2)
    cosine = products / np.maximum(np.outer(norms[0], norms[1]), floor**2 / 4)
    return np.asarray(0.65 * cosine + 0.35 * _owners(one, other), dtype=np.float32)


def _bag(record: Record) -> dict[str, float]:
    """Words that may cross languages, titles counting double; Vietnamese ones drop out later."""
    bag: dict[str, float] = {}
    for name, weight in (("title", 2.0), ("summary", 1.0), ("description", 1.0), ("keywords", 1.0)):
        for word in words(getattr(record, name)[:4000]):
            if len(word) > 1 or word.isdigit():
                bag[word] = max(bag.get(word, 0.0), weight)
    return bag


def _owners(one: Sequence[Record], other: Sequence[Record]) -> _Matrix:
    """Similarity 0..1 of the owners' names of all pairs."""
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - not on the search path

    first, rows = _distinct([owner_key(record.owner) for record in one])
    second, columns = _distinct([owner_key(record.owner) for record in other])
    rough = process.cdist(first, second, scorer=fuzz.token_set_ratio, score_cutoff=75)
    alike = np.zeros(rough.shape, dtype=np.float32)
    for row, column in np.argwhere(rough > 0):
        # Below 0.7 two names share letters, not an organisation.
        alike[row, column] = max(0.0, owners_alike(first[row], second[column]) - 0.7) / 0.3
    return alike[np.ix_(rows, columns)]


def _distinct(values: Sequence[_Value]) -> tuple[list[_Value], list[int]]:
    """(distinct values, which of them each value is)."""
    places = {value: at for at, value in enumerate(dict.fromkeys(values))}
    return list(places), [places[value] for value in values]


def _monotone(gain: _Matrix) -> list[tuple[int, int]]:
    """The pairs in the order of both sheets whose gains sum highest (dynamic programming)."""
    rows, columns = gain.shape
    best = np.zeros((rows + 1, columns + 1), dtype=np.float32)
    for row in range(rows):
        taken = np.maximum(best[row, 1:], best[row, :-1] + gain[row])
        best[row + 1, 1:] = np.maximum.accumulate(taken)
    pairs = []
    row, column = rows, columns
    while row and column:
        if best[row, column] == best[row - 1, column]:
            row -= 1
        elif best[row, column] == best[row, column - 1]:
            column -= 1
        else:
            row, column = row - 1, column - 1
            pairs.append((row, column))
    return pairs[::-1]


def _filled(pairs: Sequence[tuple[int, int]], rows: int, columns: int) -> list[tuple[int, int]]:
    """The pairs, and between two of them the rows in between where both sheets have as many."""
    found = list(pairs)
    fence = [(-1, -1), *pairs, (rows, columns)]
    for (top, left), (bottom, right) in pairwise(fence):
        run = bottom - top - 1
        if run == right - left - 1 and 0 < run <= _LONGEST_RUN:
            found += [(top + step, left + step) for step in range(1, run + 1)]
    return sorted(found)


def _learnt(
    one: Sequence[Record], other: Sequence[Record], pairs: Sequence[tuple[int, int]]
) -> _Matrix:
    """What the pairs teach: organisations and fields that keep meeting are the same."""
    owners = _correspondence(
        [(owner_key(one[a].owner), owner_key(other[b].owner)) for a, b in pairs]
    )
    fields = _correspondence(
        [(x, y) for a, b in pairs for x in _fields(one[a]) for y in _fields(other[b])]
    )
    return 0.3 * _spread(
        owners, [(owner_key(r.owner),) for r in one], [(owner_key(r.owner),) for r in other]
    ) + 0.15 * _spread(fields, [_fields(r) for r in one], [_fields(r) for r in other])


def _spread(
    met: Mapping[tuple[str, str], float],
    one: Sequence[tuple[str, ...]],
    other: Sequence[tuple[str, ...]],
) -> _Matrix:
    """The best correspondence of any two names of each pair of rows."""
    first, rows = _distinct(one)
    second, columns = _distinct(other)
    table = np.zeros((len(first), len(second)), dtype=np.float32)
    partners: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for (a, b), value in met.items():
        partners[a].append((b, value))
    holders: dict[str, list[int]] = defaultdict(list)
    for at, names in enumerate(second):
        for name in names:
            holders[name].append(at)
    for row, names in enumerate(first):
        for name in names:
            for partner, value in partners[name]:
                for column in holders[partner]:
                    table[row, column] = max(table[row, column], value)
    return table[np.ix_(rows, columns)]


def _correspondence(meetings: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], float]:
    """Dice coefficient of two names over the pairs, for those that met at least twice."""
    both = Counter((a, b) for a, b in meetings if a and b)
    first, second = Counter(a for a, _ in meetings), Counter(b for _, b in meetings)
    return {
        (a, b): 2 * count / (first[a] + second[b]) for (a, b), count in both.items() if count > 1
    }


def _fields(record: Record) -> tuple[str, ...]:
    return tuple(
        part.strip().casefold() for part in re.split(r"[,;/]", record.field) if part.strip()
    )


def _out_of_order(score: _Matrix, pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Rows that moved: the surest pairs among those left over, each row once."""
    left = score.copy()
    for row, column in pairs:
        left[row, :] = left[:, column] = 0.0
    found = []
    while left.size and float(left.max()) >= _SURE:
        row, column = divmod(int(left.argmax()), left.shape[1])
        found.append((row, column))
        left[row, :] = left[:, column] = 0.0
    return found


def _notice(file: str, one: str, other: str, count: int, total: int) -> Bilingual:
    return Bilingual(
        vi=f"{file}: {count} trên {total} dòng của trang “{other}” được nhận ra là bản dịch của "
        f"trang “{one}”; chúng được gắn với nhau.",
        en=f"{file}: {count} of {total} rows on sheet “{other}” are recognised as the same records "
        f"as on sheet “{one}” in another language; they are linked.",
    )
