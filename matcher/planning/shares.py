"""Seats in proportion to weights: how many of a number of equal things each party gets."""

from collections.abc import Mapping
from heapq import heapify, heapreplace
from math import isfinite

from indexer.errors import RequestError

_MOST = 1_000_000


def shares(weights: Mapping[str, float], seats: int) -> dict[str, int]:
    """`seats` divided among the names of `weights`, in proportion, by the method of Sainte-Laguë.

    Nobody is ever worse off for there being more seats (Balinski & Young 1982): what a party
    gets of the seats of several rounds together, less what it had before, is its share of the
    next round. Of equal claims the heavier weight comes first, then the name.

    Raises:
        RequestError: a weight that is no number of at least 0, none above 0, or too many seats.
    """
    wrong = [name for name, weight in weights.items() if not (isfinite(weight) and weight >= 0)]
    if wrong or not any(weights.values()):
        said = f"{wrong[0]} = {weights[wrong[0]]}" if wrong else "0"
        raise RequestError(
            vi=f"Trọng số không nhận: {said}. Chấp nhận: số từ 0, ít nhất một số lớn hơn 0.",
            en=f"Weight not accepted: {said}. Accepted: numbers from 0, one at least above 0.",
        )
    if not 0 <= seats <= _MOST:
        raise RequestError(
            vi=f"Số chỗ {seats} không nhận. Chấp nhận: 0 đến {_MOST}.",
            en=f"{seats} seats are not accepted. Accepted: 0 to {_MOST}.",
        )
    got = dict.fromkeys(weights, 0)
    claims = [(-weight, -weight, name) for name, weight in weights.items() if weight > 0]
    heapify(claims)
    for _ in range(seats):
        _, weight, name = claims[0]
        got[name] += 1
        heapreplace(claims, (weight / (2 * got[name] + 1), weight, name))
    return got
