import threading
import unicodedata
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from indexer.index import Index
from indexer.records import Side
from indexer.workspace import Workspace
from matcher.matcher import Matcher

WASTEWATER = "xử lý nước thải nhà máy thủy sản"


def _search(client: TestClient, text: str, **more: object) -> list[dict]:
    response = client.post("/v1/search", json={"text": text, **more})
    assert response.status_code == 200, response.text
    return response.json()["items"]


@pytest.mark.parametrize(
    ("text", "want"), [(WASTEWATER, Side.SUPPLY), ("sấy xoài", Side.DEMAND), ("shrimp", "supply")]
)
def test_the_answers_are_those_of_the_matcher(
    client: TestClient, workspace: Workspace, text: str, want: str
):
    with workspace.catalog() as catalog:
        matcher = Matcher(Index.open(workspace.index_path), catalog, workspace.settings)
        expected = [hit.to_json() for hit in matcher.search(text, want=Side(want), k=5)]
    assert _search(client, text, want=want, k=5) == expected
    query = {"text": text, "want": want, "k": 5}
    assert client.get("/v1/search", params=query).json()["items"] == expected
    assert expected


def test_the_best_answer_comes_first_with_its_evidence(client: TestClient):
    best = _search(client, WASTEWATER)[0]
    assert best["id"] == "CB-01"
    assert set(best) == {"id", "title", "owner", "score", "evidence", "flags"}
    evidence = best["evidence"][0]
    assert "nước thải" in evidence["supply"]["text"]
    assert "cùng nói về" in evidence["why"]["vi"].casefold()


def test_unicode_forms_ask_the_same(client: TestClient):
    forms = [unicodedata.normalize(form, WASTEWATER) for form in ("NFC", "NFD")]
    ids = [[hit["id"] for hit in _search(client, form)] for form in forms]
    assert ids[0] == ids[1]
    assert _search(client, "xu ly nuoc thai thuy san")[0]["id"] == "CB-01"


@pytest.mark.parametrize(
    "text", ["", "   ", "\x00\x01", "😀", "\u202eabc", "\u200b", "a" * 100_000]
)
def test_odd_texts_are_answered(client: TestClient, text: str):
    assert len(_search(client, text)) <= 10
    if not text.strip("\x00\x01\u200b "):
        assert _search(client, text) == []


def test_conditions_hold_before_the_best_are_taken(client: TestClient):
    assert [hit["id"] for hit in _search(client, WASTEWATER, k=1)] == ["CB-01"]
    limited = _search(client, WASTEWATER, k=1, where=["trl<=4", "owner~song lam"])
    assert [hit["id"] for hit in limited] == ["CB-02"]
    query = [("text", WASTEWATER), ("k", "1"), ("where", "trl<=4"), ("where", "owner~song lam")]
    assert client.get("/v1/search", params=query).json()["items"] == limited
    assert _search(client, WASTEWATER, where=["owner=nobody"]) == []


def test_concurrent_searches_answer_as_one_at_a_time(client: TestClient):
    texts = [WASTEWATER, "sấy xoài", "đo độ mặn", "shrimp test", "pump failure", "diệt khuẩn"]
    alone = {text: _search(client, text) for text in texts}
    wrong: list[str] = []

    def ask(text: str) -> None:
        for _ in range(3):
            if _search(client, text) != alone[text]:
                wrong.append(text)
            if client.get("/v1/records?limit=200").json()["total"] != 12:
                wrong.append("records")

    threads = [threading.Thread(target=ask, args=(text,)) for text in texts * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_private_records_are_flagged(client: TestClient):
    hits = {hit["id"]: hit for hit in _search(client, "predict pump failure by vibration")}
    assert "confidential" in hits["CB-06"]["flags"]


def test_a_search_needs_no_lock_of_the_catalog(
    make_workspace: Callable[..., Workspace], client_of: Callable[[Workspace], TestClient]
):
    workspace = make_workspace()
    client = client_of(workspace)
    with workspace.writing():
        assert _search(client, WASTEWATER)[0]["id"] == "CB-01"


def test_a_record_asks_for_its_matches(client: TestClient):
    found = client.post("/v1/search", json={"record": "NC-01"}).json()["items"]
    assert found[0]["id"] == "CB-01"
    # Evidence is that of the record's own fields.
    assert found[0]["evidence"][0]["demand"]["field"] == "description"
    offer = client.get("/v1/search", params={"record": "CB-03"}).json()["items"]
    assert offer[0]["id"] == "NC-02"


@pytest.mark.parametrize(
    ("asked", "status", "place"),
    [
        ({}, 422, "body.text"),
        ({"text": "a", "record": "NC-01"}, 422, "body.record"),
        ({"record": "NC-01", "want": "demand"}, 422, "body.want"),
        ({"record": "không có"}, 404, None),
        ({"text": "a", "offset": 100}, 422, "body.offset"),
    ],
)
def test_what_is_asked_is_one_thing(client: TestClient, asked: dict, status: int, place: str):
    response = client.post("/v1/search", json=asked)
    assert response.status_code == status
    if place:
        assert response.json()["errors"][0]["place"] == place


def test_pages_make_up_the_list(client: TestClient):
    whole = _search(client, WASTEWATER, k=50)
    seen: list[dict] = []
    offset: int | None = 0
    while offset is not None:
        asked = {"text": WASTEWATER, "k": 1, "offset": offset}
        body = client.post("/v1/search", json=asked).json()
        seen += body["items"]
        offset = body["next_offset"]
    assert seen == whole
    assert len(whole) > 1


def test_reasons_and_what_is_missing(client: TestClient):
    need = _search(client, "Cần xử lý nước thải dệt nhuộm còn màu", reasons=True)
    dyeing = next(hit for hit in need if hit["id"] == "CB-02")
    assert dyeing["reasons"][0]["weight"] > 0
    assert dyeing["reasons"][0]["words"]["vi"]
    assert "reasons" not in _search(client, "sấy xoài")[0]


def test_an_obstacle_is_named(make_workspace: Callable[..., Workspace], client_of: Callable):
    client = client_of(make_workspace())
    need = {"side": "demand", "id": "N", "title": "Cần máy sấy xoài nhiệt độ thấp", "trl": 9}
    assert client.post("/v1/records", json=need).status_code == 201
    opened = client.app.state.opened
    assert opened.follower.wait(opened.catalog.version, 30)  # until it has its vector
    asked = {"record": "N", "reasons": True}
    dryer = client.post("/v1/search", json=asked).json()["items"][0]
    assert (dryer["id"], dryer["flags"]) == ("CB-03", ["trl-below"])
    assert [lack["name"] for lack in dryer["missing"]] == ["trl"]
    assert "TRL" in dryer["missing"][0]["words"]["vi"]
    assert "TRL" in str([one["words"] for one in dryer["reasons"] if one["weight"] <= 0])


def test_facets_count_the_best(client: TestClient):
    body = client.post("/v1/search", json={"text": "shrimp test", "k": 1, "facets": True}).json()
    assert len(body["items"]) == 1
    assert {"value": "patent", "count": 1} in body["facets"]["type"]
    assert set(body["facets"]) == {"type", "field", "place"}
