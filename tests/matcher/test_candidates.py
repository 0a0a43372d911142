"""Candidates have exact scores, and a bound that nothing outside passes."""

import numpy as np
import pytest

import indexer.vectors.vectors
from indexer.catalog import Catalog
from indexer.conditions import parse_condition
from indexer.index import Index
from indexer.records import Record, RecordType, Side, TrlRange
from indexer.settings import Settings
from indexer.updating import update_index
from matcher import Matcher
from matcher.candidates import Question
from matcher.filters import allowed_rows
from matcher.rating import CANDIDATES
from matcher.similarity import dense_similarity, fuse, lexical_similarity

THINGS = ["máy sấy", "màng lọc", "cảm biến", "giống lúa", "phần mềm", "wastewater plant"]
PLACES = ["lúa", "nước thải", "ao tôm", "bệnh viện", "rice mill", "trại heo", "kho lạnh"]
TEXT = "máy sấy lúa và màng lọc nước thải"


def offer(number):
    title = f"{THINGS[number % 6]} cho {PLACES[number % 7]} kiểu {number % 11}"
    return Record(
        id=f"x{number:03}",
        side=Side.SUPPLY,
        type=RecordType.TECHNOLOGY,
        title=title,
        owner=f"Xưởng {number % 40}",
        trl=TrlRange(low=number % 9 + 1, high=number % 9 + 1),
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """(catalog, folder of an exact index, folder of one with lists)"""
    folder = tmp_path_factory.mktemp("candidates")
    with Catalog.open(folder / "c.sqlite3") as catalog, pytest.MonkeyPatch.context() as patch:
        catalog.apply([offer(number) for number in range(600)])
        update_index(catalog, folder / "exact", encoder_name="lsa")
        patch.setattr(indexer.vectors.vectors, "EXACT_NUMBERS", 0)
        patch.setattr(indexer.vectors.vectors, "MOST_LOOKED_AT", np.inf)
        update_index(catalog, folder / "lists", encoder_name="lsa")
        yield catalog, folder / "exact", folder / "lists"


@pytest.fixture(params=["exact", "lists"])
def index(home, request):
    opened = Index.open(home[1] if request.param == "exact" else home[2])
    assert opened.supply.vectors.exact == (request.param == "exact")
    return opened


def every_score(index, weight):
    side = index.supply
    queries = side.lexical.queries([TEXT])
    lexical = lexical_similarity(side.lexical.scores(queries), side.lexical.ceiling(queries))
    cosines = side.vectors.similarities(index.encoder.encode([TEXT], query=True))
    return fuse(lexical, dense_similarity(cosines, index.background), weight)[0]


@pytest.mark.parametrize("weight", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("look", [5, 60, 600])
def test_every_candidate_has_the_score_of_both_halves(index, weight, look):
    seen = Question(index, Side.SUPPLY, TEXT, None, weight).candidates(look)
    assert len(np.unique(seen.rows)) == len(seen.rows) >= look
    np.testing.assert_allclose(seen.scores, every_score(index, weight)[seen.rows], atol=1e-5)


@pytest.mark.parametrize("share", [1.0, 0.4])
@pytest.mark.parametrize("look", [5, 40])
def test_nothing_outside_passes_the_bound(index, share, look):
    allowed = np.random.default_rng(1).random(600) < share
    seen = Question(index, Side.SUPPLY, TEXT, allowed, 0.5).candidates(look)
    assert allowed[seen.rows].all()
    outside = np.setdiff1d(np.flatnonzero(allowed), seen.rows)
    assert every_score(index, 0.5)[outside].max() <= seen.bound + 1e-5


def test_where_nobody_is_outside_there_is_no_bound(index):
    assert Question(index, Side.SUPPLY, TEXT, None, 0.5).candidates(600).bound == -1
    few = np.zeros(600, dtype=bool)
    few[:3] = True
    asked = Question(index, Side.SUPPLY, TEXT, few, 0.5)
    assert asked.total == 3
    assert asked.candidates(10).bound == -1
    assert asked.candidates(10).rows.tolist() == [0, 1, 2]


@pytest.mark.parametrize("where", [[], [parse_condition("trl>=7")]], ids=["all", "some"])
def test_a_search_takes_the_most_similar_by_probability(home, index, where):
    searching = Matcher(index, home[0], Settings(floor=0, lexical_weight=0.5, owner_cap=99))
    hits = searching.search(TEXT, k=20, where=where)
    allowed = np.array([not where or number % 9 + 1 >= 7 for number in range(600)])
    similar = np.where(allowed, every_score(index, 0.5), -1)
    least = np.sort(similar)[-CANDIDATES]
    rows = [index.supply.row_of[hit.record.id] for hit in hits]
    assert len(rows) == 20
    assert (similar[rows] >= least - 1e-5).all()
    scores = [hit.match.score for hit in hits]
    assert scores == sorted(scores, reverse=True)


def test_a_row_the_lists_miss_is_found_by_its_words(home, monkeypatch):
    index = Index.open(home[2])
    true = type(index.supply.vectors).search
    best = int(np.argmax(every_score(index, 0.5)))

    def misses(self, queries, k, allowed=None, *, exact=False):
        blind = np.ones(len(self), dtype=bool) if allowed is None else allowed.copy()
        blind[best] = False
        return true(self, queries, k, blind, exact=exact)

    monkeypatch.setattr(type(index.supply.vectors), "search", misses)
    # More than say it in the same words: of equals at the end of a list any may be in it.
    seen = Question(index, Side.SUPPLY, TEXT, None, 0.5).candidates(60)
    assert best in seen.rows
    np.testing.assert_allclose(seen.scores, every_score(index, 0.5)[seen.rows], atol=1e-5)


def test_the_catalog_is_asked_for_what_changed_once_for_each_version(tmp_path, monkeypatch):
    with Catalog.open(tmp_path / "c.sqlite3") as catalog:
        catalog.apply([offer(number) for number in range(40)])
        update_index(catalog, tmp_path / "index", encoder_name="lsa")
        index, asked = Index.open(tmp_path / "index"), []
        ids = Catalog.ids
        monkeypatch.setattr(Catalog, "ids", lambda *a, **k: asked.append(a) or ids(*a, **k))
        where = [parse_condition("trl>=7")]
        assert allowed_rows(index, catalog, Side.SUPPLY, []) is None
        first = allowed_rows(index, catalog, Side.SUPPLY, where)
        assert first.tolist() == [number % 9 + 1 >= 7 for number in range(40)]
        assert allowed_rows(index, catalog, Side.SUPPLY, where) is first
        assert len(asked) == 0
        ready = TrlRange(low=8, high=9)
        catalog.apply([offer(9).model_copy(update={"trl": ready})], deleted_ids=["x006"])
        again = allowed_rows(index, catalog, Side.SUPPLY, where)
        assert allowed_rows(index, catalog, Side.SUPPLY, where) is again
        assert len(asked) == 1
        assert np.flatnonzero(first != again).tolist() == [6, 9]
        assert (first[6], again[6], first[9], again[9]) == (True, False, False, True)
        assert not allowed_rows(index, catalog, Side.DEMAND, where).any()
        for number in range(50):
            allowed_rows(index, catalog, Side.SUPPLY, [parse_condition(f"owner=x{number}")])
        assert allowed_rows(index, catalog, Side.SUPPLY, where) is not again


def test_a_record_on_the_other_side_by_now_is_passed_over(tmp_path):
    with Catalog.open(tmp_path / "c.sqlite3") as catalog:
        catalog.apply([offer(number) for number in range(12)])
        update_index(catalog, tmp_path / "index", encoder_name="lsa")
        searching = Matcher(Index.open(tmp_path / "index"), catalog, Settings(floor=0))
        first = searching.search(TEXT, k=3)
        moved = first[0].record.model_copy(update={"side": Side.DEMAND, "type": RecordType.NEED})
        catalog.apply([moved])
        found = [hit.record.id for hit in searching.search(TEXT, k=3)]
        assert moved.id not in found
        assert found[:2] == [hit.record.id for hit in first[1:]]
