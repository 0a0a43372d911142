"""The measures of one ranking, computed by ir-measures (trec_eval's code).

nDCG@10 (how good the first ten are, the best place counting most), RR@10 (one over the place of
the first relevant document among ten), R@100 and R@10 (the share of what is relevant that is
found), AP (precision at every relevant document, mean of them), Success@1 and Success@10 (1 where
anything relevant is among so many, else 0).

One policy holds for all of them:

- A query without judgements is left out of the mean; what was returned for it is not looked at.
- A judged query without results counts 0; so does one whose judgements name nothing relevant.
- A grade of 1 or more is relevant, one below 0 counts as 0. nDCG takes the grade itself as gain
  (Järvelin and Kekäläinen 2002, log2 discount), the others only tell relevant from not. A
  document nobody judged is not relevant. A relevant document that is missing from the corpus
  stays in the denominators.
- A ranking is judged in the order it stands. Where our systems give equal scores, the higher
  document id (by code point) stands first: trec_eval's rule. ir-measures is handed ranks, not
  scores, because its providers break ties in opposite ways (RR@10 comes from the MS MARCO code).
- A document twice in one ranking is refused (`evaluation.runs.Ranking`). Two documents of equal
  text are two documents: each is judged by its own id.
- The mean is the sum in order of query id divided by the number of judged queries, so that
  equal runs give equal figures to the last digit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum

from evaluation.collections import Judgements
from evaluation.runs import Ranking, Run
from indexer.errors import RequestError

CONTRACT = ("nDCG@10", "RR@10", "R@100", "AP")  # what `cungcau evaluate --json` prints
MEASURES = (*CONTRACT, "R@10", "Success@1", "Success@10")


@dataclass(frozen=True)
class Figures:
    """Measures by name: their means, and the value of every judged query in order of id."""

    mean: Mapping[str, float]
    per_query: Mapping[str, Mapping[str, float]]


def measure(run: Run, qrels: Judgements) -> Figures:
    """The figures of a run under the policy above; all values are in 0..1.

    Raises RequestError when nothing is judged.
    """
    # Here, not above: importing `evaluation` stays free of it.
    import ir_measures  # noqa: PLC0415

    if not qrels:
        raise RequestError(
            vi="Không có truy vấn nào được đánh giá.", en="There is no judged query to measure."
        )
    wanted = {ir_measures.parse_measure(name): name for name in MEASURES}
    per_query = {query: dict.fromkeys(MEASURES, 0.0) for query in sorted(qrels)}
    judged, returned = {}, {}
    for number, query in enumerate(per_query):
        if qrels[query] and query in run and run[query].document_ids:
            judged[str(number)], returned[str(number)] = _numbered(qrels[query], run[query])
    names = list(per_query)
    for metric in ir_measures.iter_calc(list(wanted), judged, returned):
        per_query[names[int(metric.query_id)]][wanted[metric.measure]] = float(metric.value)
    mean = {
        name: fsum(values[name] for values in per_query.values()) / len(per_query)
        for name in MEASURES
    }
    return Figures(mean=mean, per_query=per_query)


def _numbered(
    grades: Mapping[str, int], ranking: Ranking
) -> tuple[dict[str, int], dict[str, float]]:
    """Grades and falling scores of one query, documents named by number.

    pytrec_eval takes ids as C strings: half a surrogate pair crashes it, NUL cuts an id short.
    """
    rank_of = {document: rank for rank, document in enumerate(ranking.document_ids)}
    missed = len(rank_of)
    judged = {}
    for document, grade in grades.items():
        number = rank_of.get(document)
        if number is None:
            number, missed = missed, missed + 1
        judged[str(number)] = grade
    return judged, {str(rank): -float(rank) for rank in rank_of.values()}
