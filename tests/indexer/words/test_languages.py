"""Which languages texts hold, told from their tokens."""

import pytest

from indexer.text import language_of
from indexer.words.languages import ENGLISH, VIETNAMESE, languages
from indexer.words.tokentable import TokenTable

BOTH = VIETNAMESE | ENGLISH


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Xử lý nước thải chăn nuôi bằng bể lọc sinh học", VIETNAMESE),
        ("xu ly nuoc thai chan nuoi bang be loc sinh hoc", VIETNAMESE),
        ("Wastewater treatment for pig farms with membrane filters", ENGLISH),
        ("Hệ thống tưới ESP32 gửi dữ liệu về máy chủ của hợp tác xã", VIETNAMESE),
        ("Xử lý nước thải dệt nhuộm. Treatment of textile wastewater with membrane filters", BOTH),
        ("The café by the river serves excellent coffee from the highlands every day", ENGLISH),
        ("Máy sấy thăng hoa (freeze dryer)", VIETNAMESE),
        ("pump", ENGLISH),
        ("máy bơm", VIETNAMESE),
        ("", ENGLISH),
        ("🎉 🎈", ENGLISH),
        ("2024", ENGLISH),
        ("废水处理", ENGLISH),
    ],
)
def test_languages(text, expected):
    assert languages(TokenTable.of([text])).tolist() == [expected]


def test_the_rule_is_that_of_whole_texts():
    texts = [
        "Máy sấy nông sản dùng năng lượng mặt trời",
        "Solar dryer for agricultural products of small farms",
        "may say nong san dung nang luong mat troi",
        "Phần mềm quản lý kho (warehouse management software with a barcode scanning module)",
    ]
    names = {VIETNAMESE: "vi", ENGLISH: "en", BOTH: "mixed"}
    found = [names[int(bits)] for bits in languages(TokenTable.of(texts))]
    assert found == [language_of(text) for text in texts]
