"""Importing: looked at, corrected, accepted, taken back; and what is no spreadsheet."""

import csv
import io
import re
import time
from html import unescape
from pathlib import Path

import openpyxl
import pytest

from api.pages.importwords import plain
from api.service import reviews, uploads

DEMO = Path(__file__).parents[3] / "datasets" / "techmart-demo"
REAL = Path(__file__).parents[3].parent / "shared/data/real/event-offers.xlsx"
SCRIPT = "<script>alert(1)</script>"
SUMMED = ("thêm mới", "sửa", "không đổi", "bị loại", "gần trùng")


def _workbook(sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _event(tmp):
    """The real list of an event; where it is absent, one of the same shape."""
    if REAL.exists():
        return REAL.read_bytes()
    names = [f"Giải pháp số {n} cho kho lạnh {n * 7}" for n in range(1, 40)]
    body = [[n, name, f"Công ty {n % 9}", "logistics", f"Theo dõi {name} từ xa.", "Nhà kho"]
            for n, name in enumerate(names, 1)]  # fmt: skip
    head = ["STT", "Tên giải pháp", "Tên đơn vị / doanh nghiệp", "Lĩnh vực", "Mô tả",
            "Khách hàng mục tiêu"]  # fmt: skip
    rows = [["DANH MỤC GIẢI PHÁP CÔNG NGHỆ THAM GIA"], [], head, *body]
    return _workbook({"Chào bán công nghệ": rows})


@pytest.fixture
def send(token):
    """Sends files; gives the client's answer."""

    def post(client, *files, **data):
        chosen = [("files", (name, content)) for name, content in files]
        return client.post("/import", data={"csrf": token(client), **data}, files=chosen)

    return post


@pytest.fixture
def look(send):
    """Sends one file and opens what became of it: (address, page)."""

    def open_(client, name, content, **data):
        answer = send(client, (name, content), **data)
        assert answer.status_code == 303, answer.text
        where = answer.headers["location"]
        return where, client.get(where).text

    return open_


def _sums(html):
    found = re.findall(r"<dt>([^<]+)</dt><dd>([\d.]+)</dd>", html)
    return {name: int(value.replace(".", "")) for name, value in found}


def _count(service):
    with service.workspace.catalog() as catalog:
        return sum(1 for _ in catalog.records())


def _csv(*rows):
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def test_who_may_import(service):
    assert service.client("organiser").get("/import").status_code == 200
    for role in ("owner", "enterprise", "reader"):
        assert service.client(role).get("/import").status_code == 403
    assert service.client().get("/import").headers["location"].startswith("/sign-in")


def test_two_spreadsheets_of_an_event(own_service, send, tmp_path, token):
    client = own_service.client("organiser")
    before = _count(own_service)
    offers = ("danh-sach.xlsx", _event(tmp_path))
    needs = ("needs.xlsx", (DEMO / "needs.xlsx").read_bytes())
    first = send(client, offers, needs).headers["location"]
    page = client.get(first).text
    assert "Chưa có gì được lưu." in page and "Còn 1 tệp nữa" in page
    assert re.search(r"Tên giải pháp</th>", page) and "Là trường" in page
    assert _count(own_service) == before, "nothing is stored before it is accepted"
    new = _sums(page)["thêm mới"]
    assert new > 30
    done = client.post(f"{first}/accept", data={"csrf": token(client)})
    assert done.headers["location"] == first
    page = client.get(first).text
    assert _sums(page)["thêm mới"] == new and "Tiếp: needs.xlsx" in page
    assert _count(own_service) == before + new
    second = re.search(r'href="(/import/[^"]+)">Tiếp', page)[1]
    page = client.get(second).text
    sums = _sums(page)
    # The first twenty needs are there already, as they are in the file.
    assert sums["không đổi"] >= 20 and sums["bị loại"] > 0
    undone = client.post(f"{first}/undo", data={"csrf": token(client)})
    assert undone.headers["location"] == "/import"
    assert f"{new} hồ sơ trở lại như trước" in client.get("/import").text
    assert _count(own_service) == before


def test_a_second_import_shows_what_changes_and_is_undone(own_service, look, token):
    client = own_service.client("organiser")
    head = ["Mã", "Tên nhu cầu", "Nội dung", "Kinh phí", "Hạn", "Email"]
    one = ["ZZ-1", "Cần máy đo mặn", "Đo tự động tại cống", "200 triệu", "1/2/2028", "a@b.example"]
    two = ["ZZ-2", "Cần trạm bơm", "Bơm bằng điện mặt trời", "", "", ""]
    where, _ = look(client, "nhu-cau.csv", _csv(head, one, two))
    client.post(f"{where}/accept", data={"csrf": token(client)})
    one[2:4] = ["Đo tự động tại ba cống", "300 triệu"]
    again, page = look(client, "nhu-cau.csv", _csv(head, one, two))
    sums = _sums(page)
    assert (sums["thêm mới"], sums["sửa"], sums["không đổi"]) == (0, 1, 1)
    changed = client.get(again + "?show=updated").text
    assert "<del>Đo tự động tại cống</del>" in changed
    assert "<ins>Đo tự động tại ba cống</ins>" in changed
    assert "<del>200 triệu VND</del>" in changed and "Nhập 1 hồ sơ" in changed
    client.post(f"{again}/accept", data={"csrf": token(client)})
    client.post(f"{again}/undo", data={"csrf": token(client)})
    with own_service.workspace.catalog() as catalog:
        found = {record.id: record for record in catalog.records(ids=["ZZ-1", "ZZ-2"])}
    assert found["ZZ-1"].description == "Đo tự động tại cống"
    assert found["ZZ-1"].contact.email == "a@b.example"
    # The first import is still there to be undone, but for what has changed since: nothing has.
    client.post(f"{where}/undo", data={"csrf": token(client)})
    with own_service.workspace.catalog() as catalog:
        left = {record.id for record in catalog.records(ids=["ZZ-1", "ZZ-2"])}
    assert left == {"ZZ-1"}, "changed since, to and fro"
    assert "1 hồ sơ đã có người sửa sau đó" in client.get("/import").text


def test_columns_are_corrected_and_told_anew(service, look, token):
    client = service.client("organiser")
    rows = [["Cái gì", "Kể thêm", "Tên đơn vị"], ["Máy ép bã mía", "Ép khô còn 40%", "HTX Mía"],
            ["Máy băm rơm", "Băm nhỏ làm nấm", "HTX Nấm"]]  # fmt: skip
    where, page = look(client, "la.csv", _csv(*rows))
    assert "Chưa hiểu được tệp này" in page and "--" not in re.sub(r"<[^>]+>", "", page)
    assert "Cái gì</th>" in page and "Máy ép bã mía" in page
    form = {"heading": ["Cái gì", "Kể thêm"], "was": ["", ""], "field": ["title", "description"]}
    data = {"csrf": token(client), "side": "supply", "sheet": "", **form}
    done = client.post(f"{where}/columns", data=data)
    assert done.headers["location"] == f"{where}#columns"
    page = client.get(where).text
    assert _sums(page)["thêm mới"] == 2 and "Nhập 2 hồ sơ" in page
    back = {"heading": ["Kể thêm"], "was": ["description"], "field": ["skip"]}
    client.post(f"{where}/columns", data={**data, **back})
    assert re.search(r'value="skip" selected', client.get(where).text)
    client.post(f"{where}/discard", data={"csrf": token(client)})
    assert client.get(where).status_code == 404


def test_rejected_rows_are_corrected_in_place(service, look, token):
    client = service.client("organiser")
    head = ["Mã", "Tên công nghệ", "Mô tả", "TRL", "Giá"]
    rows = [
        ["YA-1", "Lò sấy cát", "Sấy khô", "7", "5 tỷ"],
        ["YA-2", "Lò nung", "Nung gốm", "15", ""],
        ["YA-3", "", "", "", "100"],
        ["YA-1", "Trùng mã", "khác hẳn", "", ""],
    ]
    where, page = look(client, "lo.csv", _csv(head, *rows), side="supply")
    assert _sums(page)["bị loại"] == 3 and "3 dòng bị loại sẽ không được nhập" in page
    page = unescape(client.get(where + "?show=rejected").text)
    assert "nằm ngoài thang 1–9" in page and 'name="fix_text" value="15"' in page
    assert 'name="fix_text" value="YA-1"' in page, "the code that is used twice"
    fixes = [
        ("3", "TRL", "15", "5"),
        ("4", "Tên công nghệ", "", "Lò hơi"),
        ("5", "Mã", "YA-1", "YA-4"),
    ]
    data = {
        "csrf": token(client), "fix_sheet": ["", "", ""],
        **{name: [one[at] for one in fixes] for at, name in
           enumerate(("fix_row", "fix_heading", "fix_was", "fix_text"))},
    }  # fmt: skip
    done = client.post(f"{where}/rows", data=data)
    assert done.headers["location"] == f"{where}?show=rejected#rows"
    page = client.get(where).text
    assert _sums(page)["bị loại"] == 0 and _sums(page)["thêm mới"] == 4
    assert "Đã sửa tại chỗ 3 dòng." in page
    client.post(f"{where}/rows", data={"csrf": token(client), "do": "forget"})
    assert _sums(client.get(where).text)["bị loại"] == 3
    client.post(f"{where}/discard", data={"csrf": token(client)})


@pytest.mark.parametrize("language", ["vi", "en"])
def test_rejected_rows_are_downloaded_and_come_back(service, look, token, language):
    client = service.client("organiser", language)
    head = ["Tên công nghệ", "Mô tả", "TRL"]
    evil = ["=HYPERLINK(1)", "+84 sấy khô", "15"]
    where, _ = look(client, "xau.csv", _csv(head, evil), side="supply")
    got = client.get(f"{where}/rejected.csv")
    assert got.headers["content-type"] == "text/csv; charset=utf-8"
    assert got.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(got.content.decode("utf-8-sig"))))
    assert rows[0][:3] == head and rows[1][0] == "'=HYPERLINK(1)" and rows[1][1].startswith("'+")
    rows[1][2] = "5"
    _, page = look(client, "sua.csv", _csv(*rows), side="supply")
    assert '<span class="muted small">' in page, "the reasons are no text of the record"
    assert list(_sums(page).values())[3] == 0


def test_scripts_and_formulas_stay_text(own_service, look, token):
    client = own_service.client("organiser")
    bidi = "Máy \u202egnud\u202c"
    rows = [["Tên công nghệ", f"Ghi {SCRIPT}", "Mô tả"], [f"Máy {SCRIPT}", SCRIPT, "=1+1"],
            [bidi, "x", '=cmd|"/c calc"!A1']]  # fmt: skip
    name = f"{SCRIPT}.xlsx"
    where, page = look(client, name, _workbook({f"S {SCRIPT}"[:31].replace("/", ""): rows}))
    for state in ("", "?show=inserted", "?show=rejected", "?show=<script>&start=-5"):
        page = client.get(where + state).text
        assert SCRIPT not in page and "\u202e" not in page
    client.post(f"{where}/accept", data={"csrf": token(client)})
    assert SCRIPT not in client.get(where).text and SCRIPT not in client.get("/import").text


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("bao-cao.pdf", b"%PDF-1.7 nothing", "không đọc loại tệp"),
        ("hong.xlsx", b"PK\x03\x04 broken", "bị hỏng"),
        ("rong.csv", b"", "tệp rỗng"),
        ("../../etc/passwd", b"root:x:0:0", "không đọc loại tệp"),
        ("chi-tieu-de.csv", "Tên công nghệ,Mô tả\n".encode(), "chỉ có tiêu đề cột"),
    ],
)
def test_what_is_no_list(service, look, token, name, content, said):
    client = service.client("organiser")
    where, page = look(client, name, content, side="supply")
    assert said in unescape(page) and "Chưa hiểu được tệp này" in page
    assert str(service.workspace.path) not in page
    accepted = client.post(f"{where}/accept", data={"csrf": token(client)})
    assert accepted.status_code == 303 and said in unescape(client.get(where).text)
    client.post(f"{where}/discard", data={"csrf": token(client)})
    assert not list((service.workspace.path / uploads.FOLDER / where.split("/")[-1]).glob("*"))


def test_no_file(service, send):
    page = send(service.client("organiser"))
    assert page.status_code == 422 and "Hãy chọn ít nhất một tệp." in page.text


def test_files_are_of_one_person_and_of_a_day(service, look, monkeypatch):
    client, other = service.client("organiser"), service.client("administrator")
    where, _ = look(client, "a.csv", _csv(["Tên công nghệ"], ["Cân"]), side="supply")
    token_ = where.split("/")[-1]
    assert len(token_) == 32
    for path in ("", "/rejected.csv"):
        assert other.get(where + path).status_code == 404
    for bad in ("x" * 32, "about.json", "..%2f.."):
        assert client.get(f"/import/{bad}").status_code == 404
    assert where in client.get("/import").text and where not in other.get("/import").text
    about = service.workspace.path / uploads.FOLDER / token_ / "about.json"
    assert about.parent.stat().st_mode & 0o077 == 0
    monkeypatch.setattr(uploads, "LIFETIME", -1.0)
    look(client, "b.csv", _csv(["Tên công nghệ"], ["Bập bênh"]), side="supply")
    assert client.get(where).status_code == 404


def test_too_many_files_wait(own_service, send, monkeypatch):
    monkeypatch.setattr(uploads, "MOST", 2)
    client = own_service.client("organiser")
    file = ("a.csv", _csv(["Tên công nghệ"], ["Cân"]))
    page = send(client, file, file, file, side="supply")
    assert page.status_code == 422 and "Hãy nhập hoặc bỏ bớt" in page.text


def test_what_changes_meanwhile_is_compared_anew(own_service, look):
    client = own_service.client("organiser")
    with own_service.workspace.catalog() as catalog:
        need = next(iter(catalog.records(side="demand")))
    rows = [["Mã", "Tên nhu cầu"], [need.id, "Tên khác hẳn"]]
    where, page = look(client, "x.csv", _csv(*rows))
    assert _sums(page)["sửa"] == 1
    with own_service.workspace.catalog() as catalog:
        catalog.delete([need.id])
    assert _sums(client.get(where).text)["thêm mới"] == 1


def test_a_large_file_is_read_and_stored_by_runs(own_service, send, token, monkeypatch):
    monkeypatch.setattr(reviews, "LARGE", 100)
    monkeypatch.setattr("api.pages.imports.LARGE", 100)
    client = own_service.client("organiser")
    before = _count(own_service)
    rows = [[f"Máy số {n}", f"Làm việc thứ {n}", "99" if n == 7 else "5"] for n in range(50)]
    rows.insert(0, ["Tên công nghệ", "Mô tả", "TRL"])
    where = send(client, ("lon.csv", _csv(*rows)), side="supply").headers["location"]
    page = _when_over(client, where)
    assert _sums(page)["thêm mới"] == 49 and _count(own_service) == before
    client.post(f"{where}/accept", data={"csrf": token(client)})
    page = _when_over(client, where)
    assert "Đã nhập" in page and _sums(page)["thêm mới"] == 49
    assert _count(own_service) == before + 49
    runs = client.get("/v1/runs", params={"kind": "import"}).json()["items"]
    assert len(runs) == 2 and where.split("/")[-1] not in str(runs), "the token is told to nobody"
    rows = client.get(f"/v1/runs/{runs[0]['id']}/result").json()
    assert len(rows["items"]) == 50
    client.post(f"{where}/undo", data={"csrf": token(client)})
    assert _count(own_service) == before


def _when_over(client, where):
    """The page, once nothing is under way; meanwhile it says how far that is."""
    for _ in range(150):
        answer = client.get(where)
        if "refresh" not in answer.headers:
            return answer.text
        assert "<progress" in answer.text and "Dừng lại" in answer.text
        time.sleep(0.1)
    raise AssertionError("the run does not end")


def test_a_run_that_is_stopped(own_service, send, token, monkeypatch):
    monkeypatch.setattr("api.pages.imports.LARGE", 1)
    monkeypatch.setattr("api.service.runs.take", lambda *_: None)  # nobody works
    client = own_service.client("organiser")
    where = send(client, ("a.csv", _csv(["Tên công nghệ"], ["Cân"]))).headers["location"]
    assert "refresh" in client.get(where).headers
    client.post(f"{where}/cancel", data={"csrf": token(client)})
    page = client.get(where)
    assert "refresh" not in page.headers and "Đã dừng theo yêu cầu" in page.text
    client.post(f"{where}/again", data={"csrf": token(client)})
    assert "refresh" in client.get(where).headers
    client.post(f"{where}/discard", data={"csrf": token(client)})
    assert client.get(where).status_code == 404


def test_words_of_the_command_line_are_left_out():
    assert (
        plain("a.xlsx: không rõ; hãy thêm --side supply hoặc --side demand.") == "a.xlsx: không rõ."
    )
    assert plain("cung hoặc cầu, hoặc tuỳ chọn --side") == "cung hoặc cầu"
    assert plain("No column. To map one: --map x.") == "No column."
