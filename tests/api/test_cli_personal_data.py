"""`cungcau personal-data` exports and erases, and says in its exit code what is left."""

import json

import pytest

from api.cli import main
from indexer.records import Contact, Record, RecordType, Side
from indexer.updating import update_index
from indexer.workspace import Workspace

ADDRESS = "kin@bimat.example"


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CUNGCAU_LANG", "en")
    workspace = Workspace.open(tmp_path / "cungcau-workspace", create=True)
    record = Record(
        id="CB-01",
        side=Side.SUPPLY,
        type=RecordType.TECHNOLOGY,
        title="Máy sấy xoài",
        description=f"Gọi 0912345678 hoặc {ADDRESS}.",
        contact=Contact(person="Trần Kín", email=ADDRESS),
    )
    with workspace.catalog() as catalog:
        catalog.apply([record])
        update_index(catalog, workspace.index_path, encoder_name="lsa")
    return workspace


def test_export(workspace, capsys):
    assert main(["personal-data", "export", ADDRESS]) == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert [row["record_id"] for row in found["contacts"]] == ["CB-01"]
    assert said.err == "2 items.\n"


def test_erase_tells_what_is_left(workspace, capsys):
    assert main(["personal-data", "erase", ADDRESS]) == 1
    said = capsys.readouterr().err
    assert "Erased: 1 contacts, 0 accounts" in said
    assert "Record CB-01 still names the person 1 times (--redact clears it)." in said


def test_redact_leaves_no_word_in_the_index(workspace, capsys):
    def held(number):
        files = [path for path in workspace.path.rglob("*") if path.is_file()]
        return [path.name for path in files if number in path.read_bytes()]

    assert held(b"0912345678")
    assert main(["personal-data", "erase", "0912 345 678", "--redact", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["occurrences"] == []
    assert held(b"0912345678") == []


def test_nobody(workspace, capsys):
    assert main(["personal-data", "erase", "Trần Kín"]) == 2
    assert "is no e-mail address or telephone number" in capsys.readouterr().err
