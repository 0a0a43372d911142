"""The answers of an index as every store gives them: ranks and normalised similarities."""

from collections.abc import Sequence

import numpy as np

from indexer.bilingual import Bilingual
from indexer.encoder import FloatArray
from indexer.errors import RequestError
from indexer.index import Index
from indexer.records import Side
from indexer.stores.store import Found
from indexer.vectors.storage import Mask


def by_vector(
    index: Index, vector: FloatArray, side: Side, k: int, allowed: Mask | None
) -> list[Found]:
    """See `Store.by_vector`; `allowed` (n_rows,) are the rows that may be found."""
    own = index.side(side)
    if k < 1 or not len(own):
        return []
    similarities, rows = own.vectors.search(vector[None], k, allowed)
    return ranked([own.ids[row] for row in rows[0].tolist()], similarities[0], k)


def by_terms(index: Index, text: str, side: Side, k: int, allowed: Mask | None) -> list[Found]:
    """See `Store.by_terms`."""
    shares = term_shares(index, text, side)
    if allowed is not None:
        shares = np.where(allowed, shares, np.float32(0.0))
    rows = np.flatnonzero(shares > 0.0)
    ids = index.side(side).ids
    return ranked([ids[row] for row in rows.tolist()], shares[rows], k)


def hybrid(
    index: Index,
    text: str,
    side: Side,
    k: int,
    allowed: Mask | None,
    words: float,
    look: int,
) -> list[Found]:
    """See `Store.hybrid`; `look` of each list are fused."""
    own = index.side(side)
    if k < 1 or not len(own):
        return []
    vector = index.encode([text], side.other)
    _, near = own.vectors.search(vector, max(look, k), allowed)
    shares = term_shares(index, text, side)
    met = np.flatnonzero((shares > 0.0) if allowed is None else allowed & (shares > 0.0))
    if len(met) > max(look, k):
        met = met[np.argpartition(-shares[met], max(look, k) - 1)[: max(look, k)]]
    rows = np.union1d(near[0], met)
    cosines = np.clip(own.vectors.rows(rows) @ vector[0], 0.0, 1.0)
    fused = words * shares[rows] + (1.0 - words) * cosines
    return ranked([own.ids[row] for row in rows.tolist()], fused, k)


def term_shares(index: Index, text: str, side: Side) -> FloatArray:
    """The share of the weight of a text that each row of `side` meets, (n_rows,), in 0..1."""
    lexical = index.side(side).lexical
    queries = lexical.queries([text])
    shares = lexical.scores(queries)[0] / lexical.ceiling(queries)[0]
    return np.asarray(np.clip(shares, 0.0, 1.0), dtype=np.float32)


def ranked(ids: Sequence[str], similarities: FloatArray, k: int) -> list[Found]:
    """The `k` best, equal similarities (to six digits) by id."""
    rounded = [round(float(value), 6) for value in similarities]
    order = sorted(range(len(ids)), key=lambda i: (-rounded[i], ids[i]))[: max(k, 0)]
    return [Found(ids[i], rank, rounded[i]) for rank, i in enumerate(order, start=1)]


def checked(vector: FloatArray, dimension: int) -> FloatArray:
    """The vector; raises RequestError where it is of another dimension."""
    if vector.shape != (dimension,):
        message = Bilingual(
            vi=f"Vectơ có kích thước {vector.shape}, kho chứa vectơ {dimension} chiều.",
            en=f"A vector of shape {vector.shape} for a store of dimension {dimension}.",
        )
        raise RequestError(vi=message.vi, en=message.en)
    return vector


def refuse(ids: Sequence[str], *, there: bool) -> None:
    """Raises RequestError naming the first of these ids, which are there or are not."""
    if ids:
        raise RequestError(
            vi=f"Mã {ids[0]!r} {'đã có' if there else 'chưa có'} trong kho.",
            en=f"The id {ids[0]!r} is {'already' if there else 'not'} in the store.",
        )


def twice(ids: Sequence[str]) -> None:
    """Raises RequestError where an id stands twice."""
    seen: set[str] = set()
    for record_id in ids:
        if record_id in seen:
            raise RequestError(
                vi=f"Mã {record_id!r} xuất hiện hai lần trong cùng một lần thay đổi.",
                en=f"The id {record_id!r} stands twice in one change.",
            )
        seen.add(record_id)
