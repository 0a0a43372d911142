import json
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from api.accept_language import reader_language
from api.problems import KINDS, shown
from indexer.errors import DamagedError
from indexer.workspace import Workspace


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "vi"),
        ("en", "en"),
        ("vi", "vi"),
        ("en-GB,en;q=0.9", "en"),
        ("vi-VN, en;q=0.8", "vi"),
        ("en;q=0.8, vi;q=0.9", "vi"),
        ("en;q=0.9, vi;q=0.8", "en"),
        ("EN , vi", "en"),
        ("vi, en", "vi"),
        ("fr", "vi"),
        ("fr, en;q=0.1", "en"),
        ("vi;q=0, *", "en"),
        ("en;q=0", "vi"),
        ("*", "vi"),
        ("!!, ;;q=en", "vi"),
    ],
)
def test_the_language_wanted_most(header: str, language: str):
    assert reader_language(header) == language


def _problem(response, status: int, name: str) -> dict:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["type"] == f"/docs#problem-{name}"
    assert body["status"] == status
    assert body["title"] and body["detail"]
    return body


_NAMES = "text, record, want, k, offset, where, reasons, facets"
# method, address, body, place of the first error, its value, what is accepted (vi, en)
_REFUSED = [
    ("GET", "/v1/search?text=a&k=0", None, "query.k", "0", "số nguyên từ 1 đến 100",
     "an integer from 1 to 100"),
    ("GET", "/v1/search?text=a&k=101", None, "query.k", "101", "số nguyên từ 1 đến 100",
     "an integer from 1 to 100"),
    ("GET", "/v1/search?text=a&k=mười", None, "query.k", "mười", "số nguyên từ 1 đến 100",
     "an integer from 1 to 100"),
    ("GET", "/v1/search", None, "query.text", None, "văn bản tối đa 100.000 ký tự",
     "text of at most 100,000 characters"),
    ("GET", "/v1/search?text=a&want=cung", None, "query.want", "cung", "supply, demand",
     "supply, demand"),
    ("GET", "/v1/search?text=a&wheer=x", None, "query.wheer", "x", "các tên: " + _NAMES,
     "the names: " + _NAMES),
    ("GET", "/v1/records?limit=201", None, "query.limit", "201", "số nguyên từ 1 đến 200",
     "an integer from 1 to 200"),
    ("GET", "/v1/records?side=x", None, "query.side", "x", "supply, demand", "supply, demand"),
    ("GET", "/v1/records?cursor=xx", None, "query.cursor", "xx", "giá trị next của trang trước",
     "the value of next in the page before"),
    ("GET", "/v1/records?where=" + "x" * 501, None, "query.where[0]", "x" * 199 + "…",
     "văn bản tối đa 500 ký tự", "text of at most 500 characters"),
    ("GET", "/v1/matches?demand=CB-01", None, "query.demand", "CB-01",
     "mã của một hồ sơ phía demand", "the id of a demand record"),
    ("GET", "/v1/matches?cursor=WyJhIiwtMV0", None, None, None, None, None),
    ("POST", "/v1/search", {"text": "a" * 100_001}, "body.text", "a" * 199 + "…",
     "văn bản tối đa 100.000 ký tự", "text of at most 100,000 characters"),
    ("POST", "/v1/search", {"text": 5}, "body.text", 5, "văn bản tối đa 100.000 ký tự",
     "text of at most 100,000 characters"),
    ("POST", "/v1/search", {"text": "a", "where": "trl>5"}, "body.where", "trl>5",
     "danh sách tối đa 20 mục, mỗi mục: văn bản tối đa 500 ký tự",
     "a list of at most 20 items, each: text of at most 500 characters"),
    ("POST", "/v1/search", {"text": "a", "Where": []}, "body.Where", "[]",
     "các tên: " + _NAMES, "the names: " + _NAMES),
    ("POST", "/v1/search", [1], "body", "[1]", "các tên: " + _NAMES,
     "the names: " + _NAMES),
]  # fmt: skip


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("case", [case for case in _REFUSED if case[3]])
def test_a_refused_value_is_named_with_its_place_and_what_is_accepted(
    client: TestClient, case: tuple, language: str
):
    method, address, sent, place, value, accepted_vi, accepted_en = case
    response = client.request(method, address, json=sent, headers={"Accept-Language": language})
    first = _problem(response, 422, "invalid")["errors"][0]
    assert first["place"] == place
    assert first["value"] == value
    assert first["accepted"] == (accepted_vi if language == "vi" else accepted_en)
    assert first["reason"]
    assert response.headers["content-language"] == language
    assert response.headers["vary"] == "Accept-Language"


@pytest.mark.parametrize(("language", "word"), [("vi", "Các trường"), ("en", "Fields")])
def test_every_bad_condition_is_named(client: TestClient, language: str, word: str):
    response = client.post(
        "/v1/search",
        json={"text": "a", "where": ["trl>=5", "mau=xanh", "trl>=cao"]},
        headers={"Accept-Language": language},
    )
    errors = _problem(response, 422, "invalid")["errors"]
    assert [error["place"] for error in errors] == ["body.where[1]", "body.where[2]"]
    assert [error["value"] for error in errors] == ["mau=xanh", "trl>=cao"]
    assert word in errors[0]["accepted"]


@pytest.mark.parametrize(
    ("language", "title"), [("vi", "Không tìm thấy"), ("en", "Not found"), ("fr", "Không tìm thấy")]
)
def test_unknown_addresses_and_records(client: TestClient, language: str, title: str):
    for address in ("/v2", "/v1/records/", "/v1/records/không-có", "/v1/matches?demand=x", "/v1/"):
        response = client.get(address, headers={"Accept-Language": language})
        if address == "/v1/records/":
            _problem(response, 422, "invalid")
            continue
        assert _problem(response, 404, "not-found")["title"] == title
    assert "không-có" in client.get("/v1/records/không-có").json()["detail"]


def test_a_method_that_is_not_taken(client: TestClient):
    for address, allowed in (
        ("/v1/records", {"GET", "POST"}),
        ("/v1/search", {"GET", "POST"}),
        ("/docs", {"GET"}),
    ):
        response = client.delete(address)
        _problem(response, 405, "method-not-allowed")
        assert set(response.headers["allow"].split(", ")) == allowed


@pytest.mark.parametrize(
    "body",
    [b"\xff\xfe{", b"[" * 100_000, b'{"k":' + b"1" * 5000 + b"}"],
    ids=["not UTF-8", "nested", "a number of 5000 digits"],
)
def test_an_unreadable_body(client: TestClient, body: bytes):
    response = client.post("/v1/search", content=body, headers={"Content-Type": "application/json"})
    _problem(response, 400, "bad-request")


@pytest.mark.parametrize(
    "body", [b'{"text": ', b"", b'{"text": "\\ud800"}', b'{"text": NaN, "k": 1e400}', b"null"]
)
def test_an_invalid_body(client: TestClient, body: bytes):
    response = client.post("/v1/search", content=body, headers={"Content-Type": "application/json"})
    assert _problem(response, 422, "invalid")["errors"]


def test_a_body_that_is_not_json(client: TestClient):
    response = client.post(
        "/v1/search", content='{"text": "bơm"}'.encode(), headers={"Content-Type": "text/plain"}
    )
    error = _problem(response, 422, "invalid")["errors"][0]
    assert (error["place"], error["value"]) == ("body", '{"text": "bơm"}')


def test_a_body_beyond_the_limit(client: TestClient):
    body = json.dumps({"text": "a" * 1_000_000}).encode()
    announced = client.post("/v1/search", content=body)
    _problem(announced, 413, "too-large")
    pieces = client.post(
        "/v1/search",
        content=(body[i : i + 65536] for i in range(0, len(body), 65536)),
        headers={"Content-Type": "application/json"},
    )
    assert "content-length" not in pieces.request.headers
    _problem(pieces, 413, "too-large")


@pytest.mark.parametrize("length", ["-1", "9" * 30, "x"])
def test_a_length_that_is_no_length(client: TestClient, length: str):
    response = client.post("/v1/search", headers={"Content-Length": length}, content=b"")
    assert response.status_code in (400, 413)
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "10.0.0.1", "[fe80::1]", "localhostx"]
)
def test_foreign_host_names_are_refused(client: TestClient, host: str):
    response = client.get("/v1/records", headers={"Host": host})
    _problem(response, 421, "wrong-host")


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8000", "localhost.:80", "127.0.0.1:1", "127.8.9.1", "[::1]:9"]
)
def test_names_of_this_machine_are_answered(client: TestClient, host: str):
    assert client.get("/v1/records?limit=1", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(("language", "word"), [("vi", "nhật ký"), ("en", "log")])
def test_an_unexpected_error_shows_nothing_inside(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, language: str, word: str
):
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret path /etc")

    monkeypatch.setattr("api.service.records.find", fail)
    response = client.get("/v1/records/CB-01", headers={"Accept-Language": language})
    assert word in _problem(response, 500, "internal")["detail"]
    assert "secret" not in response.text and "Zero" not in response.text


@pytest.mark.parametrize(("language", "words"), [("vi", "bị hỏng thật"), ("en", "truly damaged")])
def test_a_damaged_workspace(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, language: str, words: str
):
    def fail(*_: object, **__: object) -> None:
        raise DamagedError(vi="bị hỏng thật", en="truly damaged")

    monkeypatch.setattr("api.service.recordlist.find_all", fail)
    response = client.get("/v1/records", headers={"Accept-Language": language})
    assert _problem(response, 503, "damaged")["detail"] == words


def test_without_an_index_records_are_found_as_soon_as_they_are_read(
    make_workspace: Callable[..., Workspace], client_of: Callable[[Workspace], TestClient]
):
    client = client_of(make_workspace(indexed=False))
    assert client.get("/health").status_code == 200
    assert client.get("/v1/records").json()["total"] == 12
    opened = client.app.state.opened
    assert opened.follower.wait(opened.catalog.version, 30)
    assert client.get("/v1/search", params={"text": "nước thải"}).json()["items"]


def test_a_refused_value_is_always_writable():
    assert shown("\ud800x") == "?x"
    assert shown("é" * 500) == "é" * 199 + "…"
    assert shown(float("nan")) == "nan"
    assert shown(10**30) == "1" + "0" * 30
    assert shown(b"\xffa") == "\ufffda"
    assert shown({"a": [1]}) == "{'a': [1]}"
    assert [shown(value) for value in (None, True, 7, 1.5)] == [None, True, 7, 1.5]


def test_the_documentation_explains_every_kind(client: TestClient):
    page = client.get("/docs", headers={"Accept-Language": "en"}).text
    for kind in KINDS:
        assert f'id="problem-{kind.name}"' in page
        assert kind.title.en in page
