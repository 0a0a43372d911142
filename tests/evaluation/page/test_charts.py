"""Shapes of the charts: where bars, dots and names stand."""

import pytest

from evaluation.measures.intervals import Interval
from evaluation.page import charts, speedplot
from evaluation.page.charts import Bar, Group, bars
from evaluation.page.speedplot import Point, pareto, speed
from indexer.bilingual import Bilingual

GROUP = Group(
    Bilingual("vi→en", "vi→en"),
    (Bar("bm25", 0.25, Interval(0.2, 0.3), False), Bar("hybrid", 1.0, Interval(0.9, 1.0), True)),
)


def named(drawing, kind):
    return [word.text.en for word in drawing.words if word.kind == kind]


def test_bars_are_as_long_as_their_values_and_whiskers_span_the_interval():
    drawn = bars([GROUP])
    first, second = drawn.boxes
    assert (first.kind, second.kind) == ("rest", "main")
    assert second.width == pytest.approx(4 * first.width, abs=0.3)
    whiskers = [line for line in drawn.lines if line.kind == "whisker"]
    (low, _), (high, _) = whiskers[0].points
    assert low == pytest.approx(first.x + 0.2 * second.width, abs=0.2)
    assert high == pytest.approx(first.x + 0.3 * second.width, abs=0.2)
    assert named(drawn, "value") == ["0.250", "1.000"]
    assert [word.text.vi for word in drawn.words if word.kind == "value"] == ["0,250", "1,000"]
    assert max(box.x + box.width for box in drawn.boxes) < drawn.width


def test_all_bars_are_inside_however_many():
    drawn = bars([GROUP] * 9)
    assert len(drawn.boxes) == 18
    assert all(box.y >= 0 and box.y + box.height < drawn.height for box in drawn.boxes)
    assert all(0 <= word.y <= drawn.height for word in drawn.words)


def test_reliability_puts_a_kept_promise_on_the_diagonal():
    drawn = charts.reliability([(100, 0.2, 0.2), (1, 0.8, 0.3), (0, 0.5, 0.9)])
    ideal = next(line for line in drawn.lines if line.kind == "ideal")
    (x1, y1), (x2, y2) = ideal.points
    kept, broken = drawn.dots
    assert (kept.x - x1) / (x2 - x1) == pytest.approx((kept.y - y1) / (y2 - y1), abs=0.01)
    assert broken.y > y1 + 0.8 * (y2 - y1)  # below the line: less came true than was said
    assert kept.radius > broken.radius
    assert charts.reliability([]).dots == ()


FAST, SLOW, BAD = (
    Point("fast", 1.0, 0.5, False),
    Point("slow", 100, 0.8, True),
    Point("bad", 50, 0.4, False),
)


def test_the_pareto_line_holds_what_none_beats_in_both():
    assert pareto([BAD, SLOW, FAST]) == [FAST, SLOW]
    assert pareto([FAST, Point("equal", 2.0, 0.5, False)]) == [FAST]
    assert pareto([SLOW, Point("level", 100, 0.7, False)]) == [SLOW]


def test_faster_stands_left_and_better_stands_high():
    drawn = speed([FAST, SLOW, BAD])
    fast, slow, bad = drawn.dots
    assert fast.x < bad.x < slow.x
    assert slow.y < fast.y < bad.y
    assert next(line for line in drawn.lines if line.kind == "path").points == (
        (fast.x, fast.y),
        (slow.x, slow.y),
    )
    assert [dot.kind for dot in drawn.dots] == ["rest", "main", "rest"]
    assert {"1", "10", "100"} <= set(named(drawn, "scale"))


@pytest.mark.parametrize(
    "points",
    [
        [FAST],
        [Point("a", 0.0, 0.0, False), Point("b", 0.0, 0.0, True)],
        [Point("a", 1.0, 1.0, False), Point("b", 1.0, 1.0, True)],
        [Point("a", 0.02, 0.999, False), Point("b", 90_000, 0.001, True)],
        [Point(f"một tên khá dài số {n}", 10 + n / 10, 0.7 + n / 500, n == 0) for n in range(8)],
    ],
)
def test_any_points_stay_inside_and_names_do_not_cover_each_other(points):
    drawn = speed(points)
    assert all(0 < dot.x < drawn.width and 0 < dot.y < drawn.height for dot in drawn.dots)
    labels = [word for word in drawn.words if word.kind == "label"]
    assert [label.text.en for label in labels] == [point.label for point in points]
    for label in labels:
        assert label.x > 0
        assert label.x + 6 * len(label.text.en) < drawn.width
    spans = [(w.x, w.x + 6 * len(w.text.en), w.y - 10, w.y) for w in labels]
    for place, (left, right, top, base) in enumerate(spans):
        for other in spans[:place]:
            apart = left >= other[1] or right <= other[0] or top >= other[3] or base <= other[2]
            assert apart


def test_ticks_hold_all_values_in_at_most_six_steps():
    for values in ([0.0, 1.0], [0.42, 0.44], [0.7], [0.0], [1.0], [0.33, 0.78]):
        low, high, step = speedplot._range(values)
        assert low <= min(values) <= max(values) <= high
        assert 1 <= round((high - low) / step) <= 6
