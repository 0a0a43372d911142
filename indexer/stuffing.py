"""Words said again and again for a machine to count: found, and left out of what is matched.

Nobody writes "lọc nước, màng lọc, lọc nước, màng lọc, lọc nước, màng lọc" to be read by a person.
A long text repeats its words too, about as often as the square root of its length (Heaps' law): of
625 offers and needs of three sources each stays under two thirds of what is allowed here.
"""

import math
import re
from collections import Counter
from collections.abc import Container, Iterator, Sequence

Range = tuple[int, int]

_WORD = re.compile(r"[^\W_]+")
_OFTEN = 3  # a word is repeated that stands so often in the text
_SHORTEST = 9  # words
_REPEATED = 2.5  # times each word of a stretch stands in it, on average, and in a long one
_GROWTH = 0.25  # this much of the square root of its words
_GAP = 2  # other words a stretch may run over, put in to break it up
_RUN = re.compile(b"\1(?:\0{0,%d}\1)*" % _GAP)  # of words, 1 for each that is repeated


def stuffed(text: str) -> list[Range]:
    """(start, end) of each stretch of the text that repeats few words many times, in order.

    All of a stretch counts, its first round too: dropped whole, it buys nothing.
    """
    words = _WORD.findall(text.lower())
    # Nearly every text is settled here: hardly a word stands often in it.
    if len(words) - len(set(words)) < (1 - 1 / _REPEATED) * _SHORTEST:
        return []
    counts = Counter(words)
    often = [word for word, count in counts.items() if count >= _OFTEN]
    if sum(map(counts.__getitem__, often)) < _SHORTEST:
        return []
    places = (_trimmed(words, place) for place in _stretches(words, frozenset(often)))
    found = [place for place in places if _is_stuffed(words, place)]
    if not found:
        return []
    spots = [match.span() for match in _WORD.finditer(text)]
    if len(spots) != len(words):  # lower-casing made words of signs
        return []
    return [(spots[first][0], spots[last - 1][1]) for first, last in found]


def without_stuffing(text: str) -> str:
    """The text without its stuffed stretches; of one that is nothing else each word once."""
    found = stuffed(text)
    if not found:
        return text
    ends = [0, *(end for _, end in found)]
    starts = [*(start for start, _ in found), len(text)]
    kept = (text[end:start] for end, start in zip(ends, starts, strict=True))
    left = " ".join(part.strip(" ,;") for part in kept).strip()
    return left if _WORD.search(left) else " ".join(dict.fromkeys(_WORD.findall(text)))


def _is_stuffed(words: Sequence[str], place: Range) -> bool:
    size = place[1] - place[0]
    least = max(_REPEATED, _GROWTH * math.sqrt(size))
    return size >= _SHORTEST and size >= least * len(set(words[place[0] : place[1]]))


def _trimmed(words: Sequence[str], place: Range) -> Range:
    """Without the words at its ends that are seldom in it, but often elsewhere in the text."""
    first, last = place
    counts = Counter(words[first:last])
    while first < last and counts[words[first]] < _OFTEN:
        counts[words[first]] -= 1
        first += 1
    while first < last and counts[words[last - 1]] < _OFTEN:
        counts[words[last - 1]] -= 1
        last -= 1
    return first, last


def _stretches(words: Sequence[str], often: Container[str]) -> Iterator[Range]:
    """Longest runs of repeated words, as positions, that are long enough; they begin and end with
    one."""
    for run in _RUN.finditer(bytes(map(often.__contains__, words))):
        if run.end() - run.start() >= _SHORTEST:
            yield run.span()
