"""Conditions in memory mean what they mean in the catalog."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.catalog import Catalog
from indexer.conditions import parse_condition
from indexer.records import Money, Record, RecordType, Side, TrlRange
from matcher.ruling.satisfying import Answers, states

TEXTS = [
    "trl>=6", "trl!=5", "price<=2 tỷ", "price>100 USD", "place=hà nội", "place~ha",
    "place!=Huế", "type=patent", "currency=USD", "title~máy", "expires>2027-01-01",
    "language=vi", "visibility=public", "owner=viện 1",
]  # fmt: skip


def levels(low: int, high: int) -> TrlRange:
    return TrlRange(low=min(low, high), high=max(low, high))


ONE = st.builds(
    Record,
    id=st.just("o"),
    side=st.just(Side.SUPPLY),
    type=st.sampled_from([RecordType.PATENT, RecordType.TECHNOLOGY]),
    title=st.sampled_from(["Máy sấy", "Bể lọc"]),
    owner=st.sampled_from(["", "Viện 1"]),
    place=st.sampled_from(["", "Hà Nội", "HUẾ"]),
    trl=st.none() | st.builds(levels, st.integers(1, 9), st.integers(1, 9)),
    money=st.none()
    | st.builds(
        lambda high, currency: Money(high=Decimal(high), currency=currency),
        st.sampled_from([50, 500, 10**9, 5 * 10**9]),
        st.sampled_from(["VND", "USD"]),
    ),
    expires=st.none() | st.dates(),
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(drawn=st.lists(ONE, max_size=8))
def test_as_the_catalog_answers(tmp_path_factory, drawn):
    rows = [record.model_copy(update={"id": f"o{i}"}) for i, record in enumerate(drawn)]
    answers = Answers(rows)
    with Catalog.open(tmp_path_factory.mktemp("catalog") / "c.sqlite3") as catalog:
        catalog.apply(rows)
        for text in TEXTS:
            condition = parse_condition(text)
            found = set(catalog.ids(Side.SUPPLY, [condition]))
            assert {
                r.id for r, met in zip(rows, answers.met(condition), strict=True) if met
            } == found
            if not text.count("!="):  # what states nothing satisfies nothing but !=
                assert not (answers.met(condition) & ~answers.stated(condition)).any()
    answers.close()


@pytest.mark.parametrize(
    ("condition", "stated"),
    [("price<=100 USD", False), ("price<=1 tỷ", True), ("trl>=5", False), ("place=Huế", False)],
)
def test_what_can_be_compared(condition, stated):
    record = Record(
        id="o",
        side=Side.SUPPLY,
        type=RecordType.TECHNOLOGY,
        title="máy",
        money=Money(high=Decimal(5)),
    )
    assert states(record, parse_condition(condition)) is stated
