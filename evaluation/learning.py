"""Learning in one workspace: from its judgements to weights it keeps, or keeps from."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.measures.intervals import Interval, interval
from evaluation.page import wording
from indexer.bilingual import Bilingual, Language
from indexer.catalog import Catalog
from indexer.errors import RequestError
from indexer.index import Index
from indexer.progress import Progress, silent
from indexer.records import Record
from indexer.workspace import Workspace
from matcher.export.atomic import replacing
from matcher.export.cells import safe_cell
from matcher.export.labels import GRADE
from matcher.learning.feedback import (
    FIXED,
    STRENGTH,
    Array,
    HeldOut,
    Parameters,
    check,
    held_out,
    refit,
)
from matcher.learning.lessons import (
    Judged,
    design,
    features_of,
    nearest_pairs,
    parameters,
    read_lessons,
    with_parameters,
)
from matcher.learning.scoreversions import ScoreVersions
from matcher.learning.suggestion import suggest
from matcher.score import ScoreModel

# `evaluation.readers.gradecolumns` knows the columns by these headings.
_HEADINGS = (
    Bilingual("Mã nhu cầu", "Need code"),
    Bilingual("Nhu cầu", "Need"),
    Bilingual("Mã nguồn cung", "Offer code"),
    Bilingual("Nguồn cung", "Offer"),
    GRADE,
)


@dataclass(frozen=True)
class Learned:
    """What learning came to. `version` is the one in use now; `refused` says that it stays as it
    was because the new weights are not better; `kept` that they are in use. `level` says that
    only the level of the scores was learned, and the order of every list stays."""

    judged: Judged
    held: HeldOut
    moved: dict[str, tuple[float, float]]
    version: int
    kept: bool
    refused: bool
    level: bool
    known: bool = False

    def sentences(self) -> Iterator[Bilingual]:
        """The report for people."""
        lessons = self.judged.lessons
        yield Bilingual(
            f"{len(lessons)} cặp của {len(set(lessons.needs))} nhu cầu; đo trên các nhu cầu để "
            "riêng, không học:",
            f"{len(lessons)} pairs of {len(set(lessons.needs))} needs; measured on needs held out "
            "of learning:",
        )
        # Less loss is better, so that it is told with the sign turned: a gain is above 0.
        loss, order = self.held.loss_before, self.held.ndcg_before
        yield _change(
            Bilingual("log-likelihood mỗi cặp", "log-likelihood of a pair"),
            -loss,
            -self.held.loss_after,
        )
        if len(order):
            yield _change(Bilingual("nDCG@10", "nDCG@10"), order, self.held.ndcg_after)
        if self.level and not self.refused:
            yield Bilingual(
                "Chỉ mức điểm được học: thứ tự trong các danh sách không đổi, xác suất sát hơn.",
                "Only the level was learned: every list keeps its order, its probabilities are "
                "nearer to what people said.",
            )
        yield self._verdict()

    def _verdict(self) -> Bilingual:
        if self.known:
            return Bilingual(
                f"Không có đánh giá mới từ bản {self.version}: giữ nguyên.",
                f"No judgement is new since version {self.version}: it stays.",
            )
        if self.refused:
            return Bilingual(
                "Trọng số mới không tốt hơn: không dùng. Hãy đánh giá thêm (cungcau learn "
                "--suggest 20).",
                "The new weights are not better: they are not used. Judge more pairs "
                "(cungcau learn --suggest 20).",
            )
        if not self.kept:
            return Bilingual(
                "Trọng số mới tốt hơn; chạy không có --dry-run để dùng.",
                "The new weights are better; run without --dry-run to use them.",
            )
        return Bilingual(
            f"Đang chấm điểm theo bản {self.version}; quay lại: cungcau learn --undo.",
            f"Scores now come from version {self.version}; to go back: cungcau learn --undo.",
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "pairs": len(self.judged.lessons),
            "needs": len(set(self.judged.lessons.needs)),
            "gone": self.judged.gone,
            "disputed": [list(pair) for pair in self.judged.disputed],
            "held_out": _figures(self.held),
            "weights": {
                name: {"before": round(before, 4), "after": round(after, 4)}
                for name, (before, after) in self.moved.items()
            },
            "version": self.version,
            "kept": self.kept,
            "learned": "level" if self.level else "weights",
            "refused": self.refused,
        }


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A pair to judge, and its score."""

    need: Record
    offer: Record
    score: float

    def to_json(self) -> dict[str, Any]:
        return {"need": self.need.id, "offer": self.offer.id, "score": round(self.score, 4)}


def learn(
    workspace: Workspace,
    index: Index,
    catalog: Catalog,
    *,
    keep: bool,
    progress: Progress = silent,
) -> Learned:
    """Refit the shipped weights to all judgements; with `keep`, use them where they are better.

    Where the order they give is not better, only the level of the scores is learned.
    Always from the shipped weights, so that the same judgements give the same version however
    they came. Raises RequestError where nothing can be learned (`matcher.learning.feedback.check`).
    """
    versions = ScoreVersions(workspace.models_path)
    shipped = ScoreModel.load(index.encoder.name)
    judged = read_lessons(index, catalog, shipped, workspace.settings.lexical_weight, progress)
    check(judged.lessons)
    start = parameters(shipped)
    strength, held = STRENGTH, held_out(judged.lessons, start)
    if not held.better:
        strength, held = FIXED, held_out(judged.lessons, start, FIXED)
    found = refit(judged.lessons, start, strength)
    known = versions.learned_from()
    same = known.get("digest") == judged.digest and known.get("encoder") == index.encoder.name
    version, kept = versions.current, False
    if keep and held.better and not same:
        note = {
            "digest": judged.digest,
            "encoder": index.encoder.name,
            "pairs": len(judged.lessons),
            "needs": len(set(judged.lessons.needs)),
            "held_out": _figures(held),
        }
        version = versions.save(index.encoder.name, with_parameters(shipped, found), note)
        kept = True
    return Learned(
        judged=judged,
        held=held,
        moved=_moved(shipped, start, found),
        version=version,
        kept=kept,
        refused=not held.better,
        level=strength == FIXED,
        known=same,
    )


def suggestions(
    workspace: Workspace,
    index: Index,
    catalog: Catalog,
    count: int,
    *,
    progress: Progress = silent,
) -> list[Suggestion]:
    """The pairs whose judgement would teach the most, among the likeliest of every need."""
    words = workspace.settings.lexical_weight
    model = ScoreVersions(workspace.models_path).load(index.encoder.name)
    there = catalog.ids()
    said = {(one.need, one.offer) for one in catalog.judgements()}
    judged = sorted(pair for pair in said if _indexed(index, pair) and {*pair} <= there)
    near = nearest_pairs(index, catalog, words, progress)
    pairs = list(dict.fromkeys([*judged, *near]))
    if not pairs:
        return []
    features = features_of(index, catalog, pairs, words, progress)
    chances = model.probability(features)
    marks = np.array([pair in said for pair in pairs])
    logits = np.log(chances / (1 - chances)).astype(np.float64)
    rows = suggest(design(model, features), logits, pairs, marks, count)
    records = {one.id: one for one in catalog.records(ids={i for row in rows for i in pairs[row]})}
    return [
        Suggestion(records[pairs[row][0]], records[pairs[row][1]], float(chances[row]))
        for row in rows
    ]


def write_suggestions(found: Sequence[Suggestion], path: Path, language: Language) -> None:
    """A tab-separated table for `cungcau judge`, its column of grades empty. Raises
    RequestError where it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as draft, draft.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, delimiter="\t", lineterminator="\n")
            writer.writerow([heading.say(language) for heading in _HEADINGS])
            for one in found:
                cells = [one.need.id, one.need.heading(), one.offer.id, one.offer.heading()]
                writer.writerow([*(safe_cell(cell, language) for cell in cells), ""])
    except OSError as error:
        reason = error.strerror or str(error)
        raise RequestError(
            vi=f"--out: không ghi được {path}: {reason}.",
            en=f"--out: {path} cannot be written: {reason}.",
        ) from error


def _indexed(index: Index, pair: tuple[str, str]) -> bool:
    return pair[0] in index.demand.row_of and pair[1] in index.supply.row_of


def _moved(
    model: ScoreModel, before: Parameters, after: Parameters
) -> dict[str, tuple[float, float]]:
    pairs = zip(before.weights.tolist(), after.weights.tolist(), strict=True)
    return {
        "intercept": (before.intercept, after.intercept),
        **dict(zip(model.names, pairs, strict=True)),
    }


def _figures(held: HeldOut) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for name, before, after in (
        ("log_loss", held.loss_before, held.loss_after),
        ("nDCG@10", held.ndcg_before, held.ndcg_after),
    ):
        if len(before):
            ends = interval(after - before)
            figures[name] = {
                "needs": len(before),
                "before": round(float(before.mean()), 4),
                "after": round(float(after.mean()), 4),
                "change_95": [round(ends.low, 4), round(ends.high, 4)],
            }
    return figures


def _change(name: Bilingual, before: Array, after: Array) -> Bilingual:
    ends: Interval = interval(after - before)
    first, second = wording.number(float(before.mean())), wording.number(float(after.mean()))
    gain, span = wording.signed(float((after - before).mean())), wording.span(ends)
    return Bilingual(
        f"  {name.vi}: {first.vi} → {second.vi} ({gain.vi}; khoảng 95%: {span.vi})",
        f"  {name.en}: {first.en} → {second.en} ({gain.en}; 95% interval {span.en})",
    )
