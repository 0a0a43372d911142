"""Conditions: what they mean, checked by SQL against a plain reading of the rules."""

import operator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.catalog import Catalog
from indexer.conditions import Condition, parse_condition
from indexer.errors import RequestError
from indexer.records import Money, Record, Side, TrlRange


def offer(record_id: str, **more: object) -> Record:
    return Record.model_validate(
        {"id": record_id, "side": "supply", "type": "technology", "title": "x", **more}
    )


OFFERS = [
    offer("bare"),
    offer("early", trl=TrlRange(low=2, high=4), place="TP. Hồ Chí Minh", language="en"),
    offer("wide", trl=TrlRange(low=4, high=6), place="Hà Nội", owner="ĐH  Bách Khoa Hà Nội"),
    offer("ready", trl=TrlRange(low=9, high=9), place="ha noi", type="patent"),
    offer("cheap", money=Money(low=Decimal(10**9), high=Decimal(2 * 10**9))),
    offer("from", money=Money(low=Decimal(3 * 10**9))),
    offer("up to", money=Money(high=Decimal("19999.5"), currency="USD")),
    offer("soon", expires=date(2026, 12, 31), visibility="private", field="Nước thải"),
    offer("later", expires=date(2027, 1, 1), starts=date(2025, 3, 1), title="100% tự_động"),
    Record(id="need", side="demand", type="research order", title="x", country="Lào"),
]


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory):
    with Catalog.open(tmp_path_factory.mktemp("conditions") / "catalog.sqlite3") as opened:
        opened.apply(OFFERS)
        yield opened


EVERYTHING = {record.id for record in OFFERS}
MEANT = {
    "trl>=5": {"wide", "ready"},
    "trl > 6": {"ready"},
    "trl<=4": {"early", "wide"},
    "trl<4": {"early"},
    "trl=5": {"wide"},
    "TRL = TRL 9": {"ready"},
    "trl!=5": EVERYTHING - {"wide"},
    "place=Hà Nội": {"wide", "ready"},
    "place=HA NOI": {"wide", "ready"},
    "place=Hà": set(),
    "place!=hà nội": EVERYTHING - {"wide", "ready"},
    "place=": EVERYTHING - {"early", "wide", "ready"},
    "owner~bách khoa": {"wide"},
    "owner~DAI HOC": set(),
    "owner=đh bách khoa hà nội": {"wide"},
    "field~nước": {"soon"},
    "title~0%": {"later"},
    "title~%0": set(),
    "title~tự_": {"later"},
    "title~_": {"later"},
    "price<=2000000000": {"cheap"},
    "price<=3 tỷ": {"cheap", "from"},
    "price>=5 tỷ": {"from"},
    "price>2 tỷ": {"from"},
    "budget=1,5 tỷ": {"cheap"},
    "money<20.000 USD": {"up to"},
    "price>19999 USD": {"up to"},
    "price>20.000 USD": set(),
    "price!=1 tỷ": EVERYTHING - {"cheap"},
    "currency=usd": {"up to"},
    "type=patent": {"ready"},
    "type=Research_Order": {"need"},
    "type!=technology": {"ready", "need"},
    "side=demand": {"need"},
    "language=en": {"early"},
    "visibility=private": {"soon"},
    "visibility!=public": {"soon"},
    "expires>=2027-01-01": {"later"},
    "expires<01/01/2027": {"soon"},
    "expires!=2026-12-31": EVERYTHING - {"soon"},
    "starts<=2025-03-01": {"later"},
    "ends>2020-01-01": set(),
    "country=LAO": {"need"},
}


@pytest.mark.parametrize("text", MEANT)
def test_what_a_condition_means(catalog: Catalog, text: str) -> None:
    assert catalog.ids(where=[parse_condition(text)]) == MEANT[text]


def test_several_conditions_all_hold(catalog: Catalog) -> None:
    where = [parse_condition("place=ha noi"), parse_condition("trl>=5")]
    assert catalog.ids(where=where) == {"wide", "ready"}
    assert catalog.ids(where=[*where, parse_condition("type=patent")]) == {"ready"}
    assert catalog.ids(Side.DEMAND, where) == frozenset()
    later = parse_condition("place=")
    assert "soon" not in catalog.ids(where=[later], active_on=date(2027, 1, 1))


def test_a_condition_is_read_into_a_value() -> None:
    assert parse_condition(" Trl >= 5 ") == Condition("trl", ">=", 5)
    assert parse_condition("owner~Bách  Khoa") == Condition("owner", "~", "bach khoa")
    assert parse_condition("place=a=b") == Condition("place", "=", "a=b")
    assert parse_condition("expires<=2026-02-28").value == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The condition '' cannot be read"),
        ("trl", "such as trl>=5. Operators: =, !=, >=, <=, >, <, ~. Fields: side, type, title"),
        ("năm>=2020", "There is no field 'năm' to filter by. Fields: side, type, title, owner"),
        ("trl~5", "The field trl takes no '~'. Operators: =, !=, >=, <=, >, <."),
        ("place>Hà Nội", "The field place takes no '>'. Operators: =, !=, ~."),
        ("type~pat", "The field type takes no '~'. Operators: =, !=."),
        ("trl>=10", "The value '10' does not fit trl. Accepted: one level from 1 to 9."),
        ("trl==5", "The value '=5' does not fit trl"),
        ("trl=", "The value '' does not fit trl"),
        ("type=idea", "Accepted: technology, patent, "),
        ("visibility=open", "Accepted: public, restricted, private, confidential."),
        ("language=fr", "Accepted: vi, en, mixed."),
        ("price<=rẻ", "The value 'rẻ' does not fit price. Accepted: "),
        ("price<=", "Accepted: one amount, such as 2000000000, 5 tỷ or 20,000 USD."),
        ("price=1-2 tỷ", "Accepted: one amount"),
        ("expires>=mai", "The value 'mai' does not fit expires. Accepted: "),
        ("expires>=", "Accepted: a day"),
        ("owner~ ", "The value '' does not fit owner. Accepted: text, 1000 characters at most."),
        ("owner~" + "x" * 60_000, "Accepted: text, 1000 characters at most."),
    ],
)
def test_what_is_refused_and_what_would_be_accepted(text: str, said: str) -> None:
    with pytest.raises(RequestError) as caught:
        parse_condition(text)
    assert said in str(caught.value)
    assert caught.value.message.vi != caught.value.message.en


COMPARE = {"=": None, ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(level=st.integers(1, 9), op=st.sampled_from([*COMPARE, "!="]))
def test_a_range_fits_when_some_level_in_it_does(catalog: Catalog, level: int, op: str) -> None:
    def fits(record: Record) -> bool:
        levels = range(record.trl.low, record.trl.high + 1) if record.trl else ()
        if op in ("=", "!="):
            return (level in levels) == (op == "=")
        return any(COMPARE[op](item, level) for item in levels)

    expected = {record.id for record in OFFERS if fits(record)}
    assert catalog.ids(where=[parse_condition(f"trl{op}{level}")]) == expected


@given(st.text(max_size=30))
def test_anything_typed_is_a_condition_or_a_refusal(text: str) -> None:
    try:
        parse_condition(text)
    except RequestError as error:
        assert error.message.vi


@settings(max_examples=40, deadline=None)
@given(value=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6))
def test_contains_takes_every_character_as_it_stands(
    tmp_path_factory: pytest.TempPathFactory, value: str
) -> None:
    path: Path = tmp_path_factory.getbasetemp() / "contains.sqlite3"
    with Catalog.open(path) as catalog:
        catalog.apply([offer("a", title=f"trước {value} sau"), offer("b", title="trước sau")])
        try:
            condition = parse_condition(f"title~{value}")
        except RequestError:
            return
        assert "a" in catalog.ids(where=[condition])
