"""The first page, and what every page has: language, headers, style, errors."""

import re

import pytest

from api.actors import Action
from api.main import create_app
from api.pages.navigation import Link
from api.pages.rendering import POLICY
from api.problems import ProblemError
from indexer.bilingual import Bilingual

LANGUAGES = ("vi", "en")


def _numbers(html: str) -> list[str]:
    return re.findall(r"<dd>([\d.,]+)</dd>", html)


def test_what_it_is_and_a_search_box(service):
    page = service.client().get("/")
    assert page.status_code == 200
    assert "<h1" in page.text and "Tìm công nghệ cho nhu cầu của bạn" in page.text
    assert re.search(r'<form[^>]*action="/search"[^>]*role="search"', page.text)
    assert "<textarea" in page.text and 'name="q"' in page.text


def test_numbers_are_what_one_may_read(own_service, open_service):
    # Offers 5 and 11 are for whoever has signed in, 17 and 23 for the staff of the centre, 0 for
    # its owner and the keepers.
    assert _numbers(own_service.client().get("/").text)[:2] == ["35", "20"]
    assert _numbers(own_service.client("enterprise").get("/").text)[0] == "37"
    assert _numbers(own_service.client("reader").get("/").text)[0] == "39"
    assert _numbers(own_service.client("owner").get("/").text)[0] == "38"
    assert _numbers(open_service.client().get("/").text)[:2] == ["40", "20"]


def test_numbers_follow_the_catalog(own_service):
    client = own_service.client()
    before = _numbers(client.get("/").text)[:2]
    with own_service.workspace.catalog() as catalog:
        catalog.delete([next(iter(catalog.records(side="demand"))).id])
    assert _numbers(client.get("/").text)[:2] == [before[0], "19"]


def test_events_are_counted_for_those_who_may_see_them(service):
    assert len(_numbers(service.client().get("/").text)) == 3
    assert len(_numbers(service.client("organiser").get("/").text)) == 4


def test_cards_and_navigation_lead_where_one_may_go(service, monkeypatch):
    everybody = Link("/docs", Bilingual("Tài liệu", "Documents"), lead=Bilingual("Đọc.", "Read."))
    people = Link("/people", Bilingual("Mọi người", "People"), Action.PEOPLE)
    monkeypatch.setitem(service.app.state._state, "navigation", (everybody, people))
    page = service.client().get("/").text
    assert '<nav class="places"' in page and "Mọi người" not in page
    assert page.count('href="/docs"') == 3, "at the top, as a card, at the foot"
    assert "Mọi người" in service.client("organiser").get("/").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_headers(service, language):
    page = service.client(language=language).get("/")
    assert page.headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["content-language"] == language
    assert f'<html lang="{language}">' in page.text
    assert not re.search(r"<script(?![^>]*\bsrc=)|\bstyle=|\bon\w+=", page.text)


def test_the_language_asked_for_is_kept(service):
    client = service.client(language="vi")
    assert "Tìm công nghệ" in client.get("/").text
    asked = client.get("/?lang=en&x=1")
    assert "Find technology" in asked.text
    assert "cungcau_lang=en" in asked.headers["set-cookie"]
    assert 'href="?x=1&amp;lang=vi"' in asked.text
    assert "Find technology" in client.get("/").text, "the cookie before the browser's language"
    assert "Tìm công nghệ" in client.get("/?lang=vi").text
    assert "Tìm công nghệ" in client.get("/?lang=fr").text


def test_static_files_are_kept_for_good(service):
    client = service.client()
    page = client.get("/").text
    (sheet,) = re.findall(r'href="(/static/[0-9a-f]{16}/style.css)"', page)
    found = client.get(sheet)
    assert found.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in found.headers["cache-control"]
    assert found.headers["content-encoding"] == "gzip"
    assert found.text.index("--ground") < found.text.index(".button") < found.text.index(".hero")
    plain = client.get(sheet, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers and plain.text == found.text
    old = client.get(re.sub(r"[0-9a-f]{16}", "0" * 16, sheet))
    assert old.headers["cache-control"] == "no-cache" and old.text == found.text
    for name in ("base.css", "nothing.css", "..%2Fstatic.py"):
        assert client.get(f"/static/0/{name}").status_code == 404


def test_what_is_not_there(service):
    page = service.client("owner").get("/khong-co")
    assert page.status_code == 404
    assert "Không tìm thấy" in page.text and "Trần Văn Viện" in page.text
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"] == POLICY
    for headers in ({"Accept": "application/json"}, {"Accept": "*/*"}):
        refused = service.client().get("/khong-co", headers=headers)
        assert refused.headers["content-type"] == "application/problem+json"
    for path in ("/v1/records/khong-co", "/v1/khong-co"):
        assert service.client().get(path).headers["content-type"] == "application/problem+json"


def test_what_is_not_there_holds_no_script(service):
    page = service.client().get("/<script>alert(1)</script>?lang=en&a=%22%3E%3Cscript%3E")
    assert page.status_code == 404
    assert "<script>" not in page.text


def test_what_cannot_be_done_that_way(service):
    page = service.client().delete("/sign-in")
    assert page.status_code == 405
    assert "allow" in page.headers and "<h1>" in page.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_failure_of_ours(service, monkeypatch, language):
    from fastapi.testclient import TestClient

    def fail(*_):
        raise RuntimeError("bí mật bên trong")

    monkeypatch.setattr(service.app.state.counts, "of_centre", fail, raising=False)
    client = TestClient(
        service.app, "http://127.0.0.1", raise_server_exceptions=False,
        headers={"Accept": "text/html", "Accept-Language": language},
    )  # fmt: skip
    page = client.get("/")
    assert page.status_code == 500
    assert "bí mật" not in page.text
    assert {"vi": "Lỗi của dịch vụ", "en": "Error of the service"}[language] in page.text


def test_a_catalog_that_cannot_be_read(service, tmp_path):
    from fastapi.testclient import TestClient

    from indexer.workspace import Workspace

    workspace = Workspace.open(tmp_path / "w", create=True)
    (tmp_path / "w" / "catalog.sqlite3").write_bytes(b"nothing of ours" * 1000)
    client = TestClient(create_app(workspace), "http://127.0.0.1", headers={"Accept": "text/html"})
    page = client.get("/")
    assert page.status_code == 503
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "catalog.sqlite3" in page.text


def test_another_host_name(service):
    page = service.client().get("/", headers={"Host": "other.example"})
    assert page.status_code == 421
    assert "allowed_hosts" in page.text and page.headers["content-type"].startswith("text/html")


def _failing(kind, detail):
    def fail(*_):
        raise ProblemError(kind, detail)

    return fail


def test_problems_raised_by_pages(service, monkeypatch):
    """The words for people, unless the problem has its own."""
    from api import problems

    raised = [
        (problems.PRECONDITION_FAILED, None, "Có người vừa sửa nội dung này"),
        (problems.NOT_FOUND, Bilingual("Xem /v1/records", "x"), "Trang này không có"),
        (problems.NOT_POSSIBLE, Bilingual("Lịch đang chạy.", "x"), "Lịch đang chạy."),
        (problems.FORBIDDEN, None, "không có quyền làm việc này"),
    ]
    for kind, detail, said in raised:
        monkeypatch.setattr(service.app.state.counts, "of_centre", _failing(kind, detail))
        page = service.client().get("/")
        assert page.status_code == kind.status
        assert said in page.text
