"""Reading training pairs: forms of files, licences, refusals."""

import gzip

import numpy as np
import pytest

from indexer.errors import RequestError
from indexer.training.pairs import GLOSSARY, QUADS, Source, read_pairs, read_sources

SOURCES = {
    "help": Source(licence="MIT", openness="permissive", weight=2.0),
    "words": Source(licence="GPL-2", openness="copyleft", kind="terms"),
    "secret": Source(licence="all rights reserved", openness="closed"),
    GLOSSARY: Source(licence="ours", openness="permissive", kind="terms"),
    QUADS: Source(licence="ours", openness="permissive"),
}


def zipped(folder, name, *lines):
    (folder / f"{name}.tsv.gz").write_bytes(gzip.compress("\n".join(lines).encode()))


@pytest.fixture
def folder(tmp_path):
    zipped(tmp_path, "words", "water\tnước", "rice\tlúa")
    zipped(tmp_path, "help", "Open the file\tMở tệp", "", "Open the file\tMở tệp", "Close\tĐóng")
    zipped(tmp_path, "secret", "tax\tthuế")
    (tmp_path / "agri.gloss.txt").write_text("gạo lứt = brown rice\n\n", encoding="utf-8-sig")
    (tmp_path / "agri.quads.txt").write_text(
        "nv: Lúa bị đổ\nne: Our rice falls over\nov: Giống lúa cứng cây\noe: Sturdy rice variety\n"
    )
    return tmp_path


def test_every_form_is_read_once_a_source_in_order(folder):
    pairs = read_pairs([folder], sources=SOURCES)
    assert pairs.names == ("help", GLOSSARY, QUADS, "words")
    assert list(zip(pairs.english, pairs.vietnamese, strict=True)) == [
        ("Open the file", "Mở tệp"),
        ("Close", "Đóng"),
        ("brown rice", "gạo lứt"),
        ("Our rice falls over", "Lúa bị đổ"),
        ("Sturdy rice variety", "Giống lúa cứng cây"),
        ("water", "nước"),
        ("rice", "lúa"),
    ]
    assert pairs.weights.tolist() == [2, 2, 1, 1, 1, 1, 1]
    assert pairs.terms.tolist() == [False, False, True, False, False, True, True]
    assert pairs.source.tolist() == [0, 0, 1, 2, 2, 3, 3]
    assert len(pairs) == 7


def test_licences_can_be_left_out_and_closed_ones_always_are(folder):
    open_only = read_pairs([folder], exclude=["copyleft"], sources=SOURCES)
    assert set(open_only.names) == {"help", GLOSSARY, QUADS}
    assert "secret" not in read_pairs([folder], sources=SOURCES).names


def test_two_folders_are_one(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    zipped(other, "words", "rice\tlúa", "salt\tmuối")
    pairs = read_pairs([folder, other], sources=SOURCES)
    inside = pairs.source == pairs.names.index("words")
    assert np.asarray(pairs.english)[inside].tolist() == ["water", "rice", "salt"]


def test_a_source_without_a_licence_is_refused(folder):
    zipped(folder, "found_somewhere", "a\tb")
    with pytest.raises(RequestError, match=r"“found_somewhere” has no licence in sources\.toml"):
        read_pairs([folder], sources=SOURCES)


@pytest.mark.parametrize(
    ("name", "body", "told"),
    [
        (
            "words.tsv.gz",
            gzip.compress(b"water\n", mtime=0),
            r"words\.tsv\.gz, line 1: .*en<tab>vi",
        ),
        ("a.gloss.txt", "lúa = rice\nlúa: rice".encode(), r"a\.gloss\.txt, line 2: .*vi = en"),
        ("a.quads.txt", "nv: Lúa\nrice".encode(), r"a\.quads\.txt, line 2"),
        ("words.tsv.gz", b"not zipped", r"words\.tsv\.gz” cannot be read"),
        ("words.tsv.gz", gzip.compress(b"\xff\tx", mtime=0), r"words\.tsv\.gz” cannot be read"),
    ],
)
def test_unreadable_files_are_named_with_the_line(tmp_path, name, body, told):
    (tmp_path / name).write_bytes(body)
    with pytest.raises(RequestError, match=told):
        read_pairs([tmp_path], sources=SOURCES)


def test_nothing_to_read_is_said(tmp_path):
    with pytest.raises(RequestError, match="no pairs in"):
        read_pairs([tmp_path], sources=SOURCES)
    with pytest.raises(RequestError, match="no folder"):
        read_pairs([tmp_path / "absent"], sources=SOURCES)


def test_the_licences_we_state():
    sources = read_sources()
    assert sources["po_odoo"].openness == "closed"
    assert sources["fvdp_viet_anh"].openness == sources["fvdp_examples"].openness == "copyleft"
    assert {sources[name].openness for name in (GLOSSARY, QUADS)} == {"permissive"}
    for source in sources.values():
        if source.openness == "permissive":
            assert not any(word in source.licence for word in ("GPL", "-SA", "MPL", "none"))
