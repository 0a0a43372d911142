"""`cungcau doctor` on what a search by meaning finds and misses."""

import json
import shutil

import pytest

import api.commands.doctor
import indexer.vectors.vectors
from api.cli import main
from indexer.encoders.bundled import MODELS
from indexer.records import Record, RecordType, Side
from indexer.updating import update_index
from indexer.workspace import Workspace


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CUNGCAU_LANG", "en")
    monkeypatch.setattr(indexer.vectors.vectors, "EXACT_NUMBERS", 256 * 20)  # lists from 21 offers
    opened = Workspace.open(tmp_path / "cungcau-workspace", create=True)
    with opened.catalog() as catalog:
        catalog.apply(
            Record(
                id=f"{side}{i}",
                side=side,
                type=RecordType.TECHNOLOGY if side is Side.SUPPLY else RecordType.NEED,
                title=f"Máy {word} kiểu {i % 5}, cỡ {i}",
            )
            for side, count in ((Side.SUPPLY, 40), (Side.DEMAND, 4))
            for i, word in zip(range(count), ["sấy lúa", "lọc nước", "đo mặn"] * 20, strict=False)
        )
        update_index(catalog, opened.index_path, encoder_name="lsa")
    return opened


def examined(capsys, *options):
    status = main(["doctor", "--json", *options])
    said = capsys.readouterr()
    found = [item for item in json.loads(said.out) if item["subject"] == "recall"]
    return status, {item["side"]: item for item in found}, said.err


def test_recall_is_reported_for_each_side(workspace, capsys):
    status, found, said = examined(capsys)
    assert status == 0
    assert found["demand"]["recall@10"] == found["supply"]["recall@10"] == 1.0
    assert found["supply"]["bound"] == 0.95
    assert "✓ Search by meaning: supply: 40 vectors, the approximate search finds 100.0%" in said
    assert "demand: 4 vectors, exact search, nothing is missed" in said
    assert "phía cung: 40 vectơ, tìm gần đúng thấy 100,0%" in found["supply"]["message"]["vi"]


def test_below_the_bound_the_status_is_1_and_repair_builds_anew(workspace, capsys, monkeypatch):
    measured = iter([0.9, 1.0, 0.9, 1.0, 1.0, 1.0])
    monkeypatch.setattr(api.commands.doctor, "sampled_recall", lambda _: next(measured))
    status, found, said = examined(capsys)
    assert status == 1
    assert not found["supply"]["ok"]
    assert found["demand"]["ok"]
    assert "✗ Search by meaning: supply: 40 vectors, the approximate search finds 90.0%" in said
    before = (workspace.index_path / "CURRENT").read_text()
    status, found, _ = examined(capsys, "--repair")
    assert status == 0
    assert found["supply"]["recall@10"] == 1.0
    assert (workspace.index_path / "CURRENT").read_text() != before


def test_damage_weighs_more_than_recall(workspace, capsys):
    generation = (workspace.index_path / "CURRENT").read_text().strip()
    (workspace.index_path / generation / "supply.lists.faiss").unlink()
    status, found, said = examined(capsys)
    assert (status, found) == (3, {})
    assert "supply.lists.faiss" in said


def test_an_encoder_that_is_gone_is_named_with_the_way_out(workspace, capsys, tmp_path):
    folder = shutil.copytree(MODELS / "static", tmp_path / "mine")
    with workspace.catalog() as catalog:
        update_index(catalog, workspace.index_path, encoder_name=str(folder))
    assert main(["doctor"]) == 0
    shutil.rmtree(folder)
    capsys.readouterr()
    assert main(["doctor"]) == 3
    said = capsys.readouterr().err
    assert f"the index was made with the encoder “{folder}”" in said
    assert "cungcau index --encoder contextual" in said
