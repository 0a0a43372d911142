"""All pairs against the table of every pair, and what becomes of a run that is disturbed."""

import json
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import suppress
from itertools import pairwise
from multiprocessing import active_children
from pathlib import Path
from threading import Thread

import numpy as np
import psutil
import pyarrow.parquet as pq
import pytest

from indexer.catalog import Catalog
from indexer.errors import RequestError
from indexer.executors.choosing import executor_on
from indexer.executors.executor import Killed
from indexer.index import Index
from indexer.records import Side
from matcher.allpairs import score_all
from matcher.batch.pairs import all_pairs
from matcher.batch.rated import make_rated
from matcher.ranking import lot
from matcher.rating import CANDIDATES, LEAST_SIMILARITY, rate
from matcher.score import ScoreModel

ROOT = Path(__file__).parents[3]
COLUMNS = ["demand", "supply", "rank", "score", "similarity"]


def read(folder):
    """{side: {asker: [(other, score, similarity)] by rank}}"""
    found = {}
    for side in Side:
        own = defaultdict(list)
        table = pq.read_table(folder / side)
        assert table.column_names == COLUMNS
        for row in table.to_pylist():
            asker, other = row[side], row[side.other]
            own[asker].append((other, row["score"], row["similarity"]))
            assert row["rank"] == len(own[asker])
        found[side] = dict(own)
    return found


@pytest.fixture(scope="session")
def table(small):
    """Similarity of every pair as the match list has it, and the probability of those among the
    50 best of either side, 0 elsewhere."""
    index = Index.open(small.index_path)
    with small.catalog() as catalog:
        demands, supplies = (list(catalog.records(side)) for side in (Side.DEMAND, Side.SUPPLY))
    similar = score_all(index, demands, supplies, small.settings.lexical_weight)
    looked_at = np.zeros(similar.shape, dtype=bool)
    for row, need in enumerate(demands):
        looked_at[row, nearest(similar[row], need, supplies)] = True
    for column, offer in enumerate(supplies):
        looked_at[nearest(similar[:, column], offer, demands), column] = True
    looked_at &= similar > LEAST_SIMILARITY
    rated = np.zeros_like(similar)
    places = np.argwhere(looked_at)
    model = ScoreModel.load("static")
    rated[looked_at] = rate(index, demands, supplies, places, similar[looked_at], model)
    return index, similar, rated


def nearest(values, asker, others):
    """The 50 best by similarity, equals by lot."""
    order = sorted(
        range(len(others)),
        key=lambda at: (-round(float(values[at]), 6), lot(asker.id, others[at].id)),
    )
    return order[:CANDIDATES]


@pytest.fixture(scope="session")
def whole(small, here, tmp_path_factory):
    """The folder of an undisturbed run."""
    folder = tmp_path_factory.mktemp("whole") / "out"
    all_pairs(small, folder, here)
    return folder


def test_lists_are_those_of_the_table_of_every_pair(table, whole):
    index, similar, rated = table
    found = read(whole)
    for side, scores, alike in (
        (Side.DEMAND, rated, similar),
        (Side.SUPPLY, rated.T, similar.T),
    ):
        ids, others = index.side(side).ids, index.side(side.other).ids
        assert set(found[side]) == {ids[row] for row in np.flatnonzero(scores.max(axis=1) > 0)}
        for asker, listed in found[side].items():
            row = index.side(side).row_of[asker]
            best = sorted(
                np.flatnonzero(scores[row] > 0).tolist(),
                key=lambda at: (-round(float(scores[row, at]), 6), lot(asker, others[at])),
            )[:10]
            assert len(listed) == len(best)
            # Blocks of another size may round a score otherwise: not the order of those apart.
            wanted = scores[row, best]
            assert np.allclose([score for _, score, _ in listed], wanted, atol=3e-6)
            at = [index.side(side.other).row_of[other] for other, _, _ in listed]
            assert np.allclose([one[1] for one in listed], scores[row, at], atol=3e-6)
            assert np.allclose([one[2] for one in listed], alike[row, at], atol=3e-6)
            assert len(set(at)) == len(at)


def test_equal_scores_stand_by_lot(table, whole):
    ties = 0
    for side, own in read(whole).items():
        for asker, listed in own.items():
            for (one, score, _), (other, next_score, _) in pairwise(listed):
                equal = round(score, 6) == round(next_score, 6)
                ties += equal
                assert not equal or lot(asker, one) < lot(asker, other), side
    assert ties > 20


def test_the_manifest_names_the_state_and_every_shard(small, whole):
    told = json.loads((whole / "manifest.json").read_text("utf-8"))
    with small.catalog() as catalog:
        assert (told["catalog"], told["version"]) == (catalog.identity, catalog.version)
    assert told["complete"] and (told["k"], told["encoder"]) == (10, "static")
    stages = [shard["stage"] for shard in told["shards"].values()]
    assert stages == ["similar"] * 5 + ["rated"] * 2 + ["demand", "supply"]
    assert {shard["state"] for shard in told["shards"].values()} == {"done"}
    assert sum(s["records"] for s in told["shards"].values() if s["stage"] == "similar") == 220
    for name, entry in told["files"].items():
        assert pq.read_metadata(whole / name).num_rows == entry["rows"]
    metadata = pq.read_schema(whole / "demand/part-00000.parquet").metadata
    assert metadata[b"cungcau.version"] == str(told["version"]).encode()


def test_a_second_run_makes_nothing_and_another_length_only_lists(small, whole, here, tmp_path):
    shutil.copytree(whole, tmp_path / "out")
    again = all_pairs(small, tmp_path / "out", here)
    assert (again.made, again.rows) == (0, {"demand": 2200, "supply": 1700})
    shorter = all_pairs(small, tmp_path / "out", here, k=3)
    assert (shorter.made, shorter.kept) == (2, 2)
    first = {s: {i: rows[:3] for i, rows in own.items()} for s, own in read(whole).items()}
    assert read(tmp_path / "out") == first


def test_a_file_that_was_tampered_with_is_made_again(small, whole, here, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(whole, out)
    listed = out / "supply/part-00000.parquet"
    body = bytearray(listed.read_bytes())
    body[len(body) // 2] ^= 1
    listed.write_bytes(body)
    rated = sorted((out / "work").glob("rated-*"))[0]
    body = bytearray(rated.read_bytes())
    body[len(body) // 2] ^= 1
    rated.write_bytes(body)
    report = all_pairs(small, out, here)
    assert report.made == 5 + 1 + 1 + 1 + 1  # compared and joined anew, one rated, one list
    assert read(out) == read(whole)


def test_two_states_are_not_mixed(small, whole, here, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(whole, out)
    body = json.loads((out / "manifest.json").read_text("utf-8"))
    body["version"] = 41
    (out / "manifest.json").write_text(json.dumps(body), encoding="utf-8")
    with pytest.raises(RequestError, match=r"another state .* / 41 / static; now: .* / 2 / static"):
        all_pairs(small, out, here)
    (out / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(RequestError, match="not of an earlier run"):
        all_pairs(small, out, here)


def test_a_catalog_that_changes_meanwhile_stops_the_run(small, here, tmp_path):
    shutil.copytree(small.path, tmp_path / "workspace")
    moving = type(small).open(tmp_path / "workspace")

    def change(stage, done, total):
        if stage == "match" and done == 1:
            with Catalog.open(moving.database) as catalog:
                catalog.delete(["d0001"])

    with pytest.raises(RequestError, match="version 2, now 3"):
        all_pairs(moving, tmp_path / "out", here, progress=change)


def test_without_pyarrow_the_line_that_installs_it_is_said(small, here, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(RequestError, match=r"pip install 'cungcau\[batch\]'"):
        all_pairs(small, tmp_path / "out", here)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("on", ["local", "ray"])
def test_killed_workers_cost_only_their_shards(small, whole, tmp_path, on):
    told, ended = [], []

    def kill():
        until = time.monotonic() + 60
        while not ended and time.monotonic() < until:
            for worker in workers(on):
                with suppress(psutil.NoSuchProcess):
                    worker.kill()
                    ended.append(worker.pid)
            time.sleep(0.005)

    killer = Thread(target=kill)

    def watch(stage, done, total):
        if stage == "match" and not killer.ident:
            killer.start()

    with executor_on(on, 2) as executor:
        report = all_pairs(small, tmp_path / "out", executor, progress=watch, tell=told.append)
    killer.join()
    assert ended and 1 <= len(told) <= len(ended)
    assert "was killed" in told[0].en and "bị dừng" in told[0].vi
    assert not report.failed and report.kept == 0
    assert bodies(tmp_path / "out") == bodies(whole)
    assert not active_children()


def bodies(folder):
    """Whoever made them, the files are the same."""
    return {path.parent.name: path.read_bytes() for path in folder.glob("*/part-*.parquet")}


def workers(on):
    """The processes that do the work; of Ray, those that have a task."""
    if on == "local":
        return [psutil.Process(child.pid) for child in active_children()]
    every = psutil.Process().children(recursive=True)
    return [child for child in every if child.name().startswith("ray::_alone")]


def test_a_shard_that_cannot_be_made_is_given_up_and_named(small, whole, tmp_path, here):
    class Deadly:
        """No worker survives the pieces of this stage."""

        workers = 1

        def run(self, work, items):
            for item in items:
                if work is make_rated:
                    yield from (Killed(item, tries + 1, "signal 9") for tries in range(3))
                else:
                    yield from here.run(work, [item])

    told = []
    report = all_pairs(small, tmp_path / "out", Deadly(), tell=told.append)
    manifest = json.loads((tmp_path / "out/manifest.json").read_text("utf-8"))
    failed = [name for name, one in manifest["shards"].items() if one["state"] == "failed"]
    assert list(report.failed) == failed and len(failed) == 2
    assert not manifest["complete"] and report.files == ()
    assert [message.en.count("given up") for message in told] == [0, 0, 1] * 2
    again = all_pairs(small, tmp_path / "out", here)
    assert again.made == 4 and not again.failed
    assert read(tmp_path / "out") == read(whole)


def test_a_killed_driver_loses_only_what_was_at_work(small, whole, here, tmp_path):
    out = tmp_path / "out"
    command = [sys.executable, "-m", "api.cli", "pairs", "--workspace", str(small.path)]
    driver = subprocess.Popen([*command, "--out", str(out)], cwd=ROOT, stderr=subprocess.PIPE)
    started = psutil.Process(driver.pid)
    until = time.monotonic() + 60
    while not list(out.glob("work/similar-*")) and time.monotonic() < until:
        time.sleep(0.02)
    left = started.children(recursive=True)
    started.kill()
    driver.communicate()
    done = {path.name for path in out.glob("work/similar-*")}
    assert done and not (out / "demand").exists()
    psutil.wait_procs(left, timeout=20)
    assert not any(process.is_running() for process in left)
    report = all_pairs(small, out, here)
    assert report.kept >= len(done)
    assert read(out) == read(whole)


def test_interrupted_it_says_how_to_go_on(small, tmp_path):
    out = tmp_path / "out"
    command = [sys.executable, "-m", "api.cli", "--lang", "en", "pairs"]
    driver = subprocess.Popen(
        [*command, "--workspace", str(small.path), "--out", str(out)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 60
    while not (out / "manifest.json").exists() and time.monotonic() < until:
        time.sleep(0.02)
    driver.send_signal(2)
    said = driver.communicate()[1]
    assert driver.returncode == 130, said
    assert f"The shards that are done are in {out}; run the same command to go on." in said


def test_one_run_at_a_time_writes_a_folder(small, here, tmp_path):
    refused = []

    def other(stage, done, total):
        if not refused:
            with pytest.raises(RequestError) as told:
                all_pairs(small, tmp_path / "out", here)
            refused.append(told.value)

    all_pairs(small, tmp_path / "out", here, progress=other)
    assert "Another command is writing" in str(refused[0])


@pytest.mark.parametrize(("needs", "offers"), [(0, 3), (3, 0), (0, 0)])
def test_a_side_without_records_has_empty_lists(workspace_of, here, tmp_path, needs, offers):
    report = all_pairs(workspace_of(needs, offers), tmp_path / "out", here)
    assert (report.demands, report.supplies) == (needs, offers)
    assert report.rows == {"demand": 0, "supply": 0}
    for path in report.files:
        assert pq.read_table(path).num_rows == 0


@pytest.mark.parametrize("inside", [".", "index", "pairs"])
def test_nothing_is_written_into_the_workspace(small, here, inside):
    before = sorted(small.path.rglob("*"))
    with pytest.raises(RequestError, match=r"inside the workspace .* Choose a folder outside"):
        all_pairs(small, small.path / inside, here)
    assert sorted(small.path.rglob("*")) == before
