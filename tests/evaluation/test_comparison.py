"""Two results query by query, from memory and from files."""

import json
from io import StringIO

import pytest
from rich.console import Console

from evaluation.comparison import compare, compare_files, table
from evaluation.report import write_report
from evaluation.saved import document, load_results, saved
from indexer.errors import RequestError

DOCUMENTS = {name: f"chào bán {name}" for name in "abcdefgh"}
QUERIES = {f"q{n}": f"nhu cầu số {n}\ndòng hai" for n in range(1, 7)}
QRELS = {query: {"a": 2, "b": 1} for query in QUERIES}


@pytest.fixture(scope="module")
def fair(judge):
    return judge(DOCUMENTS, QUERIES, QRELS)


@pytest.fixture(scope="module")
def good(fair, returned):
    return returned(fair, "good", dict.fromkeys(QUERIES, "abcdefgh"))


@pytest.fixture(scope="module")
def mixed(fair, returned):
    """As good but for q2 (second place), q5 (nothing found) and q4 (swapped)."""
    run = {**dict.fromkeys(QUERIES, "abcdefgh"), "q2": "cab", "q4": "bac", "q5": ""}
    return returned(fair, "mixed", run)


def test_changes_stand_by_size_and_the_mean_is_ours_minus_theirs(good, mixed):
    found = compare(good, mixed)
    assert [change.query for change in found.changes] == ["q5", "q2", "q4"]
    assert found.changes[0].ours == 1.0
    assert found.changes[0].theirs == 0.0
    assert found.changes[0].text == "nhu cầu số 1\ndòng hai".replace("1", "5")
    assert found.queries == 6
    gained = sum(change.gained for change in found.changes) / 6
    assert found.mean == pytest.approx(gained)
    assert found.interval.low <= found.mean <= found.interval.high
    # Three of six queries gain: by chance all signs agree in 2 of 8 draws.
    assert found.p == pytest.approx(0.25, abs=0.02)
    turned = compare(mixed, good)
    assert turned.mean == -found.mean
    assert turned.p == found.p


def test_a_result_against_itself_changes_nothing(good):
    found = compare(good, good)
    assert (found.mean, found.p, found.changes) == (0.0, 1.0, ())
    assert found.sides() == ("A", "B")
    assert "A (good)" in found.sentence().vi
    assert "6 như nhau" in found.sentence().vi
    assert "0 queries better, 0 worse, 6 the same" in found.sentence().en


def test_what_is_written_is_compared_as_what_was_measured(good, mixed, tmp_path):
    for result in (good, mixed):
        write_report([result], tmp_path / result.system)
    paths = [tmp_path / name / "results.json" for name in ("good", "mixed")]
    (read,) = load_results(paths[0])
    assert read == saved(good)
    (found,) = compare_files(*paths)
    assert found == compare(good, mixed)


def test_files_pair_by_collection_and_system(good, mixed, judge, returned, tmp_path):
    other = judge(DOCUMENTS, QUERIES, QRELS, name="other")
    elsewhere = returned(other, "good", dict.fromkeys(QUERIES, "hgfedcba"))
    write_report([good, mixed, elsewhere], tmp_path / "a")
    write_report([elsewhere, mixed], tmp_path / "b")
    found = compare_files(tmp_path / "a/results.json", tmp_path / "b/results.json")
    assert [(c.collection, c.ours, c.theirs) for c in found] == [
        ("fair", "mixed", "mixed"),
        ("other", "good", "good"),
    ]
    write_report([elsewhere], tmp_path / "c")
    write_report([good], tmp_path / "d")
    with pytest.raises(RequestError, match=r"nothing to compare.*other \(good\).*fair \(good\)"):
        compare_files(tmp_path / "c/results.json", tmp_path / "d/results.json")


def test_other_queries_are_refused_by_name(good, judge, returned):
    fewer = judge(DOCUMENTS, QUERIES, {q: QRELS[q] for q in list(QUERIES)[:4]})
    part = returned(fewer, "part", dict.fromkeys(QUERIES, "ab"))
    with pytest.raises(RequestError, match="2 queries are on one side only: q5, q6"):
        compare(good, part)


def test_an_unknown_measure_is_refused_with_the_choices(good, mixed):
    with pytest.raises(RequestError, match=r"“nDCG@11” is not there.*nDCG@10, RR@10") as caught:
        compare(good, mixed, measure="nDCG@11")
    assert "nDCG@10" in caught.value.message.vi
    assert compare(good, mixed, measure="RR@10").changes[0].query == "q5"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "holds no results"),
        ('{"collection": "a"}', "holds no results"),
        ("[1]", "entry 1 has no figures by query"),
        ('[{"collection": "a", "system": "b"}]', "entry 1 has no figures by query"),
        ('[{"collection": "a", "system": "b", "per_query": {}}]', "entry 1 has no"),
        ('[{"collection": "a", "system": "b", "per_query": {"q": {"AP": NaN}}}]', "entry 1"),
        ('[{"collection": "a", "system": "b", "per_query": {"q": {"AP": "1"}}}]', "entry 1"),
        ("[" * 100_000, "is not JSON"),
        ("\udc80", "is not JSON"),
    ],
)
def test_what_is_no_results_json_is_refused_by_name(content, said, tmp_path):
    path = tmp_path / "results.json"
    path.write_text(content, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(RequestError, match=said) as caught:
        load_results(path)
    assert str(path) in caught.value.message.vi


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(RequestError, match=r"none\.json” cannot be read"):
        load_results(tmp_path / "none.json")


def test_results_json_holds_intervals_and_figures_by_query(mixed):
    (entry,) = json.loads(json.dumps(document([mixed])))
    assert entry["per_query"]["q5"]["nDCG@10"] == 0.0
    assert set(entry["intervals"]) == set(entry["metrics"])
    low, high = entry["intervals"]["nDCG@10"]
    assert low < entry["metrics"]["nDCG@10"] < high
    assert entry["texts"]["q1"].startswith("nhu cầu số 1")


def printed(drawn):
    console = Console(file=StringIO(), width=80)
    console.print(drawn)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("language", "words"),
    [("vi", ("Nội dung", "+1,000", "và 1 truy vấn nữa")), ("en", ("Text", "+1.000", "1 smaller"))],
)
def test_the_table_fits_80_columns_in_both_languages(good, mixed, language, words):
    shown = printed(table(compare(good, mixed), language, most=2))
    assert max(map(len, shown.splitlines())) <= 80
    assert all(word in shown for word in words)
    assert "q4" not in shown


def test_long_texts_leave_room_for_ids_and_figures(judge, returned):
    long = dict.fromkeys(QUERIES, "nhu cầu rất dài " * 30)
    wordy = judge(DOCUMENTS, long, QRELS)
    ours = returned(wordy, "hybrid:contextual@128,weight=0.5", dict.fromkeys(QUERIES, "abc"))
    theirs = returned(wordy, "bm25", dict.fromkeys(QUERIES, "hgf"))
    lines = printed(table(compare(ours, theirs), "vi")).splitlines()
    assert max(map(len, lines)) <= 80
    rows = [line.split() for line in lines if line.startswith("q")]
    assert [row[0] for row in rows] == list(QUERIES)
    assert all(row[-3:] == ["1,000", "0,000", "+1,000"] for row in rows)


def test_texts_are_never_taken_for_markup(good, fair, judge, returned):
    odd = judge(DOCUMENTS, dict.fromkeys(QUERIES, "[red]\udc80 x"), QRELS)
    ours = returned(odd, "[b]a", dict.fromkeys(QUERIES, "abc"))
    theirs = returned(odd, "[i]b", dict.fromkeys(QUERIES, "hgf"))
    shown = printed(table(compare(ours, theirs), "en"))
    assert "[red] x" in shown
    assert "[b]a" in shown
