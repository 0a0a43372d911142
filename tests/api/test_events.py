"""Events over the real application."""

from collections.abc import Callable
from io import BytesIO

import openpyxl
import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from api import deps
from api.actors import Actor, Role
from indexer.sql.serviceschema import audit
from indexer.workspace import Workspace

BODY = '# năm nay\nname = "Chợ 2027"\ntables = 4\n[[slots]]\nstarts = "20/05/2027 8:30"\n'
EVENT = {"name": "Chợ 2027", "tables": 4, "slots": [{"starts": "2027-05-20 08:30"}]}
YAML = "name: Chợ 2027\ntables: 4\nslots:\n  - starts: 2027-05-20 08:30\n"
ORGANISER = Actor("person", "p1", "", Role.ORGANISER, "hn")
ELSEWHERE = Actor("person", "p2", "", Role.ORGANISER, "sg")


@pytest.fixture
def workspace_made(make_workspace: Callable[..., Workspace]) -> Workspace:
    return make_workspace(indexed=False)


@pytest.fixture
def http(workspace_made: Workspace, client_of: Callable[[Workspace], TestClient]) -> TestClient:
    return client_of(workspace_made)


def ask_as(http: TestClient, actor: Actor) -> None:
    http.app.dependency_overrides[deps._actor] = lambda: actor  # type: ignore[attr-defined]


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Sự kiện"
    for row in (("name", "Chợ 2027"), ("tables", 4)):
        sheet.append(row)
    slots = book.create_sheet("Lượt gặp")
    slots.append(("Bắt đầu",))
    slots.append(("2027-05-20 08:30",))
    content = BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.mark.parametrize(
    "said", [{"body": BODY}, {"event": EVENT}, {"body": YAML, "format": "yaml"}]
)
def test_an_event_is_the_same_however_it_is_described(http: TestClient, said: dict):
    made = http.post("/v1/events", json=said)
    assert made.status_code == 201, made.text
    body = made.json()
    assert (body["name"], body["version"], body["event"]["tables"]) == ("Chợ 2027", 1, 4)
    assert body["event"]["slots"] == [{"starts": "2027-05-20 08:30"}]
    assert made.headers["location"] == f"/v1/events/{body['id']}"
    read = http.get(made.headers["location"])
    assert read.json() == body and read.headers["etag"] == made.headers["etag"] == body["etag"]
    if "body" in said and "format" not in said:
        assert body["body"] == BODY
    again = http.post("/v1/events", json={"body": body["body"]}).json()
    assert again["event"] == body["event"] and again["id"] != body["id"]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.toml", BODY.encode()), ("a.yml", YAML.encode()), ("thư/mục/a.XLSX", workbook())],
)
def test_an_event_from_a_file(http: TestClient, name: str, content: bytes):
    made = http.post("/v1/events/files", files={"file": (name, content)})
    assert made.status_code == 201, made.text
    assert made.json()["event"]["slots"] == [{"starts": "2027-05-20 08:30"}]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "body"),
        ({"body": BODY, "event": EVENT}, "body"),
        ({"body": BODY + 'minutes = "x"\n'}, "line 4"),
        ({"body": 'name = "A"\ntables = \n'}, "line 2"),
        ({"event": {**EVENT, "colour": 1}}, "colour"),
        ({"event": {"name": "A", "rules": [{"kind": "require", "where": "trl~~"}]}}, "trl~~"),
        ({"event": {**EVENT, "slots": [{"starts": "2027-02-30 08:30"}]}}, "2027-02-30"),
        ({"body": "name: [", "format": "yaml"}, "YAML"),
        ({"body": 'name = "A\\u0000B"'}, "name"),
        ({"body": 'name = "' + "A" * 300 + '"'}, "name"),
    ],
)
def test_what_cannot_be_used_is_named(http: TestClient, said: dict, words: str):
    answer = http.post("/v1/events", json=said, headers={"Accept-Language": "en"})
    assert answer.status_code == 422
    assert words in answer.text and answer.json()["errors"][0]["accepted"]


def test_files_that_are_no_events(http: TestClient):
    wrong = http.post("/v1/events/files", files={"file": ("a.docx", b"x")})
    assert wrong.status_code == 422 and ".toml" in wrong.json()["errors"][0]["accepted"]
    broken = http.post("/v1/events/files", files={"file": ("a.toml", b"name = \n")})
    assert broken.status_code == 422
    assert "dòng 1" in broken.json()["detail"] and "/tmp" not in broken.text


def test_a_change_needs_the_version_that_was_read(http: TestClient, workspace_made: Workspace):
    made = http.post("/v1/events", json={"body": BODY, "name": "Tên khác"})
    path, tag = made.headers["location"], made.headers["etag"]
    assert made.json()["name"] == "Tên khác"
    assert http.put(path, json={"event": EVENT}).status_code == 428
    assert http.put(path, json={"event": EVENT}, headers={"If-Match": '"x"'}).status_code == 412
    wrong = http.put(path, json={"body": "="}, headers={"If-Match": tag})
    assert wrong.status_code == 422
    done = http.put(path, json={"event": {**EVENT, "tables": 9}}, headers={"If-Match": tag})
    assert (done.status_code, done.json()["version"], done.json()["name"]) == (200, 2, "Chợ 2027")
    assert http.get(path, headers={"If-None-Match": done.headers["etag"]}).status_code == 304
    assert http.delete(path, headers={"If-Match": tag}).status_code == 412
    assert http.delete(path, headers={"If-Match": done.headers["etag"]}).status_code == 204
    assert http.get(path).status_code == 404
    with workspace_made.catalog() as catalog, catalog.reading() as connection:
        actions = connection.scalars(sa.select(audit.c.action).order_by(audit.c.id)).all()
    assert actions == ["event.create", "event.update", "event.delete"]


def test_sent_again_made_once(http: TestClient):
    key = {"Idempotency-Key": "a"}
    first = http.post("/v1/events", json={"body": BODY}, headers=key)
    again = http.post("/v1/events", json={"body": BODY}, headers=key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert len(http.get("/v1/events").json()["items"]) == 1


def test_centres_have_events_of_their_own(http: TestClient):
    ask_as(http, ORGANISER)
    made = [http.post("/v1/events", json={"body": BODY}) for _ in range(3)]
    listed, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = http.get("/v1/events", params=query).json()
        listed += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert sorted(listed) == sorted(one.json()["id"] for one in made)
    path, tag = made[0].headers["location"], made[0].headers["etag"]
    ask_as(http, ELSEWHERE)
    assert http.get("/v1/events").json()["items"] == []
    assert http.get(path).status_code == 404
    assert http.put(path, json={"event": EVENT}, headers={"If-Match": tag}).status_code == 404
    assert http.delete(path, headers={"If-Match": tag}).status_code == 404
    ask_as(http, Actor("person", "p3", "", Role.READER, "hn"))
    assert http.get(path).status_code == 200
    assert http.post("/v1/events", json={"body": BODY}).status_code == 403
    ask_as(http, Actor("anonymous"))
    assert http.get(path).status_code == 401
