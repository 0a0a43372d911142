"""The commands of a workspace whose records are searched in Milvus Lite."""

import json
from pathlib import Path

import pytest

from api.cli import main
from indexer.catalog import Catalog

SAMPLE = Path(__file__).parents[2] / "datasets" / "techmart-demo"
NEED = "xử lý nước thải dệt nhuộm"


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    folder = tmp_path / "ws"
    monkeypatch.setenv("CUNGCAU_WORKSPACE", str(folder))
    monkeypatch.setenv("CUNGCAU_LANG", "en")
    assert main(["import", str(SAMPLE / "needs.xlsx"), str(SAMPLE / "offers.xlsx")]) == 1
    return folder


def test_a_store_answers_as_the_index_does(workspace, monkeypatch, capsys):
    def said(*words, code=0):
        assert main(list(words)) == code
        return capsys.readouterr()

    asked = [
        ["search", NEED, "-k", "5", "--json"],
        ["search", "textile dye wastewater", "--where", "trl>=5", "-k", "3", "--json"],
        ["search", "máy sấy thăng hoa", "--want", "demand", "-k", "3", "--json"],
    ]
    said("index", "--encoder", "static")
    expected = [json.loads(said(*words).out) for words in asked]
    assert all(expected)

    monkeypatch.setenv("CUNGCAU_STORE", "records.milvus.db")
    assert "is empty" in said("search", NEED, code=2).err
    assert "267 encoded" in said("index", "--encoder", "static").err
    assert [json.loads(said(*words).out) for words in asked] == expected
    findings = json.loads(said("doctor", "--json").out)
    assert [item["subject"] for item in findings] == ["catalog", "audit", "store"]
    assert all(item["ok"] for item in findings)

    with Catalog.open(workspace / "catalog.sqlite3") as catalog:
        catalog.delete([expected[0][0]["id"]])
    later = said(*asked[0])
    assert "lags behind the catalog" in later.err
    assert expected[0][0]["id"] not in {hit["id"] for hit in json.loads(later.out)}
    assert "0 encoded, 266 reused, 1 removed" in said("index").err

    for words in (["match", "--out", "x"], ["pairs", "--out", "x"], ["serve"]):
        assert (
            f"The command {words[0]} needs the index in the workspace" in said(*words, code=2).err
        )
    assert "made with the encoder “static”" in said("index", "--encoder", "contextual", code=2).err
