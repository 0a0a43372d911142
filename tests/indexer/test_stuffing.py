"""Words repeated for a machine, and praise that says nothing."""

import re
from pathlib import Path

import pytest

from indexer.praise import without_praise
from indexer.records import Record, RecordType, Side
from indexer.stuffing import stuffed, without_stuffing

HONEST = (
    "Máy sấy chè dùng hơi nước bão hòa, mỗi mẻ 60 kg búp tươi, giữ màu xanh của lá chè sau khi sấy."
)
LIST = "xử lý nước thải, màng lọc, giảm COD"


@pytest.mark.parametrize("times", [3, 5, 50])
@pytest.mark.parametrize("between", [", ", " ", "; ", "\n", " và ", ","])
def test_a_repeated_list_is_left_out_whole(times, between):
    text = f"{HONEST}\n{between.join([LIST] * times)}"
    assert without_stuffing(text) == HONEST


def test_what_stands_after_it_stays():
    text = f"{', '.join([LIST] * 5)}\n{HONEST}"
    assert without_stuffing(text) == HONEST
    ((start, end),) = stuffed(text)
    assert (start, text[end:]) == (0, f"\n{HONEST}")


def test_order_does_not_matter():
    shuffled = "màng lọc giảm cod nước thải màng giảm lọc cod thải nước nước cod màng thải lọc giảm"
    assert without_stuffing(f"{HONEST} {shuffled}.") == f"{HONEST} ."


@pytest.mark.parametrize(
    "text",
    [
        "",
        "máy máy máy",
        HONEST,
        f"{HONEST}\n{HONEST}",
        "Máy sấy chè, máy sấy lúa, máy sấy cà phê, máy sấy tiêu, máy sấy điều, máy sấy gỗ",
        "Phát triển trang thương mại điện tử. Quản trị trang thương mại điện tử. "
        "Thiết kế trang thương mại điện tử.",
    ],
)
def test_what_people_write_is_left_alone(text):
    assert without_stuffing(text) == text


@pytest.mark.parametrize("page", ["README.md", "README.vi.md", "docs/matching.md"])
def test_a_long_text_may_repeat_its_words(page):
    text = (Path(__file__).parents[2] / page).read_text("utf-8")
    assert stuffed(re.sub("[|`-]", " ", text)) == []


def test_a_text_of_nothing_else_keeps_each_word_once():
    assert without_stuffing("lọc nước, " * 20) == "lọc nước"


@pytest.mark.parametrize(
    "praise",
    [
        "Giải pháp số 1 Việt Nam, hàng đầu thế giới, uy tín nhất.",
        "World-class, cutting-edge and award-winning solution for every customer.",
        "Công nghệ đột phá, chất lượng vượt trội!",
    ],
)
def test_mere_praise_is_left_out(praise):
    assert without_praise(f"{HONEST} {praise}") == HONEST
    assert without_praise(f"{praise}\n{HONEST}") == HONEST


@pytest.mark.parametrize(
    "text",
    [
        "Tiết kiệm điện tốt nhất trong các máy nén trục vít, dẫn đầu về độ ồn thấp ở 68 dB.",
        "The leading cause of kiln loss is the best known one: heat through the shell.",
        HONEST,
    ],
)
def test_praise_that_says_something_stays(text):
    assert without_praise(text) == text


def offer(**fields):
    return Record(id="o", side=Side.SUPPLY, type=RecordType.TECHNOLOGY, **fields)


def test_the_matched_text_is_honest_and_the_written_one_whole():
    text = f"{HONEST}\n{', '.join([LIST] * 5)}\nUy tín nhất, hàng đầu Việt Nam."
    record = offer(title="Máy sấy", description=text)
    assert record.text() == f"Máy sấy\n{HONEST}"
    assert record.written() == f"Máy sấy\n{text}"


def test_a_record_of_mere_praise_is_matched_by_it():
    assert offer(title="Uy tín nhất, tốt nhất").text() == "Uy tín nhất, tốt nhất"


def test_a_list_of_nearly_every_field_tells_nothing():
    fields = ["Y tế", "Giáo dục", "Vật liệu", "Năng lượng", "Môi trường", "Giao thông", "Đô thị"]
    assert offer(title="Máy sấy", field=", ".join(fields)).text() == "Máy sấy"
    assert offer(title="Máy sấy", field="Y tế; Giáo dục").text() == "Máy sấy\nY tế; Giáo dục"
