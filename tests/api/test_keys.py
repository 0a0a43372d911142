"""API keys: shown once, limited, ending, revocable."""

from collections.abc import Callable
from concurrent.futures import wait

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from indexer.keeping.moments import later
from indexer.sql.serviceschema import api_keys, people
from indexer.workspace import Workspace

NEW = {"name": "Cổng dữ liệu tỉnh", "scopes": ["search", "records:read"], "days": 7}


@pytest.fixture
def town(make_workspace: Callable[..., Workspace]) -> Workspace:
    return make_workspace(indexed=False)


@pytest.fixture
def admin(town: Workspace, account):
    return account(town, "administrator")


@pytest.fixture
def client(town: Workspace, client_of: Callable[[Workspace], TestClient]) -> TestClient:
    return client_of(town)


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def _set(town: Workspace, client: TestClient, **values: str) -> None:
    with town.catalog() as catalog, catalog.writing() as connection:
        connection.execute(sa.update(api_keys).values(**values))
    client.app.state.identities.forget()


def test_a_key_is_shown_once_and_stored_as_a_digest(town, client, admin):
    made = client.post("/v1/keys", json=NEW, headers=admin.headers)
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    key = made.json()["key"]
    assert key.startswith(f"cck_{made.json()['id']}_")
    listed = client.get("/v1/keys", headers=admin.headers).json()["items"]
    (mine,) = (one for one in listed if one["name"] == NEW["name"])
    assert mine["scopes"] == sorted(NEW["scopes"])
    assert all("key" not in one for one in listed)
    with town.catalog() as catalog, catalog.reading() as connection:
        rows = connection.execute(sa.select(api_keys)).mappings().all()
    secret = key.rsplit("_", 1)[1]
    assert not any(secret in str(value) for row in rows for value in row.values())


def test_a_key_permits_its_scopes_only(client, admin):
    made = client.post("/v1/keys", json=NEW, headers=admin.headers).json()
    mine = client.get("/v1/session", headers=_bearer(made["key"])).json()
    assert (mine["kind"], mine["id"], mine["csrf_token"]) == ("key", admin.id, None)
    assert mine["actions"] == ["search", "records:read"]
    assert client.get("/v1/records", headers=_bearer(made["key"])).status_code == 200
    refused = client.get("/v1/people", headers=_bearer(made["key"]))
    assert (refused.status_code, refused.json()["type"]) == (403, "/docs#problem-forbidden")
    assert client.get("/v1/keys", headers=_bearer(made["key"])).status_code == 403


def test_no_key_goes_beyond_its_maker(town, client, admin, account):
    reader = account(town, "reader")
    for scope in ("people", "records:write"):
        refused = client.post(
            "/v1/keys", json={**NEW, "scopes": ["search", scope]}, headers=reader.headers
        )
        assert refused.status_code == 422
        (error,) = refused.json()["errors"]
        assert (error["place"], error["value"]) == ("body.scopes[1]", scope)
        assert "records:read" in error["accepted"]
        assert scope not in error["accepted"]
    narrow = client.post("/v1/keys", json={**NEW, "scopes": ["keys"]}, headers=admin.headers)
    through = client.post("/v1/keys", json=NEW, headers=_bearer(narrow.json()["key"]))
    assert through.status_code == 422, "nor beyond the key it is made with"


def test_a_role_that_shrinks_takes_its_keys_along(town, client, admin, account):
    organiser = account(town, "organiser")
    assert client.get("/v1/people", headers=organiser.headers).status_code == 200
    person = client.get(f"/v1/people/{organiser.id}", headers=admin.headers)
    changed = client.patch(
        f"/v1/people/{organiser.id}",
        json={"role": "reader"},
        headers={**admin.headers, "If-Match": person.headers["etag"]},
    )
    assert changed.status_code == 200
    assert client.get("/v1/people", headers=organiser.headers).status_code == 403


@pytest.mark.parametrize("what", ["expires", "revoked"])
def test_an_ended_key_is_refused(town, client, admin, what):
    assert client.get("/v1/people", headers=admin.headers).status_code == 200
    _set(town, client, **{what: later(-1)})
    for path in ("/v1/people", "/v1/records", "/v1/session"):
        refused = client.get(path, headers=admin.headers)
        assert refused.status_code == 401
        assert 'error="invalid_token"' in refused.headers["www-authenticate"]


def test_revoking(town, client, admin, account):
    reader = account(town, "reader", centre="")
    (key,) = client.get("/v1/keys", headers=reader.headers).json()["items"]
    path = f"/v1/keys/{key['id']}"
    other = account(town, "reader", email="khac@nguoi.example")
    assert client.delete(path, headers=other.headers).status_code == 404
    assert client.get("/v1/records", headers=reader.headers).status_code == 200
    assert client.delete(path, headers=reader.headers).status_code == 204
    assert client.get("/v1/records", headers=reader.headers).status_code == 401
    assert client.delete(path, headers=admin.headers).status_code == 204, "again is no error"
    listed = client.get(f"/v1/keys?person={reader.id}", headers=admin.headers).json()
    assert [bool(one["revoked"]) for one in listed["items"]] == [True]


def test_what_another_process_revokes_is_over_soon(town, client, admin, monkeypatch):
    from api import identities

    assert client.get("/v1/people", headers=admin.headers).status_code == 200
    with town.catalog() as catalog, catalog.writing() as connection:
        connection.execute(sa.update(api_keys).values(revoked=later(0)))
    clock = identities.time.monotonic
    monkeypatch.setattr(identities.time, "monotonic", lambda: clock() + 1.9)
    assert client.get("/v1/people", headers=admin.headers).status_code == 401


def test_somebody_disabled_has_no_key(town, client, admin, account):
    organiser = account(town, "organiser")
    etag = client.get(f"/v1/people/{organiser.id}", headers=admin.headers).headers["etag"]
    headers = {**admin.headers, "If-Match": etag}
    path = f"/v1/people/{organiser.id}"
    assert client.patch(path, json={"disabled": True}, headers=headers).status_code == 200
    assert client.get("/v1/people", headers=organiser.headers).status_code == 401


@pytest.mark.parametrize(
    "credentials",
    [
        "Bearer",
        "Bearer ",
        "Bearer cck_",
        "Bearer cck_0000000000000000_" + "A" * 43,
        "Basic YTpi",
        "Bearer é",
        "cck_1",
    ],
)
def test_unknown_credentials(client, admin, credentials):
    answer = client.get("/v1/records", headers={"Authorization": credentials.encode("latin-1")})
    assert answer.status_code == 401
    good = admin.key[:-1] + ("A" if admin.key[-1] != "A" else "B")
    assert client.get("/v1/records", headers=_bearer(good)).status_code == 401


def test_a_key_stands_above_a_cookie(town, client, admin, account, sign_in):
    sign_in(client, "administrator..@nguoi.example")
    reader = account(town, "reader")
    assert client.get("/v1/session", headers=reader.headers).json()["role"] == "reader"


def test_last_use_is_noted_by_the_minute(town, client, admin):
    assert client.get("/v1/people", headers=admin.headers).status_code == 200
    wait([client.app.state.identities._notes.submit(int)])
    with town.catalog() as catalog, catalog.reading() as connection:
        (used,) = connection.execute(sa.select(api_keys.c.used)).scalars()
    assert later(-65) < used <= later(0)
    assert used.endswith(":00.000000+00:00")


def test_keys_need_a_person(workspace, client_of):
    answer = client_of(workspace).post("/v1/keys", json=NEW)
    assert answer.status_code == 409
    assert "cungcau people add" in answer.json()["detail"]


def test_keys_go_with_their_person(town, admin):
    with town.catalog() as catalog, catalog.writing() as connection:
        connection.execute(sa.delete(people))
        assert connection.execute(sa.select(api_keys)).all() == []
