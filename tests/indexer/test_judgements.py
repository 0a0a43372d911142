"""Judgements in the catalog: the last one of a person counts, a forgotten source is undone."""

import pytest

from indexer.catalog import Catalog
from indexer.errors import RequestError
from indexer.judgements import Judgement


@pytest.fixture
def catalog(tmp_path):
    with Catalog.open(tmp_path / "catalog.sqlite3") as opened:
        yield opened


def said(catalog):
    return [(one.need, one.offer, one.who, one.grade) for one in catalog.judgements()]


def test_what_was_said_comes_back_with_its_moment(catalog):
    given = Judgement("N1", "O1", 3, "contract", "Hội  đồng", "kết quả.xlsx")
    assert catalog.judge([given]) == 1
    (found,) = catalog.judgements()
    assert (found.need, found.offer, found.grade, found.answer) == ("N1", "O1", 3, "contract")
    assert (found.who, found.source) == ("Hội đồng", "kết quả.xlsx")
    assert found.at.endswith("+00:00")


def test_a_person_changes_their_mind_and_two_may_differ(catalog):
    assert catalog.judge([Judgement("N1", "O1", 0, who="An"), Judgement("N1", "O1", 2)]) == 2
    assert catalog.judge([Judgement("N1", "O1", 3, who="An")]) == 1
    assert said(catalog) == [("N1", "O1", "", 2), ("N1", "O1", "An", 3)]


def test_saying_it_again_adds_nothing(catalog):
    given = [Judgement("N1", "O1", 2, source="a"), Judgement("N1", "O1", 2, source="b")]
    assert catalog.judge(given) == 1
    assert catalog.judge(given) == 0


def test_a_forgotten_source_leaves_what_was_said_before(catalog):
    catalog.judge([Judgement("N1", "O1", 1, source="first.xlsx")])
    catalog.judge([Judgement("N1", "O1", 3, source="second.xlsx")])
    assert catalog.forget_judgements("second.xlsx") == 1
    assert said(catalog) == [("N1", "O1", "", 1)]
    with pytest.raises(RequestError, match=r"source “second.xlsx”. Sources: first.xlsx"):
        catalog.forget_judgements("second.xlsx")


def test_judgements_are_no_change_of_records(catalog):
    catalog.judge([Judgement("N1", "O1", 1)])
    assert catalog.version == 0
    assert catalog.check() == []


@pytest.mark.parametrize(
    ("grade", "answer"), [(4, "grade"), (-1, "grade"), (True, "grade"), (2, "reject"), (1, "shrug")]
)
def test_what_is_no_judgement_is_refused(grade, answer):
    with pytest.raises(RequestError, match="Accepted: grades 0 to 3, kinds grade, accept"):
        Judgement("N1", "O1", grade, answer)


def test_characters_no_database_can_keep_are_taken_out(catalog):
    catalog.judge([Judgement("N1", "O1", 1, who="A\0n", source="t\udcffep.xlsx")])
    assert catalog.judgements()[0].who == "An"
