"""Two results over the same queries, query by query: what moved, and whether it is luck."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import fsum
from pathlib import Path
from typing import TYPE_CHECKING

from evaluation.measures.intervals import Interval, interval
from evaluation.measures.significance import randomisation
from evaluation.page import wording
from evaluation.run import Result
from evaluation.saved import Saved, load_results, saved
from indexer.bilingual import Bilingual, Language
from indexer.errors import RequestError

if TYPE_CHECKING:
    from rich.table import Table

_LEAST = 1e-9  # a smaller change is the arithmetic's, not the system's
_SHOWN = 40  # changes a table holds unless told otherwise


@dataclass(frozen=True, slots=True)
class Change:
    """One query whose figure is not the same on both sides; `text` is the start of the query."""

    query: str
    text: str
    ours: float
    theirs: float

    @property
    def gained(self) -> float:
        return self.ours - self.theirs


@dataclass(frozen=True)
class Comparison:
    """Ours minus theirs, in one measure over the same `queries` judged queries.

    `ours` and `theirs` name the systems. `mean` is the mean difference, `interval` its 95%
    bootstrap interval, `p` of the paired two-sided randomisation test, all uncorrected for how
    many comparisons are made. `changes` are the queries that differ, largest difference first.
    """

    collection: str
    measure: str
    ours: str
    theirs: str
    queries: int
    mean: float
    interval: Interval
    p: float
    changes: tuple[Change, ...] = field(repr=False)

    def sentence(self) -> Bilingual:
        """The whole in one line for people."""
        better = sum(change.gained > 0 for change in self.changes)
        worse = len(self.changes) - better
        same = self.queries - len(self.changes)
        mean, ends = wording.signed(self.mean), wording.span(self.interval)
        p = wording.chance(self.p)
        ours, theirs = self.sides()
        if self.ours == self.theirs:
            ours, theirs = f"{ours} ({self.ours})", f"{theirs} ({self.theirs})"
        return Bilingual(
            f"{self.collection}: {self.measure} của {ours} so với {theirs}: {mean.vi} "
            f"(khoảng 95%: {ends.vi}; {p.vi}). {better} truy vấn tốt hơn, {worse} kém hơn, "
            f"{same} như nhau.",
            f"{self.collection}: {self.measure} of {ours} against {theirs}: {mean.en} "
            f"(95% interval {ends.en}; {p.en}). {better} queries better, {worse} worse, "
            f"{same} the same.",
        )

    def sides(self) -> tuple[str, str]:
        """What to call ours and theirs: A and B where one system faces itself."""
        return ("A", "B") if self.ours == self.theirs else (self.ours, self.theirs)


def compare(ours: Result | Saved, theirs: Result | Saved, measure: str = "nDCG@10") -> Comparison:
    """Compare two results, of this process or from `load_results`.

    Raises RequestError where they were not measured on the same queries or lack the measure.
    """
    one, other = (each if isinstance(each, Saved) else saved(each) for each in (ours, theirs))
    _refuse_other_queries(one, other)
    mine, yours = _figures(one, measure), _figures(other, measure)
    changes = [
        Change(query, one.texts.get(query) or other.texts.get(query, ""), mine[query], yours[query])
        for query in mine
    ]
    gained = [change.gained for change in changes]
    moved = sorted(
        (change for change in changes if abs(change.gained) > _LEAST),
        key=lambda change: (-round(abs(change.gained), 9), change.query),
    )
    return Comparison(
        collection=one.collection,
        measure=measure,
        ours=one.system,
        theirs=other.system,
        queries=len(mine),
        mean=fsum(gained) / len(gained),
        interval=interval(gained),
        p=randomisation(one.per_query, other.per_query, measure).p,
        changes=tuple(moved),
    )


def _figures(result: Saved, measure: str) -> dict[str, float]:
    try:
        return {query: result.per_query[query][measure] for query in sorted(result.per_query)}
    except KeyError:
        first = next(iter(result.per_query.values()))
        known = ", ".join(first)
        raise RequestError(
            vi=f"{result.collection}, {result.system}: không có “{measure}” cho mọi truy vấn; "
            f"các thước đo có: {known}.",
            en=f"{result.collection}, {result.system}: “{measure}” is not there for every query; "
            f"its measures: {known}.",
        ) from None


def _refuse_other_queries(ours: Saved, theirs: Saved) -> None:
    only = sorted(ours.per_query.keys() ^ theirs.per_query.keys())
    if only:
        some = ", ".join(only[:5])
        raise RequestError(
            vi=f"Không so sánh được {ours.collection} ({ours.system}) với {theirs.collection} "
            f"({theirs.system}): {len(only)} truy vấn chỉ có ở một bên: {some}. "
            "Hai kết quả phải đo trên cùng các truy vấn.",
            en=f"{ours.collection} ({ours.system}) and {theirs.collection} ({theirs.system}) "
            f"cannot be compared: {len(only)} queries are on one side only: {some}. "
            "Both must be measured on the same queries.",
        )


def compare_files(
    ours: Path | str, theirs: Path | str, measure: str = "nDCG@10"
) -> tuple[Comparison, ...]:
    """Compare two results.json, pair by pair.

    Entries of the same collection and system face each other; where a collection has one system
    on each side, these do, whatever their names. Raises RequestError where nothing faces
    anything, and as `compare` does.
    """
    mine, yours = load_results(ours), load_results(theirs)
    found = [(one, other) for one in mine if (other := _facing(one, mine, yours)) is not None]
    if not found:
        raise RequestError(
            vi=f"Không có gì để so sánh: “{ours}” có {_listed(mine)}; “{theirs}” có "
            f"{_listed(yours)}. Cần cùng bộ dữ liệu và cùng hệ thống ở hai tệp.",
            en=f"There is nothing to compare: “{ours}” has {_listed(mine)}; “{theirs}” has "
            f"{_listed(yours)}. Both need the same collection and system.",
        )
    return tuple(compare(one, other, measure) for one, other in found)


def _facing(one: Saved, mine: Sequence[Saved], yours: Sequence[Saved]) -> Saved | None:
    rivals = [other for other in yours if other.collection == one.collection]
    for rival in rivals:
        if rival.system == one.system:
            return rival
    alone = sum(other.collection == one.collection for other in mine) == 1
    return rivals[0] if alone and len(rivals) == 1 else None


def _listed(results: Sequence[Saved]) -> str:
    return ", ".join(sorted({f"{each.collection} ({each.system})" for each in results}))


def table(comparison: Comparison, language: Language = "en", most: int = _SHOWN) -> "Table":
    """The `most` largest changes, one a row, under the sentence that sums up all."""
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    vi = language == "vi"
    rest = len(comparison.changes) - most
    more = Bilingual(f"… và {rest} truy vấn nữa thay đổi ít hơn.", f"… and {rest} smaller changes.")
    drawn = Table(
        box=box.SIMPLE_HEAD,
        padding=0,
        show_edge=False,
        expand=True,
        title=Text(_plain(comparison.sentence().say(language))),
        title_justify="left",
        caption=more.say(language) if rest > 0 else None,
        caption_justify="left",
    )
    ours, theirs = (_plain(name) for name in comparison.sides())
    drawn.add_column("Truy vấn" if vi else "Query", overflow="fold", min_width=6, max_width=20)
    drawn.add_column("Nội dung" if vi else "Text", no_wrap=True, overflow="ellipsis", ratio=1)
    for heading in (ours, theirs, "Chênh" if vi else "Change"):
        drawn.add_column(Text(heading), justify="right", overflow="fold", min_width=6)
    for change in comparison.changes[:most]:
        figures = (wording.number(change.ours), wording.number(change.theirs))
        drawn.add_row(
            Text(_plain(change.query)),
            Text(_plain(" ".join(change.text.split()))),
            *(figure.say(language) for figure in figures),
            wording.signed(change.gained).say(language),
        )
    return drawn


def _plain(name: str) -> str:
    """A name in which a terminal finds no broken character."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")
