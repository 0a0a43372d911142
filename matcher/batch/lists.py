"""The lists by need and by offer, as Parquet files."""

import hashlib
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.errors import RequestError
from indexer.records import Side
from matcher.batch.best import similarities, steps
from matcher.batch.job import Opened, opened
from matcher.batch.manifest import Listed
from matcher.batch.parts import publish, read_part, unwritten
from matcher.batch.shards import Shard
from matcher.ranking import lot

Rows = npt.NDArray[np.int64]
_NO_PAIRS = tuple(np.zeros(0, kind) for kind in (np.int32, np.int32, np.int32, np.float32))


def make_lists(asked: tuple[Shard, Sequence[Shard], str]) -> Listed:
    """Writes the lists of a shard of needs or offers to the file of that name: `demand`, `supply`,
    `rank`, `score`, `similarity`, a list after the other, each best first, at most k long.

    Only pairs with some probability are in it.
    """
    shard, rated, name = asked
    found, side = opened(shard.job), Side(shard.stage)
    own = [one for one in rated if side is Side.SUPPLY or _overlap(one.rows, shard.rows)]
    parts = [_of(read_part(one.path), side, shard.rows) for one in own] or [_NO_PAIRS]
    askers, others, worth, scores = (np.concatenate(column) for column in zip(*parts, strict=True))
    order, rank = _ranked(found, side, askers, others, scores, shard.job.k)
    table = _table(found, side, askers[order], others[order], rank, scores[order], worth[order])
    size, digest = _write(shard.job.folder / name, table)
    return Listed(rows=len(order), size=size, sha256=digest)


def need_parquet() -> None:
    """Raises RequestError, with the line that installs it, where Parquet cannot be written."""
    _library()


def _overlap(one: range, other: range) -> bool:
    return one.start < other.stop and other.start < one.stop


def _of(part: dict[str, npt.NDArray[Any]], side: Side, rows: range) -> tuple[npt.NDArray[Any], ...]:
    """(askers, others, worth, scores) of the pairs of these rows of a side that may fit."""
    asking, offered = part["pairs"].T if side is Side.DEMAND else part["pairs"].T[::-1]
    scores = part["scores"]
    kept = (asking >= rows.start) & (asking < rows.stop) & (scores > 0.0)
    return asking[kept], offered[kept], part["worth"][kept], scores[kept]


def _ranked(
    found: Opened,
    side: Side,
    askers: npt.NDArray[np.int32],
    others: npt.NDArray[np.int32],
    scores: npt.NDArray[np.float32],
    k: int,
) -> tuple[Rows, npt.NDArray[np.int32]]:
    """Which pairs are on the lists, in order, and the rank of each there, from 1.

    Equal scores, to a millionth, by lot, as in every list (`matcher.ranking`).
    """
    worth = steps(scores)
    order = np.lexsort((-worth, askers))
    asker, value = askers[order], worth[order]
    first = np.concatenate([[True], asker[1:] != asker[:-1]]) if len(order) else np.zeros(0, bool)
    starts = np.flatnonzero(first)
    rank = np.arange(len(order)) - np.repeat(starts, np.diff([*starts, len(order)])) + 1
    equal = np.flatnonzero(~first[1:] & (value[1:] == value[:-1])) if len(order) else starts
    ids, facing = found.index.side(side).ids, found.index.side(side.other).ids
    # Runs of equal neighbours: those that begin on a list are drawn for.
    for _, run in groupby(equal.tolist(), key=_Run()):
        places = list(run)
        begin, end = places[0], places[-1] + 2
        if rank[begin] <= k:
            tied = order[begin:end].tolist()
            tied.sort(key=lambda at: lot(ids[askers[at]], facing[others[at]]))
            order[begin:end] = tied
    listed = rank <= k
    return order[listed], rank[listed].astype(np.int32)


class _Run:
    """The number of the run of consecutive numbers that each one belongs to."""

    def __init__(self) -> None:
        self._last, self._run = -2, 0

    def __call__(self, number: int) -> int:
        if number != self._last + 1:
            self._run += 1
        self._last = number
        return self._run


def _table(
    found: Opened,
    side: Side,
    askers: npt.NDArray[np.int32],
    others: npt.NDArray[np.int32],
    rank: npt.NDArray[np.int32],
    scores: npt.NDArray[np.float32],
    worth: npt.NDArray[np.int32],
) -> Any:  # noqa: ANN401 - a pyarrow.Table
    pa = _library()
    rows = {side: askers, side.other: others}
    names = {
        one.value: pa.array(found.index.side(one).ids, pa.string()).take(pa.array(rows[one]))
        for one in (Side.DEMAND, Side.SUPPLY)
    }
    columns = {"rank": rank, "score": scores, "similarity": similarities(worth)}
    state = found.index.manifest
    made_of = {"cungcau.catalog": state.catalog, "cungcau.version": str(state.catalog_version)}
    return pa.table(names | columns).replace_schema_metadata(made_of)


def _write(path: Path, table: Any) -> tuple[int, str]:  # noqa: ANN401 - a pyarrow.Table
    """The file, beside and renamed; (bytes, SHA-256)."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - optional, and slow to import

    beside = path.with_name(f".{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, beside, compression="zstd")
        publish(beside, path)
        body = path.read_bytes()
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise unwritten(path, error) from error
    return len(body), hashlib.sha256(body).hexdigest()


def _library() -> Any:  # noqa: ANN401 - a module
    try:
        import pyarrow as pa  # noqa: PLC0415 - optional, and slow to import
    except ImportError as error:
        raise RequestError(
            vi="Ghi tệp Parquet cần thư viện pyarrow. Hãy cài: pip install 'cungcau[batch]'",
            en="Parquet files need the library pyarrow. Install it: pip install 'cungcau[batch]'",
        ) from error
    return pa
