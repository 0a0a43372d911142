"""The guard: a broken ranker is caught, noise is not, a changed collection is told apart."""

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from evaluation import guard
from evaluation.guard import check, fingerprint, read_baseline, take, write_baseline
from evaluation.run import evaluate
from indexer.errors import RequestError

DOCUMENTS = {f"d{n:02}": f"máy số {n} sấy {'nông sản' * (n % 3)} kiểu {n}" for n in range(40)}
QUERIES = {f"q{n:02}": f"máy số {n} kiểu {n}" for n in range(30)}
QRELS = {f"q{n:02}": {f"d{n:02}": 2, f"d{(n + 1) % 40:02}": 1} for n in range(30)}


@pytest.fixture(scope="module")
def measured(judge):
    return evaluate([judge(DOCUMENTS, QUERIES, QRELS)], ["bm25"])


@pytest.fixture(scope="module")
def baseline(measured):
    return take("datasets/fair", measured)


@pytest.fixture(scope="module")
def again(measured, returned):
    """The same system had it ordered its results otherwise."""

    def make(order):
        run = {q: order(q, list(found.document_ids)) for q, found in measured[0].run.items()}
        return [returned(measured[0].judged, "bm25", run)]

    return make


def test_the_same_ranker_passes(baseline, measured, again):
    assert check(baseline, measured) == ()
    assert check(baseline, again(lambda query, found: found)) == ()


def test_a_ranker_that_turns_its_results_over_is_caught(baseline, again):
    (drop,) = check(baseline, again(lambda query, found: found[::-1]))
    assert (drop.collection, drop.system) == ("fair", "bm25")
    assert drop.after < drop.before - 0.3
    assert drop.p < 0.001
    assert len(drop.lost) == 3
    assert all(lost.ours < lost.theirs for lost in drop.lost)
    assert drop.lost[0].gained <= drop.lost[-1].gained


def test_a_ranker_that_shuffles_is_caught(baseline, again):
    drawn = random.Random(3)
    assert len(check(baseline, again(lambda query, found: drawn.sample(found, len(found))))) == 1


def test_a_small_loss_that_most_queries_share_is_caught(baseline, measured):
    """Between 0.01 and 0.03: only the test over the queries tells."""
    assert [drop.system for drop in check(baseline, lowered(measured, 0.015, 30))] == ["bm25"]


def test_as_small_a_loss_of_two_queries_is_noise(baseline, measured):
    assert check(baseline, lowered(measured, 0.225, 2)) == ()


def test_a_large_loss_fails_however_few_share_it(baseline, measured):
    (drop,) = check(baseline, lowered(measured, 0.6, 2))
    assert drop.p > 0.05


def test_tiny_noise_and_gains_pass(baseline, measured):
    assert check(baseline, lowered(measured, 0.005, 30)) == ()
    assert check(baseline, lowered(measured, -0.2, 30)) == ()


def test_rounding_in_one_direction_is_no_loss(baseline, measured):
    assert check(baseline, lowered(lowered(measured, 0.225, 2), 4e-6, 30)) == ()


def lowered(measured, by, queries):
    """Figures lower by as much for the first queries, and the same for the others."""
    figures = {
        query: {**values, "nDCG@10": values["nDCG@10"] - (by if at < queries else 0.0)}
        for at, (query, values) in enumerate(measured[0].per_query.items())
    }
    return [replace(measured[0], per_query=figures)]


def test_the_sentence_names_collection_system_figures_and_queries(baseline, again):
    (drop,) = check(baseline, again(lambda query, found: found[::-1]))
    for said in (drop.sentence().vi, drop.sentence().en):
        assert "fair" in said
        assert "bm25" in said
        assert "nDCG@10" in said
        assert all(lost.query in said for lost in drop.lost)
    assert f"{drop.before:.3f} to {drop.after:.3f}" in drop.sentence().en


@pytest.mark.parametrize("part", ["documents", "queries", "qrels"])
def test_a_changed_collection_is_no_drop_of_quality(baseline, measured, part):
    judged = measured[0].judged
    changed = {
        "documents": {"documents": ("khác", *judged.documents[1:])},
        "queries": {"queries": ("khác", *judged.queries[1:])},
        "qrels": {"qrels": {**judged.qrels, "q00": {"d00": 1}}},
    }[part]
    with pytest.raises(RequestError, match=r"fair: its texts or judgements.*--update"):
        check(baseline, [replace(measured[0], judged=replace(judged, **changed))])


def test_the_order_of_a_file_is_no_change(measured):
    judged = measured[0].judged
    turned = replace(judged, qrels=dict(reversed(list(judged.qrels.items()))))
    assert fingerprint(turned) == fingerprint(judged)


def test_a_system_that_was_not_measured_is_an_error(baseline):
    with pytest.raises(RequestError, match="“bm25” was not measured"):
        check(baseline, [])


def test_baselines_survive_the_file(baseline, tmp_path):
    write_baseline(baseline, tmp_path / "fair.json")
    assert read_baseline(tmp_path / "fair.json") == baseline
    for content in ("{", "[]", '{"path": "x"}', '{"path": "", "collection": "", "systems": 3}'):
        (tmp_path / "bad.json").write_text(content)
        with pytest.raises(RequestError, match=r"bad\.json.*--update"):
            read_baseline(tmp_path / "bad.json")


@pytest.fixture
def sandbox(tmp_path, monkeypatch, measured):
    """The guard over our small collection; returns what it will measure."""
    found = {"results": measured}
    monkeypatch.setattr(guard, "_BASELINES", tmp_path)
    monkeypatch.setattr(guard, "_ROOT", tmp_path.parent)
    monkeypatch.setattr(guard, "GUARDED", ("datasets/fair",))
    monkeypatch.setattr(guard, "_measure", lambda path, systems: found["results"])
    return found


def test_the_command_writes_passes_and_fails(sandbox, again, capsys):
    from typer.testing import CliRunner

    app = guard.app()
    run = CliRunner().invoke
    assert run(app, []).exit_code == 2
    assert run(app, ["--update"]).exit_code == 0
    kept = run(app, [])
    assert kept.exit_code == 0
    assert "fair bm25: " in kept.output
    sandbox["results"] = again(lambda query, found: found[::-1])
    broken = run(app, [])
    assert broken.exit_code == 1
    assert "fell from" in broken.output
    assert "giảm từ" in broken.output


def test_the_committed_baselines_are_of_what_is_guarded():
    folder = Path(guard.__file__).parent / "baselines"
    assert {file.stem for file in folder.glob("*.json")} == {
        Path(path).name for path in guard.GUARDED
    }
    for file in folder.glob("*.json"):
        committed = read_baseline(file)
        assert committed.path in guard.GUARDED
        assert tuple(committed.systems) == guard.SYSTEMS
        assert json.loads(file.read_text("utf-8"))["measure"] == guard.MEASURE
        assert all(0 <= value <= 1 for one in committed.systems.values() for value in one.values())
