"""Tables of a report as values, ready for the page's template."""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.measures.intervals import Interval
from evaluation.page import wording
from evaluation.page.standings import Contest, Standing
from indexer.bilingual import Bilingual
from matcher.export.wording import say_count

NOTHING = Bilingual("–", "–")


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure or words; `notes` stand smaller under it, `best` figures are set in bold."""

    text: Bilingual
    notes: tuple[Bilingual, ...] = ()
    best: bool = False
    link: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The first cell of a row names it, the first heading the column of these names."""

    headings: tuple[Bilingual, ...]
    rows: tuple[tuple[Cell, ...], ...]


def same(text: str) -> Bilingual:
    """Words that are no language's, as a system's name."""
    return Bilingual(text, text)


def words(text: Bilingual | str) -> Cell:
    return Cell(same(text) if isinstance(text, str) else text)


def figure(value: float | None, *notes: Bilingual, best: bool = False) -> Cell:
    if value is None:
        return Cell(NOTHING)
    return Cell(wording.number(value), notes, best)


def with_interval(value: float, ends: Interval) -> Cell:
    return figure(value, wording.span(ends))


def standing(one: Standing, contest: Contest) -> Cell:
    """Mean and interval, and the gain over the first system with a star where it is no luck."""
    notes = [wording.span(one.interval)]
    if one.gained is not None:
        gained = wording.signed(one.gained)
        star = "*" if one.significant else ""
        notes.append(Bilingual(gained.vi + star, gained.en + star))
    best = len(contest.standings) > 1 and one.mean == contest.best.mean
    return figure(one.mean, *notes, best=best)


def board(found: Sequence[Contest], anchors: Sequence[str]) -> Table:
    """Collections down, systems across: nDCG@10; `anchors` are where a row's details stand."""
    systems = list(dict.fromkeys(one.result.system for each in found for one in each.standings))
    rows = []
    for contest, anchor in zip(found, anchors, strict=True):
        by_system = {one.result.system: one for one in contest.standings}
        asked, offered = (
            say_count(contest.standings[0].result.queries),
            say_count(contest.standings[0].result.documents),
        )
        size = Bilingual(f"{asked.vi} × {offered.vi}", f"{asked.en} × {offered.en}")
        rows.append(
            (
                Cell(same(contest.collection.name), (size,), link=anchor),
                *(
                    standing(by_system[system], contest) if system in by_system else Cell(NOTHING)
                    for system in systems
                ),
            )
        )
    heading = Bilingual("Bộ dữ liệu (nhu cầu × nguồn cung)", "Collection (needs × offers)")
    return Table((heading, *map(same, systems)), tuple(rows))
