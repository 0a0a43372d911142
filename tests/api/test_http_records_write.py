from collections.abc import Callable
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from api import deps
from api.actors import Actor, Role
from indexer.keeping.moments import later
from indexer.sql.serviceschema import audit, grants, idempotency, organisations
from indexer.workspace import Workspace

OFFER = {
    "side": "supply",
    "id": "MS-1",
    "title": "Máy sấy bơm nhiệt",
    "description": "Sấy xoài ở nhiệt độ thấp. Liên hệ: Hòa, 0912 345 678, hoa@xuong.example",
    "trl": "7-8",
    "money": "2–5 tỷ",
    "expires": "12/2027",
    "visibility": "nội bộ",
    "codes": "F26B 3/04; F26B 21/06",
}
ANONYMOUS = Actor("anonymous")


def person(role: Role, centre: str = "hn", organisation: str = "") -> Actor:
    return Actor("person", f"p-{role.value}", "", role, centre, organisation)


ORGANISER = person(Role.ORGANISER)
ENTERPRISE = person(Role.ENTERPRISE, organisation="o1")
OTHER_ENTERPRISE = person(Role.ENTERPRISE, organisation="o2")
OWNER = person(Role.OWNER, organisation="o1")
READER = person(Role.READER)
ELSEWHERE = person(Role.ORGANISER, centre="sg")
GRANTED = person(Role.ENTERPRISE, centre="sg", organisation="o9")


class Service:
    """One workspace over HTTP, asked by whoever `asks` is."""

    def __init__(self, workspace: Workspace, client: TestClient) -> None:
        self.workspace, self.client = workspace, client
        self.asks = Actor("local")
        client.app.dependency_overrides[deps._actor] = lambda: self.asks  # type: ignore[attr-defined]
        with workspace.catalog() as catalog, catalog.writing() as connection:
            rows = [("o1", "hn", "Cá Vàng"), ("o2", "hn", "Xoài Xanh"), ("o9", "sg", "Bình Minh")]
            connection.execute(
                sa.insert(organisations),
                [{"id": i, "centre": c, "name": n, "name_key": n.casefold()} for i, c, n in rows],
            )

    def by(self, actor: Actor) -> TestClient:
        self.asks = actor
        return self.client

    def audited(self) -> list[tuple[str, str, str]]:
        with self.workspace.catalog() as catalog, catalog.reading() as connection:
            rows = connection.execute(sa.select(audit).order_by(audit.c.id))
            return [(row.actor, row.action, row.object) for row in rows]


@pytest.fixture
def service(
    make_workspace: Callable[..., Workspace], client_of: Callable[[Workspace], TestClient]
) -> Service:
    workspace = make_workspace(indexed=False)
    return Service(workspace, client_of(workspace))


def create(client: TestClient, said: dict, status: int = 201, **headers: str):
    response = client.post("/v1/records", json=said, headers=headers)
    assert response.status_code == status, response.text
    return response


def at(record_id: str) -> str:
    return "/v1/records/" + quote(record_id, safe="")


def test_what_is_written_is_read_as_a_spreadsheet_would_be(service: Service):
    made = create(service.client, OFFER)
    body = made.json()
    assert made.headers["location"] == "/v1/records/MS-1"
    assert body["trl"] == {"low": 7, "high": 8}
    assert body["money"] == {"low": "2000000000", "high": "5000000000", "currency": "VND"}
    assert body["expires"] == "2027-12-31"
    assert (body["visibility"], body["language"], body["type"]) == ("private", "vi", "technology")
    assert [code["code"] for code in body["codes"]] == ["F26B 3/04", "F26B 21/06"]
    assert "0912" not in made.text
    read = service.client.get("/v1/records/MS-1")
    assert read.json() == body
    assert read.headers["etag"] == made.headers["etag"] == body["etag"]
    told = service.client.get("/v1/records/MS-1?contact=true").json()["contact"]
    assert told == {"person": "", "phone": "0912 345 678", "email": "hoa@xuong.example"}
    assert service.audited() == [
        ("local", "record.create", "record:MS-1"),
        ("local", "contact.read", "record:MS-1"),
    ]


def test_every_value_that_cannot_be_read_is_named_with_what_would_be(service: Service):
    wrong = {
        **OFFER,
        "trl": "12",
        "money": "rất rẻ thôi",
        "expires": "31/02/2027",
        "visibility": "ai cũng được",
        "type": "need",
        "codes": "nước",
    }
    response = create(service.client, wrong, 422)
    errors = {error["place"]: error for error in response.json()["errors"]}
    assert set(errors) == {
        f"body.{name}" for name in ("trl", "money", "expires", "visibility", "type", "codes")
    }
    assert errors["body.trl"]["value"] == "12"
    assert "1 đến 9" in errors["body.trl"]["accepted"]
    english = service.client.post("/v1/records", json=wrong, headers={"Accept-Language": "en"})
    assert "from 1 to 9" in english.json()["errors"][2]["accepted"] + str(english.json())
    assert service.client.get("/v1/records").json()["total"] == 12


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"side": "supply"}, "body.title"),
        ({**OFFER, "starts": "2027-02-01", "ends": "2027-01-01"}, "body.ends"),
        ({**OFFER, "id": "a\x07b"}, "body.id"),
        ({**OFFER, "organisation": "nobody"}, "body.organisation"),
        ({**OFFER, "money": {"low": "1e30"}}, "body.money"),
        ({**OFFER, "money": {"low": "0e99999999"}}, "body.money"),
        ({**OFFER, "money": {"high": "1e-999999"}}, "body.money"),
        ({**OFFER, "money": {"low": "NaN"}}, "body.money"),
        ({**OFFER, "contact": {"person": "a\0b"}}, "body"),
        ({**OFFER, "trl": {"low": 3}}, "body.trl"),
        ({**OFFER, "colour": "red"}, "body.colour"),
    ],
)
def test_what_cannot_be_kept_is_refused(service: Service, said: dict, place: str):
    errors = create(service.client, said, 422).json()["errors"]
    assert all(error["place"].startswith(place) for error in errors), errors


def test_an_id_is_taken_once(service: Service):
    create(service.client, OFFER)
    assert create(service.client, OFFER, 409).json()["type"] == "/docs#problem-exists"
    nameless = {"side": "demand", "title": "Cần máy sấy", "owner": "HTX"}
    first = create(service.client, nameless).json()["id"]
    second = create(service.client, {**nameless, "description": "loại nhỏ"}).json()["id"]
    assert first != second
    create(service.client, nameless, 409)


def test_a_request_sent_again_is_done_once(service: Service):
    key = {"Idempotency-Key": "a-1"}
    first = create(service.client, OFFER, **key)
    again = create(service.client, OFFER, **key)
    assert (again.json(), again.headers["etag"]) == (first.json(), first.headers["etag"])
    assert len(service.audited()) == 1
    other = create(service.client, {**OFFER, "trl": 5}, 422, **key)
    assert other.json()["type"] == "/docs#problem-idempotency-key-reused"
    # Somebody else's keys are their own, and a refusal is not kept.
    service.asks = ORGANISER
    create(service.client, {**OFFER, "organisation": "nobody"}, 422, **key)
    assert create(service.client, OFFER, **key).json()["id"] == "hn/MS-1"


def test_an_answer_is_kept_for_a_day(service: Service):
    key = {"Idempotency-Key": "a-1"}
    create(service.client, OFFER, **key)
    with service.workspace.catalog() as catalog, catalog.writing() as connection:
        connection.execute(sa.update(idempotency).values(at=later(-25 * 3600)))
    create(service.client, OFFER, 409, **key)
    with service.workspace.catalog() as catalog, catalog.reading() as connection:
        # Nothing was made, so nothing is kept of the second.
        assert connection.scalar(sa.select(sa.func.count()).select_from(idempotency)) == 1
    assert create(service.client, {**OFFER, "id": "MS-2"}, **key).json()["id"] == "MS-2"


@pytest.mark.parametrize("key", ["", "x" * 201, "có dấu".encode()])
def test_keys_that_cannot_be_used(service: Service, key: str | bytes):
    response = service.client.post("/v1/records", json=OFFER, headers={"Idempotency-Key": key})
    assert response.status_code == 422
    assert response.json()["errors"][0]["place"] == "header.Idempotency-Key"


def test_a_change_needs_the_version_that_was_read(service: Service):
    tag = create(service.client, OFFER).headers["etag"]
    change = {"trl": 9}
    assert service.client.patch("/v1/records/MS-1", json=change).status_code == 428
    stale = service.client.patch("/v1/records/MS-1", json=change, headers={"If-Match": '"0"'})
    assert stale.status_code == 412
    done = service.client.patch("/v1/records/MS-1", json=change, headers={"If-Match": tag})
    assert done.status_code == 200
    assert done.json()["trl"] == {"low": 9, "high": 9}
    assert done.headers["etag"] != tag
    for method in ("patch", "put"):
        late = getattr(service.client, method)(
            "/v1/records/MS-1", json={"title": "A"}, headers={"If-Match": tag}
        )
        assert late.status_code == 412
    assert service.client.delete("/v1/records/MS-1", headers={"If-Match": tag}).status_code == 412
    assert service.client.delete("/v1/records/MS-1").status_code == 428
    held = {"If-None-Match": done.headers["etag"]}
    assert service.client.get("/v1/records/MS-1", headers=held).status_code == 304
    gone = service.client.delete("/v1/records/MS-1", headers={"If-Match": done.headers["etag"]})
    assert (gone.status_code, gone.content) == (204, b"")
    assert service.client.get("/v1/records/MS-1").status_code == 404
    assert service.client.delete("/v1/records/MS-1", headers={"If-Match": tag}).status_code == 404


def test_a_patch_leaves_the_rest_and_a_put_empties_it(service: Service):
    made = create(service.client, OFFER).json()
    patched = service.client.patch(
        at("MS-1"), json={"place": "Cần Thơ"}, headers={"If-Match": made["etag"]}
    ).json()
    assert {k: v for k, v in patched.items() if k not in ("place", "etag")} == {
        k: v for k, v in made.items() if k not in ("place", "etag")
    }
    put = service.client.put(
        at("MS-1"), json={"title": "Máy sấy mới"}, headers={"If-Match": patched["etag"]}
    ).json()
    assert (put["title"], put["description"], put["place"], put["trl"]) == (
        "Máy sấy mới",
        "",
        "",
        None,
    )
    # What a request does not tell of is not lost: who may read it, and whom to ask.
    assert put["visibility"] == "private"
    assert service.client.get(at("MS-1") + "?contact=true").json()["contact"]["phone"]
    erased = service.client.patch(
        at("MS-1"), json={"contact": None}, headers={"If-Match": put["etag"]}
    ).json()
    assert erased["etag"] != put["etag"]
    contact = service.client.get(at("MS-1") + "?contact=true").json()["contact"]
    assert contact == {"person": "", "phone": "", "email": ""}


def test_a_record_put_back_as_it_was_read_has_not_changed(service: Service):
    made = create(service.client, OFFER).json()
    said = {
        name: value
        for name, value in made.items()
        if name not in ("id", "side", "source", "same_as", "centre", "organisation", "etag")
    }
    again = service.client.put(at("MS-1"), json=said, headers={"If-Match": made["etag"]})
    assert again.json() == made


WRITERS = [
    (ORGANISER, {**OFFER}, 201, "hn/MS-1", ""),
    (ORGANISER, {**OFFER, "organisation": "o1"}, 201, "hn/MS-1", "o1"),
    (ORGANISER, {**OFFER, "organisation": "o9"}, 422, "", ""),
    (OWNER, {**OFFER}, 201, "hn/o1/MS-1", "o1"),
    (OWNER, {**OFFER, "side": "demand"}, 403, "", ""),
    (OWNER, {**OFFER, "organisation": "o2"}, 403, "", ""),
    (ENTERPRISE, {**OFFER}, 403, "", ""),
    (ENTERPRISE, {**OFFER, "side": "demand"}, 201, "hn/o1/MS-1", "o1"),
    (person(Role.ENTERPRISE), {**OFFER, "side": "demand"}, 403, "", ""),
    (READER, OFFER, 403, "", ""),
    (ANONYMOUS, OFFER, 401, "", ""),
    (ELSEWHERE, OFFER, 201, "sg/MS-1", ""),
]


@pytest.mark.parametrize(("actor", "said", "status", "record_id", "organisation"), WRITERS)
def test_who_may_write_what(
    service: Service, actor: Actor, said: dict, status: int, record_id: str, organisation: str
):
    made = create(service.by(actor), said, status)
    if status == 201:
        body = made.json()
        assert (body["id"], body["organisation"]) == (record_id, organisation)
        assert body["centre"] == actor.centre
        if actor.organisation:
            assert body["owner"] == "Cá Vàng"  # whatever they said


TIERS = ("public", "restricted", "private", "confidential")
READERS = [  # who reads what of an offer of organisation o1 at centre hn
    (ANONYMOUS, {"public"}),
    (READER, {"public", "restricted", "private"}),
    (ORGANISER, {"public", "restricted", "private"}),
    (ELSEWHERE, {"public", "restricted"}),
    (OTHER_ENTERPRISE, {"public", "restricted"}),
    (OWNER, set(TIERS)),
    (ENTERPRISE, set(TIERS)),
    (GRANTED, {"public", "restricted", "confidential"}),
]


@pytest.mark.parametrize(("actor", "sees"), READERS)
def test_who_may_read_what(service: Service, actor: Actor, sees: set[str]):
    ids = {}
    for tier in TIERS:
        said = {**OFFER, "id": tier, "visibility": tier, "title": f"Hạng {tier}"}
        ids[tier] = create(service.by(OWNER), said).json()["id"]
    with service.workspace.catalog() as catalog, catalog.writing() as connection:
        values = {"record_id": ids["confidential"], "organisation": "o9"}
        connection.execute(sa.insert(grants).values(values))
    client = service.by(actor)
    listed = client.get("/v1/records?q=hang&limit=200").json()
    assert {item["id"] for item in listed["items"]} == {ids[tier] for tier in sees}
    assert listed["total"] == len(sees)
    unknown = client.get(at("hn/o1/nothing"))
    for tier, record_id in ids.items():
        answer = client.get(at(record_id))
        assert answer.status_code == (200 if tier in sees else 404)
        if tier not in sees:
            assert answer.text == unknown.text.replace("hn/o1/nothing", record_id)
        if actor is ANONYMOUS:
            continue
        change = client.patch(at(record_id), json={"trl": 1}, headers={"If-Match": "*"})
        writes = actor is OWNER or (actor is ORGANISER and tier in sees)
        expected = 403 if tier in sees or actor is READER else 404
        assert change.status_code == (200 if writes else expected), (tier, change.text)


def test_reading_what_is_confidential_is_audited(service: Service):
    create(service.by(OWNER), {**OFFER, "visibility": "mật"})
    before = len(service.audited())
    service.client.get(at("hn/o1/MS-1"))
    service.client.get("/v1/records?q=bom nhiet")
    service.client.app.state.readings.flush()  # type: ignore[attr-defined]
    assert service.audited()[before:] == [
        ("person:p-owner", "record.read", "record:hn/o1/MS-1"),
        ("person:p-owner", "record.list", "record:hn/o1/MS-1"),
    ]


@pytest.mark.parametrize(
    ("actor", "status"),
    [(ORGANISER, 200), (ELSEWHERE, 403), (OTHER_ENTERPRISE, 403), (READER, 403)],
)
def test_contacts_are_for_the_centre(service: Service, actor: Actor, status: int):
    create(service.by(OWNER), {**OFFER, "visibility": "public"})
    answer = service.by(actor).get(at("hn/o1/MS-1") + "?contact=true")
    assert answer.status_code == status
    assert ("0912" in answer.text) is (status == 200)
    assert "0912" not in service.client.get(at("hn/o1/MS-1")).text


def test_ids_of_others_are_not_probed(service: Service):
    create(service.by(ORGANISER), {**OFFER, "visibility": "private"})
    # The same code stands for another record where an organisation uses it.
    assert create(service.by(OWNER), OFFER).json()["id"] == "hn/o1/MS-1"
    # An organiser may give a record away; then it is the organisation's under its id.
    tag = service.by(ORGANISER).get(at("hn/MS-1")).headers["etag"]
    given = service.client.patch(
        at("hn/MS-1"), json={"organisation": "o1"}, headers={"If-Match": tag}
    )
    assert (given.status_code, given.json()["organisation"]) == (200, "o1")
    assert service.by(OWNER).get(at("hn/MS-1")).status_code == 200


def test_newest_first(service: Service):
    for number in range(3):
        create(service.client, {**OFFER, "id": f"N-{number}"})
    seen, cursor = [], None
    while True:
        query = {"sort": "newest", "limit": 5} | ({"cursor": cursor} if cursor else {})
        body = service.client.get("/v1/records", params=query).json()
        seen += [item["id"] for item in body["items"]]
        cursor = body["next"]
        if cursor is None:
            break
    assert seen[:3] == ["N-2", "N-1", "N-0"]
    assert len(seen) == len(set(seen)) == 15
    assert (
        service.client.get(
            "/v1/records", params={"cursor": "WyJhIl0", "sort": "newest"}
        ).status_code
        == 422
    )


def test_words_are_looked_for_without_accents(service: Service):
    found = service.client.get("/v1/records", params={"q": "MANG sinh hoc song lam"}).json()
    assert [item["id"] for item in found["items"]] == ["CB-01"]
    assert service.client.get("/v1/records", params={"q": "100%_"}).json()["total"] == 0


def test_a_confidential_record_is_shared_by_its_owner(service: Service):
    create(service.by(OWNER), {**OFFER, "visibility": "mật"})
    grant = at("hn/o1/MS-1") + "/grants"
    assert service.client.get(grant).json() == {"items": []}
    assert service.client.put(f"{grant}/o9").status_code == 204
    assert service.client.put(f"{grant}/o9").status_code == 204
    assert service.client.put(f"{grant}/nobody").status_code == 404
    item = service.client.get(grant).json()["items"][0]
    assert (item["organisation"], item["name"], item["granted_by"]) == (
        "o9",
        "Bình Minh",
        "p-owner",
    )
    assert service.by(GRANTED).get(at("hn/o1/MS-1")).status_code == 200
    # Reading is all that was granted.
    assert service.client.get(grant).status_code == 403
    assert service.client.put(f"{grant}/o2").status_code == 403
    for stranger in (OTHER_ENTERPRISE, ELSEWHERE):
        assert service.by(stranger).get(grant).status_code == 404
        assert service.client.delete(f"{grant}/o9").status_code == 404
    assert service.by(OWNER).delete(f"{grant}/o9").status_code == 204
    assert service.client.delete(f"{grant}/o9").status_code == 404
    assert service.by(GRANTED).get(at("hn/o1/MS-1")).status_code == 404
    grants_told = [action for _, action, _ in service.audited() if action.startswith("grant.")]
    assert grants_told == ["grant.add", "grant.remove"]
