"""Training from end to end on a few texts: files that load, resumable, deterministic."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from indexer.encoders.bundled import load_folder
from indexer.errors import RequestError
from indexer.progress import silent
from indexer.training.corpus import Corpus, Titled, read_corpus
from indexer.training.making import Making

ROOT = Path(__file__).parents[3]
OWN = ROOT / "datasets/techmart-pairs"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("pairs")
    quads = (OWN / "agri.quads.txt").read_text("utf-8").split("\n\n")[:100]
    (place / "few.quads.txt").write_text("\n\n".join(quads) + "\n", encoding="utf-8")
    terms = (OWN / "agri.gloss.txt").read_text("utf-8").split("\n")[:80]
    (place / "few.gloss.txt").write_text("\n".join(terms) + "\n", encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def corpus(folder) -> Corpus:
    return read_corpus([folder], [], [])


@pytest.fixture(scope="module")
def made(corpus, tmp_path_factory):
    work, out = tmp_path_factory.mktemp("work"), tmp_path_factory.mktemp("models")
    making = Making(corpus, work, silent)
    making.contextual(out / "contextual", steps=3, layers=[0])
    making.static(out / "static", out / "contextual", steps=3)
    return making, out


def test_the_corpus_holds_needs_with_their_offers(corpus):
    assert len(corpus.quads) == 100
    assert all(q.need_vi and q.need_en and q.offer_vi and q.offer_en for q in corpus.quads)
    assert {q.need_en for q in corpus.quads} <= set(corpus.english())
    assert {q.offer_vi for q in corpus.quads} <= set(corpus.vietnamese())


def test_titled_texts_tell_their_language_by_the_name_of_their_file(folder, tmp_path):
    import gzip

    lines = "Máy sấy\tMáy sấy nông sản năng lượng mặt trời.\nno tab\n\n"
    (tmp_path / "vi_few.tsv.gz").write_bytes(gzip.compress(lines.encode()))
    found = read_corpus([folder], [tmp_path], [])
    assert found.titled == (Titled("vi", "Máy sấy", "Máy sấy nông sản năng lượng mặt trời."),)
    (tmp_path / "few.tsv.gz").write_bytes(gzip.compress(b"a\tb\n"))
    with pytest.raises(RequestError, match=r"few\.tsv\.gz"):
        read_corpus([folder], [tmp_path], [])


@pytest.mark.parametrize("name", ["contextual", "static"])
def test_what_is_made_is_an_encoder(made, name):
    rows = load_folder(made[1] / name, name).encode(["Máy sấy nông sản", "solar dryer"])
    assert rows.shape == (2, 256)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_a_syllable_begins_where_its_translations_are(made):
    making = made[0]
    rows, pieces = making.first(), making.vocabulary.pieces
    words = [
        i for i in range(making.vocabulary.inherited) if pieces[i].isalpha() and len(pieces[i]) > 3
    ]
    usual = rows[words].mean(axis=0)
    syllable = rows[pieces.index("gạo")] - usual
    others = rows[words] - usual
    near = (others @ syllable) / np.linalg.norm(others, axis=1)
    best = {pieces[words[i]] for i in np.argsort(-near)[:12]}
    assert "rice" in best


def test_equal_texts_make_equal_files(made, corpus, tmp_path):
    again = Making(corpus, tmp_path, silent)
    again.contextual(tmp_path / "contextual", steps=3, layers=[0])
    for file in ("model.safetensors", "tokenizer.json", "layers.onnx"):
        first = (made[1] / "contextual" / file).read_bytes()
        assert (tmp_path / "contextual" / file).read_bytes() == first, file


def test_training_goes_on_where_it_was_stopped(made, tmp_path, monkeypatch):
    from indexer.training import fitting

    making, out = made
    monkeypatch.setattr(fitting, "_SAVED", 1)
    steps: list[int] = []

    def stop(step: str, done: int, total: int) -> None:
        steps.append(done if step == "student" else 0)
        if step == "student" and done == 2 and len(steps) < 10:
            raise KeyboardInterrupt

    work = tmp_path / "work"
    work.mkdir()
    for name in ("teacher.npz", making.kept("first.npy").name):
        (work / name).write_bytes((making.work / name).read_bytes())
    stopped = Making(making.corpus, work, stop)
    with pytest.raises(KeyboardInterrupt):
        stopped.contextual(tmp_path / "contextual", steps=3, layers=[0])
    steps.extend([0] * 10)
    stopped.contextual(tmp_path / "contextual", steps=3, layers=[0])
    assert [step for step in steps if step] == [1, 2, 3]  # the third alone the second time
    for file in ("model.safetensors", "layers.onnx"):
        assert (tmp_path / "contextual" / file).read_bytes() == (
            out / "contextual" / file
        ).read_bytes()


def test_other_texts_go_on_from_nothing(made, folder):
    making = made[0]
    fewer = replace(making.corpus, quads=making.corpus.quads[1:])
    assert making.kept("contextual.pt").exists()
    assert not replace(making, corpus=fewer).kept("contextual.pt").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such-folder"], "no-such-folder"),
        (["{}", "--without", "permissive"], "There are no pairs"),
    ],
)
def test_the_command_refuses_what_it_cannot_use_by_name(folder, arguments, said, tmp_path):
    given = [argument.format(folder) for argument in arguments]
    command = [sys.executable, "-m", "indexer.training", *given, "--work", str(tmp_path)]
    found = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert found.returncode == 2
    assert said in found.stderr


def test_each_ingredient_can_be_left_out_and_is_missed(made):
    import torch

    from indexer.training.fitting import INGREDIENTS

    kinds = {seed: np.random.default_rng(seed).random() for seed in range(50)}
    seeds = [  # one step with needs, one with titles, two with pairs
        *[seed for seed, kind in kinds.items() if kind < 0.2][:1],
        *[seed for seed, kind in kinds.items() if 0.23 < kind < 0.31][:1],
        *[seed for seed, kind in kinds.items() if kind > 0.4][:2],
    ]

    def losses(without):
        course = made[0].course(1, layers=[0], without=without)[1]
        with torch.no_grad():
            return [course._loss(np.random.default_rng(seed)).item() for seed in seeds]

    whole = losses([])
    assert np.isfinite(whole).all()
    for name in INGREDIENTS:
        found = losses([name])
        assert np.isfinite(found).all()
        # The few texts of this test have no titles.
        assert (found == whole) == (name == "titles"), name


def test_random_pieces_leave_the_inherited_alone(made):
    from indexer.training.transplant import without_transplant

    rows, inherited = made[0].first(), made[0].vocabulary.inherited
    drawn = without_transplant(rows, inherited)
    assert drawn.shape == rows.shape
    np.testing.assert_array_equal(drawn[:inherited], rows[:inherited])
    assert (drawn[inherited:] != rows[inherited:]).any(axis=1).all()
