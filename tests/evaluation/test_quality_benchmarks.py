"""The benchmarks of match quality, encoders and queries run, and their pages tell the truth."""

import gzip
from pathlib import Path

import pytest

from evaluation.benchmarks import ablation, bulk, encoding, query, report, retrieval
from evaluation.judged import collection
from indexer.encoders.bundled import MODELS

OFFERS = {
    "o1": "Dây chuyền xử lý nước thải dệt nhuộm bằng ozone",
    "o2": "Solar dryer for farm produce",
    "o3": "Phần mềm quản lý bệnh viện",
}
NEEDS = {"n1": "textile dyeing wastewater still coloured", "n2": "máy sấy nông sản chạy bằng nắng"}
GRADES = [("n1", "o1", 3), ("n2", "o2", 3)]


@pytest.fixture(scope="module")
def row():
    return next(retrieval.measured([collection("few en→en", NEEDS, OFFERS, GRADES)], None))


def test_a_row_holds_every_system_and_the_difference(row):
    figures = row["nDCG@10"]
    assert set(figures) == {"BM25", "lexicon", "static", "contextual", "hybrid, static", "hybrid"}
    assert figures["hybrid"] == 1.0  # across languages, where words alone find nothing
    assert figures["BM25"] < figures["lexicon"]
    assert row["against"]["BM25"]["gained"] == pytest.approx(1.0 - figures["BM25"], abs=1e-3)
    assert (row["queries"], row["documents"]) == (2, 3)


def test_differences_are_corrected_for_how_many_there_are():
    rows = [{"against": {"BM25": {"p": p}}} for p in (0.01, 0.04, 0.03)]
    retrieval.corrected(rows)
    assert [row["against"]["BM25"]["p, corrected"] for row in rows] == [0.03, 0.06, 0.06]


def test_the_page_marks_what_is_significant(row):
    host = {"cpu": "X", "cores": 2, "date": "2026-11-22"}
    sure = {**row, "against": {"BM25": {"gained": 0.25, "p, corrected": 0.001}}}
    document = {"half": "odd", "rows": [sure], "tatoeba": {"static": 0.9}, "machine": host}
    page = retrieval.page(document)
    assert "| few en→en | 2 |" in page
    assert "+0.250* | – |" in page
    assert "static 0.900" in page
    unsure = {**row, "against": {"BM25": {"gained": 0.25, "p, corrected": 0.2}}}
    assert "+0.250 |" in retrieval.page({**document, "rows": [unsure]})


@pytest.mark.parametrize(("half", "kept"), [("all", "n1 n2"), ("even", "n1"), ("odd", "n2")])
def test_halves_share_the_judged_queries_out(half, kept):
    found = retrieval._half(collection("few", NEEDS, OFFERS, GRADES), half)
    assert " ".join(found.qrels) == kept


def test_tatoeba_counts_translations_found(tmp_path):
    path = tmp_path / "pairs.tsv.gz"
    lines = "The water is clean.\tNước sạch.\nI am a doctor.\tTôi là bác sĩ.\n"
    path.write_bytes(gzip.compress(lines.encode()))
    assert retrieval.tatoeba(path) == {"contextual": 1.0, "static": 1.0}


def test_documents_have_a_hundred_words_in_both_languages():
    texts = encoding.documents(6)
    assert [len(text.split()) for text in texts] == [100] * 6
    assert texts[0] != texts[2]
    assert texts[1].isascii() > texts[0].isascii()


def test_encoders_are_measured_beside_their_peers(monkeypatch):
    monkeypatch.setattr(encoding, "load_encoder", lambda name: _Counting())
    monkeypatch.setattr(encoding, "_loading", lambda name, runs: 0.1)
    found = encoding.encoding(16, 1)
    assert set(found["documents_per_second"]) == {
        "static",
        "contextual",
        "BM25 index",
        "all-MiniLM",
    }
    assert found["times_minilm"]["all-MiniLM"] == 1.0
    assert set(found["mib"]) == {path.name for path in MODELS.iterdir()}
    assert sum(found["mib"].values()) < 40  # what a wheel may weigh
    assert "| static |" in report.page([found])


class _Counting:
    def encode(self, texts):
        return len(texts)


def test_a_query_is_measured_part_by_part(tmp_path):
    found = query.query(records=30, encoder="static", asked=3, seed=1, folder=tmp_path, peer=True)
    assert found["records"] == 30
    for taken in found["milliseconds"].values():
        assert 0 < taken["encode"] <= taken["retrieve"]
    assert "| 100 |" in report.page([found])


def test_the_ablation_trains_each_variant_and_measures_it(tmp_path, monkeypatch):
    from indexer.progress import silent
    from indexer.training.corpus import read_corpus
    from indexer.training.making import Making

    own = Path(__file__).parents[2] / "datasets/techmart-pairs"
    quads = (own / "agri.quads.txt").read_text("utf-8").split("\n\n")[:60]
    (tmp_path / "few.quads.txt").write_text("\n\n".join(quads) + "\n", encoding="utf-8")
    making = Making(read_corpus([tmp_path], [], []), tmp_path, silent)
    chosen = (ablation.VARIANTS[0], ablation.VARIANTS[-1])
    monkeypatch.setattr(ablation, "VARIANTS", chosen)
    judged = [collection("few en→en", NEEDS, OFFERS, GRADES)]
    rows = list(ablation.ablation(making, judged, [("Clean water.", "Nước sạch.")], 2))
    assert [row["variant"] for row in rows] == [each.name for each in chosen]
    for row in rows:
        assert set(row["figures"]) == {"few en→en", "Tatoeba"}
        assert all(0 <= figure <= 1 for figure in row["figures"].values())
    host = {"cpu": "X", "cores": 2, "date": "2026-11-22"}
    told = ablation.page({"rows": rows, "steps": 2, "measure": "nDCG@10", "machine": host})
    gained = rows[1]["figures"]["Tatoeba"] - rows[0]["figures"]["Tatoeba"]
    assert f"| {chosen[1].name} |" in told
    assert f"{gained:+.3f} |" in told


def test_a_large_collection_is_timed_as_one_process(tmp_path):
    found = bulk.bulk(documents=40, queries=5, words=20, system="bm25", seed=1, folder=tmp_path)
    assert (found["documents"], found["queries"]) == (40, 5)
    assert found["seconds"] >= found["index_s"] + found["search_s"]
    assert "40 documents of 20 words and 5 queries" in report.page([found])


def test_the_page_tells_what_planners_reach():
    rows = [
        {
            "system": "cungcau",
            "value": 12.5,
            "meetings": 4,
            "fewest_of_a_need": 1,
            "seconds": 0.1,
            "gap": 0.0,
        },
        {"system": "CP-SAT", "value": 0, "meetings": 0, "fewest_of_a_need": 0, "seconds": 9.0},
    ]
    host = {"cpu": "X", "cores": 2, "memory_gib": 4, "system": "s", "python": "3", "date": "d"}
    told = report.page(
        [
            {
                "benchmark": "planning",
                "instances": [{"instance": "small", "rows": rows}],
                "peak_mib": 512,
                "seed": 1,
                "machine": host,
            },
        ]
    )
    assert "| small | cungcau | 12.5 | 4 | 1 | 0.10 | 0.00% |" in told
    assert "|  | CP-SAT | none found | 0 | 0 | 9.00 | – |" in told
