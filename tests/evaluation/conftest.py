"""Results made by hand: a collection, what a system returned, and the figures of that."""

import numpy as np
import pytest

from evaluation.collections import Collection
from evaluation.metrics import measure
from evaluation.run import Result
from evaluation.runs import Ranking


@pytest.fixture(scope="session")
def judge():
    """Makes a collection of {id: text} documents and queries."""

    def make(documents, queries, qrels, name="fair", **more):
        documents = dict(sorted(documents.items(), reverse=True))
        return Collection(
            name=name,
            document_ids=tuple(documents),
            documents=tuple(documents.values()),
            query_ids=tuple(queries),
            queries=tuple(queries.values()),
            qrels=qrels,
            itself={},
            **more,
        )

    return make


@pytest.fixture(scope="session")
def returned():
    """Makes the result of a system that returned {query: documents, best first}."""

    def make(collection, system, run, seconds=0.1):
        rankings = {
            query: Ranking(tuple(found), np.linspace(0.9, 0.1, len(found), dtype=np.float32))
            for query, found in run.items()
        }
        figures = measure(rankings, collection.qrels)
        return Result(
            collection=collection.name,
            system=system,
            queries=len(figures.per_query),
            documents=len(collection.documents),
            metrics=figures.mean,
            seconds_index=0.5,
            seconds_search=seconds,
            per_query=figures.per_query,
            run=rankings,
            judged=collection,
            notices=collection.notices,
        )

    return make
