import re
from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from indexer.bilingual import Bilingual
from indexer.records import Visibility
from matcher.export import page as page_module
from matcher.export import selection
from matcher.export.clean import clean
from matcher.export.page import write_page
from matcher.match import Evidence, Flag, Match, Span

_MOMENT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
_VOID = {"meta", "input", "br"}


class _Page(HTMLParser):
    """Elements with their attributes and texts, and a check that the nesting is sound."""

    def __init__(self, html):
        super().__init__()
        self.open = []
        self.elements = []
        self.text = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        element = {
            "tag": tag,
            "text": "",
            "inside": [item["tag"] for item in self.open],
            **dict(attrs),
        }
        self.elements.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.elements.append({"tag": tag, "text": "", "inside": [], **dict(attrs)})

    def handle_endtag(self, tag):
        assert self.open.pop()["tag"] == tag

    def handle_data(self, data):
        for element in self.open:
            element["text"] += data

    def all(self, tag, **attributes):
        return [
            element
            for element in self.elements
            if element["tag"] == tag
            and all(
                value in element.get(name.rstrip("_"), "").split()
                for name, value in attributes.items()
            )
        ]


def _html(match_list, tmp_path, language="vi"):
    path = tmp_path / "list.html"
    write_page(match_list, path, language=language, created=_MOMENT)
    return path.read_text(encoding="utf-8")


def _with(match_list, **changes):
    return type(match_list)(**{**vars(match_list), **changes})


@pytest.fixture(scope="module")
def page(make_list, tmp_path_factory):
    return _Page(_html(make_list(), tmp_path_factory.mktemp("page")))


def test_every_match_is_on_the_page_without_scripts(make_list, page):
    match_list = make_list()
    rows = page.all("li", class_="match")
    assert len(rows) == 50 + 70
    first = next(match_list.lines())
    offer = match_list.records[first.supply]
    for text in (
        offer.title,
        offer.id,
        offer.owner,
        first.evidence[0].why.vi,
        "TRL 4, cần từ TRL 6",
    ):
        assert text in rows[0]["text"]
    assert rows[0]["data-score"] == f"{first.score:.4f}"


def test_the_rest_of_a_long_group_is_folded(page):
    assert all(
        f"Xem thêm {5 - 3} kết quả" in item["text"] for item in page.all("details", class_="more")
    )
    assert len(page.all("details", class_="more")) == 24
    ranks = [item["text"] for item in page.all("span", class_="rank")][:5]
    assert ranks == ["1", "2", "3", "4", "5"]


def test_headings_go_down_in_order(page):
    levels = [int(item["tag"][1]) for item in page.elements if re.fullmatch("h[1-6]", item["tag"])]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert levels.count(2) == 3
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_ids_are_unique_and_links_stay_on_the_page(page):
    ids = [item["id"] for item in page.elements if "id" in item]
    assert len(ids) == len(set(ids))
    links = [item["href"] for item in page.all("a")]
    assert all(link[0] == "#" and link[1:] in ids for link in links)
    labels = [item["for"] for item in page.elements if item["tag"] in ("label", "output")]
    assert set(labels) <= set(ids)
    fields = [item["id"] for item in page.all("input")]
    assert set(fields) <= set(labels)


def test_nothing_is_loaded_and_only_own_scripts_run(make_list, tmp_path):
    html = _html(make_list(), tmp_path)
    page = _Page(html)
    for element in page.elements:
        assert not {"src", "srcset", "action", "ping", "data"} & element.keys()
        assert not [name for name in element if name.startswith("on")]
    assert not page.all("link")
    assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org)", html)
    scripts = [script["text"] for script in page.all("script")]
    assert len(scripts) == 2
    policy = next(item["content"] for item in page.all("meta") if "content" in item)
    assert "default-src 'none'" in policy
    for script in scripts:
        digest = b64encode(sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


def test_all_interface_words_are_there_in_both_languages(page):
    words = page.all("span", lang="vi")
    assert len(words) == len(page.all("span", lang="en")) > 300
    pairs = [(item["lang"], item["text"]) for item in page.all("span") if item.get("lang")]
    assert all(
        one[0] == "vi" and two[0] == "en" for one, two in zip(pairs[::2], pairs[1::2], strict=True)
    )
    assert "Both speak of: nước thải, COD" in {item["text"] for item in page.all("span", lang="en")}
    assert "TRL 4 where 6 is asked" in {item["text"] for item in page.all("span", lang="en")}


@pytest.mark.parametrize(
    ("language", "title"),
    [("vi", "Danh sách ghép nối cung – cầu"), ("en", "Supply–demand match list")],
)
def test_the_page_opens_in_the_language_asked_for(make_list, tmp_path, language, title):
    page = _Page(_html(make_list(), tmp_path, language))
    assert page.all("html")[0]["lang"] == language
    assert page.all("title")[0]["text"] == title
    [chosen] = [item for item in page.all("input") if "checked" in item]
    assert chosen["value"] == language


def test_terms_are_marked_in_both_sentences(make_list, tmp_path):
    match_list = make_list(needs=2, offers=2, k=1, lonely=0)
    asked, offered = "Cần xử lý nước thải gấp.", "Wastewater treatment by membrane."
    why = Bilingual("Cùng nói về: nước thải", "Both speak of: wastewater")
    evidence = Evidence(
        Span("summary", 0, len(asked), asked),
        Span("extra:Ghi chú", 0, len(offered), offered),
        (("nước thải", "Wastewater"),),
        why,
    )
    match = Match("NC-0000", "CN-0000", 1, 0.5, (evidence,))
    page = _Page(_html(_with(match_list, by_demand={"NC-0000": (match,)}, by_supply={}), tmp_path))
    assert [mark["text"] for mark in page.all("mark")] == ["nước thải", "Wastewater"]
    assert [quote["text"] for quote in page.all("blockquote")] == [asked, offered]
    captions = [item["text"] for item in page.all("figcaption")][-2:]
    assert captions == ["Nhu cầuNeed · Tóm tắtSummary", "Nguồn cungOffer · Ghi chú"]
    assert "nước thải ↔ Wastewater" in page.all("p", class_="terms")[0]["text"]


def test_no_evidence_still_gives_a_reason(make_list, tmp_path):
    match_list = make_list(needs=2, offers=2, k=1, lonely=0)
    match = Match("NC-0000", "CN-0000", 1, 0.5)
    page = _Page(_html(_with(match_list, by_demand={"NC-0000": (match,)}, by_supply={}), tmp_path))
    assert "Nội dung gần nhau về tổng thể" in page.all("li", class_="match")[0]["text"]
    assert not page.all("blockquote")


def test_the_chart_has_its_figures_as_text(page):
    [svg] = page.all("svg")
    assert svg["role"] == "img"
    [name] = [item for item in page.elements if item.get("id") == svg["aria-labelledby"]]
    assert "Phân bố điểm" in name["text"]
    best = page.all("rect", class_="best")
    assert 0 < len(best) <= 10
    table = page.all("table")[0]["text"]
    assert "Tốt nhất" in table
    cells = [item["text"] for item in page.all("td") if "tbody" in item["inside"]]
    rows = len([item for item in page.all("th", scope="row") if "figure" in item["inside"]])
    figures = [int(text) for text in cells[: 2 * rows]]
    assert sum(figures[::2]) == 10
    assert sum(figures[1::2]) == 40


def test_unmatched_records_and_their_nearest(make_list, page):
    lonely = page.all("article", class_="lonely")
    assert len(lonely) == 4
    assert make_list().records["NC-0011"].title in lonely[1]["text"]
    assert "Gần nhất, dưới ngưỡng" in lonely[1]["text"]
    assert "CN-0000, 0,070.07" in lonely[1]["text"]
    assert "Gần nhất" not in lonely[0]["text"]


def test_restricted_records_are_announced_and_labelled(make_list, page, tmp_path):
    assert "không gửi ra ngoài" in page.all("p", class_="banner")[0]["text"]
    assert "Hạn chế" in {item["text"] for item in page.all("span", lang="vi")}
    match_list = make_list()
    public = {
        key: record.model_copy(update={"visibility": Visibility.PUBLIC})
        for key, record in match_list.records.items()
    }
    assert not _Page(_html(_with(match_list, records=public), tmp_path)).all("p", class_="banner")


def test_a_long_list_says_what_it_leaves_out(make_list, tmp_path, monkeypatch):
    monkeypatch.setattr(selection.select, "__defaults__", (80,))
    monkeypatch.setattr(page_module, "_MOST_LONELY", 1)
    page = _Page(_html(make_list(), tmp_path))
    banner = page.all("p", class_="banner")[1]["text"]
    assert "72 trong 120 ghép nối" in banner
    assert "match-list.xlsx và match-list.jsonl" in banner
    assert "72 of 120 matches" in banner
    assert len(page.all("li", class_="match")) == 72
    assert len(page.all("article", class_="lonely")) == 2
    assert "chỉ hiện 1 hồ sơ đầu" in page.all("section", class_="view")[2]["text"]


def test_an_empty_list_is_a_page(make_list, tmp_path):
    page = _Page(_html(make_list(needs=0, offers=0, lonely=0), tmp_path))
    assert not page.all("svg")
    assert len(page.all("p", class_="none")) == 4


def test_the_same_list_gives_the_same_page(make_list, tmp_path):
    assert _html(make_list(), tmp_path) == _html(make_list(), tmp_path)


def _hostile(match_list, text):
    """Two records, one match, and `text` wherever a record or a match carries text."""
    fields = ("id", "title", "summary", "description", "owner", "place", "requirements")
    need = match_list.records["NC-0000"].model_copy(update=dict.fromkeys(fields, text))
    offer = match_list.records["CN-0000"].model_copy(
        update={**dict.fromkeys(fields, text), "extra": {text: text}}
    )
    why = Bilingual(text, text + " ")
    span = Span(f"extra:{text}", 0, len(text), text)
    match = Match(
        "N", "C", 1, 0.5, (Evidence(span, span, ((text, text + "x"),), why),), (Flag(text, why),)
    )
    return _with(
        match_list,
        by_demand={"N": (match,)},
        by_supply={"C": (match,)},
        unmatched_demands=("N",),
        unmatched_supplies=(),
        nearest={"N": match},
        records={"N": need, "C": offer},
        settings={text: text},
    )


def _shape(page):
    return [(item["tag"], sorted(item.keys())) for item in page.elements if item["tag"] != "mark"]


@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.text(st.characters(exclude_categories=()), min_size=1))
@example("<script>alert(1)</script>")
@example("</script><script>alert(1)</script>")
@example('"><img src=x onerror=alert(1)>')
@example("' onmouseover='alert(1)")
@example("<!-- ]]> &lt; {{ 7*7 }} {% raw %}")
@example("</title></style></article>")
@example("\u202egnp.exe\u202c \u200f\u2067")
@example("\x00\x1b[31m\ud800")
def test_no_text_changes_the_structure_of_the_page(make_list, tmp_path, text):
    match_list = make_list(needs=1, offers=1, k=1, lonely=0)
    text = f"a {text} b"
    html = _html(_hostile(match_list, text), tmp_path)
    plain = _html(_hostile(match_list, "a b"), tmp_path)
    page = _Page(html)
    assert html.startswith("<!doctype html>")
    assert _shape(page) == _shape(_Page(plain))
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00\x1b]", html)
    title = page.all("h3")[0]["text"]
    assert title == clean(text).strip()
