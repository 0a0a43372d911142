"""Records at scale, what is fitted to their costs, and the pages; nothing here is timed."""

import json
from pathlib import Path

import pytest

from evaluation.benchmarks import cluster, indexing, records, scale, scalepage, topics
from evaluation.benchmarks.fits import fit, told
from evaluation.benchmarks.flatpage import flat_section
from evaluation.benchmarks.records import CONDITIONS, Author, fill, questions
from evaluation.benchmarks.scaleplot import draw_scale
from indexer.conditions import parse_condition
from indexer.records import Side
from indexer.workspace import Workspace

ROW = {
    "records": 10_000,
    "encoder": "static",
    "catalog": {"words": 100, "source": "texts", "seed": 9, "needs": 1_000},
    "index": {
        "seconds": 10.0,
        "cpu_s": 12.0,
        "peak_mib": 300.0,
        "alone_us": {"read": 50.0, "encode": 900.0},
        "stages": {
            "read": {"seconds": 2.0, "cpu_s": 2.0},
            "encode": {"seconds": 8.0, "cpu_s": 9.0},
        },
    },
    "disk": {"catalog": 2**20, "index/vectors": 2**21, "index/weights": 2**22},
    "start": {"median_s": 0.5, "worst_s": 0.6},
    "machine": {"cpu": "C", "cores": 2, "memory_gib": 24.0, "date": "2026-01-01"},
}
SPREAD = {"median": 1.0, "p95": 2.0, "p99": 3.0, "worst": 4.0, "cpu": 1.0}


def texts(folder: Path) -> Path:
    """A hundred documents of distinguishable sentences, in one corpus and one file of pairs."""
    folder.mkdir()
    lines = []
    for number in range(60):
        said = [
            f"Word{number}x{i} " + " ".join(f"term{i}a{j}" for j in range(11)) for i in range(6)
        ]
        lines.append(
            json.dumps({"_id": str(number), "title": f"T {number}", "text": ". ".join(said)})
        )
    (folder / "corpus.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


def row(size: int, times: float = 1.0) -> dict[str, object]:
    """A measured size whose costs all grow linearly but for time, which grows by `times` more."""
    grown = size / 10_000
    index = ROW["index"]
    stages = {
        name: {key: value * grown * times for key, value in stage.items()}
        for name, stage in index["stages"].items()
    }
    conditions = {
        share: {
            "where": list(where),
            "records": 5,
            "first_s": 0.1,
            "retrieval_ms": SPREAD,
            "search_ms": SPREAD,
            "new_search_ms": SPREAD,
            "recall@10": 1.0,
            "full": share != "1%",
        }
        for share, where in CONDITIONS.items()
    }
    return {
        **ROW,
        "records": size,
        "index": {
            **index,
            "seconds": 10.0 * grown * times,
            "peak_mib": 300.0 * grown,
            "stages": stages,
        },
        "disk": {name: int(value * grown) for name, value in ROW["disk"].items()},
        "ask": {
            "open_s": 0.1,
            "first_s": 0.2,
            "recall@10": 0.991,
            "peak_mib": 400.0,
            "soon_ms": SPREAD,
            "inspected_s": 0.7,
            "retrieval_ms": {"20": SPREAD},
            "search_ms": {"20": SPREAD},
            "conditions": conditions,
        },
        "add": {
            "added": 1_000,
            "readers": 2,
            "found_s": 1.0,
            "encoded_s": 2.0,
            "quiet_ms": SPREAD,
            "meanwhile_ms": SPREAD,
            "update_s": 3.0,
            "update_peak_mib": 500.0,
        },
    }


def test_records_are_the_same_for_the_same_seed_whatever_their_number(tmp_path):
    found = topics.read_library(texts(tmp_path / "texts"))
    few, many = (list(Author(found, 3).offers(0, count)) for count in (5, 40))
    assert few == many[:5]
    assert list(Author(found, 3).offers(20, 3)) == many[20:23]
    assert few != list(Author(found, 4).offers(0, 5))
    assert list(Author(found, 3).needs(4)) == list(Author(found, 3).needs(9))[:4]
    words = [len(record.text().split()) for record in many]
    assert 80 <= sum(words) / len(words) <= 125


def test_needs_are_made_of_texts_that_are_in_no_offer(tmp_path):
    found = topics.read_library(texts(tmp_path / "texts"))
    offered = {p for topic in found.topics for _, pieces in topic.documents for p in pieces}
    held = {p for _, (_, pieces) in found.held_out for p in pieces}
    assert held
    assert not held & offered
    said = " ".join(record.text() for record in Author(found, 3).offers(0, 50))
    marks = {piece.split()[0] for piece in held}
    assert marks
    assert not marks & set(said.split())


def test_a_folder_without_texts_is_refused_and_words_are_drawn_without_one(tmp_path, monkeypatch):
    with pytest.raises(ValueError, match=r"no corpus\.jsonl"):
        topics.read_library(tmp_path)
    monkeypatch.setattr(topics, "_DRAWN_TOPICS", 6)
    drawn = topics.library(None, 7)
    assert drawn == topics.library(None, 7)
    assert {topic.language for topic in drawn.topics} == {"vi", "en"}


def test_a_catalog_is_completed_kept_and_told_from_another(tmp_path, monkeypatch):
    source = texts(tmp_path / "texts")
    made = fill(tmp_path / "w", count=230, texts=source, needs=30)
    assert made["whole"]
    with Workspace.open(tmp_path / "w").catalog() as catalog:
        there = {side: len(catalog.ids(side)) for side in Side}
        version = catalog.version
        shares = {
            share: len(catalog.ids(Side.SUPPLY, [parse_condition(one) for one in where])) / 200
            for share, where in CONDITIONS.items()
        }
        asked = questions(catalog, 8, 5)
    assert there == {Side.SUPPLY: 200, Side.DEMAND: 30}
    assert 0.35 < shares["50%"] < 0.65
    assert 0.03 < shares["10%"] < 0.2
    assert [len(text.split()) for text in asked] == [8] * 5
    assert fill(tmp_path / "w", count=230, texts=source, needs=30) == made
    with pytest.raises(ValueError, match="other records"):
        fill(tmp_path / "w", count=231, texts=source, needs=30)
    # Interrupted, it goes on: what is there is not written again.
    note = tmp_path / "w" / "records.json"
    note.write_text(json.dumps({**made, "whole": False}), encoding="utf-8")
    monkeypatch.setattr(records, "_CHUNK", 50)
    assert fill(tmp_path / "w", count=230, texts=source, needs=30)["whole"]
    with Workspace.open(tmp_path / "w").catalog() as catalog:
        assert catalog.version == version


@pytest.mark.parametrize("exponent", [0.5, 1.0, 1.37])
def test_a_power_law_is_recovered(exponent):
    sizes = [1e4, 1e5, 1e6]
    found = fit(sizes, [3 * n**exponent for n in sizes])
    assert found.exponent == pytest.approx(exponent)
    assert found.interval == pytest.approx((exponent, exponent))
    assert found.at(1e8) == pytest.approx(3 * 1e6**exponent * 100 ** max(exponent, 1))


def test_an_interval_holds_the_exponent_of_costs_that_scatter():
    found = fit([1e3, 1e4, 1e5, 1e6], [1.2e3, 0.9e4, 1.1e5, 0.95e6])
    low, high = found.interval
    assert low < 1 < high
    assert told(found) == f"{found.exponent:.2f} ({low:.2f} to {high:.2f})"
    assert fit([1e4, 1e5], [1.0, 10.0]).interval is None
    assert fit([1e4, 1e5], [1.0, 0.0]) is None
    assert told(None) == "–"


def test_seconds_go_to_the_stage_whose_work_was_done(monkeypatch):
    clock = iter([0, 2, 5, 5, 9, 10, 14, 15])
    now = staticmethod(lambda: (next(clock),) * 2)
    monkeypatch.setattr(indexing.Stages, "_now", now)
    stages = indexing.Stages()
    for report in [("encode", 0, 8), ("encode", 4, 8), ("encode", 8, 8), ("terms", 0, 0)]:
        stages(*report)
    stages("write", 0, 0)
    stages("encode", 0, 1)
    found = {name: stage["seconds"] for name, stage in stages.finished().items()}
    assert found == {"read": 2, "encode": 3 + 0 + 4 + 1, "terms": 1, "write": 4}


def test_a_size_measured_again_takes_the_place_of_the_old(tmp_path):
    first = scale.merged({}, {**row(100), "machine": {"cpu": "a"}})
    second = scale.merged(first, {**row(10), "machine": {"cpu": "b"}})
    other = scale.merged(second, {**row(100), "encoder": "contextual", "machine": {"cpu": "c"}})
    again = scale.merged(other, {**row(100), "start": {}, "machine": {"cpu": "d"}})
    assert [(one["encoder"], one["records"]) for one in again["sizes"]] == [
        ("contextual", 100),
        ("static", 10),
        ("static", 100),
    ]
    assert again["sizes"][2]["start"] == {}
    assert again["machine"] == {"cpu": "d"}


def test_only_what_is_missing_or_asked_for_is_measured(tmp_path, monkeypatch):
    asked = []

    def part(name):
        return lambda folder, size, *_: asked.append((name, size)) or {"at": len(asked)}

    monkeypatch.setattr(scale, "_MEASURE", {name: part(name) for name in scale.PARTS})
    saved = []
    given = {"encoder": "static", "folder": tmp_path, "texts": None, "needs": 5}
    known = scale.scale({}, sizes=[10], parts=(), save=saved.append, **given)
    assert asked == [(name, 10) for name in scale.PARTS]
    assert len(saved) == len(scale.PARTS)
    asked.clear()
    scale.scale(known, sizes=[10, 20], parts=("ask",), save=saved.append, **given)
    assert asked == [("ask", 10), *((name, 20) for name in scale.PARTS)]


def test_bytes_are_told_by_kind_of_file(tmp_path):
    (tmp_path / "index/gen-1").mkdir(parents=True)
    for name, size in {
        "catalog.sqlite3": 5,
        "index/gen-1/supply.vectors.npy": 7,
        "index/gen-1/demand.vectors.npy": 2,
        "index/gen-1/supply.ids.txt": 1,
        "records.json": 100,
    }.items():
        (tmp_path / name).write_bytes(b"x" * size)
    assert scale._disk(tmp_path) == {"index/vectors": 9, "catalog": 5, "index/ids": 1}


def test_the_page_tells_measured_from_extrapolated():
    rows = [row(10_000), row(100_000), row(1_000_000)]
    written = scalepage.page({"scale": {"sizes": rows}}, {"static": "p.svg"})
    assert "| encode | 8.0 | 80.0 | 800.0 | 900 | 800 | 1.00 (1.00 to 1.00) |" in written
    assert "| encode and index, minutes | ≤ 20 | 16.7 | yes |" in written
    assert "| its memory, GiB | ≤ 6 | 29.3 | **no** |" in written
    assert "| their lists full (1: all) | ≥ 1 | 0 | **no** |" in written
    assert "![Time, memory and waiting over the number of records](p.svg)" in written
    assert "**no**" in written  # the list that was not full
    head, _, computed = written.partition("## 100,000,000 records")
    assert "HNSW" not in head
    assert "**Run**: 1,000,000 records on one machine." in computed
    assert "**Not run**" in computed
    # 900 processor seconds for a million: 25 core hours for a hundred.
    assert "| encoding, Ray | 25 core hours |" in computed


def test_needs_of_a_cluster_follow_from_the_measured_row():
    seconds = fit([1e4, 1e6], [10.0, 1_000.0])
    found = cluster.needs(row(1_000_000), seconds, 100_000_000)
    assert found.encode_core_hours == pytest.approx(900 * 100 / 3_600)
    assert found.alone_hours == pytest.approx(1_000 * 100 / 3_600)
    assert found.term_bytes == 2**22 * 100 * 100
    assert found.catalog_bytes == 2**20 * 100 * 100
    usable = cluster.MEMORY_GIB * cluster.USABLE * cluster.GIB
    assert (found.query_machines - 1) * usable < found.answer_bytes
    assert found.answer_bytes <= found.query_machines * usable


def test_the_page_takes_in_other_documents_and_does_without(tmp_path):
    sizes = {"sizes": [row(10_000), row(100_000)]}
    other = {"vectors": 10_000_000, "rows": [{"method": "lists", "ms": 1.5, "ok": True}]}
    (tmp_path / "scale.json").write_text(json.dumps(sizes), encoding="utf-8")
    (tmp_path / "stores.json").write_text(json.dumps(other), encoding="utf-8")
    scalepage.main(tmp_path, tmp_path / "scale.md")
    written = (tmp_path / "scale.md").read_text("utf-8")
    assert "## Stores" in written
    assert "| lists | 1.5 | yes |" in written
    assert "Milvus Lite" in written
    assert "](scale-static.svg)" in written
    draw_scale(sizes["sizes"], tmp_path / "again.svg")
    assert (tmp_path / "again.svg").read_bytes() == (tmp_path / "scale-static.svg").read_bytes()
    with pytest.raises(ValueError, match="no size"):
        scalepage.page({"scale": {"sizes": [{**ROW}]}}, {})


def test_any_document_is_told_flat():
    document = {
        "benchmark": "stores",
        "records": 2_000,
        "stores": {"embedded": {"ms": {"median": 1.25}}, "milvus": {"ms": {"median": None}}},
    }
    lines = "\n".join(flat_section("Stores", document))
    assert "records 2,000" in lines
    assert "| embedded | 1.25 |" in lines
    assert "| milvus | – |" in lines
