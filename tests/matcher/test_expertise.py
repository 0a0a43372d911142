"""The OpenReview layout read, in every form, and what is wrong with it named."""

import json
from pathlib import Path

import pytest

from indexer.errors import RequestError
from matcher.expertise import read_expertise


def paper(name, title="Sấy lúa", abstract="Tầng sôi", **more):
    return {"id": name, "content": {"title": title, "abstract": abstract, **more}}


def lines(*entries):
    return "\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries)


@pytest.fixture
def layout(tmp_path):
    def make(archives=None, submissions=None):
        folder = tmp_path / "archives"
        folder.mkdir(exist_ok=True)
        for name, text in (archives or {"~An1.jsonl": lines(paper("p1"))}).items():
            raw = text if isinstance(text, bytes) else text.encode()
            (folder / name).write_bytes(raw)
        given = lines(paper("s1")) if submissions is None else submissions
        raw = given if isinstance(given, bytes) else given.encode()
        (tmp_path / "submissions.json").write_bytes(raw)
        return read_expertise(folder, tmp_path / "submissions.json")

    return make


def said(found):
    return " ".join(notice.en for notice in found.notices)


def test_owners_are_named_without_the_tilde_in_order(layout):
    found = layout({"~Bo_Li2.jsonl": lines(paper("p2")), "~An1.jsonl": lines(paper("p1", "A"))})
    assert list(found.archives.items()) == [
        ("An1", ("A\nTầng sôi",)),
        ("Bo_Li2", ("Sấy lúa\nTầng sôi",)),
    ]
    assert found.notices == ()


TWO = [paper("s1", "A", "B", keywords=["x"]), paper("s2", "C", None)]
FORMS = {
    "by id": json.dumps({entry["id"]: entry for entry in TWO}),
    "by id, ids left out": json.dumps({e["id"]: {"content": e["content"]} for e in TWO}),
    "by id, indented": json.dumps({entry["id"]: entry for entry in TWO}, indent=2),
    "array": json.dumps(TWO, indent=1),
    "lines": lines(*TWO),
    "lines, blank ones and a mark": "\ufeff\n" + lines(*TWO).replace("\n", "\r\n\r\n") + "\n",
    "version 2": lines(
        paper("s1", {"value": "A"}, {"value": "B"}), paper("s2", {"value": "C"}, {"value": None})
    ),
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_submissions_come_in_three_forms(layout, text):
    assert layout(submissions=text).submissions == {"s1": "A\nB", "s2": "C"}


def test_one_line_alone_is_a_submission_and_not_an_object_by_id(layout):
    assert layout(submissions=lines(paper("s9", "A", "B"))).submissions == {"s9": "A\nB"}


def test_a_missing_abstract_leaves_the_title(layout):
    entries = [{"id": "a", "content": {"title": "A"}}, paper("b", None, "B"), paper("c", "", "C")]
    assert list(layout(submissions=lines(*entries)).submissions.values()) == ["A", "B", "C"]


def test_whole_numbers_are_ids(layout):
    assert list(layout(submissions=json.dumps([paper(17)])).submissions) == ["17"]


def test_a_line_may_hold_any_other_sign_that_ends_one(layout):
    found = layout({"~An1.jsonl": lines(paper("p1", "A\u2028B\x85C"), paper("p2", "D"))})
    assert found.archives["An1"][0].startswith("A\u2028B\x85C")


def test_oddities_are_told_and_stop_nothing(layout):
    found = layout(
        {
            "~An1.jsonl": lines(paper("p1"), paper("p1"), paper("p2", None, " ")),
            "~Idle1.jsonl": "",
            "notes.txt": "x",
            "An2.jsonl": lines(paper("p1")),
            "~.jsonl": "",
        },
        lines(paper("s1"), paper("s2", "", None), paper("s1")),
    )
    assert found.archives == {"An1": ("Sấy lúa\nTầng sôi",), "Idle1": ()}
    assert found.submissions == {"s1": "Sấy lúa\nTầng sôi", "s2": ""}
    for words in (
        "3 files not named ~id.jsonl are ignored: An2.jsonl, notes.txt, ~.jsonl",
        "2 entries are given twice",
        "1 papers without title and abstract",
        "1 owners have no paper and score 0: Idle1",
        "1 submissions have no text and score 0: s2",
    ):
        assert words in said(found)


BROKEN = {
    "no submissions": (None, "[]", "there is no submission"),
    "an empty file": (None, "", "there is no submission"),
    "an empty object": (None, "{}", "there is no submission"),
    "a broken array": (None, '[\n{"id": "a",\n]', "submissions.json, line"),
    "a broken line": (None, lines(paper("s1")) + '\n{"id": "s2",', "line 2: the JSON is broken"),
    "no content": (None, '[{"id": "a", "title": "A"}]', "item 1: there is no “content”"),
    "no object": (None, '{"a": 3}', "submission “a”: there is no “content”"),
    "no id": (None, json.dumps([{"content": {"title": "A"}}]), "“id” is missing"),
    "another id": (None, json.dumps({"a": paper("b")}), "submission “a”: its “id” is “b”"),
    "one id, two texts": (None, lines(paper("a", "A"), paper("a", "B")), "“a” has two different"),
    "one key, two texts": (
        None,
        f'{{"a": {json.dumps(paper("a", "A"))}, "a": {json.dumps(paper("a", "B"))}}}',
        "“a” stands twice",
    ),
    "a number as title": (None, json.dumps([paper("a", 3)]), "“title” is not a string"),
    "nested": (None, "[" * 100_000, "the JSON is broken"),
    "binary": (None, b"\x89PNG\n\x00\xff", "line 1: this is not UTF-8"),
    "binary archive": ({"~A1.jsonl": b"{}\n\xff"}, None, "~A1.jsonl, line 2: this is not UTF-8"),
    "broken archive": (
        {"~A1.jsonl": lines(paper("p1")) + "\n\n{oops"},
        None,
        "~A1.jsonl, line 3: the JSON is broken",
    ),
    "list in archive": ({"~A1.jsonl": "[1]"}, None, "~A1.jsonl, line 1: there is no “content”"),
    "archive without ids": (
        {"~A1.jsonl": json.dumps({"content": {}})},
        None,
        "line 1: “id” is missing",
    ),
    "one id, two papers": (
        {"~A1.jsonl": lines(paper("p", "A"), paper("p", "B"))},
        None,
        "~A1.jsonl: the id “p” has two different texts",
    ),
    "no archive": ({"A1.jsonl": lines(paper("p1"))}, None, "holds no file named ~id.jsonl"),
}


@pytest.mark.parametrize(("archives", "submissions", "words"), BROKEN.values(), ids=BROKEN)
def test_what_is_wrong_is_named_with_its_place(layout, archives, submissions, words):
    with pytest.raises(RequestError) as error:
        layout(archives, submissions)
    assert words in error.value.message.en
    assert error.value.message.vi != error.value.message.en


def test_what_is_missing_is_named(tmp_path):
    file = tmp_path / "s.json"
    with pytest.raises(RequestError, match=r"there is no folder .*nowhere"):
        read_expertise(tmp_path / "nowhere", file)
    (tmp_path / "~A1.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(RequestError, match=r"there is no file .*s\.json"):
        read_expertise(tmp_path, file)
    with pytest.raises(RequestError, match="there is no folder"):
        read_expertise(tmp_path / "~A1.jsonl", file)


def test_progress_counts_the_archives(tmp_path):
    for i in range(3):
        Path(tmp_path, f"~A{i}.jsonl").write_text(lines(paper("p")), encoding="utf-8")
    Path(tmp_path, "s").write_text(lines(paper("s")), encoding="utf-8")
    seen = []
    read_expertise(tmp_path, tmp_path / "s", lambda *step: seen.append(step))
    assert seen == [("read", 1, 3), ("read", 2, 3), ("read", 3, 3)]
