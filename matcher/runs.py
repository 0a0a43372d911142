"""Runs of words two texts have in common."""

from collections.abc import Sequence

Range = tuple[int, int]


def common_runs(one: Sequence[str], other: Sequence[str]) -> list[tuple[Range, Range]]:
    """Longest runs of tokens that stand in both, as (start, end) in each, none overlapping in
    `other`; greedy from the left of `other`. O(len(one) x len(other)): meant for sentences."""
    runs: list[tuple[Range, Range]] = []
    common = set(one).intersection(other)
    if not common:
        return runs
    places: dict[str, list[int]] = {}
    for position, token in enumerate(one):
        if token in common:
            places.setdefault(token, []).append(position)
    at = 0
    for begin in [position for position, token in enumerate(other) if token in common]:
        if begin < at:  # in the run before
            continue
        start, length = 0, 0
        for first in places[other[begin]]:
            here = 1
            most = min(len(one) - first, len(other) - begin)
            while here < most and one[first + here] == other[begin + here]:
                here += 1
            if here > length:
                start, length = first, here
        at = begin + length
        runs.append(((start, start + length), (begin, at)))
    return runs
