"""Questions put to the index of a workspace: opening, milliseconds, recall; one JSON document.

    python -m evaluation.benchmarks.asking WORKSPACE --queries 200 --exact 100

Questions are the beginnings of needs made of held-out texts (`evaluation.benchmarks.records`).
*Retrieval* is both lists and their fusion, 100 of either; *search* all that `cungcau search` does
to show ten. A service reads its index to the end beside the questions (`api.inspector`): *soon* is
retrieval before that, everything else after it. Recall is of the best ten of the hybrid list
against all records scored exhaustively; a record found counts where it is as similar as the tenth,
for equals have no order.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import typer

from evaluation.benchmarks.output import emit, say
from evaluation.benchmarks.records import CONDITIONS, questions
from evaluation.benchmarks.spread import timed
from indexer.catalog import Catalog
from indexer.conditions import Condition, parse_condition
from indexer.index import Index
from indexer.records import Side
from indexer.workspace import Workspace
from matcher.candidates import Question
from matcher.filters import allowed_rows
from matcher.matcher import Matcher

_LENGTHS = (8, 20, 100)  # words of a question
_USUAL = 20
_TOGETHER = 1_000  # blocks
_LOOK, _K = 100, 10
_WARM, _SOON = 10, 50
_NEAR = 1e-5  # similarities that differ by less are equal: they are summed in another order
# Prices of the records are these, in millions: a range of any share of them is a condition that
# nobody has asked before.
_CHEAPEST, _DEAREST = 50, 20_000
_WIDTHS = {"50%": 0.5, "10%": 0.1, "1%": 0.01, "0.1%": 0.001, "0.01%": 0.0001}


class _Asked:
    """An opened workspace."""

    def __init__(self, workspace: Workspace, catalog: Catalog) -> None:
        self.catalog = catalog
        started = time.perf_counter()
        self.index = Index.open(workspace.index_path)
        self.open_s = time.perf_counter() - started
        self.matcher = Matcher(self.index, catalog, workspace.settings)
        self._share = workspace.settings.lexical_weight

    def question(self, text: str, where: Sequence[Condition] = ()) -> Question:
        allowed = allowed_rows(self.index, self.catalog, Side.SUPPLY, where)
        return Question(self.index, Side.SUPPLY, text, allowed, self._share)

    def first(self, text: str, where: Sequence[Condition] = ()) -> npt.NDArray[np.int64]:
        """The rows of the ten best of the hybrid list, fewer where there are none."""
        seen = self.question(text, where).candidates(_LOOK)
        return seen.rows[np.argsort(-seen.scores, kind="stable")[:_K]]


def asking(workspace: Workspace, queries: int, searches: int, exact: int) -> dict[str, Any]:
    """Everything `docs/scale.md` says of answers from this index; `searches` of the questions are
    asked as whole searches, `exact` compared with all records."""
    with workspace.catalog() as catalog:
        texts = questions(catalog, _USUAL, queries + _WARM)
        asked = _Asked(workspace, catalog)
        late = questions(catalog, _USUAL, _WARM + queries + _SOON)[-_SOON:]
        started = time.perf_counter()
        asked.matcher.search(texts[0])
        found: dict[str, Any] = {
            "records": len(asked.index.supply) + len(asked.index.demand),
            "open_s": round(asked.open_s, 3),
            "first_s": round(time.perf_counter() - started, 3),
            "soon_ms": timed(asked.first, late),
            "inspected_s": round(_inspected(asked.index), 3),
            "retrieval_ms": {},
            "search_ms": {},
        }
        for words in _LENGTHS:
            given = questions(catalog, words, queries + _WARM)
            for text in given[:_WARM]:
                asked.matcher.search(text)
            found["retrieval_ms"][str(words)] = timed(asked.first, given[_WARM:])
            found["search_ms"][str(words)] = timed(asked.matcher.search, given[_WARM:][:searches])
            say(f"{words} words: {found['search_ms'][str(words)]}")
        found["recall@10"] = _recall(asked, texts[:exact])
        found["conditions"] = {
            share: _conditioned(asked, share, texts, searches, exact) for share in CONDITIONS
        }
    return found


def _inspected(index: Index) -> float:
    """Seconds until every block is checked, with nothing else going on."""
    started = time.perf_counter()
    while index.check_more(_TOGETHER):
        pass
    return time.perf_counter() - started


def _conditioned(
    asked: _Asked, share: str, texts: Sequence[str], searches: int, exact: int
) -> dict[str, Any]:
    """One share of the offers: a condition that is asked again and again, and ever new ones."""
    where = [parse_condition(text) for text in CONDITIONS[share]]
    ids = asked.catalog.ids(Side.SUPPLY, where)
    allowed = np.array([name in ids for name in asked.index.supply.ids])
    started = time.perf_counter()
    asked.matcher.search(texts[0], where=where)
    first_s = time.perf_counter() - started
    spare = texts[_WARM:]
    some = spare[:searches]
    fresh = list(zip(some, _ranges(share, len(some)), strict=True))
    found = {
        "where": list(CONDITIONS[share]),
        "records": len(ids),
        "first_s": round(first_s, 3),
        "retrieval_ms": timed(lambda text: asked.first(text, where), spare),
        "search_ms": timed(lambda text: asked.matcher.search(text, where=where), some),
        "new_search_ms": timed(lambda one: asked.matcher.search(one[0], where=one[1]), fresh),
        "recall@10": _recall(asked, texts[:exact], where, allowed),
        "full": _full(asked, texts[:exact], where, allowed),
    }
    say(f"{share}: {found}")
    return found


def _ranges(share: str, count: int) -> list[list[Condition]]:
    """So many price ranges of about that share of the offers, each asked for once."""
    span = _DEAREST - _CHEAPEST
    width = max(1, round(span * _WIDTHS[share]))
    lows = np.linspace(_CHEAPEST, _DEAREST - width, count).astype(int)
    return [
        [parse_condition(f"price>={low}000000"), parse_condition(f"price<{low + width}000000")]
        for low in lows.tolist()
    ]


def _recall(
    asked: _Asked,
    texts: Sequence[str],
    where: Sequence[Condition] = (),
    allowed: npt.NDArray[np.bool_] | None = None,
) -> float:
    shares = []
    for text in texts:
        every = asked.question(text).every()
        there = every if allowed is None else every[allowed]
        k = min(_K, len(there))
        if k == 0:
            continue
        least = np.partition(there, len(there) - k)[-k] - _NEAR
        rows = asked.first(text, where)
        shares.append(min(int(np.count_nonzero(every[rows] >= least)), k) / k)
    return round(float(np.mean(shares)), 4) if shares else 1.0


def _full(
    asked: _Asked,
    texts: Sequence[str],
    where: Sequence[Condition],
    allowed: npt.NDArray[np.bool_],
) -> bool:
    """Whether every question gets all ten, or all there are, and nothing else."""
    wanted = min(_K, int(np.count_nonzero(allowed)))
    lists = (asked.first(text, where) for text in texts)
    return all(len(rows) >= wanted and bool(allowed[rows].all()) for rows in lists)


def main(
    workspace: Annotated[Path, typer.Argument(help="With an index.")],
    queries: Annotated[int, typer.Option(min=1, help="Questions of each length.")] = 200,
    searches: Annotated[int, typer.Option(min=1, help="Of them, asked as whole searches.")] = 200,
    exact: Annotated[int, typer.Option(min=1, help="Of them, compared with all records.")] = 100,
) -> None:
    """Measure and print one JSON document."""
    emit(asking(Workspace.open(workspace), queries, searches, exact), None)


if __name__ == "__main__":
    typer.run(main)
