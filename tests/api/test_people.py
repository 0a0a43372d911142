"""People, centres and organisations: who manages whom."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.actors import LOCAL_ACTOR
from api.service import centres, organisations
from indexer.keeping.audit import verify
from indexer.sql.serviceschema import audit
from indexer.workspace import Workspace

PASSWORD = "một câu dễ nhớ, đủ dài"


@dataclass
class Town:
    client: TestClient
    workspace: Workspace
    admin: Any
    here: Any  # organiser of the centre "hue"
    there: Any  # organiser of the centre "vinh"
    shop: str  # an organisation of "hue"
    farm: str  # an organisation of "vinh"


@pytest.fixture
def town(make_workspace: Callable[..., Workspace], client_of, account) -> Town:
    workspace = make_workspace(indexed=False)
    admin = account(workspace, "administrator")
    with workspace.catalog() as catalog, catalog.writing() as connection:
        for centre in ("hue", "vinh"):
            centres.add(connection, centre, centre.title(), LOCAL_ACTOR)
        shop = organisations.add(connection, "hue", "Xưởng Huế", "Huế", LOCAL_ACTOR).id
        farm = organisations.add(connection, "vinh", "Trại Vinh", "Vinh", LOCAL_ACTOR).id
    here = account(workspace, "organiser", centre="hue")
    there = account(workspace, "organiser", centre="vinh")
    return Town(client_of(workspace), workspace, admin, here, there, shop, farm)


def _new(**more: Any) -> dict[str, Any]:
    return {"email": "moi@nguoi.example", "role": "reader", "name": "Người Mới", **more}


def _change(town: Town, by, id_: str, body: dict[str, Any], as_seen_by=None):
    etag = town.client.get(f"/v1/people/{id_}", headers=(as_seen_by or town.admin).headers)
    headers = {**by.headers, "If-Match": etag.headers["etag"]}
    return town.client.patch(f"/v1/people/{id_}", json=body, headers=headers)


def test_an_account_from_making_to_disabling(town: Town, client_of, sign_in):
    body = _new(password=PASSWORD, role="owner", organisation=town.shop)
    made = town.client.post("/v1/people", json=body, headers=town.here.headers)
    assert made.status_code == 201, made.text
    person = made.json()
    assert (person["centre"], person["organisation"]) == ("hue", town.shop)
    assert "password" not in person
    path = made.headers["location"]
    got = town.client.get(path, headers=town.here.headers)
    assert (got.json(), got.headers["etag"]) == (person, made.headers["etag"])
    same = {**town.here.headers, "If-None-Match": got.headers["etag"]}
    assert town.client.get(path, headers=same).status_code == 304

    browser = client_of(town.workspace)
    sign_in(browser, body["email"], PASSWORD)
    disabled = _change(town, town.here, person["id"], {"disabled": True})
    assert disabled.status_code == 200
    assert disabled.json()["disabled"]
    assert browser.get("/v1/session").json()["kind"] == "anonymous"
    login = {"email": body["email"], "password": PASSWORD}
    assert browser.post("/v1/session", json=login).status_code == 401
    assert _change(town, town.here, person["id"], {"disabled": False}).json()["disabled"] == ""
    sign_in(browser, body["email"], PASSWORD)


def test_sent_twice_is_done_once(town: Town):
    headers = {**town.admin.headers, "Idempotency-Key": "k1"}
    answers = [town.client.post("/v1/people", json=_new(), headers=headers) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    again = town.client.post("/v1/people", json=_new(), headers=town.admin.headers)
    assert (again.status_code, again.json()["type"]) == (409, "/docs#problem-exists")


def test_one_address_has_one_account(town: Town):
    assert town.client.post("/v1/people", json=_new(), headers=town.admin.headers).is_success
    shouted = _new(email="MOI@Nguoi.Example")
    assert (
        town.client.post("/v1/people", json=shouted, headers=town.admin.headers).status_code == 409
    )


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"role": "administrator"}, 403),
        ({"centre": "vinh"}, 403),
        ({"centre": ""}, 403),
        ({"role": "organiser"}, 201),
        ({"role": "owner"}, 422),
        ({"role": "king"}, 422),
        ({"email": "không phải địa chỉ"}, 422),
        ({"password": "ngắn"}, 422),
        ({"name": "hai\ndòng"}, 422),
        ({"organisation": "0000000000000000"}, 422),
        ({"unknown": 1}, 422),
    ],
)
def test_what_an_organiser_may_make(town: Town, change: dict[str, Any], status: int):
    answer = town.client.post("/v1/people", json=_new(**change), headers=town.here.headers)
    assert answer.status_code == status, answer.text


def test_an_organisation_of_another_centre_is_unknown(town: Town):
    body = _new(role="owner", organisation=town.farm)
    answer = town.client.post("/v1/people", json=body, headers=town.here.headers)
    (error,) = answer.json()["errors"]
    assert (error["place"], error["reason"]) == ("body.organisation", "không có mã này")


def test_an_organiser_knows_the_own_centre_only(town: Town, account):
    chief = account(town.workspace, "administrator", centre="hue")
    listed = town.client.get("/v1/people", headers=town.here.headers).json()["items"]
    assert [one["id"] for one in listed] == [town.here.id]
    for id_ in (town.there.id, town.admin.id, chief.id, "00ff"):
        path = f"/v1/people/{id_}"
        answer = town.client.get(path, headers=town.here.headers)
        assert answer.status_code == 404
        assert answer.json()["detail"] == f"Không có người dùng mã “{id_}”. Danh sách: /v1/people"
        for body in ({"name": "X"}, {"password": PASSWORD}, {"disabled": True}):
            headers = {**town.here.headers, "If-Match": "*"}
            assert town.client.patch(path, json=body, headers=headers).status_code == 404
        keys = town.client.get(f"/v1/keys?person={id_}", headers=town.here.headers)
        assert keys.status_code == 404
    other = town.client.get("/v1/people?centre=vinh", headers=town.here.headers)
    assert other.json()["items"] == []


def test_an_organiser_raises_nobody_above_organiser(town: Town, account):
    reader = account(town.workspace, "reader", centre="hue")
    for who in (reader.id, town.here.id):
        assert _change(town, town.here, who, {"role": "administrator"}).status_code == 403
        assert _change(town, town.here, who, {"centre": "vinh"}).status_code == 403
    assert _change(town, town.here, reader.id, {"role": "organiser"}).status_code == 200


@pytest.mark.parametrize("change", [{"disabled": True}, {"role": "organiser"}])
def test_the_last_administrator_stays(town: Town, account, change: dict[str, Any]):
    refused = _change(town, town.admin, town.admin.id, change)
    assert (refused.status_code, refused.json()["type"]) == (409, "/docs#problem-not-possible")
    second = account(town.workspace, "administrator", email="hai@nguoi.example")
    assert _change(town, town.admin, town.admin.id, change, second).status_code == 200
    assert _change(town, second, second.id, change, second).status_code == 409


def test_changes_need_the_version_that_was_read(town: Town):
    path = f"/v1/people/{town.here.id}"
    body = {"name": "Tên Mới"}
    assert town.client.patch(path, json=body, headers=town.admin.headers).status_code == 428
    stale = {**town.admin.headers, "If-Match": '"abc"'}
    assert town.client.patch(path, json=body, headers=stale).status_code == 412
    etag = town.client.get(path, headers=town.admin.headers).headers["etag"]
    good = {**town.admin.headers, "If-Match": etag}
    assert town.client.patch(path, json=body, headers=good).json()["name"] == "Tên Mới"
    assert town.client.patch(path, json=body, headers=good).status_code == 412


def test_a_password_set_by_the_organiser_signs_out(town: Town, client_of, sign_in, account):
    reader = account(town.workspace, "reader", centre="hue")
    browser = client_of(town.workspace)
    sign_in(browser, reader.email)
    assert _change(town, town.here, reader.id, {"password": PASSWORD + "!"}).status_code == 200
    assert browser.get("/v1/session").json()["kind"] == "anonymous"
    sign_in(browser, reader.email, PASSWORD + "!")


def test_pages_of_people(town: Town, account):
    for n in range(5):
        account(town.workspace, "reader", centre="hue", email=f"n{n}@nguoi.example")
    met, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = town.client.get("/v1/people", params=query, headers=town.here.headers).json()
        met += [one["id"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(met) == len(set(met)) == 6
    assert met == sorted(met)


def test_the_first_account_is_not_made_over_http(workspace, client_of):
    answer = client_of(workspace).post("/v1/people", json=_new(role="administrator"))
    assert answer.status_code == 409
    assert "cungcau people add" in answer.json()["detail"]


def test_centres(town: Town):
    client, admin = town.client, town.admin.headers
    body = {"id": "da-nang", "name": "Trung tâm Đà Nẵng"}
    made = client.post("/v1/centres", json=body, headers=admin)
    assert made.status_code == 201
    assert client.post("/v1/centres", json=body, headers=admin).status_code == 409
    for id_ in ("Da-Nang", "-x", "x-", "", "a" * 41, "đà", "a/b"):
        bad = client.post("/v1/centres", json={**body, "id": id_}, headers=admin)
        assert bad.status_code == 422, id_
    path = made.headers["location"]
    tag = {**admin, "If-Match": made.headers["etag"]}
    renamed = client.patch(path, json={"name": "Đà Nẵng"}, headers=tag)
    assert renamed.json()["name"] == "Đà Nẵng"
    assert client.delete(path, headers=tag).status_code == 412
    tag["If-Match"] = renamed.headers["etag"]
    assert client.delete(path, headers=tag).status_code == 204
    assert client.get(path, headers=admin).status_code == 404
    in_use = client.get("/v1/centres/hue", headers=admin).headers["etag"]
    kept = client.delete("/v1/centres/hue", headers={**admin, "If-Match": in_use})
    assert (kept.status_code, kept.json()["type"]) == (409, "/docs#problem-not-possible")
    ids = [one["id"] for one in client.get("/v1/centres", headers=admin).json()["items"]]
    assert ids == ["hue", "vinh"]
    assert client.get("/v1/centres", headers=town.here.headers).status_code == 403


def test_organisations(town: Town):
    client, here = town.client, town.here.headers
    made = client.post("/v1/organisations", json={"name": "Viện  Cố Đô"}, headers=here)
    assert (made.status_code, made.json()["centre"]) == (201, "hue")
    same = client.post("/v1/organisations", json={"name": "viện cố đô"}, headers=here)
    assert same.status_code == 409
    accents = client.post("/v1/organisations", json={"name": "Viện Có Đó"}, headers=here)
    assert accents.status_code == 201, "accents make another name"
    elsewhere = {"name": "Viện Cố Đô", "centre": "vinh"}
    assert client.post("/v1/organisations", json=elsewhere, headers=here).status_code == 403
    assert (
        client.post("/v1/organisations", json=elsewhere, headers=town.admin.headers).status_code
        == 201
    )
    nowhere = {"name": "X", "centre": "khong-co"}
    assert (
        client.post("/v1/organisations", json=nowhere, headers=town.admin.headers).status_code
        == 422
    )
    path = made.headers["location"]
    tag = {**here, "If-Match": made.headers["etag"]}
    moved = client.patch(path, json={"place": "Huế"}, headers=tag)
    assert (moved.json()["name"], moved.json()["place"]) == ("Viện  Cố Đô", "Huế")
    taken = {**here, "If-Match": moved.headers["etag"]}
    assert client.patch(path, json={"name": "XƯỞNG HUẾ"}, headers=taken).status_code == 409
    assert client.delete(path, headers=taken).status_code == 204
    other = f"/v1/organisations/{town.farm}"
    for method, body in (("GET", None), ("PATCH", {"name": "X"}), ("DELETE", None)):
        answer = client.request(method, other, json=body, headers={**here, "If-Match": "*"})
        assert answer.status_code == 404
    seen = client.get("/v1/organisations", headers=here).json()["items"]
    assert {one["centre"] for one in seen} == {"hue"}
    seen = client.get("/v1/organisations?centre=vinh", headers=here).json()["items"]
    assert seen == []


def test_an_organisation_in_use_stays(town: Town, account):
    account(town.workspace, "owner", centre="hue", organisation=town.shop)
    path = f"/v1/organisations/{town.shop}"
    etag = town.client.get(path, headers=town.here.headers).headers["etag"]
    kept = town.client.delete(path, headers={**town.here.headers, "If-Match": etag})
    assert kept.status_code == 409


def test_everything_is_audited_without_names(town: Town):
    body = _new(password=PASSWORD)
    made = town.client.post("/v1/people", json=body, headers=town.here.headers).json()
    _change(town, town.here, made["id"], {"name": "Khác", "disabled": True})
    with town.workspace.catalog() as catalog, catalog.reading() as connection:
        assert verify(connection) == []
        lines = connection.execute(audit.select().order_by(audit.c.id)).mappings().all()
    about = [line for line in lines if line["object"] == f"person:{made['id']}"]
    assert [line["action"] for line in about] == ["person.create", "person.update"]
    assert {line["actor"] for line in about} == {f"key:{town.here.id}"}
    assert {line["centre"] for line in about} == {"hue"}
    for line in lines:
        assert "nguoi.example" not in str(dict(line))
        assert PASSWORD not in str(dict(line))
