"""What several texts search in a lexical index."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indexer.words.crossing import Facing
from indexer.words.sparse import csr_matrix


@dataclass(frozen=True)
class Queries:
    """n queries: the terms they search as written, shape (n, terms + 1), whose last column holds
    each ceiling, and the same rendered into other languages; `asked` are their own languages,
    see `asked_languages`, shape (n,)."""

    direct: csr_matrix
    facings: tuple[Facing, ...]
    asked: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return int(self.direct.shape[0])

    def __getitem__(self, rows: slice) -> "Queries":
        facings = tuple(facing[rows] for facing in self.facings)
        return Queries(self.direct[rows], facings, self.asked[rows])
