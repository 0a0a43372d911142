"""What an evaluation leaves: the table, the files, the page."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from io import StringIO

import ir_measures
import pytest
from rich.console import Console

from evaluation.metrics import MEASURES
from evaluation.page.page import MEASURE_NAMES, page, write_page
from evaluation.report import table, write_report
from evaluation.run import evaluate
from indexer.bilingual import Bilingual
from indexer.errors import RequestError

WHEN = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
DOCUMENTS = {
    "a": "Màng lọc gốm xử lý nước thải dệt nhuộm",
    "b": "Máy sấy nông sản bằng năng lượng mặt trời",
    "c": "Cảm biến nhiệt độ cho chuỗi lạnh vận chuyển vắc xin",
    "d": "Low-cost sensors monitor temperature in vaccine cold chains",
    "e": "Ceramic membranes treat textile dyeing wastewater",
    "f": "Phần mềm quản lý bãi đỗ xe thông minh",
}
QUERIES = {
    "q1": "nước thải dệt nhuộm",
    "q2": "sấy nông sản",
    "q3": "vaccine temperature sensors",
    "q4": "tàu vũ trụ",
}
QRELS = {"q1": {"a": 3, "e": 2}, "q2": {"b": 1}, "q3": {"d": 2, "c": 1}}
EVIL = "<script>window.ran = 1</script>"
ODD = f'{EVIL}" onmouseover="window.ran = 2" {{{{ 7 * 7 }}}} </svg></body>'
SPLIT = "half \ud800 bell \x07"


@pytest.fixture(scope="module")
def fair(judge):
    return judge(
        DOCUMENTS,
        QUERIES,
        QRELS,
        unanswerable=("q4",),
        owners={"a": "Viện Đồng Xanh", "b": "Công ty Sóng Biếc"},
        notices=(Bilingual("một lưu ý", "a note"),),
    )


@pytest.fixture(scope="module")
def results(fair, returned):
    """Two systems on an event and on two directions of it, made so that the second is better."""
    parts = [
        replace(fair, name=f"fair vi→{language}", qrels={"q1": {found: 2}}, unanswerable=())
        for language, found in (("en", "e"), ("vi", "a"))
    ]
    good = {"q1": "aecdfb", "q2": "bacdef", "q3": "cdabef", "q4": "fa"}
    bad = {"q1": "fbcdea", "q2": "fedcba", "q3": "bacdef", "q4": "f"}
    return [
        returned(each, system, run, seconds)
        for each in (fair, *parts)
        for system, run, seconds in (("bm25", bad, 0.01), ("hybrid", good, 0.4))
    ]


def test_run_files_give_the_same_figures_in_other_tools(fair, tmp_path):
    found = evaluate([fair], ["bm25", "lexicon"])
    paths = write_report(found, tmp_path / "out")
    assert [path.name for path in paths] == [
        "report.html",
        "results.json",
        "qrels.fair.trec",
        "run.fair.bm25.trec",
        "run.fair.lexicon.trec",
    ]
    entries = json.loads(paths[1].read_text("utf-8"))
    for entry, result in zip(entries, found, strict=True):
        stated = result.to_json()
        assert stated.pop("metrics").items() <= entry["metrics"].items()
        assert {**entry, **stated} == entry
    qrels = list(ir_measures.read_trec_qrels(str(paths[2])))
    for result, path in zip(found, paths[3:], strict=True):
        run = list(ir_measures.read_trec_run(str(path)))
        assert len(run) == sum(len(ranking.document_ids) for ranking in result.run.values())
        for name in ("nDCG@10", "R@100", "AP"):
            value = ir_measures.parse_measure(name).calc_aggregate(qrels, run)
            assert value == pytest.approx(result.metrics[name], abs=1e-9)


def test_files_survive_odd_names_and_never_overwrite_each_other(judge, returned, tmp_path):
    odd = {"d 1%": "nước thải", "d\ud800": "nước thải"}
    both = [judge(odd, {"q\t1": "a\ud800"}, {"q\t1": {"d 1%": 1}}, name="x/\ud800") for _ in "ab"]
    found = [returned(each, "bm25", {"q\t1": ["d\ud800", "d 1%"]}) for each in both]
    paths = write_report(found, tmp_path)
    assert len(set(paths)) == len(paths) == 6
    lines = paths[4].read_text("utf-8").splitlines()
    assert [line.split(" ")[:4] for line in lines] == [
        ["q%091", "Q0", "d\\ud800", "1"],
        ["q%091", "Q0", "d%201%25", "2"],
    ]
    assert json.loads(paths[1].read_text("utf-8"))[0]["collection"] == "x/\ud800"


def test_the_same_results_give_the_same_bytes(results, tmp_path):
    for folder in ("one", "other"):
        write_report(results, tmp_path / folder, "vi", WHEN)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "other" / path.name).read_bytes()


def test_what_cannot_be_written_is_an_error(results, tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(RequestError, match="cannot be written"):
        write_report(results, tmp_path / "taken")
    with pytest.raises(RequestError, match="no result to report"):
        write_report([], tmp_path)


def drawn(results, language):
    console = Console(file=StringIO(), width=80)
    console.print(table(results, language))
    return [line.split() for line in console.file.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("language", "heading", "point"), [("vi", "Bộ", ","), ("en", "Collection", ".")]
)
def test_the_table_shows_every_figure_in_80_columns_and_stars_the_best(
    results, language, heading, point
):
    heads, _, upper, lower = drawn(results[:2], language)
    assert heads[0] == heading
    assert {"nDCG@10", "95%", "RR@10", "R@100"} <= set(heads)
    worse, better = (
        f"{result.metrics['nDCG@10']:.3f}".replace(".", point) for result in results[:2]
    )
    assert upper[:4] == ["fair", "bm25", "3", worse]
    assert lower[:3] == ["hybrid", "3", f"{better}*"]
    assert re.fullmatch(rf"0\{point}\d\d–[01]\{point}\d\d", lower[3])


def test_long_names_fold_and_figures_never_do(results):
    system = "hybrid:contextual@128,weight=0.5"
    long = [replace(one, system=system, collection="một bộ dữ liệu tên dài") for one in results]
    lines = drawn(long[:2], "vi")
    assert max(len(" ".join(line)) for line in lines) <= 80
    assert any(f"{long[0].metrics['nDCG@10']:.3f}".replace(".", ",") in line for line in lines)


def test_a_name_is_never_taken_for_markup(results):
    odd = replace(results[0], collection="[b]\udc80", system="[i]x")
    assert drawn([odd], "en")[2][:2] == ["[b]\\udc80", "[i]x"]


class _Reader(HTMLParser):
    """Tags, what stands in them, and the text by language."""

    def __init__(self):
        super().__init__()
        self.tags, self.ids, self.links, self.open = [], [], [], []
        self.texts = []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.append((tag, found))
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"]] if "href" in found else []
        if tag not in {"meta", "input", "polyline", "rect", "circle"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in {"polyline", "rect", "circle"}:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def read(text):
    reader = _Reader()
    reader.feed(text)
    assert reader.open == []
    return reader


def test_the_page_holds_every_part_in_both_languages(results):
    shown = page(results, language="vi", created=WHEN)
    for words in (
        "Trên fair (3 nhu cầu), hybrid tốt nhất",
        "On fair (3 needs), hybrid is best",
        "Theo chiều ngôn ngữ",
        "By direction of language",
        "Speed and quality",
        "Do scores mean what they say?",
        "ECE ",
        "AUROC",
        "Largest owner&#39;s share",
        "Viện Đồng Xanh",
        "Where it is strong and where weak",
        "The needs served worst",
        "Lẽ ra nên có",
        "a note",
        "09:30 ngày 22/11/2026",
        "2026-11-22 09:30",
    ):
        assert words in shown, words
    reader = read(shown)
    assert len(reader.ids) == len(set(reader.ids))
    assert {link[1:] for link in reader.links} <= set(reader.ids)
    # Directions have bars and a row in the overview, and no part of their own.
    assert reader.ids.count("c1") == 1
    assert "c2" not in reader.ids
    assert shown.count("<svg") == 3


def test_the_page_opens_in_the_language_asked_for(results):
    for language, title in (("vi", "Chất lượng ghép nối"), ("en", "Match quality")):
        shown = page(results, language=language, created=WHEN)
        assert f'<html lang="{language}">' in shown
        assert f"<title>{title}</title>" in shown
        assert f'id="ui-{language}" value="{language}" checked>' in shown
        assert shown.count(" checked>") == 1


def test_every_measure_is_explained():
    assert set(MEASURE_NAMES) == set(MEASURES)


def test_the_page_needs_nothing_from_elsewhere(results):
    shown = page(results, language="en", created=WHEN)
    assert re.findall(r"https?://|@import|url\(|<script|<link|<img", shown) == []
    assert "default-src 'none'" in shown


def test_texts_of_a_collection_stay_texts(judge, returned, tmp_path):
    documents = {f"{ODD} {n}": f"{ODD}\n{SPLIT} {n}" for n in range(3)}
    queries = {ODD: f"{ODD} {SPLIT}\n{ODD}", "q2": SPLIT}
    first = next(iter(documents))
    odd = judge(
        documents,
        queries,
        {ODD: {first: 2}, "q2": {first: 1}},
        name=f"{ODD}{SPLIT}",
        owners=dict.fromkeys(documents, f"{ODD}{SPLIT}"),
        fields={ODD: ODD},
        notices=(Bilingual(ODD, ODD),),
    )
    ranked = list(documents)[::-1]
    found = [
        returned(odd, name, {ODD: ranked, "q2": ranked[:1]}) for name in (ODD, f"hybrid:{ODD}")
    ]
    write_page(found, tmp_path / "report.html", language="vi", created=WHEN)
    shown = (tmp_path / "report.html").read_text("utf-8")
    reader = read(shown)
    assert "script" not in {tag for tag, _ in reader.tags}
    assert not any(name.startswith("on") for _, attrs in reader.tags for name in attrs)
    assert "49" not in re.findall(r"\d+ </", shown)
    assert "{{ 7 * 7 }}" in " ".join(reader.texts)
    assert re.findall("[\x00-\x08\ud800-\udfff]", shown) == []


def test_one_result_without_anything_special_is_a_page_too(judge, returned):
    bare = judge({"a": "một", "b": "hai"}, {"q": "một"}, {"q": {"a": 1}})
    shown = page([returned(bare, "bm25", {"q": "ab"})], language="en", created=WHEN)
    reader = read(shown)
    assert "bm25 reaches nDCG@10 1.000" in shown
    assert "svg" not in {tag for tag, _ in reader.tags}
    for absent in ("AUROC", "The event as a whole", "served worst", "Pareto", "Holm"):
        assert absent not in shown, absent


def test_nothing_returned_at_all_is_a_page_too(judge, returned):
    bare = judge({"a": "một", "b": "hai"}, {"q": "một"}, {"q": {"a": 1}}, owners={"a": "Viện"})
    found = [returned(bare, name, {}) for name in ("bm25", "hybrid")]
    shown = page(found, language="vi", created=WHEN)
    assert "Không có kết quả nào." in shown
    read(shown)


def test_kinds_of_few_needs_share_a_row(judge, returned):
    queries = {f"q{n}": "sấy nông sản" for n in range(8)}
    fields = {f"q{n}": "Nông nghiệp" if n < 5 else f"Ngành {n}" for n in range(8)}
    many = judge(DOCUMENTS, queries, {q: {"b": 1} for q in queries}, fields=fields)
    run = dict.fromkeys(queries, "b") | {"q7": "ab"}
    shown = page([returned(many, "bm25", run)], language="en", created=WHEN)
    text = " ".join(" ".join(read(shown).texts).split())
    assert "Nông nghiệp 5" in text
    # (1 + 1 + 0.631) / 3
    assert re.search(r"3 others of fewer than 3 needs each 3 0,877 0.877", text)
