"""What is too much: requests of one asker, at once, too long, too slow."""

import asyncio
import threading
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from api.actors import LOCAL_ACTOR, Action, Role
from api.crowd import Crowd
from api.service import keys, people
from indexer.workspace import Workspace

Make = Callable[..., Workspace]


@pytest.fixture
def limited(make_workspace: Make, client_of: Callable[[Workspace], TestClient], monkeypatch):
    """A service with an account, which answers few requests a minute; and two of its keys."""
    monkeypatch.setenv("CUNGCAU_READS_PER_MINUTE", "18")
    monkeypatch.setenv("CUNGCAU_WRITES_PER_MINUTE", "6")
    workspace = make_workspace()
    with workspace.catalog() as catalog, catalog.writing() as connection:
        wanted = people.Wanted("ad@example.com", Role.ADMINISTRATOR, "Ad")
        person = people.add(connection, wanted, LOCAL_ACTOR)
        scopes = [Action.SEARCH, Action.RECORDS_READ, Action.METRICS, Action.RECORDS_WRITE]
        texts = [keys.make(connection, person.actor, "k", scopes, 30)[1] for _ in range(2)]
    client = client_of(Workspace.open(workspace.path))
    return client, [{"Authorization": f"Bearer {text}"} for text in texts]


def _refused(response) -> None:
    assert response.status_code == 429
    assert 1 <= int(response.headers["retry-after"]) <= 10
    assert response.json()["type"].endswith("too-many-requests")


def test_each_key_and_each_address_has_its_own_rate(limited) -> None:
    client, (one, other) = limited
    for _ in range(3):
        assert client.post("/v1/search", json={"text": "sấy"}, headers=one).status_code == 200
    _refused(client.post("/v1/search", json={"text": "sấy"}, headers=one))
    _refused(client.get("/v1/records", headers=one))
    assert client.get("/v1/records", headers=other).status_code == 200
    assert client.get("/v1/records").status_code == 200


def test_writes_are_counted_apart(limited) -> None:
    client, (one, _) = limited
    body = {"side": "supply", "type": "technology", "title": "Máy sấy thóc"}
    assert client.post("/v1/records", json=body, headers=one).status_code == 201
    _refused(client.post("/v1/records", json=body, headers=one))
    assert client.get("/v1/records", headers=one).status_code == 200


def test_keys_that_are_made_up_count_for_their_address(limited) -> None:
    client, _ = limited
    statuses = [
        client.get("/v1/records", headers={"Authorization": f"Bearer cck_{n}"}).status_code
        for n in range(5)
    ]
    assert statuses == [401, 401, 401, 429, 429]


def test_who_watches_the_service_is_always_answered(limited) -> None:
    client, (one, _) = limited
    for _ in range(6):
        assert client.get("/v1/ready").json()["status"] == "ready"
        assert client.get("/health").status_code == 200
        assert client.get("/metrics", headers=one).status_code == 200


def test_without_accounts_nothing_is_counted(client: TestClient) -> None:
    assert {client.get("/v1/records?limit=1").status_code for _ in range(120)} == {200}


def test_more_at_once_than_set_are_told_to_come_again(
    make_workspace: Make, client_of, monkeypatch
) -> None:
    monkeypatch.setenv("CUNGCAU_CONCURRENT_REQUESTS", "1")
    client = client_of(Workspace.open(make_workspace().path))
    inside, leave = threading.Event(), threading.Event()

    def slow(*_: object, **__: object) -> None:
        inside.set()
        leave.wait(20)
        raise RuntimeError("nobody sees this")

    monkeypatch.setattr("api.opened.Opened.matcher", slow)
    first = threading.Thread(
        target=client.post, args=["/v1/search"], kwargs={"json": {"text": "a"}}
    )
    first.start()
    assert inside.wait(20)
    _refused(client.get("/v1/records"))
    assert client.get("/v1/ready").status_code == 200
    leave.set()
    first.join()
    assert client.get("/v1/records").status_code == 200


def test_a_search_that_takes_too_long_is_given_up(
    make_workspace: Make, client_of, monkeypatch
) -> None:
    monkeypatch.setenv("CUNGCAU_QUERY_SECONDS", "1")
    client = client_of(Workspace.open(make_workspace().path))
    leave = threading.Event()
    matcher = client.app.state.opened.matcher

    def slow(*_: object, **__: object) -> object:
        leave.wait(20)
        return matcher()

    monkeypatch.setattr(client.app.state.opened, "matcher", slow)
    late = client.post("/v1/search", json={"text": "sấy xoài"})
    assert late.status_code == 503
    assert late.json()["type"].endswith("too-long")
    assert late.headers["retry-after"] == "5"
    leave.set()
    assert client.post("/v1/search", json={"text": "sấy xoài"}).status_code == 200


def test_a_late_answer_is_not_sent_and_counts_until_it_is_done() -> None:
    async def app(_: Scope, receive: Receive, send: Send) -> None:
        await done.wait()
        received.append(await receive())
        await send({"type": "http.response.start"})

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    async def run() -> None:
        crowd = Crowd(1)
        assert not await crowd.answer_within(0.01, app, {}, receive, send)
        assert crowd.full
        done.set()
        await asyncio.sleep(0.01)
        assert not crowd.full

    sent: list[Message] = []
    received: list[Message] = []
    done = asyncio.Event()
    asyncio.run(run())
    assert sent == []
    assert received == [{"type": "http.disconnect"}]
