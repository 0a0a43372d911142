"""The small parts of the export: wording, highlighting, distribution, chart, selection."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.bilingual import Bilingual
from indexer.records import Side, TrlRange
from matcher.export.chart import HEIGHT, WIDTH, draw
from matcher.export.distribution import Bin, distribution
from matcher.export.highlight import pieces
from matcher.export.selection import select
from matcher.export.wording import say_count, say_trl
from matcher.match import Match


def test_trl_in_words():
    assert say_trl(TrlRange(low=6, high=6), Side.DEMAND) == "≥ 6"
    assert say_trl(TrlRange(low=6, high=6), Side.SUPPLY) == "6"
    assert say_trl(TrlRange(low=6, high=8), Side.DEMAND) == "6–8"


def test_counts_in_words():
    assert say_count(12_345) == Bilingual("12.345", "12,345")


def test_terms_are_marked_as_whole_words_in_any_case():
    marked = list(pieces("Nước thải và nước thải; thảiX", ["nước thải", "thải"]))
    assert marked == [
        ("Nước thải", True),
        (" và ", False),
        ("nước thải", True),
        ("; thảiX", False),
    ]


def test_overlapping_terms_become_one_mark():
    assert list(pieces("xử lý nước thải", ["xử lý nước", "nước thải"])) == [
        ("xử lý nước thải", True)
    ]


def test_a_mark_never_splits_a_letter_from_its_accent():
    assert list(pieces("ca\u0301 tra", ["ca"])) == [("ca\u0301 tra", False)]


@given(st.text(), st.lists(st.text(max_size=5)))
def test_pieces_joined_are_the_text(text, terms):
    assert "".join(piece for piece, _ in pieces(text, terms)) == text


def _match(score: float, rank: int = 1) -> Match:
    return Match("N", f"C{rank}", rank, score)


def test_distribution_sets_the_best_apart():
    bins = distribution({"N": (_match(1.0), _match(0.15, 2)), "M": (_match(0.1499),)})
    filled = {round(bin_.low, 2): (bin_.best, bin_.other) for bin_ in bins if bin_.total}
    assert filled == {0.95: (1, 0), 0.15: (0, 1), 0.1: (1, 0)}


@given(st.lists(st.floats(0, 1), max_size=30))
def test_every_match_is_in_one_bin(scores):
    bins = distribution({"N": tuple(_match(score) for score in scores)})
    assert sum(bin_.total for bin_ in bins) == len(scores)


def test_bars_stand_on_each_other_inside_the_chart():
    chart = draw([Bin(0.0, 0.5, 3, 7), Bin(0.5, 1.0, 0, 2)])
    best, other, alone = chart.bars
    assert (best.kind, other.kind, alone.kind) == ("best", "other", "other")
    assert best.y + best.height == pytest.approx(chart.floor, abs=0.2)
    assert other.y + other.height == pytest.approx(best.y, abs=0.2)
    assert other.height / best.height == pytest.approx(7 / 3, abs=0.05)
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH for bar in chart.bars)
    assert all(0 <= bar.y <= HEIGHT for bar in chart.bars)
    assert [tick.label.en for tick in chart.up] == ["0", "2", "4", "6", "8", "10"]
    assert [tick.label.vi for tick in chart.across] == ["0", "0,2", "0,4", "0,6", "0,8", "1"]


@pytest.mark.parametrize("most", [1, 4, 9, 99, 1234, 20_000])
def test_chart_ticks_are_few_and_cover_the_bars(most):
    chart = draw([Bin(0, 1, most, 0)])
    counts = [int(tick.label.en.replace(",", "")) for tick in chart.up]
    assert 2 <= len(counts) <= 7
    assert counts[-1] >= most


def test_a_short_list_is_shown_whole(make_list):
    match_list = make_list()
    shown = select(match_list)
    assert shown.complete
    assert dict(shown.by_demand) == dict(match_list.by_demand)


@pytest.mark.parametrize(
    ("limit", "most_of_need", "most_of_offer"), [(80, 3, 3), (50, 3, 1), (30, 1, 1)]
)
def test_a_long_list_shows_the_best_of_each(make_list, limit, most_of_need, most_of_offer):
    match_list = make_list(needs=12, offers=16, k=5)
    shown = select(match_list, limit)
    assert not shown.complete
    assert shown.shown <= limit
    assert shown.total == 120
    assert {len(matches) for matches in shown.by_demand.values()} == {most_of_need}
    assert {len(matches) for matches in shown.by_supply.values()} == {most_of_offer}
    assert list(shown.by_demand) == list(match_list.by_demand)


def test_far_too_long_a_list_keeps_the_strongest_records(make_list):
    match_list = make_list(needs=12, offers=16, k=5)
    shown = select(match_list, 8)
    firsts = {key: matches[0].score for key, matches in match_list.by_demand.items()}
    kept = sorted(firsts, key=firsts.__getitem__, reverse=True)[:4]
    assert set(shown.by_demand) == set(kept)
    assert shown.shown == 8
