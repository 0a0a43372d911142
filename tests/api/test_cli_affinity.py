"""`cungcau affinity` as people and scripts meet it."""

import json
from pathlib import Path

import pytest

from api.cli import main

PAPERS = {
    "~Jane_Doe1": ("Drying of paddy rice", "Wet rice is dried in a fluidised bed."),
    "~Văn_An2": ("Textile wastewater", "Colour is removed from dyeing effluent."),
}
SUBMISSIONS = {
    "rice": {"id": "rice", "content": {"title": "Rice dryers", "abstract": "Fluidised beds."}},
    "water": {"id": "water", "content": {"title": "Colour of dyeing effluent"}},
}
WORDS = ["affinity", "--archives", "archives", "--submissions", "s.json", "--encoder", "static"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("CUNGCAU_LANG", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    Path("archives").mkdir()
    for name, (title, abstract) in PAPERS.items():
        line = {"id": name, "content": {"title": title, "abstract": abstract}, "extra": 1}
        Path("archives", f"{name}.jsonl").write_text(json.dumps(line), encoding="utf-8")
    Path("archives", "~Idle3.jsonl").write_text("", encoding="utf-8")
    Path("s.json").write_text(json.dumps(SUBMISSIONS), encoding="utf-8")
    return tmp_path


def test_scores_are_written_by_owner_and_submission(folder, capsys):
    assert main([*WORDS, "--out", "new/scores.json"]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "3 owners × 2 submissions" in said.err
    assert "Idle3" in said.err
    scores = json.loads(Path("new/scores.json").read_text(encoding="utf-8"))
    assert {owner: set(row) for owner, row in scores.items()} == {
        "Idle3": {"rice", "water"},
        "Jane_Doe1": {"rice", "water"},
        "Văn_An2": {"rice", "water"},
    }
    assert scores["Idle3"] == {"rice": 0.0, "water": 0.0}
    assert 1 > scores["Jane_Doe1"]["rice"] > scores["Văn_An2"]["rice"] > 0
    assert 1 > scores["Văn_An2"]["water"] > scores["Jane_Doe1"]["water"] > 0


def test_the_same_request_writes_the_same_bytes(folder):
    for name in ("one.json", "two.json"):
        assert main([*WORDS, "--out", name]) == 0
    assert Path("one.json").read_bytes() == Path("two.json").read_bytes()


WRONG = [
    (["--out", "archives"], "archives"),
    (["--out", "s.json"], "s.json"),
    (["--out", "s.json/scores.json"], "s.json"),
    (["--out", "o.json", "--encoder", "no/such/model"], "no/such/model"),
    (["--out", "o.json", "--archives", "none"], "none"),
    (["--out", "o.json", "--submissions", "none.json"], "none.json"),
    ([], "--out"),
]


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize(("words", "named"), WRONG, ids=[" ".join(w) for w, _ in WRONG])
def test_a_wrong_request_exits_2_and_leaves_everything(folder, capsys, words, named, lang):
    before = Path("s.json").read_bytes()
    assert main([*WORDS, *words, "--lang", lang]) == 2
    said = capsys.readouterr()
    assert named in said.err
    assert "Traceback" not in said.err
    assert said.out == ""
    assert Path("s.json").read_bytes() == before
    assert not Path("o.json").exists()


def test_a_broken_archive_leaves_the_old_scores(folder, capsys):
    assert main([*WORDS, "--out", "o.json"]) == 0
    before = Path("o.json").read_bytes()
    Path("archives", "~Jane_Doe1.jsonl").write_text('{"id": "a"\n', encoding="utf-8")
    assert main([*WORDS, "--out", "o.json"]) == 2
    assert "~Jane_Doe1.jsonl, line 1" in capsys.readouterr().err
    assert Path("o.json").read_bytes() == before


def test_help_is_in_the_language_asked(folder, capsys):
    for language, word in (("vi", "Ví dụ"), ("en", "Example")):
        assert main(["affinity", "--help", "--lang", language]) == 0
        assert word in capsys.readouterr().out
