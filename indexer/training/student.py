"""The networks that are trained: a small BERT begun from the teacher's layers, and word vectors."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

FloatArray = npt.NDArray[np.float32]
Ids = Sequence[Sequence[int]]


class Student(nn.Module):
    """From word pieces to unit rows; piece vectors of the teacher and new ones learn apart."""

    def __init__(self, first: FloatArray, inherited: int, projection: FloatArray | None) -> None:
        """`first` has shape (pieces, width), `projection` (dimension, width)."""
        super().__init__()
        self.inherited = nn.Parameter(torch.from_numpy(first[:inherited].copy()))
        self.added = nn.Parameter(torch.from_numpy(first[inherited:].copy()))
        self.dense = (
            None if projection is None else nn.Parameter(torch.from_numpy(projection.copy()))
        )

    @property
    def width(self) -> int:
        """Numbers of a row."""
        return int((self.inherited if self.dense is None else self.dense.T).shape[1])

    def table(self) -> Tensor:
        """Every piece's vector, shape (pieces, width)."""
        return torch.cat([self.inherited, self.added])

    def states(self, pieces: Tensor, mask: Tensor) -> Tensor:
        """What is averaged, from piece vectors (texts, length, width)."""
        return pieces

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Unit rows of padded texts (texts, length), shape (texts, dimension)."""
        states = self.states(functional.embedding(ids, self.table()), mask)
        real = mask[..., None].float()
        mean = (states * real).sum(1) / real.sum(1)
        return functional.normalize(mean if self.dense is None else mean @ self.dense.T, dim=1)

    def read(self, ids: Ids) -> Tensor:
        """Unit rows of texts as lists of piece numbers."""
        device = self.inherited.device
        longest = max(map(len, ids))
        padded = torch.zeros((len(ids), longest), dtype=torch.int64)
        mask = torch.zeros((len(ids), longest), dtype=torch.int64)
        for i, each in enumerate(ids):
            padded[i, : len(each)] = torch.as_tensor(each)
            mask[i, : len(each)] = 1
        rows: Tensor = self(padded.to(device), mask.to(device))
        return rows


class ContextualStudent(Student):
    """A BERT whose layers are some of the teacher's to begin with (Sanh et al. 2019)."""

    def __init__(
        self,
        first: FloatArray,
        inherited: int,
        projection: FloatArray,
        teacher: Path,
        layers: Sequence[int],
    ) -> None:
        from transformers import BertModel  # noqa: PLC0415

        super().__init__(first, inherited, projection)
        model = BertModel.from_pretrained(teacher, add_pooling_layer=False)
        for module in model.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0
        self.places = model.embeddings.position_embeddings.weight
        self.kind = model.embeddings.token_type_embeddings.weight
        self.norm = model.embeddings.LayerNorm
        self.layers = nn.ModuleList([model.encoder.layer[i] for i in layers])

    def states(self, pieces: Tensor, mask: Tensor) -> Tensor:
        states = self.norm(pieces + self.places[: pieces.shape[1]] + self.kind[0])
        blocked = ((1 - mask.float()) * -1e4)[:, None, None, :]
        for layer in self.layers:
            states = layer(states, blocked)
            states = states[0] if isinstance(states, tuple) else states
        return states  # type: ignore[no-any-return]

    def bert(self) -> dict[str, FloatArray]:
        """The weights by their names in a BERT of transformers, with `dense.weight`."""
        named: dict[str, Any] = {
            "embeddings.word_embeddings.weight": self.table(),
            "embeddings.position_embeddings.weight": self.places,
            "embeddings.token_type_embeddings.weight": self.kind,
            "embeddings.LayerNorm.weight": self.norm.weight,
            "embeddings.LayerNorm.bias": self.norm.bias,
            "dense.weight": self.dense,
        }
        named |= {f"encoder.layer.{k}": v for k, v in self.layers.state_dict().items()}
        return {k: v.detach().cpu().numpy().astype(np.float32) for k, v in named.items()}
