"""A person is found everywhere, shown what is held, and leaves no byte behind."""

import json
import sqlite3
import zipfile
from contextlib import closing

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from api.actors import LOCAL_ACTOR, Role
from api.main import create_app
from api.problems import ProblemError
from api.service import deliveries, erasing, people
from indexer.catalog import Catalog
from indexer.judgements import Judgement
from indexer.keeping.audit import verify
from indexer.keeping.subjects import MARK, Subject
from indexer.records import Contact, Record, RecordType, Side
from indexer.sql.schema import judgements
from indexer.sql.serviceschema import consents, events, idempotency, saved_searches
from indexer.updating import update_index
from indexer.workspace import Workspace

ADDRESS = "kin.tran@bimat.example"
OTHER = "an@khac.example"


def records():
    texts = {
        "R1": ("Máy sấy", Contact(person="Trần Thị Kín", phone="0912 345 678", email=ADDRESS)),
        "R2": (f"Bể lọc nước thải.\n{ADDRESS.upper()} trả lời", Contact(email=OTHER)),
        "R3": ("Cảm biến độ mặn", Contact(person="Lê An", email=OTHER)),
    }  # fmt: skip
    return [
        Record(
            id=id_,
            side=Side.SUPPLY,
            type=RecordType.TECHNOLOGY,
            title=text.split(".")[0],
            description=text,
            contact=contact,
        )
        for id_, (text, contact) in texts.items()
    ]


@pytest.fixture
def workspace(tmp_path):
    workspace = Workspace.open(tmp_path / "không gian", create=True)
    with workspace.catalog() as catalog:
        catalog.apply(records())
        catalog.judge(
            [
                Judgement("N1", "R1", 2, who="Trần Thị Kín"),
                Judgement("N1", "R1", 1, who=ADDRESS),
                Judgement("N1", "R1", 0, who="Lê An"),
            ]
        )
        update_index(catalog, workspace.index_path)
        with catalog.writing() as connection:
            for id_, email, role in (
                ("admin", "chu@trungtam.example", Role.ADMINISTRATOR),
                ("kin", ADDRESS, Role.READER),
            ):
                connection.execute(
                    sa.insert(people.people).values(
                        id=id_, email=email, email_key=email, name="Trần Thị Kín", role=role.value
                    )
                )
            connection.execute(sa.insert(consents).values(subject=ADDRESS, at="2026", how="phiếu"))
            connection.execute(
                sa.insert(saved_searches).values(id="s1", person="kin", text="sấy", want="supply")
            )
            body = f'[[participants]]\nname = "A\\n{ADDRESS}"\n'
            connection.execute(sa.insert(events).values(id="e1", name="Sự kiện", body=body))
            connection.execute(
                sa.insert(idempotency).values(key="k k", actor="person:kin", body=ADDRESS)
            )
            deliveries.put(connection, "", "search:s1", "email", ADDRESS, "", "alert.created", {})
    for run, name, text in (("r1", "agendas.html", ADDRESS), ("r2", "plan.json", OTHER)):
        folder = workspace.path / "runs" / run
        folder.mkdir(parents=True)
        (folder / name).write_text(text)
        (folder / "plan.pdf").write_bytes(b"%PDF drawn")
    return workspace


def bytes_naming(workspace, text):
    """Every file whose bytes hold the text in any case, looking into packed ones too."""
    found = []
    for path in workspace.path.rglob("*"):
        if not path.is_file():
            continue
        parts = [path.read_bytes()]
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                parts += [packed.read(name) for name in packed.namelist()]
        if any(text.encode().lower() in part.lower() for part in parts):
            found.append(path.relative_to(workspace.path).as_posix())
    return found


def erase(workspace, subject=ADDRESS, **more):
    with workspace.catalog() as catalog:
        return erasing.erase(catalog, workspace.path, Subject.of(subject), LOCAL_ACTOR, **more)


def test_no_byte_of_the_workspace_names_the_person_any_more(workspace):
    assert set(bytes_naming(workspace, ADDRESS)) >= {"runs/r1/agendas.html"}
    erasure = erase(workspace, redact=True)
    assert erasure.swept and erasure.occurrences == () and erasure.files == ()
    assert bytes_naming(workspace, ADDRESS) == []
    assert bytes_naming(workspace, "0912 345 678") == []
    assert set(bytes_naming(workspace, OTHER)) > {"runs/r2/plan.json"}
    assert not (workspace.path / "runs/r1").exists()
    with workspace.catalog() as catalog:
        assert catalog.check() == []
        found = {record.id: record for record in catalog.records()}
        assert [found[i].contact for i in ("R1", "R2")] == [Contact(), Contact(email=OTHER)]
        assert f"\n{MARK} trả lời" in found["R2"].description
        with catalog.reading() as connection:
            assert verify(connection) == []
            who = set(connection.scalars(sa.select(judgements.c.who)))
    # Three people stay three people: no judgement replaces another.
    assert len(who) == 3 and "Lê An" in who and "Trần Thị Kín" not in who


def test_what_is_counted(workspace):
    erasure = erase(workspace)
    assert (erasure.contacts, erasure.people, erasure.consents) == (1, 1, 1)
    assert (erasure.judgements, erasure.saved_searches, erasure.runs) == (2, 1, 1)
    # The event's text and the answer kept for a key; the delivery went with its search.
    assert erasure.texts == 2
    assert [(one.key, one.column, one.times) for one in erasure.occurrences] == [("R2", "body", 1)]
    with workspace.catalog() as catalog:
        assert ADDRESS.upper() in catalog.get("R2").description


def test_files_somebody_put_there_are_reported_and_left(workspace):
    (workspace.path / "danh-sach.csv").write_text(f"ten,thu\nKín,{ADDRESS}\n")
    with zipfile.ZipFile(workspace.path / "bang.xlsx", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/sharedStrings.xml", f"<t>{ADDRESS}</t>")
    assert erase(workspace).files == ("bang.xlsx", "danh-sach.csv")
    assert (workspace.path / "danh-sach.csv").exists()


def test_a_number_is_found_however_it_is_written(workspace):
    with workspace.catalog() as catalog:
        catalog.apply([records()[0].model_copy(update={"description": "Gọi +84 912-345-678"})])
    erasure = erase(workspace, "0912345678", redact=True)
    assert erasure.contacts == 1 and erasure.people == 0
    with workspace.catalog() as catalog:
        assert catalog.get("R1").description == f"Gọi {MARK}"


@pytest.mark.parametrize(
    ("subject", "text", "expected"),
    [
        (ADDRESS, f"<{ADDRESS}>,", True),
        (ADDRESS, f"x{ADDRESS}", False),
        (ADDRESS, f"{ADDRESS}.vn", False),
        (ADDRESS, f"Thư: {ADDRESS}.", True),
        (ADDRESS, f'{{"a": "b\\n{ADDRESS}"}}', True),
        ("0912345678", "(+84) 912.345.678", True),
        ("0912345678", "84912345678", True),
        ("0912345678", "10912345678", False),
        ("0912345678", "09123456789", False),
        ("+84 912 345 678", "0912 345 678", True),
    ],
)
def test_what_names_a_person(subject, text, expected):
    assert bool(Subject.of(subject).find(text)) is expected


def test_the_last_administrator_stays(workspace):
    with pytest.raises(ProblemError) as caught:
        erase(workspace, "chu@trungtam.example")
    assert caught.value.kind.status == 409
    with workspace.catalog() as catalog, catalog.reading() as connection:
        assert people.exist(connection)


def test_one_centre_erases_its_own_only(workspace):
    with workspace.catalog() as catalog, catalog.writing() as connection:
        connection.execute(sa.text("UPDATE records SET centre = 'c1' WHERE id = 'R1'"))
    erasure = erase(workspace, OTHER, centre="c1")
    assert (erasure.contacts, erasure.people, erasure.texts, erasure.runs) == (0, 0, 0, 0)
    erasure = erase(workspace, centre="c1")
    assert (erasure.contacts, erasure.people) == (1, 0)
    with workspace.catalog() as catalog:
        assert catalog.get("R1").contact == Contact()


def test_a_restored_backup_is_erased_again(workspace, tmp_path):
    backup = tmp_path / "backup.sqlite3"
    with closing(sqlite3.connect(workspace.database)) as database:
        database.execute("VACUUM INTO ?", (str(backup),))
    erase(workspace, redact=True)
    with workspace.catalog() as catalog:
        earlier = erasing.erased(catalog, workspace.path)
    assert len(earlier) == 1 and earlier == erasing.read_file(workspace.path)
    for path in workspace.path.glob("catalog.sqlite3*"):
        path.unlink()
    backup.rename(workspace.path / "catalog.sqlite3")
    assert bytes_naming(workspace, ADDRESS)
    with workspace.catalog() as catalog:
        assert erasing.reapply(catalog, workspace.path, earlier, LOCAL_ACTOR) == 1
        assert erasing.reapply(catalog, workspace.path, earlier, LOCAL_ACTOR) == 0
        assert catalog.check() == []
    assert bytes_naming(workspace, ADDRESS) == []
    assert len(erasing.read_file(workspace.path)) == 1


def test_a_reader_holds_the_sweep_up_and_it_is_done_later(workspace, monkeypatch):
    import indexer.keeping.purging

    monkeypatch.setattr(indexer.keeping.purging, "_TRIES", 2)
    with workspace.catalog() as catalog, Catalog.open(workspace.database) as other:
        with other.reading() as connection:
            connection.execute(sa.select(judgements.c.id)).all()
            assert erase(workspace, redact=True).swept is False
        assert erasing.sweep(catalog) is True
    assert bytes_naming(workspace, ADDRESS) == []


@pytest.fixture
def client(tmp_path):
    workspace = Workspace.open(tmp_path / "mở", create=True)
    with workspace.catalog() as catalog:
        catalog.apply(records())
        update_index(catalog, workspace.index_path)
    with TestClient(create_app(workspace), base_url="http://localhost") as client:
        yield client


def test_everything_held_is_shown(client):
    given = client.post("/v1/consents", json={"subject": ADDRESS.upper(), "how": "phiếu 12/11"})
    assert given.status_code == 201
    held = client.get("/v1/personal-data", params={"subject": ADDRESS})
    assert held.status_code == 200 and held.headers["cache-control"] == "no-store"
    said = held.json()
    assert [row["record_id"] for row in said["contacts"]] == ["R1"]
    assert said["contacts"][0]["phone"] == "0912 345 678"
    assert [row["how"] for row in said["consents"]] == ["phiếu 12/11"]
    assert [row["key"] for row in said["occurrences"]] == ["R2"]


def test_a_consent_is_given_listed_and_withdrawn(client):
    asked = {"params": {"subject": "0912 345 678"}}
    assert client.get("/v1/consents", **asked).json() == {"items": []}
    made = client.post(
        "/v1/consents", json={"subject": "+84 912345678", "how": "điện thoại"}
    ).json()
    [item] = client.get("/v1/consents", **asked).json()["items"]
    assert item == made and item["withdrawn"] == ""
    ended = client.post(f"/v1/consents/{made['id']}/withdrawal", **asked)
    assert ended.status_code == 200 and ended.json()["withdrawn"]
    assert client.post(f"/v1/consents/{made['id']}/withdrawal", **asked).json() == ended.json()
    other = client.post(f"/v1/consents/{made['id']}/withdrawal", params={"subject": ADDRESS})
    assert other.status_code == 404


def test_an_erasure_over_http_is_audited_without_naming_anybody(client):
    answer = client.post("/v1/personal-data/erasures", json={"subject": ADDRESS, "redact": True})
    assert answer.status_code == 200 and answer.json()["contacts"] == 1
    held = client.get("/v1/personal-data", params={"subject": ADDRESS}).json()
    assert not any(held[kind] for kind in held)
    exported = client.get("/v1/audit/export").text
    actions = [json.loads(line)["action"] for line in exported.splitlines()]
    assert actions == ["person.erase", "person.export", "audit.export"]
    assert ADDRESS not in exported and "0912" not in exported


@pytest.mark.parametrize("subject", ["", "ai đó", "12", "a@b", "x" * 300])
def test_what_names_nobody_is_refused(client, subject):
    answer = client.post("/v1/personal-data/erasures", json={"subject": subject})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["place"] == "body.subject"
    assert client.get("/v1/personal-data").status_code == 422


def test_erasing_on_either_database(database, tmp_path):
    with Catalog.open(database) as catalog:
        catalog.apply(records())
        with catalog.writing() as connection:
            for id_, email in (("admin", "chu@x.example"), ("kin", ADDRESS)):
                connection.execute(
                    sa.insert(people.people).values(
                        id=id_, email=email, email_key=email, role="administrator"
                    )
                )
            deliveries.put(connection, "", "search:s1", "email", ADDRESS, "", "alert.created", {})
        erasure = erasing.erase(catalog, tmp_path, Subject.of(ADDRESS), LOCAL_ACTOR, redact=True)
        assert (erasure.contacts, erasure.people, erasure.texts) == (1, 1, 1) and erasure.swept
        assert catalog.check() == []
        again = erasing.erase(catalog, tmp_path, Subject.of(ADDRESS), LOCAL_ACTOR, redact=True)
        assert (again.contacts, again.people, again.texts) == (0, 0, 0)
        assert len(erasing.erased(catalog, tmp_path)) == 1
