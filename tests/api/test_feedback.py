"""What people say of pairs over HTTP, and learning from it."""

import time
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from api import deps
from api.actors import Actor, Role
from indexer.keeping.keeper import Kept
from indexer.records import Record, Side, Visibility
from indexer.sql.changes import write
from indexer.sql.serviceschema import audit, people
from indexer.sql.stored import stored
from indexer.workspace import Workspace

ORGANISER = Actor("person", "p1", "", Role.ORGANISER, "hn")
ENTERPRISE = Actor("person", "p2", "", Role.ENTERPRISE, "hn", "o1")
ELSEWHERE = Actor("person", "p3", "", Role.ORGANISER, "sg")
LOCAL = Actor("local")
PAIR = {"demand": "NC-01", "supply": "CB-01"}


class Service:
    def __init__(self, workspace: Workspace, client: TestClient) -> None:
        self.workspace, self.client, self.asks = workspace, client, LOCAL
        client.app.dependency_overrides[deps._actor] = lambda: self.asks  # type: ignore[attr-defined]
        rows = [("p1", "hn"), ("p2", "hn"), ("p3", "sg")]
        with workspace.catalog() as catalog, catalog.writing() as connection:
            values = [{"id": i, "centre": c, "email_key": f"{i}@vidu.vn"} for i, c in rows]
            connection.execute(sa.insert(people), values)

    def by(self, actor: Actor) -> TestClient:
        self.asks = actor
        return self.client


@pytest.fixture
def service(
    make_workspace: Callable[..., Workspace], client_of: Callable[[Workspace], TestClient]
) -> Service:
    folder = make_workspace().path
    unlimited = "reads_per_minute = 0\nwrites_per_minute = 0\n"
    (folder / "cungcau.toml").write_text(unlimited, encoding="utf-8")
    workspace = Workspace.open(folder)
    return Service(workspace, client_of(workspace))


def test_the_last_word_of_a_person_counts(service: Service):
    client = service.by(ENTERPRISE)
    first = client.post("/v1/feedback", json={**PAIR, "answer": "accept"})
    assert first.status_code == 201
    body = first.json()
    assert (body["grade"], body["who"], body["source"]) == (2, "p2", "http")
    assert client.post("/v1/feedback", json={**PAIR, "answer": "accept"}).status_code == 200
    later = client.post("/v1/feedback", json={**PAIR, "answer": "contract"}).json()
    assert later["grade"] == 3 and later["id"] > body["id"]
    client.post("/v1/feedback", json={**PAIR, "supply": "CB-02", "answer": "grade", "grade": 1})
    items = client.get("/v1/feedback").json()["items"]
    assert [(one["supply"], one["answer"]) for one in items] == [
        ("CB-02", "grade"),
        ("CB-01", "contract"),
    ]
    page = client.get("/v1/feedback?limit=1").json()
    rest = client.get("/v1/feedback", params={"cursor": page["next"]}).json()
    assert [*page["items"], *rest["items"]] == items
    with service.workspace.catalog() as catalog:
        assert {(one.need, one.offer, one.grade) for one in catalog.judgements()} == {
            ("NC-01", "CB-01", 3),
            ("NC-01", "CB-02", 1),
        }
        with catalog.reading() as connection:
            actions = connection.scalars(sa.select(audit.c.action)).all()
    assert actions == ["feedback.add"] * 3


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({**PAIR, "answer": "grade"}, 422),
        ({**PAIR, "answer": "accept", "grade": 2}, 422),
        ({**PAIR, "answer": "grade", "grade": 4}, 422),
        ({**PAIR, "answer": "perhaps"}, 422),
        ({**PAIR, "demand": "CB-02", "answer": "accept"}, 404),
        ({**PAIR, "supply": "nothing", "answer": "accept"}, 404),
        ({**PAIR, "supply": "CB-06", "answer": "accept"}, 404),  # private
    ],
)
def test_what_cannot_be_said(service: Service, said: dict, status: int):
    assert service.by(ENTERPRISE).post("/v1/feedback", json=said).status_code == status


def test_who_sees_and_takes_back_what(service: Service):
    for actor, answer in ((ORGANISER, "accept"), (ENTERPRISE, "reject"), (ELSEWHERE, "met")):
        service.by(actor).post("/v1/feedback", json={**PAIR, "answer": answer})
    kin = Record(id="KIN", side=Side.SUPPLY, type="technology", title="A", visibility="private")
    with service.workspace.catalog() as catalog, catalog.writing() as connection:
        write(connection, {"KIN": stored(kin)}, [], Kept("hn"))
    assert Visibility.PRIVATE is kin.visibility
    said = {**PAIR, "supply": "KIN", "answer": "accept"}
    assert service.by(ELSEWHERE).post("/v1/feedback", json=said).status_code == 404
    assert service.by(ORGANISER).post("/v1/feedback", json=said).status_code == 201

    def seen(actor: Actor) -> set[str]:
        return {one["who"] for one in service.by(actor).get("/v1/feedback").json()["items"]}

    assert seen(ENTERPRISE) == {"p2"}
    assert seen(ORGANISER) == {"p1", "p2"}
    assert seen(ELSEWHERE) == {"p3"}
    assert seen(LOCAL) == {"p1", "p2", "p3"}
    reader = Actor("person", "p4", "", Role.READER, "hn")
    assert service.by(reader).get("/v1/feedback").status_code == 403
    assert service.by(Actor("anonymous")).get("/v1/feedback").status_code == 401
    gone = service.by(ORGANISER).delete("/v1/feedback?supply=KIN").json()
    assert gone == {"forgotten": 1}
    assert service.client.delete("/v1/feedback").json() == {"forgotten": 1}
    assert service.client.delete("/v1/feedback").json() == {"forgotten": 0}
    assert seen(LOCAL) == {"p2", "p3"}


def ended(client: TestClient, location: str) -> dict:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        body = client.get(location).json()
        if body["state"] not in ("queued", "running"):
            return dict(body)
        time.sleep(0.02)
    raise AssertionError(body)


def test_learning_measures_keeps_and_goes_back(service: Service):
    client = service.by(LOCAL)
    assert client.get("/v1/learning").json() == {"version": 0, "before": None, "learned": {}}
    assert client.post("/v1/learning/undo").status_code == 409
    few = client.post("/v1/learning", json={"dry_run": True})
    assert few.status_code == 202
    failed = ended(client, few.headers["location"])
    assert failed["state"] == "failed" and "10" in failed["failure"]["detail"]
    good = {"NC-01": "CB-01", "NC-02": "CB-03", "NC-03": "CB-04", "NC-05": "CB/05 đặc biệt"}
    for need, offer in good.items():
        for supply in ("CB-01", "CB-02", "CB-03", "CB-04", "CB/05 đặc biệt"):
            answer = "accept" if supply == offer else "reject"
            said = {"demand": need, "supply": supply, "answer": answer}
            assert client.post("/v1/feedback", json=said).status_code == 201
    dry = ended(client, client.post("/v1/learning", json={}).headers["location"])
    assert dry["state"] == "done", dry
    assert (dry["result"]["pairs"], dry["result"]["kept"]) == (20, False)
    assert dry["result"]["held_out"]["log_loss"]["needs"] == 4
    assert client.get(f"/v1/runs/{dry['id']}/result").json()["part"] == "disputed"
    kept = ended(client, client.post("/v1/learning", json={"dry_run": False}).headers["location"])
    assert kept["state"] == "done" and kept["result"]["kept"] is not kept["result"]["refused"]
    if kept["result"]["kept"]:
        now = client.get("/v1/learning").json()
        assert (now["version"], now["before"], now["learned"]["pairs"]) == (1, 0, 20)
        assert client.post("/v1/learning/undo").json() == {"left": 1, "version": 0}
        assert client.get("/v1/learning").json()["version"] == 0
    assert service.by(ENTERPRISE).post("/v1/learning", json={}).status_code == 403
    for path, said in (("", {"dry_run": False}), ("/undo", None)):
        refused = service.by(ORGANISER).post(f"/v1/learning{path}", json=said)
        assert refused.status_code == 403 and "dry_run" in refused.json()["detail"]


def test_pairs_to_judge_next_are_those_one_may_read(service: Service):
    every = service.by(LOCAL).get("/v1/learning/suggestions?count=100").json()["items"]
    assert "CB-06" in {one["supply"] for one in every}
    assert all(one["demand_title"] and 0 <= one["score"] <= 1 for one in every)
    theirs = service.by(ORGANISER).get("/v1/learning/suggestions?count=100").json()["items"]
    assert theirs and "CB-06" not in {one["supply"] for one in theirs}
    assert len(service.client.get("/v1/learning/suggestions?count=2").json()["items"]) == 2
