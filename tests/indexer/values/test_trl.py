"""Technology readiness levels from words."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import BadValue
from indexer.records import TrlRange
from indexer.values import Unclear, parse_trl


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        ("7", 7, 7),
        (7, 7, 7),
        (8.0, 8, 8),
        ("TRL 7", 7, 7),
        ("TRL7", 7, 7),
        ("trl-7", 7, 7),
        (" TRL 5", 5, 5),
        ("TRL\xa0>=8", 8, 9),
        ("TRL>=7", 7, 9),
        ("tối thiểu TRL 7", 7, 9),
        ("TRL 6 trở lên", 6, 9),
        ("6+", 6, 9),
        ("<5", 1, 4),
        ("7-8", 7, 8),
        ("TRL 7-8", 7, 8),
        ("TRL 4 - TRL 6", 4, 6),
        ("7/9", 7, 7),
        ("từ 4 đến 6", 4, 6),
        ("Mức 5", 5, 5),
        ("Cấp độ 3", 3, 3),
        ("TRL 7: trình diễn", 7, 7),
        ("TRL 7 (đã thử nghiệm)", 7, 7),
        (date(2026, 8, 7), 7, 8),
        ("Prototype available for demonstration", 6, 6),
        ("Lab tested", 4, 4),
        ("Already on the market", 9, 9),
        ("thử nghiệm trong phòng thí nghiệm", 4, 4),
        ("thử nghiệm pilot", 6, 7),
    ],
)
def test_levels_as_people_write_them(value, low, high):
    assert parse_trl(value) == TrlRange(low=low, high=high)


@pytest.mark.parametrize(
    ("level", "vietnamese", "english"),
    [
        (1, "nguyên lý cơ bản", "basic principles observed"),
        (2, "khái niệm công nghệ", "technology concept formulated"),
        (3, "bằng chứng khái niệm", "experimental proof of concept"),
        (4, "xác thực trong phòng thí nghiệm", "technology validated in lab"),
        (5, "xác thực trong môi trường liên quan", "technology validated in relevant environment"),
        (6, "trình diễn trong môi trường liên quan", "demonstrated in relevant environment"),
        (
            7,
            "trình diễn trong môi trường vận hành",
            "prototype demonstration in operational environment",
        ),
        (8, "hệ thống hoàn chỉnh", "system complete and qualified"),
        (9, "hệ thống thực tế được chứng minh", "actual system proven in operational environment"),
    ],
)
def test_the_nine_names_in_both_languages(level, vietnamese, english):
    expected = TrlRange(low=level, high=level)
    assert parse_trl(vietnamese) == expected
    assert parse_trl(vietnamese.upper()) == expected
    assert parse_trl(english) == expected


@pytest.mark.parametrize("text", ["", "-", "chưa xác định", "N/A", "không yêu cầu"])
def test_no_level_is_none(text):
    assert parse_trl(text) is None


@pytest.mark.parametrize(
    "value", ["12", "TRL 12", "0", "-3", "7,5", "7.5", 12, 0, "TRL cao", "9" * 30]
)
def test_levels_off_the_scale_are_refused(value):
    with pytest.raises(BadValue) as caught:
        parse_trl(value)
    assert not isinstance(caught.value, Unclear)
    assert "1" in caught.value.accepted.en


def test_words_without_a_level_are_a_remark():
    with pytest.raises(Unclear):
        parse_trl("Đã ứng dụng tại nhiều tỉnh")
    with pytest.raises(Unclear):
        parse_trl("Released", heading="Stage of development")
    with pytest.raises(BadValue):
        parse_trl("Released", heading="TRL")


@settings(deadline=None)
@given(st.integers(min_value=1, max_value=9), st.integers(min_value=0, max_value=8))
def test_any_range_on_the_scale(low, more):
    high = min(9, low + more)
    for text in (f"{low}-{high}", f"TRL {low} – {high}", f"{high}-{low}"):
        assert parse_trl(text) == TrlRange(low=low, high=high)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_text_gives_a_level_none_or_a_reason(text):
    try:
        level = parse_trl(text)
    except BadValue as bad:
        assert bad.reason.vi
        return
    assert level is None or 1 <= level.low <= level.high <= 9
