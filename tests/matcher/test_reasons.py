"""What makes a score, in words."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from indexer.records import Money, Record, RecordType, Side, TrlRange
from matcher.flags import find_flags
from matcher.reasons import Reason, reasons, say_reasons, weighed
from matcher.score import ScoreModel

DAY = date(2027, 5, 20)


def pair(asks=None, has=None, budget=None, price=None, **more):
    need = Record(
        id="n",
        side=Side.DEMAND,
        type=more.get("asked", RecordType.NEED),
        title="Xử lý nước thải",
        trl=TrlRange(low=asks, high=9) if asks else None,
        money=Money(high=budget) if budget else None,
        place=more.get("place", ""),
    )
    offer = Record(
        id="o",
        side=Side.SUPPLY,
        type=more.get("offered", RecordType.TECHNOLOGY),
        title="Bể lọc",
        trl=TrlRange(low=has, high=has) if has else None,
        money=Money(low=price) if price else None,
        place=more.get("place", ""),
    )
    return need, offer


def said(contributions, need, offer):
    return say_reasons(reasons(contributions, need, offer, find_flags(need, offer, DAY)))


def test_what_falls_short_and_what_fits():
    line = said({"meaning": 0.9, "trl": -0.3}, *pair(7, 6, 2_000_000_000, 1_500_000_000))
    assert line.en == (
        "Close in content; price fits (from 1.5 billion VND) – but TRL 6 where 7 is asked"
    )
    assert line.vi == (
        "Nội dung gần nhau; giá vừa kinh phí (từ 1,5 tỷ đồng) – nhưng TRL 6, cần từ TRL 7"
    )


def test_a_price_above_the_budget():
    line = said({}, *pair(budget=1_000_000, price=5_000_000))
    assert line.en == "Budget up to 1 million VND, below price from 5 million VND"


def test_silent_records_and_small_effects_give_no_reason():
    assert reasons({"meaning": 0.1, "title": -0.1, "across": 3.0}, *pair()) == ()
    assert said({}, *pair()).en == ""


def test_a_place_shared_is_a_reason_and_two_places_are_none():
    assert said({}, *pair(place="Hà Nội")).vi == "Cùng ở Hà Nội"
    need, offer = pair(place="Hà Nội")
    assert said({}, need, offer.model_copy(update={"place": "Cà Mau"})).vi == ""


def test_an_unusual_kind_is_told():
    line = said({}, *pair(asked=RecordType.TRAINING_NEED, offered=RecordType.PATENT))
    assert line.en == "A training need is seldom met by a patent record"


def test_the_strongest_come_first_and_only_a_few():
    strong = {"similarity": 0.5, "meaning": 0.9, "passage": 0.3, "covered": 0.7, "title": -0.4}
    found = reasons(strong, *pair())
    assert [reason.name for reason in found] == ["meaning", "covered", "similarity", "title"]
    assert all(isinstance(reason, Reason) for reason in found)


@pytest.mark.parametrize("score", [0.02, 0.5, 0.98])
def test_weighed_parts_make_the_score(score):
    model = ScoreModel.load()
    added = np.linspace(-0.2, 0.3, len(model.names))
    (parts,) = weighed(model, added[None], [score])
    assert sum(parts.values()) == pytest.approx(np.log(score / (1 - score)), abs=1e-6)


def test_a_model_without_weights_has_no_reasons_to_share():
    model = ScoreModel.load()
    flat = replace(model, weights=np.zeros_like(model.weights))
    (parts,) = weighed(flat, np.zeros((1, len(model.names))), [0.5])
    assert set(parts) == set(model.names)
