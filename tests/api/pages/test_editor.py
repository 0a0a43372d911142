"""Writing offers and needs: what is asked, what is shown of it, and that no change is lost."""

import re
from html import unescape

import pytest
from starlette.datastructures import FormData

from api.pages import recordform
from api.pages.form import Form
from api.service import uploads
from indexer.importing.files import read_records
from indexer.keeping.access import LOCAL
from indexer.keeping.records import find
from indexer.records import Code, Money, Record, RecordType, Side, TrlRange, Visibility

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def write(token):
    """Sends the form of a new record; gives the answer."""

    def post(client, side="demand", do="save", **values):
        data = {"type": "", "visibility": "public", "side": side, "do": do, **values}
        return client.post("/records/new", data={"csrf": token(client), **data})

    return post


@pytest.fixture
def made(service, write):
    """A need of this test's own: (client, id)."""

    def make(title, role="organiser", **values):
        client = service.client(role)
        answer = write(client, title=title, **values)
        assert answer.status_code == 303, _said(answer.text)
        return client, answer.headers["location"].removeprefix("/records/")

    return make


def _said(html):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def _fields(html):
    """What a browser would send of the form of the record."""
    form = re.search(r'<form class="form" id="record".*?</form>', html, re.S)[0]
    found = {}
    for name, value in re.findall(r'<input[^>]*\bname="([^"]+)"[^>]*\bvalue="([^"]*)"', form):
        if name not in ("visibility", "extra_heading"):
            found[name] = unescape(value)
    for name, text in re.findall(
        r'<textarea[^>]*\bname="([^"]+)"[^>]*>\n(.*?)</textarea>', form, re.S
    ):
        if name != "extra_text":
            found[name] = unescape(text)
    for name, options in re.findall(r'<select[^>]*\bname="([^"]+)".*?>(.*?)</select>', form, re.S):
        found[name] = unescape(re.search(r'value="([^"]*)" selected', options)[1])
    found["visibility"] = re.search(r'name="visibility" value="(\w+)"[^>]* checked', form)[1]
    return found


def _stored(service, record_id):
    with service.workspace.catalog() as catalog, catalog.reading() as connection:
        return find(connection, LOCAL, record_id)


def test_who_may_write_what(service):
    staff = service.client("organiser").get("/records/new")
    assert "side=demand" in staff.text and "side=supply" in staff.text
    need = service.client("enterprise").get("/records/new?side=supply").text
    assert "Thêm nhu cầu" in need, "an enterprise has needs"
    assert 'name="owner"' not in need and "Đứng tên:" in need
    assert "Thêm nguồn cung" in service.client("owner").get("/records/new").text
    assert service.client("reader").get("/records/new").status_code == 403
    assert service.client().get("/records/new").headers["location"].startswith("/sign-in")


def test_a_record_is_written_and_read_back(service, made):
    client, record_id = made(
        "Cần máy sấy xoài", description=f"Sấy dẻo {SCRIPT}", trl="7-8", money="2–5 tỷ",
        expires="31/12/2027", person="Chị Hoa", email="hoa@htx.example", codes="IPC: F26B 3/28",
        extra_heading=["Nguồn", ""], extra_text=["Hội chợ", ""],
    )  # fmt: skip
    record = _stored(service, record_id).record
    assert record.trl == TrlRange(low=7, high=8) and record.money.low == 2_000_000_000
    assert record.codes[0].code == "F26B 3/28" and record.extra == {"Nguồn": "Hội chợ"}
    assert record.contact.email == "hoa@htx.example"
    page = client.get(f"/records/{record_id}/edit")
    assert SCRIPT not in page.text
    fields = _fields(page.text)
    assert fields["trl"] == "7-8" and fields["money"] == "2.000.000.000 – 5.000.000.000 VND"
    assert fields["expires"] == "31/12/2027" and fields["person"] == "Chị Hoa"
    assert fields["codes"] == "IPC: F26B 3/28"


@pytest.mark.parametrize(
    ("language", "said"),
    [("vi", "nằm ngoài thang 1–9"), ("en", "is outside the scale 1–9")],
)
def test_errors_stand_beside_the_field_and_nothing_typed_is_lost(service, write, language, said):
    client = service.client("organiser", language)
    answer = write(
        client, title="Cần đo bụi", trl="12", codes="??", expires="hôm qua", extra_heading="A",
        extra_text="điều riêng",
    )  # fmt: skip
    assert answer.status_code == 422
    codes = write(client, title="Cần đo bụi", codes="??")
    assert codes.status_code == 422 and 'id="codes-error"' in codes.text
    answer = write(client, title="Cần đo bụi", trl="12", expires="hôm qua")
    page = answer.text
    assert re.search(rf'id="trl-error">[^<]*{said}', page)
    assert 'href="#trl"' in page and 'id="expires-error"' in page
    assert 'value="Cần đo bụi"' in page and 'value="12"' in page and 'value="hôm qua"' in page
    empty = write(client, description="")
    assert empty.status_code == 422 and 'id="title-error"' in empty.text


def test_the_same_record_twice(service, write, made):
    client, _ = made("Cần cân điện tử cho chợ đầu mối", description="Cân được một tấn.")
    again = write(client, title="Cần cân điện tử cho chợ đầu mối", description="Cân được một tấn.")
    assert again.status_code == 422 and "Đã có một hồ sơ cùng tên" in again.text


def test_what_the_text_finds_before_it_is_saved(service, write):
    client = service.client("enterprise")
    with service.workspace.catalog() as catalog:
        before = catalog.version
        needs = list(catalog.records(side="demand"))
    need = max(needs, key=lambda one: len(one.description))
    page = write(client, do="try", title=need.title, description=need.description)
    assert page.status_code == 200
    assert '<ol class="trial-hits">' in page.text and "/records/" in page.text
    assert f'value="{need.title}"' in page.text or need.title in unescape(page.text)
    short = write(client, do="try", title="Cần máy sấy", visibility="confidential")
    said = _said(short.text)
    assert "Chỉ có 3 từ: hãy viết rõ vướng ở đâu" in said
    assert re.search(r"không thấy Khách chưa đăng nhập", said)
    assert re.search(r"không thấy Người quản lý hồ sơ", said), "it belongs to an organisation"
    assert re.search(r"[^g] thấy Tổ chức đứng tên", said)
    with service.workspace.catalog() as catalog:
        assert catalog.version == before, "nothing was stored"


def test_the_preview_of_the_script(service, token):
    client = service.client("organiser")
    data = {"side": "supply", "title": f"Màng lọc {SCRIPT}", "trl": "99", "visibility": "public"}
    refused = client.post("/records/preview", data=data)
    assert refused.status_code == 403
    part = client.post("/records/preview", data=data, headers={"X-CSRF-Token": token(client)})
    assert part.status_code == 200 and "<html" not in part.text
    assert SCRIPT not in part.text and "Người khác thấy gì" in part.text
    empty = client.post("/records/preview", data={"side": "supply", "csrf": token(client)})
    assert "Viết ít nhất một câu" in empty.text


def test_a_form_works_without_an_index(service, write, monkeypatch):
    from indexer.errors import RequestError

    def gone(*_):
        raise RequestError(vi="mất chỉ mục", en="no index")

    monkeypatch.setattr(type(service.app.state.opened), "matcher", gone)
    page = write(service.client("organiser"), do="try", title="Cần máy sấy")
    assert page.status_code == 200 and "chỉ mục chưa sẵn sàng" in page.text


def test_only_what_was_changed_is_written(service, made):
    client, record_id = made("Cần lò đốt rác", description="Công suất 5 tấn.", phone="0901234567")
    page = client.get(f"/records/{record_id}/edit")
    before = _stored(service, record_id)
    nothing = client.post(f"/records/{record_id}/edit", data={**_fields(page.text), "do": "save"})
    assert nothing.headers["location"] == f"/records/{record_id}"
    assert _stored(service, record_id).version == before.version
    fields = {**_fields(page.text), "description": "Công suất 7 tấn.", "do": "save"}
    done = client.post(f"/records/{record_id}/edit", data=fields)
    assert done.status_code == 303
    after = _stored(service, record_id).record
    assert after.description == "Công suất 7 tấn." and after.contact == before.record.contact


def test_a_change_is_undone(service, made, token):
    client, record_id = made("Cần thùng ủ phân", description="Dùng cho hộ gia đình.")
    fields = _fields(client.get(f"/records/{record_id}/edit").text)
    client.post(
        f"/records/{record_id}/edit",
        data={**fields, "title": "Cần thùng khác", "visibility": "private", "do": "save"},
    )
    assert _stored(service, record_id).record.visibility is Visibility.PRIVATE
    notice = client.get("/").text
    undo = re.search(r'action="/records/undo">.*?name="token" value="([^"]+)"', notice, re.S)[1]
    data = {"csrf": token(client), "token": undo, "id": record_id}
    assert service.client("administrator").post("/records/undo", data=data).status_code == 403
    other = service.client("administrator")
    assert other.post("/records/undo", data={**data, "csrf": token(other)}).status_code == 404
    done = client.post("/records/undo", data=data)
    assert done.headers["location"] == f"/records/{record_id}"
    record = _stored(service, record_id).record
    assert record.title == "Cần thùng ủ phân" and record.visibility is Visibility.PUBLIC
    assert client.post("/records/undo", data=data).status_code == 404, "once"


def test_a_deletion_is_undone_whole(own_service, token):
    client = own_service.client("organiser")
    with own_service.workspace.catalog() as catalog:
        record_id = next(
            one.id for one in catalog.records(side="supply") if one.visibility is Visibility.PUBLIC
        )
    before = _stored(own_service, record_id)
    organisation = own_service.people["enterprise"].organisation
    granted = client.put(
        f"/v1/records/{record_id}/grants/{organisation}", headers={"X-CSRF-Token": token(client)}
    )
    assert granted.status_code < 300, granted.text
    page = client.get(f"/records/{record_id}/edit").text
    etag = unescape(re.search(r'name="etag" value="([^"]+)"', page)[1])
    gone = client.post(f"/records/{record_id}/delete", data={"csrf": token(client), "etag": etag})
    assert gone.status_code == 303 and _stored(own_service, record_id) is None
    notice = client.get("/").text
    assert "Đã xóa hồ sơ" in notice
    undo = re.search(r'name="token" value="([^"]+)"', notice)[1]
    data = {"csrf": token(client), "token": undo, "id": record_id}
    assert client.post("/records/undo", data=data).status_code == 303
    after = _stored(own_service, record_id)
    assert (after.record, after.kept) == (before.record, before.kept)
    grants = client.get(f"/v1/records/{record_id}/grants").json()
    assert organisation in str(grants)


def test_erasing_a_person_takes_what_could_be_undone(own_service):
    folder = own_service.workspace.path / uploads.FOLDER
    (folder / "x").mkdir(parents=True)
    uploads.clear(own_service.workspace.path)
    assert not folder.exists()


def test_nobody_overwrites_what_they_have_not_seen(service, made, token):
    mine, record_id = made("Cần kho lạnh", description="Năm tấn.", place="Hà Nội")
    theirs = service.client("administrator")
    address = f"/records/{record_id}/edit"
    first, second = (_fields(one.get(address).text) for one in (mine, theirs))
    done = theirs.post(
        address, data={**second, "place": "Huế", "description": "Sáu tấn.", "do": "save"}
    )
    assert done.status_code == 303
    changed = {**first, "title": "Cần kho lạnh nhỏ", "description": f"Bảy tấn {SCRIPT}."}
    conflict = mine.post(address, data={**changed, "do": "save"})
    assert conflict.status_code == 412
    said = _said(conflict.text)
    assert "Sáu tấn." in said and "Bảy tấn" in said and SCRIPT not in conflict.text
    assert _stored(service, record_id).record.title == "Cần kho lạnh", "nothing was written"
    # What only one of the two changed is chosen for them.
    for name, chosen in (("title", "mine"), ("place", "theirs"), ("description", "mine")):
        assert f'name="pick_{name}" value="{chosen}" checked' in conflict.text
    etag = unescape(re.search(r'name="etag" value="([^"]+)"', conflict.text)[1])
    picks = {"pick_title": "mine", "pick_place": "theirs", "pick_description": "theirs"}
    shown = mine.post(address, data={**changed, **picks, "etag": etag, "do": "merge"})
    assert shown.status_code == 200
    assert (
        _fields(shown.text)["place"] == "Huế" and _fields(shown.text)["title"] == "Cần kho lạnh nhỏ"
    )
    done = mine.post(address, data={**changed, **picks, "etag": etag, "do": "resolve"})
    assert done.status_code == 303
    record = _stored(service, record_id).record
    assert (record.title, record.description, record.place) == (
        "Cần kho lạnh nhỏ", "Sáu tấn.", "Huế",
    )  # fmt: skip


def test_what_one_may_not_change_or_see(service, made, token):
    _, record_id = made("Cần phần mềm kho", visibility="confidential")
    owner = service.client("owner")
    assert owner.get(f"/records/{record_id}/edit").status_code == 404
    _, public = made("Cần phần mềm bán vé")
    assert owner.get(f"/records/{public}/edit").status_code == 403
    data = {"csrf": token(owner), "etag": "*", "do": "save"}
    assert owner.post(f"/records/{public}/edit", data=data).status_code == 403
    assert owner.post(f"/records/{public}/delete", data=data).status_code == 403
    assert owner.get("/records/khong-co/edit").status_code == 404


def test_a_contact_is_shown_to_its_own_people_and_noted(service, made):
    client, record_id = made("Cần xe điện chở rác", role="enterprise", person="Anh Bình")
    page = client.get(f"/records/{record_id}/edit").text
    assert 'value="Anh Bình"' in page
    client.post(f"/records/{record_id}/edit", data={**_fields(page), "place": "Huế", "do": "save"})
    assert _stored(service, record_id).record.contact.person == "Anh Bình"
    lines = service.client("administrator").get(
        "/v1/audit", params={"action": "contact.read", "object": f"record:{record_id}"}
    )
    assert len(lines.json()["items"]) == 1, lines.text


def test_every_demo_record_stands_in_its_form_unchanged():
    """Nothing is lost or rewritten by opening and saving."""
    from pathlib import Path

    demo = Path(__file__).parents[3] / "datasets" / "techmart-demo"
    for record in read_records([demo / "offers.xlsx", demo / "needs.xlsx"]).records:
        shown = recordform.shown(record, "", record.contact)
        sent = FormData(
            [(name, shown[name].replace("\n", "\r\n")) for name in recordform.PLAIN]
            + [(key, text) for pair in shown.extra.items()
               for key, text in zip(("extra_heading", "extra_text"), pair, strict=True)]
        )  # fmt: skip
        back = recordform.entered(Form(sent))
        assert back.changed(shown) == [], record.id
        assert recordform.differing(back, recordform.digests(shown)) == set()


def test_structured_values_are_shown_in_a_form_that_is_read_back():
    from indexer.values import parse_money, parse_trl

    for money in (
        Money(low=1), Money(high="2.5", currency="USD"), Money(low="0.9", high="1234567.25"),
        Money(low=5_000_000_000, high=5_000_000_000),
    ):  # fmt: skip
        record = Record(id="a", side=Side.SUPPLY, type=RecordType.PATENT, title="x", money=money)
        assert parse_money(recordform.shown(record)["money"]) == money
    for trl in (TrlRange(low=7, high=7), TrlRange(low=2, high=9)):
        record = Record(id="a", side=Side.DEMAND, type=RecordType.NEED, title="x", trl=trl)
        assert parse_trl(recordform.shown(record)["trl"]) == trl
    codes = (
        Code(scheme="IPC", version="unstated", code="C02F 3/12"),
        Code(scheme="VSIC", version="2025", code="3700"),
    )
    record = Record(id="a", side=Side.DEMAND, type=RecordType.NEED, title="x", codes=codes)
    text = recordform.shown(record)["codes"]
    assert text == "IPC: C02F 3/12; VSIC 2025: 3700"
    assert [Code(**one) for one in recordform.codes_of(text)] == list(codes)
