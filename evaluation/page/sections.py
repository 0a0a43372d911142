"""What a report tells about one collection: everything its part of the page shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

from evaluation.collections import useful
from evaluation.measures.calibration import Reliability, judged_pairs, reliability
from evaluation.measures.eventfigures import event_figures
from evaluation.measures.rejection import rejection
from evaluation.measures.slices import Slice, slices
from evaluation.page import charts, speedplot, wording
from evaluation.page.cells import Cell, Table, figure, same, standing, with_interval, words
from evaluation.page.shapes import Drawing
from evaluation.page.standings import Contest, Standing, is_hybrid
from evaluation.page.worst import Failure, failures
from indexer.bilingual import Bilingual
from matcher.export.wording import say_count

_SYSTEM = Bilingual("Hệ thống", "System")
_DIRECTION = "Language direction"
_THIN = 3  # needs below which a mean is an anecdote


@dataclass(frozen=True)
class Section:
    """None and empty where a collection or its systems do not have the thing.

    `useful` is the lowest grade worth a meeting.
    """

    anchor: str
    contest: Contest
    useful: int
    measures: Table
    directions: Drawing | None
    speed: Drawing | None
    calibration: tuple[tuple[str, Drawing, Reliability], ...]
    rejection: Table | None
    event: Table | None
    slices: Table
    failures: tuple[Failure, ...]


def section(contest: Contest, siblings: Sequence[Contest], anchor: str) -> Section:
    """`siblings` are the same event by direction of language, empty where it was not cut up."""
    cut = {one.result.system: slices(one.result) for one in contest.standings}
    return Section(
        anchor=anchor,
        contest=contest,
        useful=useful(contest.collection),
        measures=_measures(contest),
        directions=_directions(contest, siblings, cut),
        speed=_speed(contest),
        calibration=tuple(
            (one.result.system, charts.reliability(_triples(found)), found)
            for one in contest.standings
            if (found := _calibration(one)) is not None
        ),
        rejection=_rejection(contest),
        event=_event(contest) if contest.collection.owners else None,
        slices=_slices(contest, cut),
        failures=failures(contest.main.result),
    )


def milliseconds(one: Standing) -> float:
    """Search time of one need."""
    return 1000 * one.result.seconds_search / max(1, len(one.result.judged.query_ids))


def _measures(contest: Contest) -> Table:
    names = list(contest.standings[0].result.metrics)
    rows = []
    for one in contest.standings:
        metrics = one.result.metrics
        cells = [standing(one, contest)]
        for name in names[1:]:
            best = max(other.result.metrics[name] for other in contest.standings)
            cells.append(
                figure(metrics[name], best=len(contest.standings) > 1 and metrics[name] == best)
            )
        times = (
            Cell(wording.number(one.result.seconds_index, 1)),
            Cell(wording.number(milliseconds(one), 1)),
        )
        rows.append((words(one.result.system), *cells, *times))
    headings = (
        _SYSTEM,
        *map(same, names),
        Bilingual("Lập chỉ mục (giây)", "Index (s)"),
        Bilingual("Tìm (ms/nhu cầu)", "Search (ms a need)"),
    )
    return Table(headings, tuple(rows))


def _bar(one: Standing, contest: Contest) -> charts.Bar:
    main = one.result.system == contest.main.result.system
    return charts.Bar(one.result.system, one.mean, one.interval, main)


def _directions(
    contest: Contest, siblings: Sequence[Contest], cut: dict[str, tuple[Slice, ...]]
) -> Drawing | None:
    groups = [
        charts.Group(
            _heading(same(each.direction or ""), each.standings[0].result.queries),
            tuple(_bar(one, each) for one in each.standings),
        )
        for each in siblings
    ]
    if len(groups) < 2:
        groups = _by_slice(contest, cut)
    return charts.bars(groups) if len(groups) > 1 else None


def _by_slice(contest: Contest, cut: dict[str, tuple[Slice, ...]]) -> list[charts.Group]:
    main = contest.main.result.system
    kept = {
        system: [one for one in found if one.dimension.en == _DIRECTION]
        for system, found in cut.items()
    }
    return [
        charts.Group(
            _heading(one.label, one.queries),
            tuple(
                charts.Bar(system, kept[system][at].mean, kept[system][at].interval, system == main)
                for system in kept
            ),
        )
        for at, one in enumerate(kept[main])
    ]


def _heading(label: Bilingual, needs: int) -> Bilingual:
    count = say_count(needs)
    return Bilingual(f"{label.vi} · {count.vi} nhu cầu", f"{label.en} · {count.en} needs")


def _speed(contest: Contest) -> Drawing | None:
    if len(contest.standings) < 2:
        return None
    main = contest.main.result.system
    return speedplot.speed(
        [
            speedplot.Point(
                one.result.system, milliseconds(one), one.mean, one.result.system == main
            )
            for one in contest.standings
        ]
    )


def _calibration(one: Standing) -> Reliability | None:
    scores, accepted = judged_pairs(one.result)
    if not is_hybrid(one.result.system) or len(scores) == 0:
        return None
    return reliability(scores, accepted)


def _triples(found: Reliability) -> list[tuple[int, float, float]]:
    return [(one.count, one.predicted, one.accepted) for one in found.bins]


def _rejection(contest: Contest) -> Table | None:
    rows = []
    for one in contest.standings:
        found = rejection(one.result)
        if found is not None:
            counts = (say_count(found.answerable), say_count(found.unanswerable))
            rows.append(
                (
                    words(one.result.system),
                    with_interval(found.auroc, found.interval),
                    *map(Cell, counts),
                )
            )
    headings = (
        _SYSTEM,
        Bilingual("AUROC", "AUROC"),
        Bilingual("Có đáp án", "Answerable"),
        Bilingual("Không có đáp án", "Unanswerable"),
    )
    return Table(headings, tuple(rows)) if rows else None


def _event(contest: Contest) -> Table:
    rows = []
    for one in contest.standings:
        found = event_figures(one.result)
        worst, share = found.worst_off, found.largest_share
        rows.append(
            (
                words(one.result.system),
                figure(found.coverage),
                figure(worst.value, same(worst.query)) if worst else figure(None),
                figure(share.value, same(share.owner)) if share else figure(None),
                figure(found.mutual),
            )
        )
    headings = (
        _SYSTEM,
        Bilingual("Nhu cầu có kết quả đáng gặp", "Needs served"),
        Bilingual("Nhu cầu thiệt nhất", "Worst-off need"),
        Bilingual("Đơn vị chiếm nhiều chỗ nhất", "Largest owner's share"),
        Bilingual("Chọn nhau từ hai phía", "Agreement both ways"),
    )
    return Table(headings, tuple(rows))


def _slices(contest: Contest, cut: dict[str, tuple[Slice, ...]]) -> Table:
    """Kinds of fewer than three needs share one row: alone they tell nothing."""
    main = contest.main.result.system
    rows: list[tuple[Cell, ...]] = []
    for dimension in dict.fromkeys(one.dimension for one in cut[main]):
        places = [at for at, one in enumerate(cut[main]) if one.dimension == dimension]
        thin = [at for at in places if cut[main][at].queries < _THIN]
        lines = [[at] for at in places if at not in thin] + ([thin] if thin else [])
        for line in lines:
            needs = sum(cut[main][at].queries for at in line)
            rows.append(
                (
                    Cell(dimension if line is lines[0] else Bilingual("", "")),
                    Cell(cut[main][line[0]].label if len(line) == 1 else _rest(len(line))),
                    Cell(say_count(needs)),
                    *(
                        _mean([found[at] for at in line], system == main)
                        for system, found in cut.items()
                    ),
                )
            )
    headings = (
        Bilingual("Chia theo", "By"),
        Bilingual("Nhóm", "Slice"),
        Bilingual("Nhu cầu", "Needs"),
        *map(same, cut),
    )
    return Table(headings, tuple(rows))


def _rest(kinds: int) -> Bilingual:
    return Bilingual(
        f"{kinds} nhóm khác, mỗi nhóm dưới {_THIN} nhu cầu",
        f"{kinds} others of fewer than {_THIN} needs each",
    )


def _mean(kinds: Sequence[Slice], main: bool) -> Cell:
    if len(kinds) == 1 and main and kinds[0].queries >= _THIN:
        return with_interval(kinds[0].mean, kinds[0].interval)
    needs = sum(one.queries for one in kinds)
    return figure(fsum(one.mean * one.queries for one in kinds) / needs)
