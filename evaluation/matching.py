"""A collection as the matcher sees it: records of both sides and an index of them in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evaluation.parts import Part, Parts, encoder_part
from evaluation.runs import Scores
from indexer.background import background_cosine
from indexer.encoder import LSA, Encoder
from indexer.filtering.fieldtable import FieldTable
from indexer.index import Index
from indexer.manifest import EncoderEntry, Manifest
from indexer.records import DEFAULT_TYPE, Record, Side
from indexer.sideindex import SideIndex
from indexer.text import language_of
from indexer.vectors.vectors import FloatArray, Vectors
from indexer.words.lexical import LexicalIndex
from indexer.words.tokentable import TokenTable
from matcher.allpairs import score_all
from matcher.fusion import WordShare
from matcher.rating import candidate_pairs, rate
from matcher.score import ScoreModel

Records = Mapping[Side, Sequence[Record]]


@dataclass(frozen=True)
class Matched:
    """Everything a match list of a collection is made of; `demands` are by text."""

    index: Index
    demands: Mapping[str, Record]
    supplies: Sequence[Record]
    model: ScoreModel


def match_part(encoder: str = "") -> Part[Matched]:
    """The matcher's view of a collection; "" is the default encoder of the evaluation."""
    return Part("match", _matched, encoder)


def by_match(
    parts: Parts, queries: Sequence[str], *, part: Part[Matched], weight: WordShare
) -> Scores:
    """The probability of the candidates of each query, and below the least of them what is no
    candidate, in the order of similarity. Queries are among those of the collection."""
    made = parts[part]
    index, supplies = made.index, made.supplies
    demands = [made.demands[query] for query in queries]
    scores = score_all(index, demands, supplies, weight)
    pairs = candidate_pairs(scores, both=False)
    at = pairs[:, 0], pairs[:, 1]
    rated = rate(index, demands, supplies, pairs, scores[at], made.model)
    least = np.ones(len(demands), dtype=np.float32)
    np.minimum.at(least, at[0], rated)
    scores *= least[:, None]
    scores[at] = rated
    return scores


def _matched(parts: Parts, name: str) -> Matched:
    from indexer.encoders.lsa import fit_lsa  # noqa: PLC0415 - it brings scikit-learn

    encoder: Encoder = fit_lsa(parts.documents) if name == LSA else parts[encoder_part(name)]
    queries = list(dict.fromkeys(parts.queries))
    records = {
        Side.DEMAND: records_of(queries, Side.DEMAND, parts.records),
        Side.SUPPLY: records_of(parts.documents, Side.SUPPLY, parts.records),
    }
    vectors = {
        Side.DEMAND: encoder.encode([one.text() for one in records[Side.DEMAND]], query=True),
        Side.SUPPLY: parts.encoded(encoder),
    }
    index = memory_index(records, encoder, vectors)
    demands = dict(zip(queries, records[Side.DEMAND], strict=True))
    return Matched(index, demands, records[Side.SUPPLY], ScoreModel.load(name))


def records_of(
    texts: Sequence[str], side: Side, known: Mapping[str, Record] | None = None
) -> list[Record]:
    """A record of each text: the `known` one (by text) of that side, else one without fields,
    whose title is the first of its lines where it has several. Ids are by place."""
    found = []
    for place, text in enumerate(texts):
        record = (known or {}).get(text)
        if record is None or record.side is not side:
            record = _plain(text, side)
        found.append(record.model_copy(update={"id": f"{place:08d}"}))
    return found


def memory_index(records: Records, encoder: Encoder, vectors: Mapping[Side, FloatArray]) -> Index:
    """The index `cungcau index` would make of these records, whose ids ascend; nothing is saved.

    `vectors` (n, dimension) are those of the records' texts by this encoder.
    """
    sides = {side: _side(records[side], vectors[side]) for side in Side}
    background = background_cosine(vectors[Side.DEMAND], vectors[Side.SUPPLY])
    manifest = Manifest(
        catalog="",
        catalog_version=0,
        encoder=EncoderEntry(
            name=encoder.name, fingerprint=encoder.fingerprint, dimension=encoder.dimension
        ),
        background=background,
        counts={side.value: len(records[side]) for side in Side},
        files={},
    )
    return Index(Path(), manifest, sides, encoder)


def _side(records: Sequence[Record], vectors: FloatArray) -> SideIndex:
    texts = [record.text() for record in records]
    ids = [record.id for record in records]
    lexical = LexicalIndex.build(TokenTable.of(texts))
    names = np.zeros(len(ids), dtype="S32")  # nobody asks here who says the same
    return SideIndex(ids, names, Vectors(vectors), lexical, FieldTable.of(len(ids)))


def _plain(text: str, side: Side) -> Record:
    title, _, rest = text.partition("\n")
    if not (title.strip() and rest.strip()):
        title, rest = "", text if text.strip() else "–"
    return Record(
        id="text",
        side=side,
        type=DEFAULT_TYPE[side],
        title=title,
        description=rest,
        language=language_of(text),
    )
