"""Agreement of two assessors: hand-computed kappa, bounds, bad files."""

import subprocess
import sys
from pathlib import Path

import pytest

from evaluation.agreement import agreement, read_passes
from indexer.errors import RequestError

PASSES = Path(__file__).parents[2] / "datasets/techmart-demo/passes.tsv"


def test_kappa_as_by_hand():
    # Disagreement: two of six pairs by one grade, 2. By chance: sum over both margins / 6.
    first, second = [0, 0, 1, 1, 2, 2], [0, 1, 1, 1, 2, 1]
    # margins (2, 2, 2) and (1, 4, 1): 2*4*1 + 2*1*4 + 2*1*1 + 2*1*1 + 2*1*4 + 2*4*1 over 6
    assert agreement(first, second).kappa == pytest.approx(1 - 2 / (36 / 6))


def test_kappa_is_that_of_scikit_learn():
    from sklearn.metrics import cohen_kappa_score

    first, second = read_passes(PASSES)
    found = agreement(first, second)
    assert found.kappa == pytest.approx(cohen_kappa_score(first, second, weights="quadratic"))
    assert found.interval.low < found.kappa < found.interval.high
    assert sum(map(sum, found.table)) == found.pairs == len(first)


def test_full_agreement_is_one_and_none_is_refused():
    assert agreement([1, 1], [1, 1]).kappa == 1.0
    assert agreement([0, 3], [0, 3]).kappa == 1.0
    assert agreement([0, 3], [3, 0]).kappa < 0
    for one, other in (([], []), ([1], [1, 2])):
        with pytest.raises(RequestError):
            agreement(one, other)


def test_every_settled_grade_is_one_of_the_two():
    lines = PASSES.read_text("utf-8").split("\n")[1:-1]
    passes = {tuple(line.split("\t")[:2]): set(line.split("\t")[2:]) for line in lines}
    judged = (PASSES.parent / "judgements.tsv").read_text("utf-8").split("\n")[1:-1]
    for line in judged:
        need, offer, grade = line.split("\t")
        assert grade in passes[need, offer]
    assert len(judged) == len(passes)


@pytest.mark.parametrize("row", ["a\tb\t1", "a\tb\t1\t4", "a\tb\t1\tx"])
def test_a_bad_line_is_named(tmp_path, row):
    path = tmp_path / "passes.tsv"
    path.write_text(f"need\toffer\tfirst\tsecond\na\tb\t0\t0\n{row}\n")
    with pytest.raises(RequestError, match="line 3"):
        read_passes(path)
    command = [sys.executable, "-m", "evaluation.agreement", str(path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "Traceback" not in ran.stderr
