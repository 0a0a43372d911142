"""Signing in and out: what a cookie is worth, and what nobody learns from a refusal."""

from collections.abc import Callable
from http.cookies import SimpleCookie

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from api.identities import Identities
from api.service import passwords, sessions
from api.service.throttle import Throttle
from indexer.keeping.moments import later
from indexer.sql.serviceschema import people as people_table
from indexer.sql.serviceschema import sessions as sessions_table
from indexer.workspace import Workspace

PASSWORD = "một câu dễ nhớ, đủ dài"
ADMIN = "lan@vien.example"
WRITES = ("POST", "/v1/centres", {"id": "hue", "name": "Huế"})


@pytest.fixture
def town(make_workspace: Callable[..., Workspace], account) -> Workspace:
    workspace = make_workspace(indexed=False)
    account(workspace, "administrator", email=ADMIN)
    account(workspace, "reader", email="minh@vien.example")
    return workspace


@pytest.fixture
def client(town: Workspace, client_of: Callable[[Workspace], TestClient]) -> TestClient:
    return client_of(town)


def _cookie(response, name: str = "cungcau_session"):
    return SimpleCookie(response.headers["set-cookie"])[name]


def test_signing_in_and_out(client: TestClient, sign_in):
    assert client.get("/v1/session").json()["kind"] == "anonymous"
    csrf = sign_in(client, " LAN@vien.example ")
    me = client.get("/v1/session").json()
    assert (me["kind"], me["role"], me["name"]) == ("person", "administrator", "administrator")
    assert me["csrf_token"] == csrf["X-CSRF-Token"]
    assert "centres" in me["actions"]
    cookie = client.cookies["cungcau_session"]
    assert client.delete("/v1/session", headers=csrf).status_code == 204
    assert client.get("/v1/session").json()["kind"] == "anonymous"
    client.cookies.set("cungcau_session", cookie)
    assert client.get("/v1/people").status_code == 401


def test_flags_of_the_cookie(client: TestClient, town: Workspace, client_of):
    body = {"email": ADMIN, "password": PASSWORD}
    plain = _cookie(client.post("/v1/session", json=body))
    assert (plain["httponly"], plain["samesite"], plain["path"]) == (True, "lax", "/")
    assert not plain["secure"]
    assert int(plain["max-age"]) == sessions.LIFETIME
    safe = client.post("https://127.0.0.1/v1/session", json=body)
    assert _cookie(safe)["secure"]
    assert safe.headers["cache-control"] == "no-store"


def test_only_a_digest_of_the_cookie_is_stored(client: TestClient, town: Workspace, sign_in):
    sign_in(client, ADMIN)
    with town.catalog() as catalog, catalog.reading() as connection:
        stored = [row.id for row in connection.execute(sa.select(sessions_table))]
    assert stored == [sessions.digest(client.cookies["cungcau_session"])]


def test_a_cookie_from_before_signing_in_is_never_used(client: TestClient):
    body = {"email": ADMIN, "password": PASSWORD}
    planted = {"Cookie": "cungcau_session=chosen-by-somebody-else"}
    first = _cookie(client.post("/v1/session", json=body, headers=planted)).value
    client.cookies.clear()
    assert first != "chosen-by-somebody-else"
    assert client.get("/v1/session", headers=planted).json()["kind"] == "anonymous"

    mine = {"Cookie": f"cungcau_session={first}"}
    assert client.get("/v1/session", headers=mine).json()["kind"] == "person"
    second = _cookie(client.post("/v1/session", json=body, headers=mine)).value
    client.cookies.clear()
    assert second != first
    assert client.get("/v1/session", headers=mine).json()["kind"] == "anonymous", "it is over"


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (ADMIN, "không phải mật khẩu"),
        ("khong-co@vien.example", PASSWORD),
        ("locked@vien.example", PASSWORD),
        ("elsewhere@vien.example", ""),
        ("elsewhere@vien.example", PASSWORD),
        ("", ""),
    ],
)
def test_every_refusal_is_the_same(client, town, account, monkeypatch, email: str, password: str):
    account(town, "reader", email="locked@vien.example")
    account(town, "reader", email="elsewhere@vien.example")
    with town.catalog() as catalog, catalog.writing() as connection:
        column = people_table.c.email
        locked = sa.update(people_table).where(column == "locked@vien.example")
        connection.execute(locked.values(disabled="2026-01-01T00:00:00.000000+00:00"))
        elsewhere = sa.update(people_table).where(column == "elsewhere@vien.example")
        connection.execute(elsewhere.values(password=""))
    compared = []
    real = passwords._HASHING.verify
    monkeypatch.setattr(
        passwords._HASHING, "verify", lambda *given: compared.append(1) or real(*given)
    )
    answer = client.post("/v1/session", json={"email": email, "password": password})
    assert answer.status_code == 401
    assert answer.json()["detail"] == "Địa chỉ thư hoặc mật khẩu chưa đúng."
    assert answer.headers["www-authenticate"] == 'Bearer realm="cungcau"'
    assert "set-cookie" not in answer.headers
    assert compared == [1], "the same work for everybody"


def test_changes_need_the_token_of_the_session(client: TestClient, sign_in):
    csrf = sign_in(client, ADMIN)
    method, path, body = WRITES
    for headers in ({}, {"X-CSRF-Token": "x"}, {"X-CSRF-Token": "", "Origin": "https://x.example"}):
        refused = client.request(method, path, json=body, headers=headers)
        assert refused.status_code == 403
        assert "X-CSRF-Token" in refused.json()["detail"]
    other = {**csrf, "Sec-Fetch-Site": "cross-site"}
    assert client.request(method, path, json=body, headers=other).status_code == 403
    assert client.request(method, path, json=body, headers=csrf).status_code == 201
    assert client.delete("/v1/session").status_code == 403


def test_the_token_of_another_session_is_worth_nothing(town, client_of, sign_in):
    mine, theirs = client_of(town), client_of(town)
    sign_in(mine, ADMIN)
    csrf = sign_in(theirs, ADMIN)
    assert mine.post("/v1/centres", json=WRITES[2], headers=csrf).status_code == 403


def test_nobody_is_signed_in_by_another_site(client: TestClient):
    body = {"email": ADMIN, "password": PASSWORD}
    for site in ("cross-site", "same-site"):
        headers = {"Sec-Fetch-Site": site}
        assert client.post("/v1/session", json=body, headers=headers).status_code == 403
    form = client.post("/v1/session", data=body)
    assert form.status_code in (415, 422)


def test_pages_of_other_sites_change_nothing_without_accounts(workspace, client_of):
    client = client_of(workspace)
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/v1/centres", json=WRITES[2], headers=headers).status_code == 403


def test_a_session_ends(client: TestClient, town: Workspace, sign_in):
    sign_in(client, ADMIN)
    with town.catalog() as catalog, catalog.writing() as connection:
        connection.execute(sa.update(sessions_table).values(expires=later(-1)))
    client.app.state.identities.forget()
    assert client.get("/v1/session").json()["kind"] == "anonymous"
    assert client.get("/v1/people").status_code == 401


def test_what_another_process_ends_is_over_soon(client, town, sign_in, monkeypatch):
    sign_in(client, ADMIN)
    assert client.get("/v1/people").status_code == 200
    with town.catalog() as catalog, catalog.writing() as connection:
        connection.execute(sa.delete(sessions_table))
    from api import identities

    clock = identities.time.monotonic
    monkeypatch.setattr(identities.time, "monotonic", lambda: clock() + 1.9)
    assert client.get("/v1/people").status_code == 401


def test_a_new_password_signs_out_everywhere(town: Workspace, client_of, sign_in):
    here, there = client_of(town), client_of(town)
    csrf = sign_in(here, ADMIN)
    sign_in(there, ADMIN)
    body = {"current": "sai", "new": "một câu khác, cũng dài"}
    assert here.post("/v1/session/password", json=body, headers=csrf).status_code == 422
    body["current"] = PASSWORD
    short = here.post("/v1/session/password", json={**body, "new": "ngắn"}, headers=csrf)
    assert short.status_code == 422
    assert "12" in short.json()["errors"][0]["accepted"]
    old = here.cookies["cungcau_session"]
    assert here.post("/v1/session/password", json=body, headers=csrf).status_code == 204
    assert here.get("/v1/session").json()["kind"] == "person", "signed in anew"
    assert here.cookies["cungcau_session"] != old
    assert there.get("/v1/session").json()["kind"] == "anonymous"
    refused = there.post("/v1/session", json={"email": ADMIN, "password": PASSWORD})
    assert refused.status_code == 401
    sign_in(there, ADMIN, body["new"])


def test_composed_and_decomposed_letters_are_one_password(client: TestClient, sign_in):
    import unicodedata

    sign_in(client, ADMIN, unicodedata.normalize("NFD", PASSWORD))


def test_keys_and_nobody_change_no_password(client: TestClient, town: Workspace, account):
    key = account(town, "organiser", email="k@vien.example").headers
    body = {"current": PASSWORD, "new": "một câu khác, cũng dài"}
    assert client.post("/v1/session/password", json=body, headers=key).status_code == 403
    assert client.post("/v1/session/password", json=body).status_code == 401


def test_many_wrong_passwords_have_to_wait(client: TestClient, monkeypatch):
    async def quick(*_):
        return False

    identities: Identities = client.app.state.identities
    monkeypatch.setattr(identities.hashers, "matches", quick)
    body = {"email": ADMIN, "password": "sai"}
    statuses = [client.post("/v1/session", json=body).status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]
    wait = client.post("/v1/session", json={**body, "email": ADMIN.upper()})
    assert 800 < int(wait.headers["retry-after"]) <= 900
    other = client.post("/v1/session", json={"email": "minh@vien.example", "password": "sai"})
    assert other.status_code == 401


def test_the_throttle():
    at = [0.0]
    throttle = Throttle(lambda: at[0])
    assert [throttle.attempt("a", "1.1.1.1") for _ in range(11)] == [0] * 10 + [900]
    assert throttle.attempt("a", "2.2.2.2") == 0, "the owner elsewhere is not kept out"
    at[0] = 899.5
    assert throttle.attempt("a", "1.1.1.1") == 1
    at[0] = 901
    assert throttle.attempt("a", "1.1.1.1") == 0
    throttle.succeeded("a", "1.1.1.1")
    assert [throttle.attempt("a", "1.1.1.1") for _ in range(10)] == [0] * 10


def test_the_throttle_by_network_and_by_account():
    throttle = Throttle(lambda: 0.0)
    one_house = [throttle.attempt(f"person{n}", f"2001:db8:1:2::{n:x}") for n in range(61)]
    assert one_house == [0] * 60 + [900]
    everywhere = [throttle.attempt("victim", f"10.0.{n // 250}.{n % 250}") for n in range(121)]
    assert everywhere == [0] * 120 + [900]


def test_a_rush_of_logins_is_turned_away(client: TestClient, monkeypatch):
    monkeypatch.setattr(passwords, "_MOST_WAITING", 0)
    answer = client.post("/v1/session", json={"email": ADMIN, "password": PASSWORD})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
