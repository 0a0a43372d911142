"""Searching, records and comparing: what is on the pages, for whom, escaped."""

import html
import re
from urllib.parse import unquote

import pytest

from indexer.records import Contact, Record, RecordType, Side, Visibility
from indexer.updating import update_index

BROAD = "may moc cong nghe moi cho nong nghiep va thuy san"
NEED = "xu ly nuoc thai det nhuom con mau"
EVIL = "<script>alert(1)</script>\u202e\u2066 nước thải dệt nhuộm"


def _ids(page) -> list[str]:
    """The ids of the cards."""
    found = re.findall(r'class="card hit">.*?<a href="/records/([^?"]+)', page.text, re.DOTALL)
    return [unquote(one) for one in found]


def _search(client, text=NEED, **query):
    page = client.get("/search", params={"q": text, **query})
    assert page.status_code == 200
    return page


def test_before_anything_is_asked(service):
    page = service.client().get("/search")
    assert "Viết điều bạn cần" in page.text and 'name="q"' in page.text
    assert "Lọc kết quả" not in page.text and "set-cookie" not in page.headers


@pytest.mark.parametrize(
    ("language", "said"),
    [("vi", ["Đã hiểu:", "Kinh phí.", "Chọn để so sánh", "Đề nghị liên hệ", "phù hợp"]),
     ("en", ["Understood:", "Budget.", "Choose to compare", "Request a contact", "fit"])],
)  # fmt: skip
def test_results_as_cards(service, language, said):
    page = _search(service.client(language=language))
    for words in said:
        assert words in page.text
    assert "<mark>" in page.text, "facing words are marked in both texts"
    assert page.text.count('<figure class="quote">') % 2 == 0
    assert re.search(r'<svg class="bar"[^>]*aria-label="\d+ ', page.text)


def test_terms_across_languages(service):
    page = _search(service.client(), "remove colour from textile wastewater")
    assert "Từ tương ứng:" in page.text and "↔" in page.text


def test_the_same_as_the_interface_for_programs(service):
    client = service.client()
    items = client.get("/v1/search", params={"text": NEED}).json()["items"]
    assert _ids(_search(client)) == [item["id"] for item in items]


def test_what_the_need_states_counts(service):
    page = _search(service.client(), "Xử lý nước thải dệt nhuộm còn màu, cần TRL 9, ở Hà Nội")
    assert "TRL 9" in page.text and "Nơi thực hiện: Hà Nội" in page.text
    assert re.search(r'class="mark (good|bad|part|open)"', page.text)


def test_filters_count_and_hold(service):
    client = service.client()
    page = _search(client, BROAD)
    found = re.findall(
        r'name="where" value="([^"]+)"><bdi>[^<]+</bdi> <span class="count">(\d+)', page.text
    )
    names = {re.split("[<>=]", html.unescape(condition))[0] for condition, _ in found}
    assert names >= {"field", "place", "trl", "price"}
    for condition, count in found[:: max(1, len(found) // 6)]:
        narrowed = _search(client, BROAD, where=html.unescape(condition))
        assert re.search(rf"\b{count} kết quả", narrowed.text), condition
        assert 'class="chips"' in narrowed.text
    place = next(condition for condition, _ in found if condition.startswith("place="))
    assert place == "place=Hà Nội", "Ha Noi is counted with it"
    narrowed = _search(client, BROAD, where=place)
    assert 'id="facet-place"' not in narrowed.text, "what narrows already is a chip"
    unread = _search(client, BROAD, most="<b>300 triệu")
    assert 'class="chips"' not in unread.text
    assert "Giá đến 300 triệu" in _search(client, BROAD, most="300 triệu").text


def test_what_cannot_be_used_in_an_address_is_left_out(service):
    client = service.client()
    page = _search(client, where="nothing=1", offset="x", want="?")
    assert _ids(page) == _ids(_search(client))
    assert client.get("/search?q=%00&where=type%3D%00&offset=-5").status_code == 200
    assert client.get("/search?q=" + "a" * 30_000).status_code == 200


def test_paging(service):
    client = service.client()
    first = _search(client, BROAD)
    (following,) = re.findall(r'rel="next" href="([^"]+)"', first.text)
    second = client.get(html.unescape(following))
    assert _ids(second) and not set(_ids(first)) & set(_ids(second))
    assert 'rel="prev"' in second.text and '<ol class="hits" start="11"' in second.text
    beyond = _search(client, NEED, offset="90")
    assert "Hết danh sách" in beyond.text


@pytest.mark.parametrize("text", ["tôi buồn quá", "zzzz qqqq", "can may"])
def test_hopeless_needs_are_told_so(service, text):
    page = _search(service.client(), text)
    assert "Kho chưa có hồ sơ nào đáp ứng" in page.text
    assert "Lưu tìm kiếm này để được báo" in page.text


def test_what_is_near_a_hopeless_need(own_service):
    expert = Record(
        id="cg-1", side=Side.SUPPLY, type=RecordType.EXPERT, title="TS. Vũ Sâu Đục, côn trùng học"
    )
    with own_service.workspace.catalog() as catalog:
        catalog.apply([expert])
        update_index(catalog, own_service.workspace.index_path, encoder_name="static")
    page = _search(own_service.client(), "sâu đục thân trên cây sao Hỏa", where="trl>=9")
    assert "Hồ sơ gần nhất" in page.text and "Lĩnh vực gần nhất" in page.text
    assert "Chuyên gia gần nhất" in page.text and "TS. Vũ Sâu Đục" in page.text
    assert "bỏ mọi bộ lọc" in page.text


def test_needs_for_an_offer(service):
    page = _search(service.client(), "Máy sấy bơm nhiệt cho trái cây", want="demand")
    assert "Tìm nhu cầu cho công nghệ" in page.text and _ids(page)


def test_unclear_while_typing(service):
    client = service.client()
    piece = client.get("/search/unclear", params={"q": "cần máy sấy xoài ở Đồng Tháp"})
    assert "<html" not in piece.text and "Nơi thực hiện: Đồng Tháp" in piece.text
    assert "Kinh phí." in piece.text
    assert client.get("/search/unclear").text.strip() == ""


def test_hostile_texts_are_shown_as_texts(own_service):
    client = own_service.client()
    record = Record(
        id="x<script>/y", side=Side.SUPPLY, type=RecordType.TECHNOLOGY, title=EVIL,
        summary=EVIL, description=f"Xử lý nước thải dệt nhuộm còn màu {EVIL}", owner=EVIL,
        field=EVIL, place=EVIL, ip_type=EVIL, transfer=EVIL, extra={EVIL: EVIL},
    )  # fmt: skip
    with own_service.workspace.catalog() as catalog:
        catalog.apply([record])
        update_index(catalog, own_service.workspace.index_path, encoder_name="static")
    shown = [
        _search(client, EVIL),
        client.get("/search", params={"q": NEED, "where": f"place={EVIL}"}),
        client.get("/records/x%3Cscript%3E%2Fy", params={"q": EVIL}),
        client.get("/records/x%3Cscript%3E%2Fy/contact", params={"q": EVIL}),
        client.get("/compare", params={"ids": [record.id, EVIL], "q": EVIL}),
    ]
    for page in shown:
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert not set(page.text) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068")
        assert "&lt;script&gt;" in page.text or "%3Cscript" in page.text
    assert record.id in _ids(shown[0])


def test_what_one_may_not_read_is_not_there(service):
    with service.workspace.catalog() as catalog:
        hidden = next(r for r in catalog.records("supply") if r.visibility is Visibility.PRIVATE)
    path = f"/records/{hidden.id}"
    for role in ("", "enterprise"):
        client = service.client(role)
        assert {client.get(path + tail).status_code for tail in ("", "/contact")} == {404}
        assert hidden.id not in _ids(_search(client, hidden.text()))
        assert hidden.heading()[:30] not in client.get("/compare", params={"ids": hidden.id}).text
    page = service.client("reader").get(path)
    assert page.status_code == 200 and "Riêng tư" in page.text


def test_a_record(service):
    client = service.client()
    (first, *_) = _ids(_search(client))
    page = client.get(f"/records/{first}", params={"q": NEED})
    for words in ("Đối chiếu với điều bạn viết", "Hồ sơ tương tự", "Nhu cầu hợp nhất", first):
        assert words in page.text
    assert page.text.count("<mark>") >= 2
    assert "Đối chiếu" not in client.get(f"/records/{first}").text
    far = client.get(f"/records/{first}", params={"q": "zzzz"})
    assert "không nằm trong 100" in far.text
    assert f'/records/{first}/edit"' not in page.text
    assert f'/records/{first}/edit"' in service.client("organiser").get(f"/records/{first}").text
    for missing in ("/records/khong-co", "/records/%00", "/records/khong-co/contact"):
        assert client.get(missing).status_code == 404


def test_contacts_only_for_those_who_may_read_them(own_service, token):
    secret = Contact(person="Nguyễn Văn Kín", phone="0912 345 678", email="kin@vien.example")
    with own_service.workspace.catalog() as catalog:
        record = next(r for r in catalog.records("supply") if r.visibility is Visibility.PUBLIC)
        catalog.apply([record.model_copy(update={"contact": secret})])
    path = f"/records/{record.id}"
    for role in ("", "reader", "enterprise", "owner", "organiser"):
        client = own_service.client(role)
        shown = client.get(path).text + client.get(f"{path}/contact").text
        for part in ("Văn Kín", "0912 345 678", "kin@vien.example"):
            assert part not in shown
        if role in ("reader", "enterprise"):
            refused = client.post(f"{path}/contact/shown", data={"csrf": token(client)})
            assert refused.status_code == 403 and "Văn Kín" not in refused.text
    assert "Xem thông tin liên hệ" in shown
    page = client.post(f"{path}/contact/shown", data={"csrf": token(client)})
    assert "Nguyễn Văn Kín" in page.text and "kin@vien.example" in page.text
    lines = client.get("/v1/audit", params={"action": "contact.read"}).json()["items"]
    assert [line["object"] for line in lines] == [f"record:{record.id}"]
    assert client.post(f"{path}/contact/shown").status_code == 403


def test_comparing(service):
    client = service.client()
    ids = _ids(_search(client))[:3]
    page = client.get("/compare", params={"ids": ids, "q": NEED})
    assert page.text.count('<th scope="col">') == len(ids)
    assert "Phù hợp với điều bạn viết" in page.text and 'class="score' in page.text
    joined = client.get("/compare", params={"ids": ",".join(ids)})
    assert joined.text.count('<th scope="col">') == len(ids)
    assert "Phù hợp với điều bạn viết" not in joined.text
    lost = client.get("/compare", params={"ids": [ids[0], "khong-co"]})
    assert "1 hồ sơ không có" in lost.text and "Chọn hai hoặc ba" in lost.text
    assert client.get("/compare?ids=%00&ids=").status_code == 200
