"""The benchmark scripts by function, at tiny size; nothing here is timed."""

import gzip
import json
import sys
import xml.etree.ElementTree as ET

import numpy as np
import openpyxl
import pytest

from evaluation.benchmarks import (
    event,
    growth,
    machine,
    manyvectors,
    output,
    plot,
    process,
    report,
    search,
    textlike,
    vectorpage,
    vectors,
)
from evaluation.benchmarks.synthetic import write_event
from evaluation.benchmarks.words import FIELDS, vocabulary


def rows(path):
    book = openpyxl.load_workbook(path)
    return [[cell.value for cell in row] for row in book.active.iter_rows()]


def test_spreadsheets_are_the_same_for_the_same_seed_and_differ_for_another(tmp_path):
    first = write_event(tmp_path / "a", needs=3, offers=5, words=40, seed=7)
    second = write_event(tmp_path / "b", needs=3, offers=5, words=40, seed=7)
    other = write_event(tmp_path / "c", needs=3, offers=5, words=40, seed=8)
    assert [rows(path) for path in first] == [rows(path) for path in second]
    assert rows(first[0]) != rows(other[0])
    assert [len(rows(path)) for path in first] == [4, 6]


def test_a_row_does_not_depend_on_how_many_there_are(tmp_path):
    _, few = write_event(tmp_path / "a", needs=1, offers=4, words=40, seed=7)
    _, many = write_event(tmp_path / "b", needs=1, offers=9, words=40, seed=7)
    assert rows(few) == rows(many)[:5]


def test_records_have_the_words_asked_for_in_both_languages(tmp_path):
    _, offers = write_event(tmp_path, needs=1, offers=200, words=100, seed=7)
    heading, *body = rows(offers)
    counts = [sum(len(str(cell).split()) for cell in row[1:5]) for row in body]
    assert 90 <= sum(counts) / len(counts) <= 115
    fields = [row[heading.index("Lĩnh vực")] for row in body]
    vietnamese = sum(field in {vi for vi, _ in FIELDS} for field in fields)
    assert 0.65 <= vietnamese / len(fields) <= 0.85
    assert all(1 <= row[heading.index("TRL")] <= 9 for row in body)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_words_are_distinct_and_frequencies_fall_as_zipf_says(language):
    words = vocabulary(language, 7)
    assert len(set(words.terms)) == len(words.terms)
    assert words.general[-1] == 1.0
    share = words.general[1:] - words.general[:-1]
    assert share[8] / share[98] == pytest.approx(10, rel=0.01)


def test_a_process_is_measured_and_its_output_kept():
    wasteful = "import sys; x = b'x' * 200_000_000; print('out'); print('err', file=sys.stderr)"
    used = process.measured([sys.executable, "-c", wasteful])
    assert (used.stdout.split(), used.stderr.split()) == ([b"out"], [b"err"])
    assert used.seconds > 0
    if used.peak_mib is not None:
        assert 190 < used.peak_mib < 300


def test_the_memory_of_the_measuring_process_is_not_counted():
    ours = np.ones(400_000_000, dtype=np.uint8)
    used = process.measured([sys.executable, "-c", ""])
    assert used.peak_mib is None or used.peak_mib < ours.nbytes / 2**20 / 4


def test_a_process_that_fails_is_an_error_with_its_words():
    failing = [sys.executable, "-c", "import sys; sys.exit('no such workspace')"]
    with pytest.raises(RuntimeError, match=r"(?s)exit code 1.*no such workspace"):
        process.measured(failing)


def test_the_environment_reaches_the_process():
    used = process.measured(
        [sys.executable, "-c", "import os; print(os.environ['SIGN'])"], environment={"SIGN": "7"}
    )
    assert used.stdout.split() == [b"7"]


def test_imports_are_read_from_what_python_prints():
    listing = process.measured(
        [sys.executable, "-X", "importtime", "-c", "import json.decoder"]
    ).stderr
    assert search.heavy_imports(listing) == []
    line = b"import time:       120 |      12345 |     torch.nn.functional\n"
    assert search.heavy_imports(listing + line) == ["torch"]
    line = b"import time:       120 |      12345 |     scipy.optimize\n"
    assert search.heavy_imports(listing + line) == ["scipy.optimize"]
    with pytest.raises(RuntimeError, match="listed no imports"):
        search.heavy_imports(b"")


def test_the_machine_is_described():
    found = machine.describe()
    assert set(found) == {"cpu", "cores", "memory_gib", "python", "system", "date"}
    assert found["cores"] >= 1
    assert found["cpu"]


class Office:
    """Stands in for the real command: notes what it was asked, writes what it should write."""

    def __init__(self):
        self.asked = []

    def __call__(self, arguments, *, environment=None):
        self.asked.append(arguments[0])
        stdout, stderr = b"", b""
        if arguments[0] == "match":
            out = event.Path(arguments[arguments.index("--out") + 1])
            out.mkdir(parents=True)
            (out / "match-list.jsonl").write_text("{}\n{}\n", encoding="utf-8")
        if arguments[0] == "search":
            stdout = b"[]"
            listed = "PYTHONPROFILEIMPORTTIME" in environment
            stderr = b"import time:  1 |  2 | json\n" if listed else b""
        return process.Usage(float(len(self.asked)), 100.0 + len(self.asked), stdout, stderr)


@pytest.fixture
def office(monkeypatch):
    office = Office()
    monkeypatch.setattr(event, "cungcau", office)
    monkeypatch.setattr(search, "cungcau", office)
    return office


def test_event_runs_the_four_commands_and_adds_up(office, tmp_path):
    found = event.event(needs=2, offers=3, words=20, encoder="static", seed=7, folder=tmp_path)
    assert office.asked == ["import", "import", "index", "match"]
    assert list(found["stages"]) == ["import needs", "import offers", "index", "match"]
    assert (found["seconds"], found["peak_mib"], found["matches"]) == (10.0, 104.0, 2)
    assert json.loads(json.dumps(found)) == found


def test_search_takes_the_median_of_the_starts(office, tmp_path):
    found = search.search(records=3, starts=5, words=20, seed=7, folder=tmp_path)
    # 2 commands to prepare, 1 start to warm up, 5 counted, 1 to list imports.
    assert office.asked == ["import", "index", *["search"] * 7]
    assert found["seconds"] == {"median": 6.0, "min": 4.0, "max": 8.0}
    assert found["heavy_imports"] == []


def test_growth_gives_a_table_and_a_plot(office, tmp_path):
    found = growth.growth(offers=[3, 6], needs=2, words=20, encoder="static", seed=7)
    assert [size["offers"] for size in found["sizes"]] == [3, 6]
    plot.draw_growth(found, tmp_path / "a.svg")
    plot.draw_growth(found, tmp_path / "b.svg")
    assert ET.parse(tmp_path / "a.svg").getroot().tag.endswith("svg")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_the_page_is_made_of_saved_documents(office, tmp_path, capsys):
    folder = tmp_path / "docs/performance"
    output.emit(
        event.event(
            needs=2000, offers=3, words=20, encoder="static", seed=7, folder=tmp_path / "e"
        ),
        folder / "event.json",
    )
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads((folder / "event.json").read_text("utf-8"))
    found = growth.growth(offers=[3, 6], needs=2, words=20, encoder="static", seed=7)
    output.emit(found, folder / "growth.json")
    plot.draw_growth(found, folder / "growth.svg")
    output.emit(
        search.search(records=3, starts=5, words=20, seed=7, folder=tmp_path / "s"),
        folder / "search.json",
    )
    report.main(folder, tmp_path / "docs/performance.md")
    page = (tmp_path / "docs/performance.md").read_text("utf-8")
    assert "2,000 needs × 3 offers of 20 words: **10.0 s**, 104 MiB, 2 matches." in page
    assert "| match | 4.0 | 104 MiB |" in page
    assert "![Seconds and memory over the number of offers](performance/growth.svg)" in page
    assert "Heavy libraries imported: none." in page
    assert page.count("<sub>") == 3


def test_vectors_are_measured_and_told(tmp_path, capsys):
    found = vectors.benchmark(
        sizes=[300, 700], dimensions=[16, 24], queries=20, pairs=pairs_of(tmp_path), seed=7
    )
    assert json.loads(json.dumps(found)) == found
    sizes = [[row["vectors"] for row in part["rows"]] for part in found["tables"]]
    assert sizes == [[300] * 4 + [700] * 4, [300] * 4 + [700] * 4, [100] * 4]
    for part in found["tables"]:
        by_method = {row["method"]: row for row in part["rows"]}
        assert by_method["exact, single"]["recall@100"] == 1.0
        assert by_method["exact, half"]["recall@10"] > 0.99
        assert by_method["lists, half"]["recall@10"] > 0.95
        assert by_method["exact, half"]["mib"] <= by_method["exact, single"]["mib"]
    assert len(found["others"]) == 4
    assert found["changes"]["replaced"] == 70
    assert found["changes"]["recall@10"]["followed"] > 0.95
    page = report.page([found])
    assert "700 × 24, vectors drawn from" in page
    assert "100 × 256, LSA vectors of real sentences" in page
    assert "(50,000 × 256 or 33,333 × 384)" in page
    assert "scans 256 lists and compares the vectors of the best max(1,000, 10 k) codes" in page


def test_very_many_vectors_are_measured_and_told(tmp_path, monkeypatch):
    monkeypatch.setattr(manyvectors, "_alone", lambda step, trial: step(trial))
    monkeypatch.setattr(vectors.vectors, "EXACT_NUMBERS", 0)
    found = manyvectors.benchmark(
        counts=[5000, 9000], dimension=16, queries=30, seed=7, folder=tmp_path
    )
    assert json.loads(json.dumps(found)) == found
    assert list(tmp_path.iterdir()) == []
    for table in found["tables"]:
        everything, *some = table["search"]["searches"]
        assert [row["share"] for row in some] == [0.01, 0.001, 0.0001]
        assert everything["recall@10"] > 0.95
        assert all(row["full"] and row["recall@10"] == 1.0 for row in some)
        assert table["add"]["found"] > 0.95
    page = "\n".join(vectorpage.many_tables(found))
    assert "| 9,000 × 16 |" in page
    assert "| 0.01% of 5,000 |" in page
    assert "1,000 vectors merged into 9,000:" in page


def test_the_true_nearest_are_kept_block_by_block(monkeypatch):
    monkeypatch.setattr(manyvectors, "_K", 3)
    near = np.random.default_rng(4).random((5, 40)).astype(np.float32)
    best = np.zeros((5, 0), dtype=np.float32)
    for start, end in ((0, 2), (2, 2), (2, 15), (15, 40)):
        best = manyvectors._nearest(best, near[:, start:end])
    assert np.array_equal(best, -np.sort(-near, axis=1)[:, :3])


def pairs_of(folder):
    words = "máy sấy lọc nước thải lúa gạo bơm điện pump water dryer solar mill farm".split()
    random = np.random.default_rng(2)
    lines = [" ".join(random.permutation(words)[:8]) + f"\ttext {i}" for i in range(120)]
    with gzip.open(folder / "x.tsv.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(lines))
    return folder


def test_drawn_vectors_are_alike_as_texts_are_and_the_same_for_a_seed():
    one = textlike.drawn(3000, 256, 7)
    assert np.array_equal(one, textlike.drawn(3000, 256, 7))
    assert not np.array_equal(one, textlike.drawn(3000, 256, 8))
    np.testing.assert_allclose(np.linalg.norm(one, axis=1), 1, atol=1e-5)
    cosines = one @ one.T
    np.fill_diagonal(cosines, -1)
    assert 0.02 < np.median(cosines) < 0.08
    assert 0.4 < np.median(cosines.max(axis=1)) < 0.8


def test_a_folder_without_pairs_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="has no pairs"):
        textlike.of_pairs(tmp_path, 7)


def test_the_page_refuses_what_it_does_not_know():
    with pytest.raises(ValueError, match="unknown benchmark 'nonsense'"):
        report.page([{"benchmark": "nonsense"}])
    with pytest.raises(ValueError, match="two documents"):
        report.page([{"benchmark": "event"}, {"benchmark": "event"}])


def test_unknown_memory_is_a_dash(monkeypatch):
    monkeypatch.delattr(process.os, "wait4", raising=False)
    used = process.measured([sys.executable, "-c", ""])
    assert used.peak_mib is None
    stages = {"match": {"seconds": 1.0, "peak_mib": None}}
    described = {**machine.describe(), "memory_gib": None}
    document = {
        "benchmark": "event",
        "needs": 1,
        "offers": 1,
        "words": 10,
        "encoder": "static",
        "seed": 7,
        "stages": stages,
        "seconds": 1.0,
        "peak_mib": None,
        "matches": 0,
        "machine": described,
    }
    assert "| match | 1.0 | – |" in report.page([document])
