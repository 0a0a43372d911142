"""The encoder an index was made with, loaded only when the first text comes."""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from indexer.arrays import Body
from indexer.encoder import LSA, Encoder, FloatArray
from indexer.encoders.loading import load_encoder
from indexer.encoders.lsa import LsaEncoder
from indexer.errors import DamagedError
from indexer.manifest import EncoderEntry
from indexer.remembered import Remembered

_MOST_ALONE = 1_000  # texts asked for alone whose vectors are remembered: 1 MB


class StoredEncoder:
    """Answers for the encoder of a manifest; another one under its name is refused."""

    def __init__(self, entry: EncoderEntry, folder: Path, files: Mapping[str, Body]) -> None:
        """`files` are those of the index, read already; `folder` is where they lie."""
        self._entry = entry
        self._folder = folder
        self._files = files
        self._loaded: Encoder | None = None
        self._lock = threading.Lock()
        self._alone: Remembered[tuple[str, bool], FloatArray] = Remembered(_MOST_ALONE)

    @property
    def name(self) -> str:
        return self._entry.name

    @property
    def dimension(self) -> int:
        return self._entry.dimension

    @property
    def fingerprint(self) -> str:
        return self._entry.fingerprint

    def encode(self, texts: Sequence[str], *, query: bool = False) -> FloatArray:
        """As `Encoder.encode`; raises what `loaded` raises. A text alone is what somebody looks for
        and is asked for several times in one search."""
        encoder = self.loaded()
        if len(texts) != 1:
            return encoder.encode(texts, query=query)

        def row() -> FloatArray:
            found = encoder.encode(texts, query=query)
            found.flags.writeable = False  # it is shared
            return found

        return self._alone.get((texts[0], query), row)

    def loaded(self) -> Encoder:
        """The encoder itself.

        Raises RequestError where it cannot be loaded here, DamagedError where what is loaded
        is not what made the index.
        """
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> Encoder:
        encoder: Encoder
        if self.name == LSA:
            encoder = LsaEncoder.load(self._folder, self._files)
        else:
            encoder = load_encoder(self.name)
        if (encoder.fingerprint, encoder.dimension) != (self.fingerprint, self.dimension):
            raise DamagedError(
                vi=f"Chỉ mục {self._folder} được tạo bằng một bộ mã hoá “{self.name}” khác "
                f"({self.dimension} chiều, nay {encoder.dimension} chiều). "
                "Hãy dựng lại: cungcau index --full",
                en=f"The index {self._folder} was made with another encoder “{self.name}” "
                f"(dimension {self.dimension}, now {encoder.dimension}). "
                "Rebuild it: cungcau index --full",
            )
        return encoder
