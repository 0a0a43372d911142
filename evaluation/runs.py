"""A run: what one system returned for each query, best first."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indexer.errors import RequestError

Scores = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Ranking:
    """The documents returned for one query, best first, with their scores (higher is better).

    Raises RequestError where a document stands twice, a score is not a finite number, scores
    rise on the way down, or ids and scores differ in number.
    """

    document_ids: tuple[str, ...]
    scores: Scores

    def __post_init__(self) -> None:
        if len(self.document_ids) != len(self.scores):
            raise RequestError(
                vi=f"{len(self.document_ids)} tài liệu nhưng {len(self.scores)} điểm.",
                en=f"{len(self.document_ids)} documents but {len(self.scores)} scores.",
            )
        if len(set(self.document_ids)) != len(self.document_ids):
            twice, _ = Counter(self.document_ids).most_common(1)[0]
            raise RequestError(
                vi=f"Tài liệu {twice} xuất hiện hai lần trong một danh sách kết quả.",
                en=f"The document {twice} stands twice in one ranking.",
            )
        if not np.isfinite(self.scores).all() or (np.diff(self.scores) > 0).any():
            raise RequestError(
                vi="Điểm trong danh sách kết quả phải là số hữu hạn và không tăng dần.",
                en="The scores of a ranking must be finite numbers that never rise.",
            )


Run = Mapping[str, Ranking]


def best(scores: npt.NDArray[np.floating], depth: int) -> npt.NDArray[np.intp]:
    """Columns of the `depth` highest scores of one row, best first.

    Equal scores keep the order of the columns, also where the depth cuts through them: columns
    in descending order of document id give trec_eval's rule for ties.
    """
    if len(scores) > depth:
        worst = np.partition(scores, len(scores) - depth)[len(scores) - depth]
        above = np.flatnonzero(scores > worst)
        level = np.flatnonzero(scores == worst)[: depth - len(above)]
        columns = np.sort(np.concatenate([above, level]))
    else:
        columns = np.arange(len(scores))
    return columns[np.argsort(-scores[columns], kind="stable")]
