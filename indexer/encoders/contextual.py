"""The contextual encoder: a small transformer in int8, without torch."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from indexer.encoder import FloatArray, unit_rows
from indexer.encoders.modelfolder import ModelFolder
from indexer.encoders.weights import weights
from indexer.encoders.wordpieces import WordPieces, unknown_row
from indexer.executors.single import kept_to_one_thread

WEIGHTS, TOKENIZER, LAYERS = "model.safetensors", "tokenizer.json", "layers.onnx"
EMBEDDINGS = "embeddings.word_embeddings.weight"

WINDOW = 128  # word pieces read at once, the two marks of its ends included
_WINDOWS = 64  # of one text: some 6,000 words, evenly spread over longer ones
_BATCH = 2_048  # word pieces in one run of the layers
_BLOCK = 1_024  # texts whose windows are held at once

Ids = npt.NDArray[np.int64]


class ContextualEncoder:
    """sentence-transformers' Transformer, Pooling, Dense and Normalize modules, by onnxruntime.

    The layers are quantised to integers with scales fixed when the model was made (Jacob et
    al. 2018), so a text has one vector whatever it is encoded together with. A text longer
    than a window is the mean of windows of equal length.
    """

    def __init__(self, folder: ModelFolder, name: str, dimension: int) -> None:
        """Raises DamagedError where the files of the folder do not make such an encoder."""
        import onnxruntime  # noqa: PLC0415 - not every command encodes

        self.name = name
        self.dimension = dimension
        self.fingerprint = f"{folder.fingerprint}@{dimension}"
        try:
            self._pieces = WordPieces(folder.files[TOKENIZER])
            self._table = weights(folder.files[WEIGHTS], EMBEDDINGS)
            if len(self._table) != self._pieces.size:
                raise ValueError(f"{WEIGHTS}: {len(self._table)}, {self._pieces.size} word pieces")
            options = onnxruntime.SessionOptions()
            options.log_severity_level = 3
            if kept_to_one_thread():
                options.intra_op_num_threads = 1
            # A thread that waits in a loop for the next text takes the processor from searches.
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")
            self._session = onnxruntime.InferenceSession(
                folder.files[LAYERS], options, providers=["CPUExecutionProvider"]
            )
            given = (
                self._session.get_inputs()[0].shape[-1],
                self._session.get_outputs()[0].shape[-1],
            )
            if given != (self._table.shape[1], folder.card.dimension):
                raise ValueError(f"{LAYERS}: from {given[0]} to {given[1]} numbers")
        except (KeyError, ValueError) as error:
            raise folder.unfit(error) from error
        except Exception as error:  # onnxruntime's own exceptions share no base of their own
            if type(error).__module__.startswith("onnxruntime"):
                raise folder.unfit(error) from error
            raise

    def encode(self, texts: Sequence[str], *, query: bool = False) -> FloatArray:
        """As `Encoder.encode`."""
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), _BLOCK):
            block = texts[start : start + _BLOCK]
            rows[start : start + len(block)] = self._block(block)
        return rows

    def _block(self, texts: Sequence[str]) -> FloatArray:
        windows, owners = [], []
        for i, ids in enumerate(self._pieces(texts)):
            for window in _windows(ids):
                windows.append(window)
                owners.append(i)
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for batch in _batches(windows):
            found = self._run([windows[i] for i in batch])
            np.add.at(rows, [owners[i] for i in batch], unit_rows(found[:, : self.dimension]))
        known = frozenset(owners)
        for i, text in enumerate(texts):
            if i not in known:
                rows[i] = unknown_row(text, self.dimension)
        return unit_rows(rows)

    def _run(self, windows: Sequence[Ids]) -> FloatArray:
        """Unit vectors of windows, shape (len(windows), dimension of the model)."""
        longest = max(map(len, windows)) + 2
        ids = np.zeros((len(windows), longest), dtype=np.int64)
        mask = np.zeros((len(windows), longest), dtype=np.int32)
        for i, window in enumerate(windows):
            ids[i, 0] = self._pieces.start
            ids[i, 1 : len(window) + 1] = window
            ids[i, len(window) + 1] = self._pieces.end
            mask[i, : len(window) + 2] = 1
        pieces = self._table[ids].astype(np.float32)
        found: FloatArray = self._session.run(None, {"pieces": pieces, "mask": mask})[0]
        return found


def _windows(ids: Ids) -> Iterator[Ids]:
    """Windows of a text, as equal as they can be; of a very long one a part of each stretch."""
    size = WINDOW - 2
    count = -(-len(ids) // size)
    for part in np.array_split(ids, min(count, _WINDOWS)) if count else ():
        yield part[:size]


def _batches(windows: Sequence[Ids]) -> Iterator[list[int]]:
    """Windows of like length together, for the padding costs as much as the words."""
    batch: list[int] = []
    for i in sorted(range(len(windows)), key=lambda i: (len(windows[i]), i)):
        if (len(batch) + 1) * (len(windows[i]) + 2) > _BATCH and batch:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch
