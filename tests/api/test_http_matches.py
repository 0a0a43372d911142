import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient

from indexer.index import Index
from indexer.workspace import Workspace
from matcher.matcher import Matcher
from matcher.matchlist import MatchList


@pytest.fixture(scope="module")
def expected(workspace: Workspace) -> MatchList:
    with workspace.catalog() as catalog:
        return Matcher(Index.open(workspace.index_path), catalog, workspace.settings).match(k=3)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The k of every matching run that is made."""
    made: list[int] = []
    match = Matcher.match

    def counted(self: Matcher, **options: object) -> MatchList:
        made.append(int(options["k"]))
        return match(self, **options)

    monkeypatch.setattr(Matcher, "match", counted)
    return made


def test_the_whole_list(client: TestClient, expected: MatchList):
    body = client.get("/v1/matches?k=3&limit=200").json()
    assert body["items"] == [match.to_json() for match in expected.lines()]
    assert body["total"] == len(body["items"]) > 5
    assert body["catalog_version"] == 1
    assert body["settings"]["k"] == "3"
    assert body["next"] is None


def test_the_list_of_one_need_or_offer(client: TestClient, expected: MatchList):
    for side, lists in (("demand", expected.by_demand), ("supply", expected.by_supply)):
        for record_id, matches in lists.items():
            body = client.get("/v1/matches", params={"k": 3, side: record_id}).json()
            assert body["items"] == [match.to_json() for match in matches]
    both = {"k": 3, "demand": "NC-01", "supply": "CB-01"}
    assert [m["rank"] for m in client.get("/v1/matches", params=both).json()["items"]] == [1]


def test_a_record_without_matches_has_an_empty_list(client: TestClient, expected: MatchList):
    query = {"k": 1, "demand": "NC-02", "supply": "CB-06"}
    assert client.get("/v1/matches", params=query).json()["items"] == []


def test_pages_meet_every_match_once(client: TestClient, expected: MatchList):
    seen: list[dict] = []
    query: dict = {"k": 3, "limit": 2}
    while True:
        body = client.get("/v1/matches", params=query).json()
        seen += body["items"]
        if body["next"] is None:
            break
        query["cursor"] = body["next"]
    assert seen == [match.to_json() for match in expected.lines()]


def test_a_cursor_of_another_list_is_a_conflict(client: TestClient):
    cursor = client.get("/v1/matches?k=3&limit=1").json()["next"]
    response = client.get("/v1/matches", params={"k": 4, "limit": 1, "cursor": cursor})
    assert response.status_code == 409
    assert response.json()["type"] == "/docs#problem-list-changed"


def test_repeated_requests_make_the_list_once(client: TestClient, runs: list[int]):
    with ThreadPoolExecutor(8) as pool:
        asked = list(pool.map(lambda _: client.get("/v1/matches?k=2"), range(8)))
    assert {response.status_code for response in asked} == {200}
    client.get("/v1/matches?k=2&demand=NC-01")
    assert runs == [2]
    client.get("/v1/matches?k=5")
    assert runs == [2, 5]


def test_an_unchanged_list_is_not_sent_again(client: TestClient, runs: list[int]):
    first = client.get("/v1/matches?k=2&limit=3")
    etag = first.headers["etag"]
    for held in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        response = client.get("/v1/matches?k=2&limit=3", headers={"If-None-Match": held})
        assert (response.status_code, response.content) == (304, b"")
        assert response.headers["etag"] == etag
    for address in ("/v1/matches?k=2&limit=4", "/v1/matches?k=1&limit=3"):
        response = client.get(address, headers={"If-None-Match": etag})
        assert response.status_code == 200
        assert response.headers["etag"] != etag


def test_a_failed_run_is_tried_again(client: TestClient, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as patch:
        patch.setattr(Matcher, "match", lambda *_, **__: 1 / 0)
        assert client.get("/v1/matches").status_code == 500
    assert client.get("/v1/matches").status_code == 200


def test_only_the_latest_lists_are_kept(client: TestClient, runs: list[int]):
    for k in (1, 2, 3, 4, 5, 1):
        client.get(f"/v1/matches?k={k}&limit=1")
    assert runs == [1, 2, 3, 4, 5, 1]


def test_other_requests_are_answered_while_a_list_is_made(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
):
    started, finish = threading.Event(), threading.Event()
    match = Matcher.match

    def slow(self: Matcher, **options: object) -> MatchList:
        started.set()
        assert finish.wait(10)
        return match(self, **options)

    monkeypatch.setattr(Matcher, "match", slow)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.get, "/v1/matches?k=9")
        assert started.wait(10)
        assert client.get("/v1/search?text=sấy xoài").status_code == 200
        assert not waiting.done()
        finish.set()
        assert waiting.result().status_code == 200


def test_a_service_that_stops_answers_those_who_wait(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
):
    started, finish = threading.Event(), threading.Event()

    def slow(*_: object, **__: object) -> None:
        started.set()
        assert finish.wait(10)

    monkeypatch.setattr(Matcher, "match", slow)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.get, "/v1/matches")
        assert started.wait(10)
        client.app.state.match_lists.close()
        assert waiting.result(10).status_code == 503
        finish.set()


def test_a_service_that_stops_leaves_its_list(
    monkeypatch: pytest.MonkeyPatch,
    make_workspace: Callable[..., Workspace],
    client_of: Callable[[Workspace], TestClient],
):
    client = client_of(make_workspace())
    lists = client.app.state.match_lists
    match = Matcher.match

    def stopped(self: Matcher, **options: object) -> MatchList:
        lists.close()
        return match(self, **options)

    monkeypatch.setattr(Matcher, "match", stopped)
    for _ in range(2):  # one in the making, one not begun
        response = client.get("/v1/matches")
        assert (response.status_code, response.json()["type"]) == (
            503,
            "/docs#problem-unavailable",
        )
    assert client.get("/v1/records").status_code == 200
