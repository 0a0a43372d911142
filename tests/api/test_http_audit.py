"""The audit over HTTP: who sees what, page by page, and an export whose chain holds."""

import hashlib
import json
import time

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from api.actors import Actor, Role
from api.cli import main
from api.main import create_app
from api.readings import Readings
from indexer.catalog import Catalog
from indexer.errors import RequestError
from indexer.keeping.audit import Entry, append
from indexer.sql.serviceschema import audit as table

SEALED = ["id", "at", "actor", "action", "object", "centre", "request", "detail", "previous"]


@pytest.fixture
def client(make_workspace):
    workspace = make_workspace(indexed=False)
    with workspace.catalog() as catalog, catalog.writing() as connection:
        for number in range(7):
            centre, at = f"c{number % 2}", f"2026-11-2{number}T00:00:00.000000+00:00"
            entry = Entry("person:a", "record.update", f"record:r{number}", centre, at=at)
            append(connection, entry)
    client = TestClient(create_app(workspace), base_url="http://localhost")
    yield client
    client.app.state.opened.close()


def numbers(client, **asked):
    answer = client.get("/v1/audit", params=asked)
    assert answer.status_code == 200, answer.text
    return [line["id"] for line in answer.json()["items"]]


def test_pages_from_the_newest(client):
    page = client.get("/v1/audit", params={"limit": 3}).json()
    assert [line["id"] for line in page["items"]] == [7, 6, 5]
    page = client.get("/v1/audit", params={"limit": 3, "cursor": page["next"]}).json()
    assert [line["id"] for line in page["items"]] == [4, 3, 2]
    page = client.get("/v1/audit", params={"limit": 3, "cursor": page["next"]}).json()
    assert [line["id"] for line in page["items"]] == [1] and page["next"] is None


def test_filters(client):
    assert numbers(client, object="record:r2") == [3]
    assert numbers(client, actor="person:b") == []
    assert numbers(client, action="record.update", to="2026-11-21T23:00:00+00:00") == [2, 1]
    # 07:00 in Hanoi is midnight UTC.
    assert numbers(client, **{"from": "2026-11-26T07:00:00+07:00"}) == [7]
    assert numbers(client, **{"from": "2026-11-26T00:00:00"}) == [7]


@pytest.mark.parametrize(
    "asked",
    [{"from": "hôm qua"}, {"from": "0001-01-01T00:00:00+14:00"}, {"cursor": "x"}, {"who": "a"}],
)
def test_what_is_refused(client, asked):
    assert client.get("/v1/audit", params=asked).status_code == 422


def test_a_cursor_of_any_number_is_no_crash(client):
    from api.cursors import encode

    for number in (-5, 10**30):
        answer = client.get("/v1/audit", params={"cursor": encode(number)})
        assert answer.status_code == 200


def test_the_chain_of_an_export_can_be_checked_by_anybody(client):
    answer = client.get("/v1/audit/export")
    assert answer.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["id"] for line in lines] == [*range(1, 8), 8]
    assert lines[-1]["action"] == "audit.export"
    before = "0" * 64
    for line in lines:
        assert line["previous"] == before
        detail = line["detail"]
        written = json.dumps(detail, ensure_ascii=False, sort_keys=True) if detail else ""
        fields = [written if name == "detail" else line[name] for name in SEALED]
        text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
        before = hashlib.sha256(text.encode()).hexdigest()
        assert line["digest"] == before


def test_an_organiser_sees_the_own_centre(client):
    from api import deps

    organiser = Actor("person", "o1", role=Role.ORGANISER, centre="c1")

    async def acting():
        return organiser

    client.app.dependency_overrides[deps._actor] = acting
    assert numbers(client) == [6, 4, 2]
    exported = client.get("/v1/audit/export").text.splitlines()
    assert {json.loads(line)["centre"] for line in exported} == {"c1"}
    organiser = Actor("person", "r1", role=Role.READER, centre="c1")
    assert client.get("/v1/audit").status_code == 403
    organiser = Actor("anonymous")
    assert client.get("/v1/audit").status_code == 401


def test_readings_are_written_together_and_none_is_lost(make_workspace):
    workspace = make_workspace(indexed=False)
    with workspace.catalog() as catalog:
        with catalog.writing() as connection:
            connection.execute(sa.text("UPDATE records SET centre = 'c9' WHERE id = 'CB-01'"))
        readings = Readings(lambda: catalog, every=0.01)
        readings.start()
        for number in range(50):
            readings.note([Entry("person:a", "record.read", "record:CB-01", "c1", at=f"t{number}")])
        readings.note([Entry("person:a", "record.read", "record:gone", "c1")])
        readings.close()
        with catalog.reading() as connection:
            rows = connection.execute(sa.select(table).order_by(table.c.id)).all()
    assert [row.at for row in rows[:50]] == [f"t{number}" for number in range(50)]
    # Whose record it is: there it is to be seen. One that is gone is of the reader's.
    assert {row.centre for row in rows[:50]} == {"c9"} and rows[50].centre == "c1"


def test_readings_wait_while_the_database_is_gone(tmp_path):
    gone = True

    def open_catalog():
        if gone:
            raise RequestError("mất", "gone")
        return catalog

    with Catalog.open(tmp_path / "c.sqlite3") as catalog:
        readings = Readings(open_catalog)
        readings.note([Entry("person:a", "record.read", "record:x")])
        with pytest.raises(RequestError):
            readings.flush()
        gone = False
        readings.flush()
        with catalog.reading() as connection:
            assert len(connection.execute(sa.select(table)).all()) == 1


def test_noting_holds_nobody_up(tmp_path):
    with Catalog.open(tmp_path / "c.sqlite3") as catalog:
        readings = Readings(lambda: catalog, every=0.01)
        readings.start()
        with catalog.writing():  # somebody else writes
            started = time.monotonic()
            readings.note([Entry("person:a", "record.read", "record:x")])
            assert time.monotonic() - started < 5  # the writer would hold it up for ten
        readings.close()


def test_doctor_names_the_broken_line(make_workspace, capsys, monkeypatch):
    monkeypatch.setenv("CUNGCAU_LANG", "en")
    workspace = make_workspace(indexed=False)
    with workspace.catalog() as catalog, catalog.writing() as connection:
        for _ in range(3):
            append(connection, Entry("local", "record.update"))
    assert main(["doctor", "--workspace", str(workspace.path)]) == 0
    assert "✓ Audit: 3 lines, the chain is whole, last digest" in capsys.readouterr().err
    with workspace.catalog() as catalog, catalog.writing() as connection:
        connection.execute(sa.update(table).where(table.c.id == 2).values(actor="person:x"))
    assert main(["doctor", "--workspace", str(workspace.path)]) == 3
    assert "✗ Audit: Line 2 of the audit was changed" in capsys.readouterr().err
