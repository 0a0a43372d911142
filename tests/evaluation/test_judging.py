"""Graded files as judgements: what names a record is kept, what cannot be is told by its cell."""

import pytest

from evaluation.judging import read_judgements
from indexer.catalog import Catalog
from indexer.records import Record

HEAD = "Mã nhu cầu\tMã nguồn cung\tĐánh giá\n"


@pytest.fixture
def catalog(tmp_path):
    with Catalog.open(tmp_path / "catalog.sqlite3") as opened:
        opened.apply(
            Record(id=name, side=side, type=kind, title=f"Hồ sơ {name}")
            for name, side, kind in [
                ("N1", "demand", "need"),
                ("N2", "demand", "need"),
                ("O1", "supply", "technology"),
                ("O2", "supply", "technology"),
            ]
        )
        yield opened


def read(tmp_path, catalog, rows, **more):
    path = tmp_path / "diem.tsv"
    path.write_text(HEAD + rows, encoding="utf-8")
    return read_judgements(path, catalog, **more)


def test_grades_and_answers_in_words(tmp_path, catalog):
    found = read(
        tmp_path,
        catalog,
        "N1\tO1\t3\nN1\tO2\tTừ chối\nN2\tO1\thợp đồng\nN2\tO2\tno-show\n",
        who="An",
    )
    assert [(one.need, one.offer, one.grade, one.answer) for one in found.judgements] == [
        ("N1", "O1", 3, "grade"),
        ("N1", "O2", 0, "reject"),
        ("N2", "O1", 3, "contract"),
    ]
    assert {(one.who, one.source) for one in found.judgements} == {("An", "diem.tsv")}
    assert found.refused == ()
    assert "1 rows without a grade" in found.notices[0].en


def test_a_record_since_deleted_is_refused_and_the_rest_stays(tmp_path, catalog):
    catalog.delete(["O2"])
    found = read(tmp_path, catalog, "N1\tO1\t2\nN1\tO2\t2\n")
    assert [one.offer for one in found.judgements] == ["O1"]
    assert "cell B3: “O2” is not in the catalog" in found.refused[0].en
    assert "ô B3" in found.refused[0].vi


def test_two_grades_of_one_pair_are_both_refused(tmp_path, catalog):
    found = read(tmp_path, catalog, "N1\tO1\t2\nN1\tO2\t1\nN1\tO1\t0\n")
    assert [one.offer for one in found.judgements] == ["O2"]
    assert found.refused[0].en.startswith("The pair N1 – O1 has two grades: 2 (")
    assert "cell C2) and 0 (" in found.refused[0].en


def test_the_same_grade_twice_counts_once(tmp_path, catalog):
    found = read(tmp_path, catalog, "N1\tO1\t2\nN1\tO1\t2\n")
    assert len(found.judgements) == 1
