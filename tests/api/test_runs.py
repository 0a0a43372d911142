"""Runs over the real application: match lists, plans, repairs, who may see what of them."""

import json
import threading
import time
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from api import deps
from api.actors import Actor, Role
from api.service import runs as service
from api.service import runwork
from api.service.runfolders import folder_of
from indexer.keeping.audit import verify
from indexer.keeping.keeper import Kept
from indexer.records import DEFAULT_TYPE, Record, RecordType, Side, Visibility
from indexer.sql.changes import write
from indexer.sql.serviceschema import audit, runs
from indexer.sql.stored import stored
from indexer.workspace import Workspace

EVENT = """name = "Chợ thử"
tables = 3
least_score = 0.0
[[slots]]
starts = "2027-05-20 08:30"
minutes = 20
[[slots]]
starts = "2027-05-20 09:00"
minutes = 20
[[slots]]
starts = "2027-05-20 09:30"
minutes = 20
"""


def person(role: Role, centre: str = "hn", organisation: str = "") -> Actor:
    return Actor("person", f"{role.value}{centre}", "", role, centre, organisation)


ORGANISER = person(Role.ORGANISER)
ENTERPRISE = person(Role.ENTERPRISE, organisation="o1")
READER = person(Role.READER)
ELSEWHERE = person(Role.ORGANISER, "sg")
ANONYMOUS = Actor("anonymous")


class Service:
    def __init__(self, workspace: Workspace, client: TestClient) -> None:
        self.workspace, self.client = workspace, client
        self.asks = Actor("local")
        client.app.dependency_overrides[deps._actor] = lambda: self.asks  # type: ignore[attr-defined]

    def by(self, actor: Actor) -> TestClient:
        self.asks = actor
        return self.client

    def event(self, body: str = EVENT) -> str:
        made = self.client.post("/v1/events", json={"body": body})
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    def start(self, path: str, said: dict, **headers: str) -> str:
        made = self.client.post(path, json=said, headers=headers)
        assert made.status_code == 202, made.text
        assert made.headers["location"] == f"/v1/runs/{made.json()['id']}"
        return str(made.json()["id"])

    def ended(self, run_id: str, seconds: float = 30.0) -> dict:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            body = self.client.get(f"/v1/runs/{run_id}").json()
            if body["state"] not in ("queued", "running"):
                return dict(body)
            time.sleep(0.02)
        raise AssertionError(body)

    def done(self, path: str, said: dict, **headers: str) -> str:
        run_id = self.start(path, said, **headers)
        found = self.ended(run_id)
        assert found["state"] == "done", found
        return run_id

    def audited(self) -> list[tuple[str, str]]:
        with self.workspace.catalog() as catalog, catalog.reading() as connection:
            assert verify(connection) == []
            rows = connection.execute(sa.select(audit).order_by(audit.c.id))
            return [(row.actor, row.action) for row in rows]


@pytest.fixture
def service_of(
    make_workspace: Callable[..., Workspace], client_of: Callable[[Workspace], TestClient]
) -> Service:
    folder = make_workspace().path
    unlimited = "reads_per_minute = 0\nwrites_per_minute = 0\n"
    (folder / "cungcau.toml").write_text(unlimited, encoding="utf-8")
    workspace = Workspace.open(folder)
    return Service(workspace, client_of(workspace))


def private_offer(workspace: Workspace, id_: str, kept: Kept, tier: Visibility) -> None:
    """An offer that answers NC-05 better than what is public."""
    record = Record(
        id=id_,
        side=Side.SUPPLY,
        type=RecordType.TECHNOLOGY,
        title="Đo độ mặn của ruộng lúa từ xa",
        description="Trạm đo độ mặn của ruộng lúa từ xa, gửi số liệu về điện thoại.",
        owner="Viện Kín",
        visibility=tier,
    )
    with workspace.catalog() as catalog, catalog.writing() as connection:
        write(connection, {id_: stored(record)}, [], kept)


def test_a_match_run_from_start_to_files(service_of: Service):
    service = service_of
    event = service.event()
    run_id = service.done(f"/v1/events/{event}/runs", {"kind": "match", "k": 3})
    run = service.client.get(f"/v1/runs/{run_id}").json()
    assert (run["kind"], run["event"], run["asked"]) == ("match", event, {"k": 3})
    assert run["result"]["matches"] > 3
    first = service.client.get(f"/v1/runs/{run_id}/result?limit=2").json()
    assert first["part"] == "matches" and len(first["items"]) == 2
    every, cursor = list(first["items"]), first["next"]
    while cursor:
        page = service.client.get(
            f"/v1/runs/{run_id}/result", params={"limit": 2, "cursor": cursor}
        ).json()
        every += page["items"]
        cursor = page["next"]
    assert len(every) == run["result"]["matches"]
    assert all({"demand", "supply", "score", "evidence"} <= set(line) for line in every)
    files = service.client.get(f"/v1/runs/{run_id}/files").json()["items"]
    names = {file["name"] for file in files}
    assert names >= {"match-list.xlsx", "match-list.jsonl", "match-list.html", "event.toml"}
    assert not any(name.startswith(".") for name in names)
    lines = service.client.get(f"/v1/runs/{run_id}/files/match-list.jsonl")
    assert [json.loads(line) for line in lines.text.splitlines()] == every
    assert lines.headers["content-disposition"].startswith("attachment")
    assert lines.headers["content-type"] == "application/x-ndjson"
    held = {"If-None-Match": lines.headers["etag"]}
    again = service.client.get(f"/v1/runs/{run_id}/files/match-list.jsonl", headers=held)
    assert again.status_code == 304
    for wrong in ("../x", "%2e%2e%2fcatalog.sqlite3", ".records.json", "nothing.xlsx"):
        assert service.client.get(f"/v1/runs/{run_id}/files/{wrong}").status_code == 404
    one = service.client.get(f"/v1/runs/{run_id}/result?demand=NC-01").json()["items"]
    assert one and {line["demand"] for line in one} == {"NC-01"}
    unmatched = service.client.get(f"/v1/runs/{run_id}/result?part=unmatched").json()
    assert len(unmatched["items"]) == (
        run["result"]["unmatched_demands"] + run["result"]["unmatched_supplies"]
    )
    assert service.client.get(f"/v1/runs/{run_id}/result?part=plan").status_code == 422
    assert service.client.get(f"/v1/runs/{run_id}/result?cursor=WzNd").status_code == 422
    assert service.audited()[:1] == [("local", "event.create")]
    assert service.audited()[1:] == [("local", "run.start"), ("service", "run.finish")]


def test_rules_keep_pairs_off_and_say_so(service_of: Service):
    rule = '[[rules]]\nkind = "forbid"\nparty = "Cá Vàng"\nothers = ["CB-01"]\n'
    event = service_of.event(EVENT + rule)
    run_id = service_of.done(f"/v1/events/{event}/runs", {"kind": "match"})
    found = service_of.client.get(f"/v1/runs/{run_id}/result?part=excluded").json()["items"]
    assert ("NC-01", "CB-01") in {(line["demand"], line["supply"]) for line in found}
    kept = service_of.client.get(f"/v1/runs/{run_id}/result?demand=NC-01").json()["items"]
    assert "CB-01" not in {line["supply"] for line in kept}


def test_a_plan_and_its_repair(service_of: Service):
    service = service_of
    event = service.event()
    base = service.done(f"/v1/events/{event}/runs", {"kind": "plan", "seconds": 2})
    result = service.client.get(f"/v1/runs/{base}/result").json()
    plan = result["document"]
    assert plan["meetings"] and plan["certificate"]["gap"] == 0
    checked = service.client.post("/v1/plans/check", json=plan)
    assert checked.json() == {
        "sound": True,
        "meetings": len(plan["meetings"]),
        "violations": [],
    }
    clashing = {**plan, "meetings": [{**m, "slot": 1, "table": 1} for m in plan["meetings"]]}
    told = service.client.post("/v1/plans/check", json=clashing).json()
    assert told["sound"] is False and told["violations"][0]["detail"]
    names = {f["name"] for f in service.client.get(f"/v1/runs/{base}/files").json()["items"]}
    assert names >= {"plan.json", "plan.xlsx", "agendas.html", "agendas.pdf", "calendars.zip"}
    archive = service.client.get(f"/v1/runs/{base}/files/calendars.zip").content
    assert all(n.endswith(".ics") for n in zipfile.ZipFile(BytesIO(archive)).namelist())
    gone = plan["meetings"][0]["demand_owner"]
    new = service.done(
        f"/v1/runs/{base}/replans", {"changes": {"no_shows": [{"owner": gone}]}, "seconds": 1}
    )
    changes = service.client.get(f"/v1/runs/{new}/result?part=changes").json()["document"]
    assert gone in changes["agendas"] and changes["dropped"]
    assert changes["dropped"][0]["starts"].startswith("2027-05-20")
    assert service.client.get(f"/v1/runs/{new}/result").json()["part"] == "plan"
    summary = service.client.get(f"/v1/runs/{new}").json()
    assert summary["result"]["dropped"] == len(changes["dropped"])
    assert (summary["event"], summary["asked"]["base"]) == (event, base)
    text = f'[[no_shows]]\nowner = "{gone}"\n'
    service.done(f"/v1/runs/{base}/replans", {"body": text, "seconds": 1})
    refused = service.client.post(
        f"/v1/runs/{base}/replans", json={"changes": {"no_shows": [{"owner": "Không có"}]}}
    )
    assert refused.status_code == 422 and "Không có" in refused.json()["detail"]
    for said in ({}, {"body": "a", "changes": {}}, {"body": "= 3"}, {"changes": {"x": 1}}):
        assert service.client.post(f"/v1/runs/{base}/replans", json=said).status_code == 422
    match = service.done(f"/v1/events/{event}/runs", {"kind": "match"})
    assert service.client.post(f"/v1/runs/{match}/replans", json={"changes": {}}).status_code == 409


def test_a_run_that_cannot_be_done_says_why(service_of: Service):
    service = service_of
    stranger = EVENT + '[[participants]]\nowner = "Cá Vang Bạc"\n'
    run_id = service.start(f"/v1/events/{service.event(stranger)}/runs", {"kind": "match"})
    found = service.ended(run_id)
    assert found["state"] == "failed" and "Cá Vàng" in found["failure"]["detail"]
    answer = service.client.get(f"/v1/runs/{run_id}/result")
    assert answer.json()["type"] == "/docs#problem-not-possible"
    assert service.client.get(f"/v1/runs/{run_id}/files").json() == {"items": []}
    crowded = EVENT.replace("tables = 3", "tables = 1\nleast_meetings = 3")
    run_id = service.start(
        f"/v1/events/{service.event(crowded)}/runs",
        {"kind": "plan", "seconds": 1},
    )
    found = service.ended(run_id)
    assert found["state"] == "failed"
    english = service.client.get(f"/v1/runs/{run_id}", headers={"Accept-Language": "en"}).json()
    assert english["failure"]["detail"] != found["failure"]["detail"]
    assert not folder_of(service.workspace.path, run_id).exists()


def test_a_request_sent_again_starts_one_run(service_of: Service):
    path = f"/v1/events/{service_of.event()}/runs"
    key = {"Idempotency-Key": "k1"}
    first = service_of.start(path, {"kind": "match"}, **key)
    assert service_of.start(path, {"kind": "match"}, **key) == first
    assert service_of.client.post(path, json={"kind": "plan"}, headers=key).status_code == 422
    assert service_of.ended(first)["state"] == "done"
    assert [run["id"] for run in service_of.client.get("/v1/runs").json()["items"]] == [first]


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Match runs wait for this, telling that they do."""
    gate = threading.Event()

    def wait(opened, run, folder, progress):
        step = 0
        while not gate.is_set():
            step += 1
            progress("waiting", step, 0)
            time.sleep(0.01)
        return {"matches": 0}

    monkeypatch.setitem(runwork._KINDS, "match", wait)
    return gate


def test_too_many_runs_are_told_to_wait(service_of: Service, held: threading.Event):
    path = f"/v1/events/{service_of.event()}/runs"
    started = [service_of.start(path, {"kind": "match"}) for _ in range(service.MOST)]
    refused = service_of.client.post(path, json={"kind": "match"})
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "5")
    # Another centre is not held up by this one.
    service_of.by(ELSEWHERE)
    service_of.start(f"/v1/events/{service_of.event()}/runs", {"kind": "match"})
    service_of.by(Actor("local"))
    held.set()
    assert {service_of.ended(run)["state"] for run in started} == {"done"}
    pages, cursor = [], None
    while True:
        query = {"limit": 2, "state": "done"} | ({"cursor": cursor} if cursor else {})
        body = service_of.client.get("/v1/runs", params=query).json()
        pages += [run["id"] for run in body["items"]]
        cursor = body["next"]
        if cursor is None:
            break
    assert [run for run in pages if run in started] == started[::-1]


def test_a_cancelled_run_stops_and_leaves_nothing(service_of: Service, held: threading.Event):
    path = f"/v1/events/{service_of.event()}/runs"
    run_id = service_of.start(path, {"kind": "match"})
    runner = service_of.client.app.state.runner  # type: ignore[attr-defined]
    until = time.monotonic() + 5
    while runner.live(run_id) is None and time.monotonic() < until:
        time.sleep(0.01)
    assert runner.live(run_id) is not None
    answer = service_of.client.delete(f"/v1/runs/{run_id}")
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert service_of.client.delete(f"/v1/runs/{run_id}").status_code == 200
    while runner.live(run_id) is not None and time.monotonic() < until:
        time.sleep(0.01)
    assert runner.live(run_id) is None
    assert service_of.client.get(f"/v1/runs/{run_id}").json()["state"] == "cancelled"
    assert [p.name for p in folder_of(service_of.workspace.path, "").iterdir()] == ["workers"]
    assert ("local", "run.cancel") in service_of.audited()
    held.set()
    finished = service_of.done(path, {"kind": "match"})
    assert service_of.client.delete(f"/v1/runs/{finished}").status_code == 409


def test_what_another_process_cancels_stops(service_of: Service, held: threading.Event):
    run_id = service_of.start(f"/v1/events/{service_of.event()}/runs", {"kind": "match"})
    runner = service_of.client.app.state.runner  # type: ignore[attr-defined]
    until = time.monotonic() + 5
    while runner.live(run_id) is None and time.monotonic() < until:
        time.sleep(0.01)
    with service_of.workspace.catalog() as catalog, catalog.writing() as connection:
        service.cancel(connection, run_id, Actor("local"))
    while runner.live(run_id) is not None and time.monotonic() < until:
        time.sleep(0.01)
    assert runner.live(run_id) is None


def test_a_stopped_service_gives_its_runs_to_the_next(
    make_workspace: Callable[..., Workspace],
    client_of: Callable[[Workspace], TestClient],
    held: threading.Event,
):
    workspace = make_workspace()
    first = Service(workspace, client_of(workspace))
    run_id = first.start(f"/v1/events/{first.event()}/runs", {"kind": "match"})
    runner = first.client.app.state.runner  # type: ignore[attr-defined]
    until = time.monotonic() + 5
    while runner.live(run_id) is None and time.monotonic() < until:
        time.sleep(0.01)
    runner.close()
    assert first.client.get(f"/v1/runs/{run_id}").json()["state"] == "queued"
    assert list((workspace.path / "runs" / "workers").iterdir()) == []
    held.set()
    second = Service(workspace, client_of(workspace))
    assert second.ended(run_id)["state"] == "done"


def test_a_run_whose_process_fell_silent_is_noted_as_failed(service_of: Service):
    values = {
        "id": "abc",
        "kind": "match",
        "state": "running",
        "asked": json.dumps({"reader": {"everything": True}, "language": "vi"}),
        "heartbeat": "2026-01-01T00:00:00.000000+00:00",
        "created": "2026-01-01T00:00:00.000000+00:00",
        "worker": "elsewhere",
    }
    fresh = {**values, "id": "abd", "heartbeat": "2999-01-01T00:00:00.000000+00:00"}
    with service_of.workspace.catalog() as catalog, catalog.writing() as connection:
        connection.execute(sa.insert(runs), [values, fresh])
    service_of.client.app.state.runner.look_round()  # type: ignore[attr-defined]
    found = service_of.client.get("/v1/runs/abc").json()
    assert found["state"] == "failed" and "đột ngột" in found["failure"]["detail"]
    assert service_of.client.get("/v1/runs/abd").json()["state"] == "running"


def test_centres_see_nothing_of_each_other(service_of: Service):
    service = service_of
    private_offer(service.workspace, "hn/KIN", Kept("hn"), Visibility.PRIVATE)
    service.by(ORGANISER)
    event = service.event()
    run_id = service.done(f"/v1/events/{event}/runs", {"kind": "match"})
    paths = [
        f"/v1/events/{event}",
        f"/v1/runs/{run_id}",
        f"/v1/runs/{run_id}/progress",
        f"/v1/runs/{run_id}/result",
        f"/v1/runs/{run_id}/files",
        f"/v1/runs/{run_id}/files/match-list.jsonl",
    ]
    found = service.client.get(f"/v1/runs/{run_id}/result?demand=NC-05").json()["items"]
    assert found[0]["supply"] == "hn/KIN"
    service.by(ELSEWHERE)
    for path in paths:
        answer = service.client.get(path)
        assert answer.status_code == 404, path
        other = path.replace(run_id, "0" * 16).replace(event, "0" * 16)
        assert answer.text.replace(run_id, "0" * 16).replace(event, "0" * 16) == (
            service.client.get(other).text
        )
    assert service.client.get("/v1/runs").json()["items"] == []
    assert service.client.get("/v1/events").json()["items"] == []
    start = service.client.post(f"/v1/events/{event}/runs", json={"kind": "match"})
    assert start.status_code == 404
    assert service.client.delete(f"/v1/runs/{run_id}").status_code == 404
    theirs = service.event()
    own = service.done(f"/v1/events/{theirs}/runs", {"kind": "match"})
    seen = service.client.get(f"/v1/runs/{own}/files/match-list.jsonl").text
    assert "KIN" not in seen and "NC-05" in seen


def test_who_of_a_centre_sees_what_of_a_run(service_of: Service):
    service = service_of
    private_offer(service.workspace, "hn/KIN", Kept("hn"), Visibility.PRIVATE)
    service.by(ORGANISER)
    event = service.event()
    run_id = service.done(f"/v1/events/{event}/runs", {"kind": "match"})
    plan_id = service.done(f"/v1/events/{event}/runs", {"kind": "plan", "seconds": 1})
    whole = service.client.get(f"/v1/runs/{run_id}").json()
    assert whole["result"] is not None
    # Staff may read what is private to their centre, and so all of this.
    service.by(READER)
    assert service.client.get(f"/v1/runs/{run_id}/files").status_code == 200
    assert service.client.get(f"/v1/runs/{plan_id}/result").status_code == 200
    # People of an organisation get the pairs they may read, and no counts of the others.
    service.by(ENTERPRISE)
    assert service.client.get(f"/v1/runs/{run_id}").json()["result"] is None
    lines = service.client.get(f"/v1/runs/{run_id}/result").json()["items"]
    assert lines and "KIN" not in json.dumps(lines)
    for path in (f"{run_id}/files", f"{run_id}/files/match-list.xlsx", f"{plan_id}/result"):
        answer = service.client.get(f"/v1/runs/{path}")
        assert answer.status_code == 403 and "KIN" not in answer.text, path
    start = service.client.post(f"/v1/events/{event}/runs", json={"kind": "match"})
    assert start.status_code == 403
    assert service.by(ANONYMOUS).get(f"/v1/runs/{run_id}").status_code == 401


def test_reading_results_of_confidential_records_is_noted(service_of: Service):
    service = service_of
    private_offer(service.workspace, "hn/KIN", Kept("hn"), Visibility.CONFIDENTIAL)
    service.by(ORGANISER)
    run_id = service.done(f"/v1/events/{service.event()}/runs", {"kind": "match"})
    service.client.get(f"/v1/runs/{run_id}/result?demand=NC-05")
    service.client.get(f"/v1/runs/{run_id}/files/match-list.jsonl")
    service.client.app.state.readings.flush()  # type: ignore[attr-defined]
    reads = [line for line in service.audited() if line[1] == "run.read"]
    assert reads == [("person:organiserhn", "run.read")] * 2
    # Who may not read it is told nothing of it.
    assert "KIN" not in service.by(READER).get(f"/v1/runs/{run_id}/result").text
    assert service.client.get(f"/v1/runs/{run_id}/files").status_code == 403


def test_an_import_as_a_run(service_of: Service):
    service = service_of
    service.by(ORGANISER)
    table = "Mã,Tên công nghệ,Mô tả,TRL\nX-1,Máy sấy,Sấy nông sản,7\nX-2,Lọc nước,Lọc phèn,99\n"
    made = service.client.post(
        "/v1/imports/runs?side=supply", files={"file": ("cung.csv", table.encode())}
    )
    assert made.status_code == 202, made.text
    run = service.ended(made.json()["id"])
    assert run["state"] == "done", run
    assert (run["kind"], run["asked"]["file"]) == ("import", "cung.csv")
    assert run["result"]["inserted"] + run["result"]["rejected"] >= 2
    path = f"/v1/runs/{run['id']}/result"
    rows = service.client.get(path).json()["items"]
    assert rows[0]["id"] == "hn/X-1" and rows[0]["outcome"] == "inserted"
    assert any("99" in error["value"] for row in rows for error in row["errors"])
    assert service.client.get("/v1/records/hn%2FX-1").status_code == 200
    assert list(folder_of(service.workspace.path, "uploads").iterdir()) == []
    assert service.by(ENTERPRISE).get(path).status_code == 403
    assert service.by(ELSEWHERE).get(path).status_code == 404
    service.by(ORGANISER)
    broken = service.client.post("/v1/imports/runs", files={"file": ("a.xlsx", b"no workbook")})
    found = service.ended(broken.json()["id"])
    assert found["state"] == "failed" and "/tmp" not in found["failure"]["detail"]
    key = {"Idempotency-Key": "i1"}
    twice = [
        service.client.post(
            "/v1/imports/runs?side=supply&dry_run=true",
            files={"file": ("cung.csv", table.encode())},
            headers=key,
        ).json()["id"]
        for _ in range(2)
    ]
    assert twice[0] == twice[1] and service.ended(twice[0])["result"]["dry_run"] is True


def test_events_runs_and_feedback_on_either_database(
    tmp_path: Path, database: str, client_of: Callable[[Workspace], TestClient]
):
    (tmp_path / "cungcau.toml").write_text(f'database = "{database}"\n', encoding="utf-8")
    workspace = Workspace.open(tmp_path, create=True)
    said = {"S-1": Side.SUPPLY, "S-2": Side.SUPPLY, "D-1": Side.DEMAND}
    found = [
        Record(id=i, side=side, type=DEFAULT_TYPE[side], title=f"Máy sấy nông sản {i}", owner=i)
        for i, side in said.items()
    ]
    with workspace.catalog() as catalog:
        catalog.apply(found)
    service = Service(workspace, client_of(workspace))
    event = service.event()
    run_ids = [
        service.start(f"/v1/events/{event}/runs", {"kind": kind}) for kind in ("match", "plan")
    ]
    assert [service.ended(run_id)["state"] for run_id in run_ids] == ["done", "done"]
    assert len(service.client.get(f"/v1/runs/{run_ids[0]}/result").json()["items"]) == 2
    assert service.client.get("/v1/runs?kind=plan").json()["items"][0]["id"] == run_ids[1]
    pair = {"demand": "D-1", "supply": "S-1", "answer": "accept"}
    assert service.client.post("/v1/feedback", json=pair).status_code == 201
    assert len(service.client.get("/v1/feedback").json()["items"]) == 1
    assert service.client.delete("/v1/feedback?demand=D-1").json() == {"forgotten": 1}
    path = f"/v1/events/{event}"
    tag = service.client.get(path).headers["etag"]
    assert service.client.delete(path, headers={"If-Match": tag}).status_code == 204
    service.client.app.state.runner.look_round()  # type: ignore[attr-defined]
    assert ("service", "run.finish") in service.audited()
