"""A Milvus store follows its catalog, refuses any other, and outlives what cuts it off."""

import os
import signal
import subprocess
import sys
from time import sleep

import pytest

from indexer.catalog import Catalog
from indexer.encoders.loading import load_encoder
from indexer.errors import RequestError
from indexer.records import Side
from indexer.stores import connection as connections
from indexer.stores import ledger as ledgers
from indexer.stores.connection import Address, Connection
from indexer.stores.following import follow
from indexer.stores.ledger import Ledger
from indexer.stores.milvus import MilvusStore
from indexer.stores.tables import Table

NAME = "x.milvus.db"

# Fills the store of the folder argv[1] from its catalog and dies at request argv[2] to write.
KILLED = """
import os, signal, sys
from pathlib import Path
from indexer.catalog import Catalog
from indexer.encoders.loading import load_encoder
from indexer.stores.connection import Address, Connection
from indexer.stores.following import follow
from indexer.stores.milvus import MilvusStore
folder, left = Path(sys.argv[1]), int(sys.argv[2])
connection = Connection(Address.read("x.milvus.db", folder))
store, ask = MilvusStore(connection, load_encoder("static")), connection.ask
def dying(method, *args, **options):
    global left
    left -= method == "upsert"
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    return ask(method, *args, **options)
connection.ask = dying
follow(store, Catalog.open(folder / "catalog.sqlite3"), "x")
"""


@pytest.fixture
def catalog(tmp_path, sample):
    with Catalog.open(tmp_path / "catalog.sqlite3") as opened:
        opened.apply(sample.every[:70])
        yield opened


@pytest.fixture
def store(tmp_path, encoder):
    opened = MilvusStore(Connection(Address.read(NAME, tmp_path)), encoder)
    yield opened
    opened.close()


def statistics(store):
    state = store._ledger.state(now=True)
    return {
        side: (
            known.documents,
            known.spoken,
            known.hashes.tolist(),
            known.held.tolist(),
            known.spread.tolist(),
        )
        for side, known in Ledger(store._connection).statistics(state).items()
    }


def counted(store):
    """The statistics of what is there, from every row."""
    store._ledger.write(state_of(store, whole=False))
    store.apply(())
    return statistics(store)


def state_of(store, **changes):
    from dataclasses import replace

    state = store._ledger.state(now=True)
    return replace(state, pairing=replace(state.pairing, **changes))


def everything(store):
    return store.filter(Side.SUPPLY) | store.filter(Side.DEMAND)


def test_it_follows_changes_and_knows_its_version(catalog, store, sample):
    first = follow(store, catalog, NAME)
    assert (first.version, first.encoded, first.removed) == (1, 70, 0)
    assert follow(store, catalog, NAME).encoded == 0

    changed = sample.make(3, title="Kính thiên văn")
    catalog.apply([changed, *sample.every[70:]], deleted_ids=[sample.supply[4].id])
    second = follow(store, catalog, NAME)
    assert (second.version, second.encoded, second.removed) == (2, 3, 1)
    assert everything(store) == catalog.ids()
    assert store.by_terms("kính thiên văn", Side.SUPPLY, 1)[0].id == changed.id
    pairing = store.pairing()
    assert (pairing.catalog, pairing.version, pairing.whole) == (catalog.identity, 2, True)

    followed = statistics(store)
    assert followed == counted(store)


def test_statistics_of_many_terms_stand_in_many_rows(catalog, store, sample, monkeypatch):
    monkeypatch.setattr(ledgers, "_FULL", 20)
    monkeypatch.setattr(ledgers, "_FILLED", 5)
    follow(store, catalog, NAME)
    assert store._ledger.state(now=True).bits >= 4
    catalog.delete([sample.supply[0].id])
    follow(store, catalog, NAME)
    split = statistics(store)
    assert split == counted(store)


def test_needs_that_come_later_and_are_cut_off_are_weighed_anew(
    catalog, store, sample, monkeypatch
):
    """Nothing of their side had been counted, not even how long its texts are."""
    catalog.delete([record.id for record in sample.demand])
    follow(store, catalog, NAME)
    catalog.apply(sample.demand)
    save = Ledger.save

    def failing(*_):
        raise RequestError(vi="đứt", en="gone")

    monkeypatch.setattr(Ledger, "save", failing)
    with pytest.raises(RequestError, match="gone"):
        follow(store, catalog, NAME)
    monkeypatch.setattr(Ledger, "save", save)
    assert follow(store, catalog, NAME).encoded == len(sample.demand)
    assert everything(store) == catalog.ids()
    mended = statistics(store)
    assert mended == counted(store)
    found = store.by_terms(sample.demand[3].text(), Side.DEMAND, 1)
    assert (found[0].id, found[0].similarity > 0.5) == (sample.demand[3].id, True)


def test_another_catalog_is_refused_by_name(catalog, store, tmp_path, sample):
    follow(store, catalog, NAME)
    with Catalog.open(tmp_path / "other.sqlite3") as other:
        other.apply(sample.every[:2])
        with pytest.raises(RequestError, match=f"The store {NAME} holds the records of another"):
            follow(store, other, NAME)
    assert everything(store) == catalog.ids()


def test_another_encoder_is_refused_by_name(catalog, store):
    follow(store, catalog, NAME)
    with pytest.raises(RequestError, match=r"static.*dimension 256.*static@128.*dimension 128"):
        MilvusStore(store._connection, load_encoder("static@128"))


def test_a_write_cut_off_is_mended_by_the_next(catalog, store, sample, monkeypatch):
    follow(store, catalog, NAME)
    catalog.apply([sample.make(i, title="Kính thiên văn") for i in range(5)], deleted_ids=["s009"])
    catalog.delete([sample.demand[0].id])
    upsert = Table.upsert

    def failing(table, rows):
        upsert(table, rows[:3])
        raise RequestError(vi="đứt", en="gone")

    monkeypatch.setattr(Table, "upsert", failing)
    with pytest.raises(RequestError, match="gone"):
        follow(store, catalog, NAME)
    pairing = store.pairing()
    assert (pairing.version, pairing.whole) == (1, False)
    monkeypatch.setattr(Table, "upsert", upsert)

    follow(store, catalog, NAME)
    assert store.pairing().whole
    assert everything(store) == catalog.ids()
    mended = statistics(store)
    assert mended == counted(store)


def test_a_killed_writer_leaves_a_store_that_the_next_repairs(catalog, tmp_path, encoder):
    """The first two requests to write are of the state; the fourth puts the needs in."""
    arguments = [sys.executable, "-c", KILLED, str(tmp_path), "4"]
    died = subprocess.run(arguments, check=False, capture_output=True, env=os.environ)
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    store = MilvusStore(Connection(Address.read(NAME, tmp_path)), encoder)
    try:
        assert not store.pairing().whole
        follow(store, catalog, NAME)
        assert store.pairing().whole
        assert everything(store) == catalog.ids()
        mended = statistics(store)
        assert mended == counted(store)
    finally:
        store.close()


def reached(address):
    """gRPC leaves an address in peace for a second or two after it has tried in vain."""
    for _ in range(50):
        try:
            return Connection(address)
        except RequestError:
            sleep(0.1)
    return Connection(address)


def test_milvus_gone_is_said_and_what_is_back_goes_on(
    catalog, tmp_path, encoder, lite_server, monkeypatch
):
    monkeypatch.setattr(connections, "_SECONDS", 1.0)
    port, stop = lite_server(tmp_path / "served")
    address = Address.read(f"milvus+http://127.0.0.1:{port}", tmp_path)
    store = MilvusStore(Connection(address), encoder)
    follow(store, catalog, address.name)
    stop()
    catalog.delete(sorted(catalog.ids())[:2])
    for question in (
        lambda: store.hybrid("nước", Side.SUPPLY, 3),
        lambda: follow(store, catalog, address.name),
    ):
        with pytest.raises(RequestError, match=rf"Milvus at http://127\.0\.0\.1:{port} does not"):
            question()
    with pytest.raises(RequestError, match="does not answer"):
        Connection(address)

    store.close()
    lite_server(tmp_path / "served", port)
    store = MilvusStore(reached(address), encoder)
    follow(store, catalog, address.name)
    assert everything(store) == catalog.ids()
    store.close()


def test_without_the_library_the_line_that_installs_it_is_said(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    with pytest.raises(RequestError, match=r'pip install "cungcau\[milvus\]"'):
        Connection(Address.read(NAME, tmp_path))


def test_a_folder_that_another_has_open_is_said(catalog, store, tmp_path):
    from milvus_lite.db import MilvusLite
    from milvus_lite.server_manager import server_manager_instance

    folder = tmp_path / "held.milvus.db"
    held = MilvusLite(str(folder))
    try:
        with pytest.raises(RequestError, match="One process at a time"):
            Connection(Address.read("held.milvus.db", tmp_path))
    finally:
        held.close()
        server_manager_instance.release_server(str(folder))


@pytest.mark.parametrize(
    ("setting", "url", "user", "database"),
    [
        ("milvus+http://h:1", "http://h:1", "", ""),
        ("milvus+https://a%40b:p@h/centre", "https://h:19530", "a@b", "centre"),
        ("milvus+http://[::1]:7", "http://[::1]:7", "", ""),
    ],
)
def test_addresses(setting, url, user, database, tmp_path):
    found = Address.read(setting, tmp_path)
    assert (found.url, found.user, found.database, found.lite) == (url, user, database, False)
    assert "p@" not in found.name


@pytest.mark.parametrize("setting", ["milvus+http://h:port", "http://x.milvus.db", "x.db"])
def test_what_is_no_address_is_refused(setting, tmp_path):
    with pytest.raises(RequestError, match="The setting store does not take"):
        Address.read(setting, tmp_path)
