"""A condition asked of an index finds what it finds when it is asked of the catalog."""

import random
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from indexer.catalog import Catalog
from indexer.conditions import meeting, parse_condition
from indexer.filtering import columns
from indexer.filtering.fieldtable import FieldTable
from indexer.filtering.reading import read_fields
from indexer.index import Index
from indexer.records import DEFAULT_TYPE, Money, Record, RecordType, Side, TrlRange
from indexer.updating import update_index

TEXTS = (
    *("", "Hà Nội", "HA NOI", "TP. Hồ Chí Minh", "Đà  Nẵng", "100% tự_động", "máy sấy lúa", "机器"),
    *("Viện Ứng dụng và ứng dụng", "Sở KH&CN tỉnh Đắk Lắk", "Straße", "x🧪", "Ångström", "sấy"),
)
PIECES = ("a", "say", "ung dung", "y l", "dung va ung", "%", "_", "机", "ss", "🧪", "hồ chí", "tp.")
DAYS = (None, date(2026, 1, 31), date(2026, 2, 1), date(9999, 12, 31))
AMOUNTS = (None, Decimal(0), Decimal("19999.5"), Decimal(10**9), Decimal(10**400))
CONDITIONS = (
    *(f"{name}{op}{text}" for name in ("title", "owner", "place") for op in "= !=".split()
      for text in TEXTS),
    *(f"{name}~{piece}" for name in ("title", "owner", "field", "country") for piece in PIECES),
    *(f"trl{op}{level}" for op in ("=", "!=", "<", "<=", ">", ">=") for level in (1, 4, 9)),
    *(f"price{op}{amount}" for op in ("=", "!=", "<", "<=", ">", ">=")
      for amount in ("0", "1 tỷ", "19.999,5 USD", "20000 USD", "900 tỷ")),
    *(f"{name}{op}{day}" for name in ("expires", "starts") for op in ("=", "!=", "<", ">=")
      for day in ("2026-01-31", "2026-02-01", "31/12/2100")),
    *(f"version{op}{number}" for op in ("=", "!=", "<", ">=") for number in (0, 2, 999999999)),
    *("currency=usd", "currency!=VND", "currency=", "type=patent", "type!=technology"),
    *("language=vi", "language!=mixed", "visibility=private", "side=demand", "side!=demand"),
)  # fmt: skip


def drawn(chance: random.Random, number: int) -> Record:
    side = chance.choice([*Side])
    low, high = sorted(chance.choices(range(1, 10), k=2))
    least, most = chance.choice(AMOUNTS), chance.choice(AMOUNTS)
    if least is not None and most is not None:
        least, most = sorted((least, most))
    stated = least is not None or most is not None
    return Record(
        id=f"r{number:03}",
        side=side,
        type=RecordType.PATENT if side is Side.SUPPLY and number % 3 else DEFAULT_TYPE[side],
        title=chance.choice(TEXTS) or "x",
        owner=chance.choice(TEXTS),
        field=chance.choice(TEXTS),
        place=chance.choice(TEXTS),
        country=chance.choice(TEXTS[:3]),
        trl=chance.choice([None, TrlRange(low=low, high=high)]),
        money=Money(low=least, high=most, currency=chance.choice(["VND", "USD"]))
        if stated
        else None,
        expires=chance.choice(DAYS),
        starts=chance.choice(DAYS[:3]),
        language=chance.choice(["vi", "en", "mixed"]),
        visibility=chance.choice(["public", "private"]),
    )


@pytest.fixture
def catalog(database):
    chance = random.Random(5)
    with Catalog.open(database) as opened:
        for step in range(3):  # which are three versions
            opened.apply([drawn(chance, number) for number in range(step * 40, step * 40 + 60)])
        yield opened


def asked(table: FieldTable, ids: list[str], text: str) -> set[str]:
    mask = meeting(table, [parse_condition(text)])
    assert mask.shape == (len(ids),)
    return {ids[row] for row in np.flatnonzero(mask)}


def test_every_condition_finds_what_the_catalog_finds(catalog, tmp_path):
    for side in Side:
        ids = sorted(catalog.ids(side))
        table = read_fields(catalog, side, ids)
        (name,) = table.save(tmp_path, f"{side}.")
        files = {name: (tmp_path / name).read_bytes()}
        loaded = FieldTable.load(files, f"{side}.", len(ids))
        turned = np.arange(len(ids))[::-1]
        parts = [read_fields(catalog, side, ids[part::2]) for part in (0, 1)]
        order = np.argsort([*range(0, len(ids), 2), *range(1, len(ids), 2)])
        merged = parts[0].merged(parts[1], order)
        merged.save(tmp_path, "merged.")
        assert (tmp_path / "merged.fields.bin").read_bytes() == files[name]
        back = table.merged(FieldTable.of(0), turned)
        found = 0
        for text in CONDITIONS:
            expected = catalog.ids(side, [parse_condition(text)])
            assert asked(table, ids, text) == expected, text
            assert asked(loaded, ids, text) == expected, text
            assert asked(back, ids[::-1], text) == expected, text
            found += 0 < len(expected) < len(ids)
        assert found > 100  # most of them tell some from others


def test_several_conditions_all_hold(catalog):
    ids = sorted(catalog.ids(Side.SUPPLY))
    where = [parse_condition(text) for text in ("trl>=4", "language!=en", "owner~a")]
    mask = meeting(read_fields(catalog, Side.SUPPLY, ids), where)
    assert {ids[row] for row in np.flatnonzero(mask)} == catalog.ids(Side.SUPPLY, where)
    assert 0 < mask.sum() < len(ids)


def test_only_what_changed_is_read_and_of_what_is_gone_nothing_is_known(catalog):
    ids = sorted(catalog.ids(Side.SUPPLY))
    version = catalog.version
    changed = next(iter(catalog.records(ids=[ids[3]])))
    catalog.apply([changed.model_copy(update={"place": "Huế"})], deleted_ids=[ids[4]])
    table = read_fields(catalog, Side.SUPPLY, ids[3:5], version)
    assert asked(table, ids[3:5], "place=huế") == {ids[3]}
    assert asked(table, ids[3:5], "side=supply") == {ids[3]}
    assert asked(table, ids[3:5], "version>=0") == {ids[3]}
    assert len(read_fields(catalog, Side.SUPPLY, [])) == 0


def test_a_table_of_another_length_is_refused(catalog, tmp_path):
    table = read_fields(catalog, Side.SUPPLY, sorted(catalog.ids(Side.SUPPLY)))
    (name,) = table.save(tmp_path, "x.")
    files = {name: (tmp_path / name).read_bytes()}
    with pytest.raises(ValueError, match="records instead of 7"):
        FieldTable.load(files, "x.", 7)
    with pytest.raises(KeyError):
        FieldTable.load({}, "x.", 7)


def test_an_update_of_the_index_follows_fields_outside_the_text(catalog, tmp_path):
    update_index(catalog, tmp_path / "index", encoder_name="lsa")
    first = next(iter(catalog.records(Side.SUPPLY)))
    catalog.apply([first.model_copy(update={"place": "Huế", "trl": None})], deleted_ids=["r007"])
    update_index(catalog, tmp_path / "index")
    update_index(catalog, tmp_path / "anew", encoder_name="lsa")
    followed, anew = Index.open(tmp_path / "index"), Index.open(tmp_path / "anew")
    assert asked(followed.supply.fields, followed.supply.ids, "place=huế") == {first.id}
    for side in Side:
        bodies = [(i.generation / f"{side}.fields.bin").read_bytes() for i in (followed, anew)]
        assert bodies[0] == bodies[1]


def test_a_few_changes_give_the_table_that_a_rebuild_gives(catalog, tmp_path, monkeypatch):
    monkeypatch.setattr(columns, "_FEW", 99)
    version, old = catalog.version, sorted(catalog.ids(Side.SUPPLY))
    before = read_fields(catalog, Side.SUPPLY, old)
    chance = random.Random(7)
    new = [drawn(chance, number) for number in range(130, 170, 3)]
    new = [r.model_copy(update={"owner": f"Viện mới {r.id}"}) for r in new]
    catalog.apply(new, deleted_ids=old[::4])
    now = sorted(catalog.ids(Side.SUPPLY))
    changed = sorted(set(catalog.changes_since(version).upserted) & set(now))
    row_of = {i: row for row, i in enumerate(old)} | {
        i: len(old) + row for row, i in enumerate(changed)
    }
    fresh = read_fields(catalog, Side.SUPPLY, changed, version)
    merged = before.merged(fresh, np.array([row_of[i] for i in now]))
    merged.save(tmp_path, "merged.")
    read_fields(catalog, Side.SUPPLY, now).save(tmp_path, "read.")
    bodies = [(tmp_path / f"{name}.fields.bin").read_bytes() for name in ("merged", "read")]
    assert bodies[0] == bodies[1] and len(changed) > 5
