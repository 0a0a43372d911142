"""A judged collection: documents (supply), queries (demand) and grades, whatever they lie in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from indexer.bilingual import Bilingual

if TYPE_CHECKING:
    from indexer.records import Record

Judgements = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Collection:
    """Everything a system is judged on; the i-th text belongs to the i-th id.

    Documents stand in descending order of id (by code point), so that a stable sort by score is
    already trec_eval's rule for ties and the order of the file has no say in the figures.
    `qrels` maps query id to {document id: grade}, grade >= 1 is relevant. `itself` maps a query
    to the document it was taken from, which no ranking of that query may hold. `unanswerable`
    are the queries of an event that were judged against everything and have no relevant document:
    they stay out of `qrels` and of the means, and are what rejection is measured on. `owners` maps
    document id to its owner, `fields` query id to its field, `records` either id to the whole
    record, all where the source tells. `notices` tell what was odd but did not stop the reading.
    """

    name: str
    document_ids: tuple[str, ...]
    documents: tuple[str, ...]
    query_ids: tuple[str, ...]
    queries: tuple[str, ...]
    qrels: Judgements
    itself: Mapping[str, str]
    unanswerable: tuple[str, ...] = ()
    owners: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    records: Mapping[str, "Record"] = field(default_factory=dict, repr=False)
    notices: tuple[Bilingual, ...] = ()


def useful(collection: Collection) -> int:
    """The lowest grade worth a meeting: 2 where grades reach 2 or more, else 1."""
    graded = any(grade >= 2 for grades in collection.qrels.values() for grade in grades.values())
    return 2 if graded else 1
