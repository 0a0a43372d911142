"""Which sentences face each other, and why."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indexer.records import Record, RecordType, Side
from matcher.evidence import EvidenceFinder

COMMON = {"và", "của", "cho", "the", "a", "of", "for", "is", "một"}


class ByTopic:
    """An encoder that knows the topics of a few words; a text without any is like no other."""

    TOPICS = ({"khối", "nghẹt", "clogged", "pump", "bơm"}, {"lúa", "rice"})

    def encode(self, texts, *, query=False):
        rows = np.zeros((len(texts), 8), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            words = {word.strip(".,").lower() for word in text.split()}
            for place, topic in enumerate(self.TOPICS):
                row[place] = bool(words & topic)
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1.0)


def finder():
    return EvidenceFinder(lambda token: 0.5 if token in COMMON else 5.0, ByTopic())


def find(asked, offered, by=None):
    """The evidence of one pair."""
    (found,) = (by or finder()).find([(asked, offered)])
    return found


def need(text, **more):
    return Record(id="n", side=Side.DEMAND, type=RecordType.NEED, description=text, **more)


def offer(text, **more):
    return Record(id="o", side=Side.SUPPLY, type=RecordType.TECHNOLOGY, description=text, **more)


def test_the_facing_sentences_and_their_shared_words():
    asked = need("Chúng tôi ở Bình Dương. Nước thải dệt nhuộm có màu rất đậm. Cần gấp.")
    offered = offer("Hãng thành lập 2010. Bể điện hoá khử màu nước thải dệt nhuộm. Giá tốt.")
    (item,) = find(asked, offered)
    assert item.demand.text == "Nước thải dệt nhuộm có màu rất đậm."
    assert item.supply.text == "Bể điện hoá khử màu nước thải dệt nhuộm."
    assert item.terms == (("Nước thải dệt nhuộm", "nước thải dệt nhuộm"), ("màu", "màu"))
    assert item.why.en == "Both speak of: nước thải dệt nhuộm, màu"


def test_spans_point_into_the_field_they_name():
    asked = need("Cần máy sấy lúa.\nMáy cũ hỏng.", title="Sấy lúa")
    offered = offer("Máy sấy tháp cho lúa ướt.", advantages="Tiết kiệm trấu")
    found = find(asked, offered)
    assert found[0].demand.text == "Cần máy sấy lúa."
    for item in found:
        assert getattr(asked, item.demand.field)[item.demand.start : item.demand.end] == (
            item.demand.text
        )
    item = found[0]
    for span, record in ((item.demand, asked), (item.supply, offered)):
        assert getattr(record, span.field)[span.start : span.end] == span.text


def test_terms_keep_the_spelling_of_each_text():
    (item,) = find(need("Cần THUỶ canh sạch"), offer("Giàn thủy canh"))
    assert ("THUỶ canh", "thủy canh") in item.terms


def test_a_need_without_accents_faces_accented_text():
    (item,) = find(
        need("can xu ly nuoc thai cho lang nghe bun"), offer("Xử lý nước thải làng nghề bún")
    )
    assert item.terms[0] == ("xu ly nuoc thai", "Xử lý nước thải")


def test_an_accented_need_does_not_face_other_accents():
    assert find(need("Nuôi chó nghiệp vụ"), offer("Kẹo chò ngọt")) == ()


def test_common_words_explain_nothing():
    assert find(need("một của cho"), offer("của một cho")) == ()


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_gives_spans_inside_it(one, other):
    asked, offered = need("x " + one), offer("x " + other)
    for item in find(asked, offered):
        assert asked.description[item.demand.start : item.demand.end] == item.demand.text
        assert offered.description[item.supply.start : item.supply.end] == item.supply.text


def test_across_languages_the_facing_words_translate_each_other():
    asked = need("Chúng tôi ở Bình Dương. Nước thải dệt nhuộm có màu rất đậm.", language="vi")
    offered = offer(
        "Founded in 2010. Membranes that remove colour from textile wastewater. Fair price.",
        language="en",
    )
    item = find(asked, offered)[0]
    assert item.demand.text == "Nước thải dệt nhuộm có màu rất đậm."
    assert item.supply.text == "Membranes that remove colour from textile wastewater."
    assert ("Nước thải", "wastewater") in item.terms
    assert "Nước thải – wastewater" in item.why.vi
    assert "Nước thải – wastewater" in item.why.en


def test_an_english_need_faces_a_vietnamese_offer_the_same_way():
    asked = need("We pump water every day. Our hospital needs cleaner wastewater.", language="en")
    offered = offer("Bể lọc nước thải cho bệnh viện. Giá tốt.", language="vi")
    (item,) = find(asked, offered)
    assert item.demand.text == "Our hospital needs cleaner wastewater."
    assert item.supply.text == "Bể lọc nước thải cho bệnh viện."
    assert {("hospital", "bệnh viện"), ("wastewater", "nước thải")} <= set(item.terms)


def test_a_need_without_accents_faces_an_english_offer():
    asked = need("can xu ly nuoc thai cho lang nghe bun", language="vi")
    (item,) = find(asked, offer("Wastewater tank for villages", language="en"))
    facing = {english: vietnamese for vietnamese, english in item.terms}
    assert facing["Wastewater"].endswith("nuoc thai")


def test_a_record_in_both_languages_is_explained_by_the_words_it_shares():
    asked = need("Nước thải dệt nhuộm có màu", language="vi")
    offered = offer("Khử màu nước thải dệt nhuộm. Removing colour.", language="mixed")
    (item,) = find(asked, offered)
    assert ("Nước thải dệt nhuộm", "nước thải dệt nhuộm") in item.terms


def test_names_and_numbers_face_themselves_across_languages():
    asked = need("Cảm biến LoRaWAN cho ao tôm", language="vi")
    offered = offer("Buoys with LoRaWAN radio", language="en")
    (item,) = find(asked, offered)
    assert item.terms == (("LoRaWAN", "LoRaWAN"),)
    assert item.why.vi == "Cùng nói về: LoRaWAN"


def test_unrelated_records_in_different_languages_share_no_words():
    asked = need("Nước thải dệt nhuộm có màu", language="vi")
    assert find(asked, offer("Bakery ovens run on biogas", language="en")) == ()


def test_one_common_word_does_not_beat_a_sentence_that_says_the_same():
    weights = {"máy": 1.5, **dict.fromkeys(COMMON, 0.5)}
    found = find(
        need("Đầu hút nghẹt hoài cả tuần. Xưởng đông máy."),
        offer("Máy kiểu mới. Cánh bơm không vướng rác."),
        EvidenceFinder(lambda token: weights.get(token, 5.0), ByTopic()),
    )
    assert found[0].demand.text == "Đầu hút nghẹt hoài cả tuần."
    assert found[0].supply.text == "Cánh bơm không vướng rác."
    assert found[0].why.en == "Close in meaning (1.00), no rare word in common"
    assert found[0].why.vi == "Gần nghĩa (1,00), không có từ chung hiếm"


def test_further_pairs_say_what_the_first_does_not():
    asked = need("Nước thải dệt nhuộm nhiều. Kho lạnh trữ tôm tốn điện. Nước thải dệt nhuộm.")
    offered = offer("Khử màu nước thải dệt nhuộm. Biến tần cho kho lạnh trữ tôm. Giá tốt.")
    found = find(asked, offered)
    assert {item.supply.text for item in found} == {
        "Khử màu nước thải dệt nhuộm.",
        "Biến tần cho kho lạnh trữ tôm.",
    }
    assert len(found) == 2


def test_many_pairs_show_what_each_shows_alone():
    needs = [
        need("Cần bơm không nghẹt rác. Gấp.", language="vi"),
        need("...", language="vi"),
        need("may bom nghet rac", language="vi"),
        need("Clogged pump, rice dryer. Wastewater tank.", language="en"),
    ]
    offers = [
        offer("Cánh bơm không vướng rác. Máy sấy lúa.", language="vi"),
        offer("một của cho"),
        offer("Wastewater tanks. A pump for rice.", language="en"),
    ]
    pairs = [(asked, offered) for offered in offers for asked in needs]
    assert finder().find(pairs) == [find(*pair) for pair in pairs]


def test_at_most_three_pairs():
    words = ["alpha beta", "gamma delta", "epsilon zeta", "eta theta", "iota kappa"]
    text = ". ".join(word.title() for word in words)
    assert len(find(need(text), offer(text))) == 3


def test_a_syllable_alone_is_weaker_than_a_name():
    asked = need("Ca sáng làm việc. Cảm biến LoRaWAN.", language="vi")
    offered = offer("Đèn chiếu sáng đường phố. Phao LoRaWAN.", language="vi")
    assert find(asked, offered)[0].terms == (("LoRaWAN", "LoRaWAN"),)


def test_what_the_offer_is_silent_on():
    asked = need("Máy bơm nghẹt rác suốt mùa mưa. Phải giao hàng trong một tuần.")
    found = finder().unspoken(asked, offer("Cánh bơm không vướng rác."))
    assert found is not None
    assert found.text == "Phải giao hàng trong một tuần."
    assert asked.description[found.start : found.end] == found.text
    assert finder().unspoken(need("Máy bơm nghẹt rác suốt mùa."), offer("Cánh bơm tốt.")) is None
    assert finder().unspoken(asked, offer("...")) is None


@given(st.text(max_size=120), st.text(max_size=120))
def test_any_text_across_languages_gives_spans_inside_it(one, other):
    asked = need("nước thải " + one, language="vi")
    offered = offer("wastewater " + other, language="en")
    for item in find(asked, offered):
        assert asked.description[item.demand.start : item.demand.end] == item.demand.text
        assert offered.description[item.supply.start : item.supply.end] == item.supply.text
