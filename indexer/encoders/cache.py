"""Vectors that cost much to make, kept by content and model."""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np

from indexer.encoder import Encoder, FloatArray

_FILE = "vectors.sqlite3"
BATCH = 256
_ASKED = 500  # keys in one statement; databases limit the number of parameters


class CachedEncoder:
    """An encoder that looks into a cache first; otherwise it is the one it wraps.

    The cache is one SQLite file in `folder`. It holds nothing that cannot be made again: where
    it cannot be read or written, texts are encoded as if it were empty.
    """

    def __init__(self, encoder: Encoder, folder: Path, batch: int = BATCH) -> None:
        """`batch` texts are encoded between two writes: what an interruption can lose."""
        self._encoder = encoder
        self._path = folder / _FILE
        self._batch = batch

    @property
    def name(self) -> str:
        return self._encoder.name

    @property
    def dimension(self) -> int:
        return self._encoder.dimension

    @property
    def fingerprint(self) -> str:
        return self._encoder.fingerprint

    def encode(self, texts: Sequence[str], *, query: bool = False) -> FloatArray:
        """As `Encoder.encode`; equal texts are encoded once."""
        keys = [self._key(text, query) for text in texts]
        known = self._load(dict.fromkeys(keys))
        missing = {k: t for k, t in zip(keys, texts, strict=True) if k not in known}
        waiting = list(missing)
        for start in range(0, len(waiting), self._batch):
            batch = waiting[start : start + self._batch]
            rows = self._encoder.encode([missing[key] for key in batch], query=query)
            fresh = dict(zip(batch, rows, strict=True))
            self._store(fresh)
            known |= fresh
        if not keys:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return np.stack([known[key] for key in keys])

    def _key(self, text: str, query: bool) -> bytes:
        role = "query" if query else "passage"
        head = f"{self.fingerprint}\n{role}\n"
        return hashlib.sha256((head + text).encode("utf-8", "surrogatepass")).digest()

    def _load(self, keys: Iterable[bytes]) -> dict[bytes, FloatArray]:
        wanted = list(keys)
        found: dict[bytes, FloatArray] = {}
        with _forgiving(), closing(self._open()) as database:
            for start in range(0, len(wanted), _ASKED):
                part = wanted[start : start + _ASKED]
                marks = ",".join("?" * len(part))
                rows = database.execute(f"SELECT key, row FROM rows WHERE key IN ({marks})", part)
                for key, row in rows:
                    if len(row) == 4 * self.dimension:
                        found[key] = np.frombuffer(row, dtype="<f4")
        return found

    def _store(self, rows: Mapping[bytes, FloatArray]) -> None:
        with _forgiving(), closing(self._open()) as database, database:
            database.executemany(
                "INSERT OR REPLACE INTO rows VALUES (?, ?)",
                [(key, row.astype("<f4").tobytes()) for key, row in rows.items()],
            )

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return _connect(self._path)
        except sqlite3.OperationalError:
            raise  # locked, read-only or full, but not broken
        except sqlite3.DatabaseError:
            self._path.unlink(missing_ok=True)
            return _connect(self._path)


def _connect(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=10)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute(
            "CREATE TABLE IF NOT EXISTS rows (key BLOB PRIMARY KEY, row BLOB NOT NULL)"
            " WITHOUT ROWID"
        )
    except BaseException:
        database.close()
        raise
    return database


@contextmanager
def _forgiving() -> Iterator[None]:
    """A cache that does not work costs time, never the work."""
    try:
        yield
    except (sqlite3.Error, OSError):
        return
