"""The engines of the comparison behind one protocol, its ratios and its page; nothing is timed."""

import json

import numpy as np
import pytest

from evaluation.benchmarks import suite, suitepage
from evaluation.peers.engines import Given, load
from evaluation.peers.engines.engine import fused, satisfies
from indexer.records import Record, RecordType, Side, TrlRange

# txtai and LanceDB are left to the benchmark, which ends where one of them does not find what was
# added: importing either takes longer than all of these tests.
_HERE = ("cungcau, static", "bm25s + MiniLM + FAISS", "Milvus Lite", "scikit-learn LSA")


def records(first, count):
    """Records with a word of their own, every third of them in one place."""
    return [
        Record(
            id=f"R{number:03d}",
            side=Side.SUPPLY,
            type=RecordType.TECHNOLOGY,
            title=f"machine number{number} for drying rice",
            description=f"a dryer with part{number} and part{number + 1} of steel",
            place="Huế" if number % 3 == 0 else "Hà Nội",
            trl=TrlRange(low=1 + number % 9, high=1 + number % 9),
        )
        for number in range(first, first + count)
    ]


def spelt(texts):
    """A vector of letters: near texts are near, and nothing is loaded."""
    rows = np.zeros((len(texts), 64), dtype=np.float32)
    for row, text in zip(rows, texts, strict=True):
        for at in range(len(text) - 2):
            row[sum(map(ord, text[at : at + 3])) % 64] += 1
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.parametrize("name", _HERE)
def test_every_engine_finds_filters_and_adds(name, tmp_path):
    if name == "Milvus Lite":
        pytest.importorskip("milvus_lite", reason="of the extra `milvus`")
    engine = load(name, Given(spelt, spelt), tmp_path)
    engine.index(records(0, 60))
    asked = "machine number17 part17 for drying"
    first = engine.ask(asked, 10)
    assert "R017" in first
    assert len(first) == len(set(first)) == 10
    assert set(engine.ask(asked, 10, ("place", "=", "Huế"))) <= {
        f"R{n:03d}" for n in range(0, 60, 3)
    }
    high = engine.ask(asked, 10, ("trl", ">=", 8))
    assert high
    assert all(int(found[1:]) % 9 >= 7 for found in high)
    together = engine.batch([asked, "number40 part40"], 10)
    assert "R017" in together[0]
    assert "R040" in together[1]
    engine.add(records(60, 5))
    assert "R063" in engine.ask("machine number63 part63 for drying", 10)


def test_lists_are_fused_by_rank():
    assert fused([[1, 2, 3], [2, 4]], 3) == [2, 1, 4]


def test_a_filter_holds_as_written():
    one = records(0, 1)[0]
    assert satisfies(one, ("place", "=", "Huế"))
    assert not satisfies(one, ("trl", ">=", 2))
    assert satisfies(one, ("trl", ">=", 1))


def test_a_ratio_has_an_interval_that_holds_it():
    times, low, high = suite.ratio([[2.0, 4.0, 6.0], [8.0]], [[1.0, 2.0, 3.0], [4.0]])
    assert (times, low, high) == (2.0, 2.0, 2.0)
    times, low, high = suite.ratio([[3.0, 1.0] * 20], [[1.0, 1.0] * 20])
    assert times == 2.0
    assert 1.5 < low < 2.0 < high < 2.5


def test_encoding_is_added_for_engines_that_bring_no_encoder():
    one = {"index": {"seconds": 5.0}, "rate": 50.0}
    assert suite.indexed("cungcau", one, 1_000) == 5.0
    assert suite.indexed("scikit-learn LSA", one, 1_000) == 5.0
    assert suite.indexed("txtai", one, 1_000) == 25.0


def engine(quality, seconds):
    asked = {"median": 1.0, "p95": 2.0, "p99": 3.0, "worst": 4.0, "found": 10.0}
    return {
        "index_s": 1.0,
        "batch_qps": 100.0,
        "add_s": 0.5,
        "peak_mib": 100.0,
        "disk_mib": 0.0,
        "minilm_texts_per_second": 40.0,
        "end_to_end_s": seconds,
        "ask_ms": {"all": asked, "1%": asked},
        "quality": [{"collection": "c", "nDCG@10": quality}],
    }


def document(peers):
    engines = {"cungcau": engine(0.6, 10.0)} | peers
    ratios = {
        name: {what: [one["end_to_end_s"] / 10.0, 1.0, 9.0] for what in suitepage._WHAT}
        for name, one in peers.items()
    }
    return {
        "documents": 1_000,
        "queries": 20,
        "rounds": 3,
        "words": 100,
        "source": "texts",
        "engines": engines,
        "ratios": {"cungcau": ratios},
        "machine": {"cpu": "C", "cores": 2, "memory_gib": None, "date": "2026-01-01"},
    }


def test_ours_is_held_against_the_fastest_peer_of_its_quality(tmp_path):
    good, fast = engine(0.61, 35.0), engine(0.4, 5.0)
    found = document({"txtai": good, "LanceDB": fast, "Milvus Lite": engine(0.7, 50.0)})
    assert suitepage.best_peer(found["engines"], "cungcau") == "txtai"
    written = suitepage.page(found)
    assert "fastest peer of equal or better quality is txtai" in written
    assert "3 times: reached" in written
    slow = suitepage.page(document({"txtai": engine(0.61, 25.0)}))
    assert "3 times: **not reached**" in slow
    none = suitepage.page(document({"LanceDB": fast}))
    assert "no peer reaches its quality. The nearest, LanceDB (0.400)" in none


def test_the_page_and_its_plot_are_made_from_the_saved_document(tmp_path):
    saved = tmp_path / "suite.json"
    saved.write_text(json.dumps(document({"txtai": engine(0.61, 35.0)})), encoding="utf-8")
    suitepage.main(saved, tmp_path / "peers.md")
    first = (tmp_path / "peers.svg").read_bytes()
    assert "![Quality over throughput](peers.svg)" in (tmp_path / "peers.md").read_text("utf-8")
    suitepage.draw(json.loads(saved.read_text("utf-8")), tmp_path / "again.svg")
    assert (tmp_path / "again.svg").read_bytes() == first
