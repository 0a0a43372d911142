"""Runs of words two texts have in common."""

from collections.abc import Sequence

Range = tuple[int, int]


def common_runs(one: Sequence[str], other: Sequence[str]) -> list[tuple[Range, Range]]:
    """Longest runs of tokens that stand in both, as (start, end) in each, none overlapping in
    `other`; greedy from the left of `other`. O(len(one) x len(other)): meant for sentences."""
    places: dict[str, list[int]] = {}
    for position, token in enumerate(one):
        places.setdefault(token, []).append(position)
    runs: list[tuple[Range, Range]] = []
    at = 0
    while at < len(other):
        start, length = 0, 0
        for begin in places.get(other[at], ()):
            here = _length(one, other, begin, at)
            if here > length:
                start, length = begin, here
        if length:
            runs.append(((start, start + length), (at, at + length)))
        at += max(length, 1)
    return runs


def _length(one: Sequence[str], other: Sequence[str], begin: int, at: int) -> int:
    length = 1
    most = min(len(one) - begin, len(other) - at)
    while length < most and one[begin + length] == other[at + length]:
        length += 1
    return length
