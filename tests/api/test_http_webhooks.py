"""Webhooks over HTTP: kept, changed, pinged; internal addresses refused; secrets shown once."""

import socket

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from api import deps, targets
from api.actors import LOCAL_ACTOR, Actor, Role
from api.main import create_app
from indexer.sql.serviceschema import centres
from indexer.workspace import Workspace

WANTED = {"url": "https://he-thong.example/nhan", "topics": ["record.created", "run.finished"]}


@pytest.fixture
def acting():
    return {"as": LOCAL_ACTOR}


@pytest.fixture
def client(tmp_path, acting, monkeypatch):
    def resolve(host, port, **_):
        address = {"he-thong.example": "8.8.8.8"}.get(host, "10.0.0.7")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(targets.socket, "getaddrinfo", resolve)
    workspace = Workspace.open(tmp_path / "ws", create=True)
    with workspace.catalog() as catalog, catalog.writing() as connection:
        connection.execute(sa.insert(centres), [{"id": "c1"}, {"id": "c2"}])
    app = create_app(workspace)

    async def actor():
        return acting["as"]

    app.dependency_overrides[deps._actor] = actor
    client = TestClient(app, base_url="http://localhost")
    yield client
    app.state.opened.close()


def organiser(centre):
    return Actor("person", f"o-{centre}", role=Role.ORGANISER, centre=centre)


def create(client, **more):
    answer = client.post("/v1/webhooks", json={**WANTED, **more})
    assert answer.status_code == 201, answer.text
    return answer


def test_the_secret_is_shown_once(client):
    made = create(client)
    secret = made.json()["secret"]
    assert secret.startswith("whsec_")
    path = made.headers["location"]
    shown = [client.get(path).text, client.get("/v1/webhooks").text, client.get("/v1/audit").text]
    assert all(secret not in text for text in shown)
    assert client.get(path).json()["topics"] == ["record.created", "run.finished"]


def test_changing_needs_the_version_that_was_read(client):
    made = create(client)
    path, tag = made.headers["location"], made.headers["etag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    change = {"active": False, "topics": ["record.deleted"]}
    assert client.patch(path, json=change).status_code == 428
    changed = client.patch(path, json=change, headers={"If-Match": tag})
    assert changed.json()["active"] is False and changed.json()["version"] == 2
    assert client.patch(path, json=change, headers={"If-Match": tag}).status_code == 412
    assert client.delete(path, headers={"If-Match": tag}).status_code == 412
    assert client.delete(path, headers={"If-Match": changed.headers["etag"]}).status_code == 204
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("url", ["https://noi-bo.example/", "http://10.0.0.1/", "ftp://x.example/"])
def test_internal_and_foreign_addresses_are_refused(client, url):
    answer = client.post("/v1/webhooks", json={**WANTED, "url": url})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["place"] == "body.url"
    made = create(client)
    answer = client.patch(
        made.headers["location"], json={"url": url}, headers={"If-Match": made.headers["etag"]}
    )
    assert answer.status_code == 422


def test_a_ping_waits_to_be_sent_and_is_taken_back_with_its_webhook(client):
    made = create(client)
    path = made.headers["location"]
    name = client.post(f"{path}/ping").json()["message"]
    [item] = client.get("/v1/deliveries", params={"state": "waiting"}).json()["items"]
    assert (item["message"], item["topic"]) == (name, "ping")
    assert item["source"] == f"webhook:{made.json()['id']}"
    assert "secret" not in item and "target" not in item and "body" not in item
    client.delete(path, headers={"If-Match": made.headers["etag"]})
    [item] = client.get("/v1/deliveries").json()["items"]
    assert item["state"] == "cancelled"


def test_organisers_keep_to_their_centre(client, acting):
    acting["as"] = organiser("c1")
    made = create(client)
    assert made.json()["centre"] == "c1"
    assert create(client, centre="c1").status_code == 201
    assert client.post("/v1/webhooks", json={**WANTED, "centre": "c2"}).status_code == 403
    client.post(f"{made.headers['location']}/ping")
    acting["as"] = organiser("c2")
    assert client.get("/v1/webhooks").json()["items"] == []
    assert client.get("/v1/deliveries").json()["items"] == []
    path = made.headers["location"]
    missing = client.get("/v1/webhooks/0000")
    for answer in (
        client.get(path),
        client.post(f"{path}/ping"),
        client.patch(path, json={"active": False}, headers={"If-Match": "*"}),
        client.delete(path, headers={"If-Match": "*"}),
    ):
        assert answer.status_code == 404
        assert answer.json()["type"] == missing.json()["type"]
    acting["as"] = Actor("person", "a", role=Role.ADMINISTRATOR)
    assert len(client.get("/v1/webhooks").json()["items"]) == 2
    assert create(client, centre="c2").json()["centre"] == "c2"
    assert client.post("/v1/webhooks", json={**WANTED, "centre": "c3"}).status_code == 422
    for role in (Role.READER, Role.OWNER, Role.ENTERPRISE):
        acting["as"] = Actor("person", "x", role=role, centre="c1")
        assert client.get("/v1/webhooks").status_code == 403
    acting["as"] = Actor("anonymous")
    assert client.get("/v1/deliveries").status_code == 401


def test_pages(client):
    made = {create(client).json()["id"] for _ in range(3)}
    found, cursor = set(), None
    for _ in range(3):
        page = client.get("/v1/webhooks", params={"limit": 1, "cursor": cursor or ""}).json()
        found.add(page["items"][0]["id"])
        cursor = page["next"]
    assert found == made and cursor is None


def test_a_centre_has_only_so_many(client, monkeypatch):
    from api.service import webhooks

    monkeypatch.setattr(webhooks, "MOST", 1)
    create(client)
    answer = client.post("/v1/webhooks", json=WANTED)
    assert answer.status_code == 409
