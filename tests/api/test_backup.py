"""A backup holds all that was acknowledged before; a restore puts all of it back, or nothing."""

import hashlib
import json
import stat
import threading
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa

from api.actors import LOCAL_ACTOR, Role
from api.cli import main
from api.commands.doctor import examine
from api.service import erasing, people, sessions
from api.service.backups import restore
from indexer.backup.making import backup
from indexer.catalog import Catalog
from indexer.errors import DamagedError, RequestError
from indexer.index import Index
from indexer.keeping.subjects import Subject
from indexer.records import Contact, Record
from indexer.sql.schema import contacts, metadata
from indexer.sql.serviceschema import audit
from indexer.sql.serviceschema import sessions as sessions_table
from indexer.updating import update_index
from indexer.workspace import Workspace

ANNA = Contact(person="Trần An", phone="0912 345 678", email="an.tran@example.com")


def offer(number: int, **more: object) -> Record:
    title = f"Máy sấy bơm nhiệt số {number}"
    return Record(id=f"O{number:05}", side="supply", type="technology", title=title, **more)


@pytest.fixture
def workspace(tmp_path: Path, database: str) -> Workspace:
    folder = tmp_path / "không gian"
    folder.mkdir()
    if "://" in database:
        (folder / "cungcau.toml").write_text(f'database = "{database}"\nowner_cap = 2\n')
    workspace = Workspace.open(folder, create=True)
    with workspace.catalog() as catalog:
        catalog.apply([offer(number) for number in range(30)] + [offer(99, contact=ANNA)])
        catalog.delete(["O00003"])
        with catalog.writing() as connection:
            wanted = people.Wanted("ad@example.com", Role.ADMINISTRATOR, "Ad")
            added = people.add(connection, wanted, LOCAL_ACTOR)
            sessions.start(connection, added)
        update_index(catalog, workspace.index_path)
    (workspace.models_path).mkdir()
    (workspace.models_path / "weights.json").write_text("{}")
    run = workspace.path / "runs" / "r1"
    run.mkdir(parents=True)
    (run / "match-list.xlsx").write_bytes(b"xlsx")
    (workspace.path / "runs" / "workers").mkdir()
    (workspace.path / "runs" / "workers" / "x.lock").write_bytes(b"")
    return workspace


def rows(catalog: Catalog) -> dict[str, list[tuple[object, ...]]]:
    """All rows but of sessions, and of the audit what was there before a restore."""
    with catalog.reading() as connection:
        found = {
            table.name: [tuple(row) for row in connection.execute(sa.select(table))]
            for table in metadata.sorted_tables
            if table.name not in ("sessions", "meta")
        }
        found["audit"] = [row for row in found["audit"] if "workspace.restore" not in row]
    return {name: sorted(held, key=str) for name, held in found.items()}


def held(workspace: Workspace) -> dict[str, list[tuple[object, ...]]]:
    with workspace.catalog() as catalog:
        return rows(catalog)


def test_a_workspace_comes_back_whole(workspace: Workspace, tmp_path: Path) -> None:
    before = held(workspace)
    made = backup(workspace, tmp_path)
    assert made.path.parent == tmp_path
    assert made.path.name.startswith("cungcau-20") and made.path.suffix == ".zip"
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert made.manifest.rows["records"] == 30
    with workspace.catalog() as catalog:
        identity = catalog.identity
        catalog.apply([offer(500), offer(1, summary="khác")], deleted_ids=["O00002"])
        update_index(catalog, workspace.index_path)

    with pytest.raises(RequestError, match=r"holds data.*--replace"):
        restore(made.path, workspace.path)
    done = restore(made.path, workspace.path, over=True)
    assert (done.records, done.erased, done.index) == (30, 0, True)
    assert held(workspace) == before
    with workspace.catalog() as catalog:
        assert catalog.identity != identity
        with catalog.reading() as connection:
            assert connection.execute(sa.select(sessions_table)).all() == []
            last = connection.execute(sa.select(audit).order_by(audit.c.id.desc())).first()
            assert last is not None and last.action == "workspace.restore"
        # New rows are numbered after those that came back; the index goes on from where it is.
        catalog.apply([offer(600)])
        assert Index.open(workspace.index_path).catalog_version == 2
        report = update_index(catalog, workspace.index_path)
        assert report.version == 3 and report.encoded == 1
    assert all(item.ok for item in examine(workspace))
    assert (workspace.path / "runs" / "r1" / "match-list.xlsx").read_bytes() == b"xlsx"
    assert (workspace.path / "runs" / "workers" / "x.lock").exists()
    assert (workspace.models_path / "weights.json").exists()
    assert [path.name for path in workspace.path.glob(".restoring-*")] == []


def test_into_a_new_folder_and_another_kind_of_database(
    workspace: Workspace, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    made = backup(workspace, tmp_path / "bản sao.zip", index=False)
    folder = tmp_path / "mới"
    folder.mkdir()
    other = "" if "://" in workspace.database else request.getfixturevalue("postgresql")
    (folder / "cungcau.toml").write_text(f'database = "{other}"\n')
    assert restore(made.path, folder).index is False
    there = Workspace.open(folder)
    assert there.settings.owner_cap == 3  # its own settings
    assert held(there) == held(workspace)
    with there.catalog() as catalog:
        assert catalog.check() == []
        assert update_index(catalog, there.index_path).version == 2


def test_a_new_folder_has_the_settings_of_the_backup(workspace: Workspace, tmp_path: Path) -> None:
    if "://" in workspace.database:
        made = backup(workspace, tmp_path)
        with pytest.raises(RequestError, match="holds data"):  # the same database
            restore(made.path, tmp_path / "mới")
        assert Workspace.open(tmp_path / "mới").settings.owner_cap == 2
        return
    made = backup(workspace, tmp_path)
    restore(made.path, tmp_path / "mới")
    assert held(Workspace.open(tmp_path / "mới")) == held(workspace)


def test_whom_the_workspace_erased_since_is_erased_again(
    workspace: Workspace, tmp_path: Path
) -> None:
    made = backup(workspace, tmp_path)
    with workspace.catalog() as catalog:
        subject = Subject.of(ANNA.email)
        assert erasing.erase(catalog, workspace.path, subject, LOCAL_ACTOR).contacts == 1
    done = restore(made.path, workspace.path, over=True)
    assert done.erased == 1
    with workspace.catalog() as catalog:
        assert catalog.get("O00099").contact == Contact()
        with catalog.reading() as connection:
            assert connection.execute(sa.select(contacts)).all() == []
    assert len(erasing.read_file(workspace.path)) >= 1


def test_everything_acknowledged_before_it_began_is_in_it(
    workspace: Workspace, tmp_path: Path
) -> None:
    """Writers go on meanwhile; what is in it is one state, not older than the call."""
    acknowledged = 0
    done = threading.Event()

    def write() -> None:
        nonlocal acknowledged
        with workspace.catalog() as catalog:
            number = 1000
            while not done.is_set():
                # A pair is written together: half of one would be a torn state.
                catalog.apply([offer(number), offer(number + 50_000)])
                acknowledged = number
                number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for turn in range(3):
            while acknowledged < 1000 + 3 * turn:
                done.wait(0.01)
            before = acknowledged
            made = backup(workspace, tmp_path / f"{turn}.zip", index=False)
            with zipfile.ZipFile(made.path) as file:
                lines = file.read("tables/records.jsonl").splitlines()[1:]
            ids = {json.loads(line)[0] for line in lines}
            single = {int(i[1:]) for i in ids if 1000 <= int(i[1:]) < 50_000}
            assert set(range(1000, before + 1)) <= single
            assert {f"O{number + 50_000:05}" for number in single} <= ids
            assert len(ids) == 30 + 2 * len(single)
    finally:
        done.set()
        writer.join()


@pytest.mark.parametrize(
    "harm", ["cut", "byte", "part", "extra", "row", "foreign", "text", "newer"]
)
def test_a_damaged_or_foreign_file_is_refused_by_name(
    workspace: Workspace, tmp_path: Path, harm: str
) -> None:
    path = backup(workspace, tmp_path / "b.zip").path
    before = held(workspace)
    _harm(path, harm)
    refused = RequestError if harm in ("foreign", "newer") else DamagedError
    with pytest.raises(refused) as caught:
        restore(path, workspace.path, over=True)
    assert str(path) in caught.value.message.vi and str(path) in caught.value.message.en
    assert held(workspace) == before
    assert list(workspace.path.glob(".restoring-*")) == []


def _harm(path: Path, harm: str) -> None:
    body = path.read_bytes()
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    manifest = json.loads(parts["manifest.json"])
    if harm == "cut":
        path.write_bytes(body[: len(body) // 2])
        return
    if harm == "byte":
        at = body.index(b"tables/records.jsonl") + 60
        path.write_bytes(body[:at] + bytes([body[at] ^ 0x55]) + body[at + 1 :])
        return
    if harm == "text":
        path.write_text("không phải tệp zip")
        return
    if harm == "part":
        del parts["tables/records.jsonl"]
    elif harm == "extra":
        parts["../evil"] = b"x"
    elif harm == "row":  # whole as a file, but no sound catalog
        name = "tables/bodies.jsonl"
        parts[name] = parts[name].replace("sấy".encode(), b"xay", 1)
        digest = hashlib.sha256(parts[name]).hexdigest()
        manifest["files"][name] = {"size": len(parts[name]), "sha256": digest}
    elif harm == "foreign":
        manifest = {"program": "another"}
    elif harm == "newer":
        manifest["revision"] = "9999"
    parts["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(path, "w") as file:
        for name, part in parts.items():
            file.writestr(name, part)


def test_a_failure_in_the_transaction_leaves_everything(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = backup(workspace, tmp_path / "b.zip")
    with workspace.catalog() as catalog:
        catalog.apply([offer(700)])
    before = held(workspace)

    def fails(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("indexer.backup.restoring._go_on_counting", fails)
    with pytest.raises(KeyboardInterrupt):
        restore(made.path, workspace.path, over=True)
    assert held(workspace) == before
    assert list(workspace.path.glob(".restoring-*")) == []


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path, make_workspace) -> None:
    workspace = make_workspace()
    backup(workspace, tmp_path / "b.zip")
    with pytest.raises(RequestError, match="is there already"):
        backup(workspace, tmp_path / "b.zip")
    with pytest.raises(RequestError, match="cannot be written: No such file"):
        backup(workspace, tmp_path / "không có" / "b.zip")
    with pytest.raises(RequestError, match="cannot be opened: No such file"):
        restore(tmp_path / "không có.zip", tmp_path / "mới")
    assert not (tmp_path / "mới").exists()


def test_the_commands(make_workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workspace = make_workspace()
    options = ["--workspace", str(workspace.path), "--lang", "en"]
    assert main(["backup", str(tmp_path / "b.zip"), "--json", *options]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["records"] == 12 and told["bytes"] == (tmp_path / "b.zip").stat().st_size
    assert main(["restore", str(tmp_path / "b.zip"), *options]) == 2
    assert "--replace" in capsys.readouterr().err
    assert main(["restore", str(tmp_path / "b.zip"), "--replace", *options]) == 0
    assert "Restored 12 records" in capsys.readouterr().err
    (tmp_path / "b.zip").write_bytes(b"x")
    assert main(["restore", str(tmp_path / "b.zip"), "--replace", *options]) == 3
