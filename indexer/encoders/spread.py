"""Encoding by many workers at once: processes of this machine, or a Ray cluster."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from indexer.bilingual import Bilingual
from indexer.encoder import Encoder, FloatArray, Hardware
from indexer.encoders.loading import load_encoder
from indexer.errors import RequestError
from indexer.executors.executor import Done, Executor, told_killed

TEXTS = 64  # of one shard: a fifth of a second for the contextual encoder, and what a kill costs
_EACH = 4  # shards a worker is given in one go, so that few wait for the last


@dataclass(frozen=True, slots=True)
class _Shard:
    """Texts from place `start` on, and what is to encode them."""

    start: int
    texts: tuple[str, ...]
    query: bool
    name: str
    fingerprint: str
    hardware: Hardware


class SpreadEncoder:
    """An encoder whose texts are encoded side by side by the workers of an executor.

    Each worker loads the encoder by its name, once. A worker that is killed costs its shard,
    which another does.
    """

    def __init__(
        self,
        encoder: Encoder,
        hardware: Hardware,
        executor: Executor,
        tell: Callable[[Bilingual], None],
    ) -> None:
        """`tell` hears of workers that were killed."""
        self.name, self.dimension = encoder.name, encoder.dimension
        self.fingerprint = encoder.fingerprint
        self._executor, self._hardware, self._tell = executor, hardware, tell
        # So many texts at a time keep every worker busy.
        self.batch = TEXTS * _EACH * executor.workers

    def encode(self, texts: Sequence[str], *, query: bool = False) -> FloatArray:
        """As `Encoder.encode`.

        Raises RequestError: the workers of a shard were killed every time, or have another model
        of that name.
        """
        shards = [
            _Shard(
                start,
                tuple(texts[start : start + TEXTS]),
                query,
                self.name,
                self.fingerprint,
                self._hardware,
            )
            for start in range(0, len(texts), TEXTS)
        ]
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for found in self._executor.run(_encoded, shards):
            if isinstance(found, Done):
                start = found.item.start
                rows[start : start + len(found.result)] = found.result
                continue
            self._tell(told_killed(f"encode-{found.item.start}", found))
            if not found.again:
                raise RequestError(
                    vi="Không mã hoá được: tiến trình làm việc bị dừng nhiều lần, thường do thiếu "
                    "bộ nhớ. Phần đã mã hoá được giữ lại; hãy chạy lại, có thể với --workers 1.",
                    en="The texts could not be encoded: the workers were killed each time, mostly "
                    "for want of memory. What is encoded is kept; run it again, perhaps with "
                    "--workers 1.",
                )
        return rows


def _encoded(shard: _Shard) -> FloatArray:
    """A worker's part. Raises RequestError where its model is not the one asked for."""
    encoder = _loaded(shard.name, shard.hardware)
    if encoder.fingerprint != shard.fingerprint:
        raise RequestError(
            vi=f"Máy tính phụ có mô hình “{shard.name}” khác với máy này. Hãy cài cùng một phiên "
            "bản cungcau và mô hình trên mọi máy.",
            en=f"A worker has another model “{shard.name}” than this machine. Install the same "
            "version of cungcau and of the model on all of them.",
        )
    return encoder.encode(shard.texts, query=shard.query)


@lru_cache(maxsize=1)
def _loaded(name: str, hardware: Hardware) -> Encoder:
    return load_encoder(name, hardware=hardware)
