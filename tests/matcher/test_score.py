"""The score: features oriented so that more is better, probabilities, candidates, one score."""

import json

import numpy as np
import pytest

from indexer.catalog import Catalog
from indexer.errors import DamagedError
from indexer.index import Index
from indexer.records import Code, Money, Record, RecordType, Side, TrlRange
from indexer.settings import Settings
from indexer.updating import update_index
from matcher import Matcher
from matcher.allpairs import score_all
from matcher.features import FEATURES, INDICATORS, Features, pair_features
from matcher.fits import code_fit, place_fit, price_fit, trl_fit, type_fit
from matcher.rating import candidate_pairs, rate, rate_all
from matcher.score import SHIPPED, ScoreModel

OFFERS = [
    "Bể điện hoá khử màu nước thải dệt nhuộm",
    "Máy sấy lúa tầng sôi cho hợp tác xã",
    "Battery swap station for electric motorbikes",
    "Phần mềm xếp thời khoá biểu trường học",
    "Hệ thống lọc nước thải chăn nuôi heo bằng biogas",
]
NEEDS = [
    "Nước thải nhuộm còn màu, bị phạt",
    "Lúa ướt gặp mưa cần sấy nhanh",
    "We need to dry wet rice fast",
]


def need(number, text="Cần máy sấy", **fields):
    own = {"type": RecordType.NEED, **fields}
    return Record(id=f"n{number}", side=Side.DEMAND, title=text, **own)


def offer(number, text="Máy sấy", **fields):
    own = {"type": RecordType.TECHNOLOGY, **fields}
    return Record(id=f"o{number}", side=Side.SUPPLY, title=text, **own)


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    folder = tmp_path_factory.mktemp("score")
    demands = [need(i, text) for i, text in enumerate(NEEDS)]
    supplies = [offer(i, text) for i, text in enumerate(OFFERS)]
    with Catalog.open(folder / "c.sqlite3") as catalog:
        catalog.apply([*demands, *supplies])
        update_index(catalog, folder / "index", encoder_name="static")
        yield Index.open(folder / "index"), catalog, demands, supplies


@pytest.fixture(scope="module")
def table(opened):
    index, _, demands, supplies = opened
    return score_all(index, demands, supplies, "auto")


def one(fit, demand, supply):
    return float(fit([demand], [supply], np.zeros((1, 2), dtype=np.int64))[0])


def test_structured_fields_fit_or_fall_short_or_say_nothing():
    asks = need(1, trl=TrlRange(low=7, high=9), money=Money(high=100), place="TP. Hồ Chí Minh")
    assert one(trl_fit, asks, offer(1, trl=TrlRange(low=8, high=8))) == 0
    assert one(trl_fit, asks, offer(1, trl=TrlRange(low=6, high=6))) == pytest.approx(-1 / 3)
    assert one(trl_fit, asks, offer(1, trl=TrlRange(low=1, high=2))) == -1
    assert np.isnan(one(trl_fit, asks, offer(1)))
    assert one(price_fit, asks, offer(1, money=Money(low=90))) == 0
    assert one(price_fit, asks, offer(1, money=Money(low=1000))) == pytest.approx(-1)
    assert np.isnan(one(price_fit, asks, offer(1, money=Money(low=90, currency="USD"))))
    fund = offer(1, money=Money(low=1000), type=RecordType.FUNDING)
    assert np.isnan(one(price_fit, asks, fund))
    assert one(place_fit, asks, offer(1, place="HCM")) == 1
    assert one(place_fit, asks, offer(1, place="Hà Nội")) == 0
    assert np.isnan(one(place_fit, asks, offer(1)))
    assert one(type_fit, asks, offer(1)) == 1
    assert one(type_fit, need(1, type=RecordType.TRAINING_NEED), offer(1)) == 0


def test_codes_of_another_scheme_or_version_say_nothing():
    def coded(make, code, version="2020", scheme="ntm"):
        return make(1, codes=(Code(scheme=scheme, version=version, code=code),))

    asks = coded(need, "2.05.01")
    assert one(code_fit, asks, coded(offer, "2.05.01")) == 1
    assert one(code_fit, asks, coded(offer, "2.05.09")) == pytest.approx(0.8)
    assert one(code_fit, asks, coded(offer, "7.05.01")) == 0
    assert np.isnan(one(code_fit, asks, coded(offer, "2.05.01", version="2008")))
    assert np.isnan(one(code_fit, asks, offer(1)))


def test_the_more_the_better_for_all_but_indicators():
    model = ScoreModel.load()
    assert model.names == FEATURES
    signs = dict(zip(model.names, model.weights >= 0, strict=True))
    assert all(sign for name, sign in signs.items() if name not in INDICATORS)
    low = Features(FEATURES, np.zeros((1, len(FEATURES)), dtype=np.float32))
    for place, name in enumerate(FEATURES):
        high = low.matrix.copy()
        high[0, place] = 1
        if name not in INDICATORS:
            raised = model.probability(Features(FEATURES, high))
            assert raised[0] >= model.probability(low)[0]


def test_what_is_missing_adds_nothing_and_contributions_add_up():
    model = ScoreModel.load()
    matrix = np.full((2, len(FEATURES)), np.nan, dtype=np.float32)
    matrix[1] = model.centre + model.scale
    features = Features(FEATURES, matrix)
    added = model.contributions(features)
    assert (added[0] == 0).all()
    np.testing.assert_allclose(added[1], model.weights, atol=1e-5)
    expected = 1 / (1 + np.exp(-(added.sum(axis=1) + model.intercept)))
    np.testing.assert_allclose(model.probability(features), expected, atol=1e-6)


def test_an_unknown_encoder_has_the_default_weights():
    assert ScoreModel.load("lsa").to_json() == ScoreModel.load("contextual").to_json()
    assert ScoreModel.load("static@128").to_json() == ScoreModel.load("static").to_json()


def test_damaged_weights_are_named(tmp_path):
    body = json.loads(SHIPPED.read_text("utf-8"))
    path = tmp_path / "score.json"
    for wrong in ("{", "[]", json.dumps(body | {"version": 99}), json.dumps({"version": 1})):
        path.write_text(wrong, "utf-8")
        with pytest.raises(DamagedError, match=r"score\.json"):
            ScoreModel.load(path=path)
    with pytest.raises(DamagedError):
        ScoreModel.load(path=tmp_path / "none.json")


def test_a_pair_scores_the_same_alone_and_among_others(opened, table):
    index, _, demands, supplies = opened
    model = ScoreModel.load("static")
    pairs = np.argwhere(np.ones_like(table))
    together = rate(index, demands, supplies, pairs, table.ravel(), model)
    alone = [
        rate(index, [demands[i]], [supplies[j]], np.zeros((1, 2), int), table[i, j : j + 1], model)
        for i, j in pairs
    ]
    np.testing.assert_allclose(together, np.concatenate(alone), atol=1e-5)
    shuffled = pairs[::-1]
    back = rate(index, demands, supplies, shuffled, table.ravel()[::-1], model)
    np.testing.assert_allclose(back[::-1], together, atol=1e-5)


def test_the_right_offer_is_likeliest_across_languages_too(opened, table):
    index, _, demands, supplies = opened
    rated = rate_all(index, demands, supplies, table.copy(), ScoreModel.load("static"))
    assert rated.argmax(axis=1).tolist() == [0, 1, 1]
    assert ((rated >= 0) & (rated <= 1)).all()


def test_nothing_in_common_is_no_chance(opened):
    index, _, demands, supplies = opened
    zeros = np.zeros((len(demands), len(supplies)), dtype=np.float32)
    assert (rate_all(index, demands, supplies, zeros, ScoreModel.load()) == 0).all()
    empty = np.zeros((0, 0), dtype=np.float32)
    assert rate_all(index, [], [], empty, ScoreModel.load()).shape == (0, 0)
    none = pair_features(index, demands, supplies, np.zeros((0, 2), int), np.zeros(0))
    assert none.matrix.shape == (0, len(FEATURES))


def test_candidates_are_the_best_of_rows_and_of_columns():
    scores = np.arange(12, dtype=np.float32).reshape(3, 4)
    best = {tuple(pair) for pair in candidate_pairs(scores, 1).tolist()}
    assert best == {(0, 3), (1, 3), (2, 3), (2, 0), (2, 1), (2, 2)}
    rows = {tuple(pair) for pair in candidate_pairs(scores, 1, both=False).tolist()}
    assert rows == {(0, 3), (1, 3), (2, 3)}
    assert len(candidate_pairs(scores, 50)) == 12


def test_search_and_match_list_give_a_pair_one_score(opened):
    index, catalog, demands, _ = opened
    matching = Matcher(index, catalog, Settings(floor=0))
    lists = matching.match(k=5).by_demand
    for demand in demands:
        found = {hit.record.id: hit.match.score for hit in matching.search(demand.text(), k=5)}
        listed = {match.supply: match.score for match in lists[demand.id]}
        assert listed
        for supply, score in listed.items():
            assert found[supply] == pytest.approx(score, abs=2e-3)


def test_one_record_is_an_index_too(tmp_path):
    with Catalog.open(tmp_path / "c.sqlite3") as catalog:
        catalog.apply([offer(1, OFFERS[1])])
        update_index(catalog, tmp_path / "index", encoder_name="static")
        matching = Matcher(Index.open(tmp_path / "index"), catalog, Settings(floor=0))
        (hit,) = matching.search("cần máy sấy lúa")
        assert 0 < hit.match.score < 1
        assert matching.match().by_demand == {}
