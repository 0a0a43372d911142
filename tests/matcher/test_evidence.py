"""Which sentences face each other, and why."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indexer.records import Record, RecordType, Side
from matcher.evidence import EvidenceFinder

COMMON = {"và", "của", "cho", "the", "a", "of", "for", "is", "một"}


class ByLength:
    """An encoder that knows only how long a text is: enough to pick one."""

    def encode(self, texts, *, query=False):
        angle = np.array([min(len(text), 300) / 300 for text in texts])
        return np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)


def finder():
    return EvidenceFinder(lambda token: 0.5 if token in COMMON else 5.0, ByLength())


def need(text, **more):
    return Record(id="n", side=Side.DEMAND, type=RecordType.NEED, description=text, **more)


def offer(text, **more):
    return Record(id="o", side=Side.SUPPLY, type=RecordType.TECHNOLOGY, description=text, **more)


def test_the_facing_sentences_and_their_shared_words():
    asked = need("Chúng tôi ở Bình Dương. Nước thải dệt nhuộm có màu rất đậm. Cần gấp.")
    offered = offer("Hãng thành lập 2010. Bể điện hoá khử màu nước thải dệt nhuộm. Giá tốt.")
    (item,) = finder().find(asked, offered)
    assert item.demand.text == "Nước thải dệt nhuộm có màu rất đậm."
    assert item.supply.text == "Bể điện hoá khử màu nước thải dệt nhuộm."
    assert item.terms == (("Nước thải dệt nhuộm", "nước thải dệt nhuộm"), ("màu", "màu"))
    assert item.why.en == "Both speak of: nước thải dệt nhuộm, màu"


def test_spans_point_into_the_field_they_name():
    asked = need("Cần máy sấy lúa.\nMáy cũ hỏng.", title="Sấy lúa")
    offered = offer("Máy sấy tháp cho lúa ướt.", advantages="Tiết kiệm trấu")
    (item,) = finder().find(asked, offered)
    for span, record in ((item.demand, asked), (item.supply, offered)):
        assert getattr(record, span.field)[span.start : span.end] == span.text


def test_terms_keep_the_spelling_of_each_text():
    (item,) = finder().find(need("Cần THUỶ canh sạch"), offer("Giàn thủy canh"))
    assert ("THUỶ canh", "thủy canh") in item.terms


def test_a_need_without_accents_faces_accented_text():
    (item,) = finder().find(
        need("can xu ly nuoc thai cho lang nghe bun"), offer("Xử lý nước thải làng nghề bún")
    )
    assert item.terms[0] == ("xu ly nuoc thai", "Xử lý nước thải")


def test_an_accented_need_does_not_face_other_accents():
    (item,) = finder().find(need("Nuôi chó nghiệp vụ"), offer("Kẹo chò ngọt"))
    assert item.terms == ()
    assert "no rare word" in item.why.en


def test_common_words_explain_nothing():
    (item,) = finder().find(need("một của cho"), offer("của một cho"))
    assert item.terms == ()


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_gives_spans_inside_it(one, other):
    asked, offered = need("x " + one), offer("x " + other)
    for item in finder().find(asked, offered):
        assert asked.description[item.demand.start : item.demand.end] == item.demand.text
        assert offered.description[item.supply.start : item.supply.end] == item.supply.text


def test_across_languages_the_facing_words_translate_each_other():
    asked = need("Chúng tôi ở Bình Dương. Nước thải dệt nhuộm có màu rất đậm.", language="vi")
    offered = offer(
        "Founded in 2010. Membranes that remove colour from textile wastewater. Fair price.",
        language="en",
    )
    (item,) = finder().find(asked, offered)
    assert item.demand.text == "Nước thải dệt nhuộm có màu rất đậm."
    assert item.supply.text == "Membranes that remove colour from textile wastewater."
    assert ("Nước thải", "wastewater") in item.terms
    assert "Nước thải – wastewater" in item.why.vi
    assert "Nước thải – wastewater" in item.why.en


def test_an_english_need_faces_a_vietnamese_offer_the_same_way():
    asked = need("We pump water every day. Our hospital needs cleaner wastewater.", language="en")
    offered = offer("Bể lọc nước thải cho bệnh viện. Giá tốt.", language="vi")
    (item,) = finder().find(asked, offered)
    assert item.demand.text == "Our hospital needs cleaner wastewater."
    assert item.supply.text == "Bể lọc nước thải cho bệnh viện."
    assert {("hospital", "bệnh viện"), ("wastewater", "nước thải")} <= set(item.terms)


def test_a_need_without_accents_faces_an_english_offer():
    asked = need("can xu ly nuoc thai cho lang nghe bun", language="vi")
    (item,) = finder().find(asked, offer("Wastewater tank for villages", language="en"))
    facing = {english: vietnamese for vietnamese, english in item.terms}
    assert facing["Wastewater"].endswith("nuoc thai")


def test_a_record_in_both_languages_is_explained_by_the_words_it_shares():
    asked = need("Nước thải dệt nhuộm có màu", language="vi")
    offered = offer("Khử màu nước thải dệt nhuộm. Removing colour.", language="mixed")
    (item,) = finder().find(asked, offered)
    assert ("Nước thải dệt nhuộm", "nước thải dệt nhuộm") in item.terms


def test_names_and_numbers_face_themselves_across_languages():
    asked = need("Cảm biến LoRaWAN cho ao tôm", language="vi")
    offered = offer("Buoys with LoRaWAN radio", language="en")
    (item,) = finder().find(asked, offered)
    assert item.terms == (("LoRaWAN", "LoRaWAN"),)
    assert item.why.vi == "Cùng nói về: LoRaWAN"


def test_unrelated_records_in_different_languages_share_no_words():
    asked = need("Nước thải dệt nhuộm có màu", language="vi")
    (item,) = finder().find(asked, offer("Bakery ovens run on biogas", language="en"))
    assert item.terms == ()


@given(st.text(max_size=120), st.text(max_size=120))
def test_any_text_across_languages_gives_spans_inside_it(one, other):
    asked = need("nước thải " + one, language="vi")
    offered = offer("wastewater " + other, language="en")
    for item in finder().find(asked, offered):
        assert asked.description[item.demand.start : item.demand.end] == item.demand.text
        assert offered.description[item.supply.start : item.supply.end] == item.supply.text
