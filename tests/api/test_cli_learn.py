"""`cungcau judge` and `cungcau learn`: what people said moves the score, and can be taken back."""

import json
from pathlib import Path

import pytest

from api.cli import main
from indexer.records import Record
from indexer.updating import update_index
from indexer.workspace import Workspace
from matcher.learning.scoreversions import ScoreVersions

WORDS = ["sấy lúa", "lọc nước", "đo mặn", "dệt nhuộm", "nuôi tôm", "kho lạnh"]


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    opened = Workspace.open(tmp_path_factory.mktemp("learn") / "w", create=True)
    with opened.catalog() as catalog:
        catalog.apply(
            Record(id=f"{name}{i}", side=side, type=kind, title=f"Máy {word} {name}{i}")
            for name, side, kind in (("N", "demand", "need"), ("O", "supply", "technology"))
            for i, word in enumerate(WORDS)
        )
        update_index(catalog, opened.index_path, encoder_name="static")
    return opened


@pytest.fixture
def workspace(filled, tmp_path, monkeypatch):
    """The filled one, without judgements and without learned weights."""
    import shutil

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CUNGCAU_LANG", "en")
    shutil.copytree(filled.path, "cungcau-workspace")
    return Workspace.open("cungcau-workspace")


def graded(rows):
    lines = ["Need code\tOffer code\tGrade", *("\t".join(map(str, row)) for row in rows)]
    Path("graded.tsv").write_text("\n".join(lines), encoding="utf-8")
    return ["judge", "graded.tsv", "--json"]


def answer(capsys, words):
    code = main(words)
    said = capsys.readouterr()
    return code, json.loads(said.out) if said.out else None, said.err


ALL = [(f"N{i}", f"O{j}", 3 * (i == j)) for i in range(6) for j in range(6)]


def test_judgements_are_kept_once_and_forgotten(workspace, capsys):
    code, found, _ = answer(capsys, [*graded(ALL), "--who", "An"])
    assert (code, found["stored"], found["judgements"]) == (0, 36, 36)
    assert answer(capsys, [*graded(ALL), "--who", "An"])[1]["known"] == 36
    code, found, _ = answer(capsys, ["judge", "--forget", "graded.tsv", "--json"])
    assert (code, found) == (0, {"forgotten": 36, "judgements": 0})
    assert main(["judge", "--forget", "graded.tsv"]) == 2
    assert main(["judge"]) == 2


def test_what_cannot_be_used_is_told_and_the_rest_kept(workspace, capsys):
    rows = [("N1", "O1", 3), ("N1", "O9", 2), ("N2", "O2", 3), ("N2", "O2", 0)]
    code, found, said = answer(capsys, graded(rows))
    assert (code, found["stored"], len(found["refused"])) == (1, 1, 2)
    assert "cell B3: “O9” is not in the catalog" in said
    assert "The pair N2 – O2 has two grades" in said


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (ALL[:3], "3 pairs of 1 needs are judged"),
        ([row for row in ALL if row[2]] * 1, "6 pairs of 6 needs"),
        ([(n, o, 3) for n, o, _ in ALL], "all 36 pairs are accepted"),
        ([(n, o, 1) for n, o, _ in ALL], "all 36 pairs are rejected"),
    ],
)
def test_too_little_to_learn_from_is_refused(workspace, capsys, rows, said):
    main(graded(rows))
    capsys.readouterr()
    code, found, told = answer(capsys, ["learn", "--json"])
    assert (code, found) == (2, None)
    assert said in told
    assert "--suggest 20" in told


def test_learning_is_reported_kept_and_undone(workspace, capsys):
    main(graded(ALL))
    capsys.readouterr()
    code, found, said = answer(capsys, ["learn", "--dry-run", "--json"])
    assert (code, found["pairs"], found["needs"], found["version"]) == (0, 36, 6, 0)
    loss = found["held_out"]["log_loss"]
    assert loss["after"] < loss["before"]
    assert not Path("cungcau-workspace/models").exists()
    assert "run without --dry-run" in said

    code, found, said = answer(capsys, ["learn", "--json"])
    assert (code, found["version"], found["kept"]) == (0, 1, True)
    assert "log-likelihood of a pair" in said
    assert ScoreVersions(workspace.models_path).current == 1
    assert "No judgement is new" in answer(capsys, ["learn", "--json"])[2]

    code, found, said = answer(capsys, ["learn", "--undo", "--json"])
    assert (code, found) == (0, {"left": 1, "version": 0})
    assert main(["learn", "--undo"]) == 2


def test_learned_weights_are_what_a_search_scores_by(workspace, capsys):
    before = answer(capsys, ["search", "máy sấy lúa", "--json"])[1][0]
    main(graded(ALL))
    assert main(["learn"]) == 0
    capsys.readouterr()
    after = answer(capsys, ["search", "máy sấy lúa", "--json"])[1][0]
    assert before["id"] == after["id"] == "O0"
    assert before["score"] != after["score"]
    assert main(["learn", "--undo"]) == 0
    capsys.readouterr()
    assert answer(capsys, ["search", "máy sấy lúa", "--json"])[1][0] == before


def test_judgements_of_deleted_records_stay_out(workspace, capsys):
    main(graded(ALL))
    with workspace.catalog() as catalog:
        catalog.delete(["O5"])
    capsys.readouterr()
    _, found, said = answer(capsys, ["learn", "--dry-run", "--json"])
    assert (found["pairs"], found["gone"]) == (30, 6)
    assert "6 judgements are of records no longer in the catalog" in said


def test_people_who_disagree_are_named(workspace, capsys):
    main([*graded(ALL), "--who", "An"])
    main([*graded([("N0", "O0", 0)]), "--who", "Bình"])
    capsys.readouterr()
    _, found, said = answer(capsys, ["learn", "--dry-run", "--json"])
    assert found["disputed"] == [["N0", "O0"]]
    assert "1 pairs some would take and others not; their share counts: N0 – O0" in said


def test_suggestions_are_new_pairs_and_can_be_graded(workspace, capsys):
    main(graded(ALL[:12]))
    capsys.readouterr()
    code, found, _ = answer(capsys, ["learn", "--suggest", "5", "--json", "--out", "next.tsv"])
    assert (code, len(found)) == (0, 5)
    said = {(need, offer) for need, offer, _ in ALL[:12]}
    assert not said & {(one["need"], one["offer"]) for one in found}
    rows = Path("next.tsv").read_text(encoding="utf-8-sig").splitlines()
    Path("next.tsv").write_text("\n".join([rows[0], *(row + "1" for row in rows[1:])]), "utf-8")
    assert main(["judge", "next.tsv"]) == 0


@pytest.mark.parametrize(
    "words",
    [["--suggest", "0"], ["--out", "x.tsv"], ["--undo", "--dry-run"], ["--suggest", "1001"]],
)
def test_what_does_not_go_together_is_refused(workspace, capsys, words):
    assert main(["learn", *words]) == 2
