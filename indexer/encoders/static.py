"""The static encoder: a text is the mean of the vectors of its word pieces."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from indexer.encoder import FloatArray, unit_rows
from indexer.encoders.modelfolder import ModelFolder
from indexer.encoders.weights import weights
from indexer.encoders.wordpieces import WordPieces, unknown_row
from indexer.words.sparse import csr_matrix

WEIGHTS, TOKENIZER = "0_StaticEmbedding/model.safetensors", "0_StaticEmbedding/tokenizer.json"

_BLOCK = 2_048  # texts whose pieces are held at once


class StaticEncoder:
    """sentence-transformers' StaticEmbedding and Normalize modules, without torch.

    Frequent pieces weigh less by the length of their vectors, which training finds.
    """

    def __init__(self, folder: ModelFolder, name: str, dimension: int) -> None:
        """Raises DamagedError where the files of the folder do not make a static encoder."""
        self.name = name
        self.dimension = dimension
        self.fingerprint = f"{folder.fingerprint}@{dimension}"
        try:
            self._pieces = WordPieces(folder.files[TOKENIZER])
            table = weights(folder.files[WEIGHTS], "embedding.weight")
            if table.shape != (self._pieces.size, folder.card.dimension):
                raise ValueError(f"{WEIGHTS}: {table.shape}, {self._pieces.size} word pieces")
        except (KeyError, ValueError) as error:
            raise folder.unfit(error) from error
        self._table: FloatArray = table[:, :dimension].astype(np.float32)

    def encode(self, texts: Sequence[str], *, query: bool = False) -> FloatArray:
        """As `Encoder.encode`."""
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), _BLOCK):
            block = texts[start : start + _BLOCK]
            rows[start : start + len(block)] = self._block(block)
        return rows

    def _block(self, texts: Sequence[str]) -> FloatArray:
        ids, lengths = self._pieces.joined(texts)
        bounds = np.concatenate([[0], np.cumsum(lengths)])
        ones: npt.NDArray[np.float32] = np.ones(len(ids), dtype=np.float32)
        counts = csr_matrix((ones, ids, bounds), (len(texts), len(self._table)))
        rows = unit_rows(counts @ self._table)
        for i in np.flatnonzero(lengths == 0).tolist():
            rows[i] = unknown_row(texts[i], self.dimension)
        return rows
