"""What is particular to PostgreSQL: it goes away, comes back, refuses, and others write to it."""

import threading

import pytest
import sqlalchemy as sa

import indexer.sql.database
from indexer.catalog import Catalog
from indexer.errors import RequestError
from indexer.records import Record
from indexer.sql.database import url_of
from indexer.sql.schema import meta


def record(record_id: str, title: str = "màng lọc") -> Record:
    return Record(id=record_id, side="supply", type="technology", title=title)


def test_a_url_without_a_driver_gets_ours() -> None:
    for written in ("postgresql://u@h/d", "postgres://u@h/d"):
        assert str(url_of(written)) == "postgresql+pg8000://u@h/d"
    assert str(url_of("postgresql+psycopg://u@h/d")) == "postgresql+psycopg://u@h/d"


def test_a_database_that_went_away_and_came_back(postgresql, postgresql_server) -> None:
    with Catalog.open(postgresql) as catalog:
        catalog.apply([record("a")])
        postgresql_server.stop()
        try:
            for _ in range(2):
                with pytest.raises(RequestError, match="cannot be reached") as caught:
                    catalog.get("a")
                assert "Không kết nối được" in caught.value.message.vi
            with pytest.raises(RequestError, match="cannot be reached"):
                catalog.apply([record("b")])
        finally:
            postgresql_server.start()
        assert catalog.get("a") == record("a")
        assert catalog.apply([record("b")]).version == 2


def test_a_connection_cut_in_a_transaction(postgresql) -> None:
    with Catalog.open(postgresql) as catalog, Catalog.open(postgresql) as other:
        with pytest.raises(RequestError, match="cannot be reached"), catalog.writing() as mine:
            mine.execute(sa.update(meta).values(version=7))
            with other.reading() as theirs:
                theirs.exec_driver_sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
                    "current_database() AND pid <> pg_backend_pid()"
                )
            mine.execute(sa.select(meta))
        assert catalog.version == 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [("/nobody_made_this", "refuses the connection.*nobody_made_this"), ("", "refuses")],
)
def test_a_database_that_is_not_there(postgresql, wrong: str, said: str) -> None:
    url = postgresql.rpartition("/")[0] + wrong
    if not wrong:
        url = postgresql.replace("postgres@", "somebody:secret@")
    with pytest.raises(RequestError, match=said) as caught:
        Catalog.open(url)
    assert "secret" not in str(caught.value)


def test_another_writer_is_waited_for_and_then_named(postgresql, monkeypatch) -> None:
    monkeypatch.setattr(indexer.sql.database, "BUSY_TIMEOUT", 0.2)
    with Catalog.open(postgresql) as catalog, catalog.writing():
        with pytest.raises(RequestError, match="Another process is writing"):
            catalog.apply([record("a")])
        assert catalog.version == 0  # who reads is not kept waiting
    with Catalog.open(postgresql) as catalog:
        assert catalog.apply([record("a")]).version == 1


def test_many_readers_wait_for_a_connection_and_then_are_told(postgresql, monkeypatch) -> None:
    monkeypatch.setattr(indexer.sql.database, "BUSY_TIMEOUT", 0.2)
    with Catalog.open(postgresql) as catalog:
        taken = [catalog._engine.connect() for _ in range(40)]
        with pytest.raises(RequestError, match="Too many requests read"):
            assert catalog.version == 0
        for connection in taken:
            connection.close()
        assert catalog.version == 0


def test_several_open_an_empty_database_at_once(postgresql) -> None:
    identities: list[str] = []

    def open_() -> None:
        with Catalog.open(postgresql) as catalog:
            identities.append(catalog.identity)

    threads = [threading.Thread(target=open_) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(identities) == 4
    assert len(set(identities)) == 1


def test_a_read_only_database_is_said(postgresql) -> None:
    with Catalog.open(postgresql) as catalog:
        with catalog.reading() as connection:
            name = postgresql.rpartition("/")[2]
            connection.exec_driver_sql(
                f"ALTER DATABASE {name} SET default_transaction_read_only = on"
            )
            connection.commit()
        with Catalog.open(postgresql) as later:
            assert later.version == 0
            with pytest.raises(RequestError, match="is read-only"):
                later.apply([record("a")])


def test_a_row_that_is_there_already_is_an_integrity_error(postgresql) -> None:
    row = {"id": 1, "version": 0, "identity": "x"}
    with (
        Catalog.open(postgresql) as catalog,
        pytest.raises(sa.exc.IntegrityError),
        catalog.writing() as connection,
    ):
        connection.execute(sa.insert(meta).values(row))


def test_another_programs_database_is_refused(postgresql) -> None:
    engine = sa.create_engine(url_of(postgresql))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE theirs (id int)")
    engine.dispose()
    with pytest.raises(RequestError, match="database of another program"):
        Catalog.open(postgresql)
