"""Random sequences of changes leave the catalog equal to a plain dict with a history."""

import tempfile
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from indexer.catalog import Catalog
from indexer.records import Contact, Money, Record, Source, TrlRange

IDS = st.sampled_from(["a", "b", "c", "Đ", "e\u0301", "é", "7", "🧪"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
STORABLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
DAYS = st.none() | st.dates(date(2026, 1, 1), date(2026, 1, 9))
AMOUNTS = st.decimals(0, 10**18, allow_nan=False, places=2)


@st.composite
def records(draw: st.DrawFn, record_id: str) -> Record:
    low, high = sorted(draw(st.tuples(st.integers(1, 9), st.integers(1, 9))))
    return Record(
        id=record_id,
        side="demand",
        type="need",
        title="x" + draw(TEXTS),
        owner=draw(TEXTS),
        extra=draw(st.dictionaries(TEXTS, TEXTS, max_size=2)),
        trl=draw(st.none() | st.just(TrlRange(low=low, high=high))),
        money=draw(st.none() | AMOUNTS.map(lambda d: Money(low=Decimal(d), currency="USD"))),
        expires=draw(DAYS),
        contact=Contact(person=draw(STORABLE)),
        source=Source(sheet=draw(STORABLE), row=draw(st.integers(0, 3))),
    )


@st.composite
def batches(draw: st.DrawFn) -> list[Record]:
    return [draw(records(i)) for i in draw(st.lists(IDS, unique=True, max_size=5))]


class CatalogModel(RuleBasedStateMachine):
    """`self.seen[v]` is what the catalog held at version v, but for the sources."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "catalog.sqlite3"
        self.catalog = Catalog.open(self.path)
        self.held: dict[str, Record] = {}
        self.seen: list[dict[str, Record]] = [{}]

    def teardown(self) -> None:
        self.catalog.close()
        self.folder.cleanup()

    @rule(new=batches(), deleted=st.sets(IDS, max_size=3))
    def apply(self, new: list[Record], deleted: set[str]) -> None:
        deleted -= {record.id for record in new}
        before = _without_source(self.held)
        after = {key: value for key, value in self.held.items() if key not in deleted}
        after |= {record.id: record for record in new}
        change = self.catalog.apply(new, deleted_ids=deleted)
        now = _without_source(after)
        if now != before:
            self.seen.append(now)
        assert change.version == len(self.seen) - 1
        assert change.inserted == len(now.keys() - before.keys())
        assert change.deleted == len(before.keys() - now.keys())
        kept = [record.id for record in new if record.id in before]
        assert change.updated == sum(before[key] != now[key] for key in kept)
        assert change.unchanged == sum(before[key] == now[key] for key in kept)
        self.held = after

    @rule()
    def reopen(self) -> None:
        self.catalog.close()
        self.catalog = Catalog.open(self.path, create=False)

    @rule(day=st.dates(date(2025, 12, 31), date(2026, 1, 10)))
    def look_on_a_day(self, day: date) -> None:
        active = {
            key: value
            for key, value in self.held.items()
            if value.expires is None or value.expires > day - timedelta(days=1)
        }
        assert {r.id: r for r in self.catalog.records(active_on=day)} == active
        assert self.catalog.ids(active_on=day) == active.keys()

    @invariant()
    def holds_what_the_dict_holds(self) -> None:
        assert [r.id for r in self.catalog.records()] == sorted(self.held)
        assert {r.id: r for r in self.catalog.records()} == self.held
        for key in "aĐ7":
            assert self.catalog.get(key) == self.held.get(key)
        assert self.catalog.version == len(self.seen) - 1
        assert self.catalog.check() == []

    @invariant()
    def a_reader_of_any_version_can_catch_up(self) -> None:
        now = self.seen[-1]
        for version, then in enumerate(self.seen):
            changes = self.catalog.changes_since(version)
            caught_up = {k: v for k, v in then.items() if k not in changes.deleted}
            caught_up |= {key: now[key] for key in changes.upserted}
            assert caught_up == now
            assert not set(changes.deleted) & now.keys()
        assert self.catalog.changes_since(len(self.seen) - 1).upserted == ()


def _without_source(held: dict[str, Record]) -> dict[str, Record]:
    return {k: v.model_copy(update={"source": Source()}) for k, v in held.items()}


TestCatalogModel = CatalogModel.TestCase
TestCatalogModel.settings = settings(
    max_examples=8,
    stateful_step_count=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
