"""Rules applied: who is barred and why, what moves, and the rules that leave nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.bilingual import Bilingual
from indexer.errors import RequestError
from indexer.records import Contact, Money, Record, RecordType, Side, TrlRange
from matcher.planning.event import Event
from matcher.ruling.rulecheck import check_rules
from matcher.ruling.rules import Rule
from matcher.ruling.rulings import apply, event_rules


def need(record_id, owner="", **fields):
    return Record(
        id=record_id, side=Side.DEMAND, type=RecordType.NEED, title="cần", owner=owner, **fields
    )


def offer(record_id, owner="", trl=None, **fields):
    return Record(
        id=record_id,
        side=Side.SUPPLY,
        type=RecordType.TECHNOLOGY,
        title="máy",
        owner=owner,
        trl=TrlRange(low=trl, high=trl) if trl else None,
        **fields,
    )


NEEDS = [need("n1", "Công ty Sao Mai"), need("n2", "Hợp tác xã Lúa"), need("n3")]
OFFERS = [
    offer("o1", "Viện Nước", 7),
    offer("o2", "Viện Nước", 4),
    offer("o3", "Cty TNHH Sao Mai"),
    offer("o4", "Khoa Cơ khí, Đại học Sông Vân", 9, same_as="o1"),
]


def barred(*rules, needs=NEEDS, offers=OFFERS):
    """The pairs barred, as "n1 o3"."""
    excluded = apply(rules, needs, offers)
    return {f"{needs[i].id} {offers[j].id}" for i, j in np.argwhere(excluded.mask)}


def rule(kind, **fields):
    return Rule(kind=kind, **fields)


LIFTED = rule("same-owner", allow=True)


def test_no_owner_meets_itself_by_default():
    assert barred() == {"n1 o3"}
    assert barred(LIFTED) == set()


def test_a_condition_holds_for_all_or_for_one_owner():
    low = rule("require", where="trl>=6")
    assert barred(LIFTED, low) == {f"{n} {o}" for n in ("n1", "n2", "n3") for o in ("o2", "o3")}
    asked = rule("require", where="trl>=6", party="HTX Lúa")
    assert barred(LIFTED, asked) == {"n2 o2", "n2 o3"}
    stated = rule("require", where="trl>=6", party="n2", unstated="allow")
    assert barred(LIFTED, stated) == {"n2 o2"}


def test_an_offer_may_ask_of_needs():
    here = [need("n1", place="Hà Nội"), need("n2", place="Huế")]
    asked = rule("require", where="place=ha noi", of="demand", party="Viện Nước")
    assert barred(asked, needs=here) == {"n2 o1", "n2 o2"}


def test_a_veto_counts_both_ways_and_for_what_repeats_the_record():
    assert barred(LIFTED, rule("forbid", party="o1", others="n2")) == {"n2 o1", "n2 o4"}
    both = rule("forbid", party="Hợp tác xã Lúa", others=["Viện Nước", "o3"])
    assert barred(LIFTED, both) == {"n2 o1", "n2 o2", "n2 o3"}


def test_conflicts_of_interest():
    needs = [
        need("n1", "Đại học Sông Vân", contact=Contact(email="a@songvan.edu.vn")),
        need("n2", "Phòng Đào tạo, Trường Đại học Sông Vân"),
        need("n3", "Khoa Cơ khí, Đại học Biển Xanh"),
    ]
    offers = [
        offer("o1", "Khoa Cơ khí - Đại học Sông Vân"),
        offer("o2", "Nhóm Trăng", contact=Contact(email="b@cs.songvan.edu.vn")),
        offer("o3", "Nhóm Sao", contact=Contact(email="c@gmail.com")),
    ]
    told = {"needs": needs, "offers": offers}
    assert barred(rule("conflict", by=["organisation"]), **told) == {"n1 o1", "n2 o1"}
    assert barred(rule("conflict", by=["domain"]), **told) == {"n1 o2"}
    wrote = rule("conflict", by=["together"], together=[["Nhóm Sao", "n3"], ["n1", "n2"]])
    assert barred(wrote, **told) == {"n3 o3"}


@pytest.mark.parametrize(
    ("given_rule", "pair", "said"),
    [
        (
            rule("require", where="trl>=6"),
            (1, 1),
            "Excluded because of the rule “must have trl>=6”: the offer states TRL 4.",
        ),
        (
            rule("require", where="trl>=6", label="Từ TRL 6"),
            (1, 2),
            "Excluded because of the rule “Từ TRL 6”: the offer states no TRL.",
        ),
        (
            rule("forbid", party="n2", others="o1", reason="competitor"),
            (1, 0),
            "Excluded because of the rule “competitors (n2 – o1)”: the need n2 and the offer o1 "
            "are not to be brought together.",
        ),
        (
            rule("forbid", party="n2", others="Viện Nước"),
            (1, 0),
            "Excluded because of the rule “must not meet (n2 – Viện Nước)”: the need n2 and "
            "Viện Nước are not to be brought together.",
        ),
        (
            rule("conflict", together=[["n2", "o1"]]),
            (1, 0),
            "Excluded because of the rule “conflict of interest”: Hợp tác xã Lúa and Viện Nước "
            "stand on one list of people who are tied.",
        ),
    ],
)
def test_the_reason_is_a_sentence(given_rule, pair, said):
    why = apply([given_rule], NEEDS, OFFERS).why(*pair)
    assert why is not None
    assert why.en == said
    assert why.vi.startswith("Bị loại vì luật “") and why.vi.endswith(".")


def test_the_reason_never_shows_an_address():
    needs = [need("n1", "A", contact=Contact(email="an@songvan.edu.vn")), need("n2")]
    offers = [offer("o1", "B", contact=Contact(email="binh@songvan.edu.vn"))]
    why = apply([rule("conflict")], needs, offers).why(0, 0)
    assert why == Bilingual(
        vi="Bị loại vì luật “xung đột lợi ích”: đầu mối của A và B dùng thư điện tử cùng một "
        "tên miền.",
        en="Excluded because of the rule “conflict of interest”: the contacts of A and B write "
        "from one e-mail domain.",
    )


def test_a_price_in_another_currency_cannot_be_compared():
    dear = [offer("o1", money=Money(high=100, currency="USD")), offer("o2", money=Money(high=9))]
    excluded = apply([rule("require", where="price<=1 tỷ")], NEEDS, dear)
    why = excluded.why(0, 0)
    assert why is not None and why.en.endswith(
        "the offer states price up to 100 USD, which cannot be compared."
    )
    assert excluded.why(0, 1) is None


def test_whoever_is_not_barred_has_no_reason():
    excluded = apply([], NEEDS, OFFERS)
    assert excluded.why(0, 0) is None
    assert excluded.why(0, 2) is not None
    with pytest.raises(ValueError, match="not barred"):
        excluded.exclusion(0, 0, 0.5)


def test_rules_that_bar_everything_are_named():
    with pytest.raises(RequestError) as caught:
        apply([rule("require", where="trl>=8"), rule("require", where="place=Huế")], NEEDS, OFFERS)
    assert caught.value.message.en == (
        "The rules bar every pair: “must have place=Huế” bars 12 pairs. Loosen or remove a rule."
    )
    with pytest.raises(
        RequestError, match=r"trl>=6” bars 6 pairs; “must have trl<=5” bars 6 pairs"
    ):
        apply([rule("require", where="trl>=6"), rule("require", where="trl<=5", unstated="allow")],
              NEEDS, OFFERS)  # fmt: skip


def test_one_owner_of_everything_gets_empty_lists_not_an_error():
    assert apply([], [need("n", "A")], [offer("o", "A")]).mask.all()
    assert apply([], [], OFFERS).mask.shape == (0, 4)


def test_pins_come_first_and_bars_are_stronger():
    pins = rule("pin", party="Viện Nước", others=["n1", "n2"])
    excluded = apply([pins, rule("forbid", party="n2", others="o2")], NEEDS, OFFERS)
    scores = np.full((3, 4), 0.5, dtype=np.float32)
    scores[0] = [0.1, 0.2, 0.9, 0.8]
    order = excluded.order(scores, 0.3)
    assert np.argsort(-order[0])[:3].tolist() == [1, 0, 3]
    assert order[0, 2] < 0 and order[1, 1] < 0
    assert excluded.pinned_but_barred() == [(1, 1)]
    assert [flag.name for flag in excluded.notes(0, 1)] == ["pinned"]
    assert excluded.notes(2, 1) == ()


def test_a_preference_moves_within_the_list_and_never_over_the_floor():
    excluded = apply([rule("prefer", where="trl>=6", weight=1.0), LIFTED], NEEDS, OFFERS)
    scores = np.array([[0.5, 0.55, 0.2, 0.1]] * 3, dtype=np.float32)
    order = excluded.order(scores, 0.0)
    assert order[0, 0] == pytest.approx(0.7311, abs=1e-4)  # log-odds 0 + 1
    assert order[0, 1] == scores[0, 1]
    below = excluded.order(scores, 0.3)
    assert below[0, 3] == scores[0, 3]
    away = apply([rule("prefer", where="trl>=6", weight=-5.0), LIFTED], NEEDS, OFFERS)
    assert 0.3 <= away.order(scores, 0.3)[0, 0] < 0.35
    assert [flag.name for flag in away.notes(0, 0)] == ["avoided"]


def test_without_a_rule_that_reaches_a_pair_the_scores_stay_the_same_array():
    scores = np.ones((3, 4), dtype=np.float32)
    assert apply([LIFTED], NEEDS, OFFERS).order(scores, 0.1) is scores


def test_the_copy_of_scores_in_a_file_lies_in_a_file(tmp_path):
    scores = np.memmap(tmp_path / "scores", dtype=np.float32, mode="w+", shape=(3, 4))
    order = apply([], NEEDS, OFFERS).order(scores, 0.1)
    assert isinstance(order, np.memmap)
    assert order[0, 2] < 0 and scores[0, 2] == 0


def test_vetoes_and_those_who_have_met_are_rules_too():
    event = Event.model_validate(
        {
            "name": "Chợ",
            "rules": [{"kind": "require", "where": "trl>=5", "party": "n1"}],
            "wishes": [
                {"from": "Viện Nước", "to": "Hợp tác xã Lúa", "degree": "veto"},
                {"from": "Viện Nước", "to": "Công ty Sao Mai", "degree": "high"},
            ],
            "met": [{"one": "Công ty Sao Mai", "other": "Viện Nước"}],
        }
    )
    found = event_rules(event)
    assert [item.name().en for item in found] == [
        "must have trl>=5 (n1)",
        "veto (Viện Nước – Hợp tác xã Lúa)",
        "have met before (Công ty Sao Mai – Viện Nước)",
    ]
    assert barred(*found) == {"n1 o1", "n1 o2", "n1 o3", "n2 o1", "n2 o2"}
    assert event_rules(None) == ()


@pytest.mark.parametrize(
    ("given_rule", "said"),
    [
        (rule("forbid", party="Vien Nuoc", others="n9"), "no owner and no record “n9”"),
        (rule("forbid", party="Viện Nướ", others="n1"), "“Viện Nướ”. Similar: “Viện Nước”"),
        (rule("require", where="trl>=6", party="Viện Nước"), 'write of = "demand"'),
        (rule("conflict", together=[["Sao Mai", "Ai Đó"]]), "“Ai Đó”"),
        (rule("pin", party="n1", others="n2"), "“n1” – “n2” have needs only"),
        (rule("pin", party="Viện Nước", others=["n1", "o4"]), "“Viện Nước” – “o4” have offers"),
        (rule("require", where="code=VSIC 2018:46"), "No record has a code of VSIC 2018"),
    ],
)
def test_rules_that_mean_nothing_are_refused(given_rule, said):
    with pytest.raises(RequestError) as caught:
        check_rules([given_rule], [*NEEDS, *OFFERS])
    assert said in caught.value.message.en


def test_rules_that_mean_something_pass():
    check_rules(
        [
            rule("forbid", party="Vien Nuoc", others=["n1", "CÔNG TY CP SAO MAI"]),
            rule("require", where="trl>=6", party="Viện Nước", of="demand"),
            rule("pin", party="Viện Nước", others=["n1", "Hợp tác xã Lúa"]),
        ],
        [*NEEDS, *OFFERS],
    )
    check_rules([rule("same-owner")], [])


PARTIES = st.sampled_from(["n1", "n2", "o1", "o2", "Sao Mai", "Viện Nước", "Hợp tác xã Lúa"])
SOME_RULE = st.one_of(
    st.builds(rule, st.just("forbid"), party=PARTIES, others=st.tuples(PARTIES)),
    st.builds(
        rule,
        st.just("require"),
        where=st.sampled_from(["trl>=6", "trl!=4", "owner=Viện Nước"]),
        party=st.just("") | PARTIES,
        unstated=st.sampled_from(["allow", "exclude"]),
    ),
    st.builds(rule, st.just("conflict"), together=st.tuples(st.lists(PARTIES, max_size=3))),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(SOME_RULE, max_size=4), st.permutations(range(4)))
def test_the_mask_and_the_reasons_agree_in_any_order(rules, turned):
    """Every pair masked has a reason and no other has; neither rule nor record order matters."""
    try:
        excluded = apply(rules, NEEDS, OFFERS)
    except RequestError:
        with pytest.raises(RequestError):
            apply(rules[::-1], NEEDS, OFFERS)
        return
    for i in range(3):
        for j in range(4):
            assert (excluded.why(i, j) is not None) == excluded.mask[i, j]
    again = apply(rules[::-1], NEEDS, [OFFERS[j] for j in turned])
    assert (again.mask == excluded.mask[:, list(turned)]).all()
    assert sum(excluded.mask.ravel()) <= sum(count.pairs for count in excluded.counts)
