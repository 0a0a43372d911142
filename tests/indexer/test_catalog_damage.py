"""Damaged, foreign and newer databases are refused by name; `check` finds tampering."""

import sqlite3
from pathlib import Path

import pytest

from indexer.catalog import Catalog
from indexer.errors import DamagedError, RequestError
from indexer.records import Contact, Record


def some(size: int) -> list[Record]:
    return [
        Record(
            id=f"{i:03}",
            side="supply",
            type="technology",
            title=f"Thiết bị {i}",
            description="mô tả dài " * 40,
            contact=Contact(email=f"{i}@vidu.vn"),
        )
        for i in range(size)
    ]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "catalog.sqlite3"
    with Catalog.open(path) as catalog:
        catalog.apply(some(200))
        catalog.delete(["007"])
    return path


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04 not a database", b"id,title\n1,x\n" * 500, b"\0" * 8192]
)
def test_a_file_that_is_no_database(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "catalog.sqlite3"
    path.write_bytes(content)
    for create in (True, False):
        with pytest.raises(DamagedError, match="is not a catalog file") as caught:
            Catalog.open(path, create)
        assert str(path) in caught.value.message.vi
        assert caught.value.exit_code == 3
    assert path.read_bytes() == content


def test_pages_overwritten(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for page in range(8, len(content) // 4096, 3):
        content[page * 4096 : page * 4096 + 600] = b"\xa5" * 600
    path.write_bytes(content)
    with Catalog.open(path, create=False) as catalog:
        assert catalog.check()
        with pytest.raises(DamagedError, match="damaged") as caught:
            list(catalog.records())
    assert str(path) in str(caught.value)


def test_cut_off_in_the_middle(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(DamagedError, match="damaged"), Catalog.open(path, create=False) as catalog:
        assert catalog.check()
        list(catalog.records())


TAMPERED = {
    "UPDATE bodies SET body = replace(body, 'Thiết bị', 'Thiet bi') WHERE record_id = '003'": [
        "Record '003' has a body that does not fit its stored checksum"
    ],
    "UPDATE contacts SET email = 'x@y.z' WHERE record_id = '003'": [
        "Record '003' has a body that does not fit its stored checksum"
    ],
    "UPDATE records SET owner_key = 'ai do', trl_low = 3 WHERE id = '004'": [
        "Record '004' has search columns that do not fit its body: owner_key, trl_low"
    ],
    "DELETE FROM bodies WHERE record_id = '005'": ["Record '005' has no body"],
    "UPDATE records SET version = 9 WHERE id = '006'": [
        "Record '006' has a version after the catalog's own"
    ],
    "INSERT INTO deletions VALUES ('008', 1)": ["Record '008' is there and noted as deleted"],
    "DELETE FROM meta": ["The version counter has 0 rows instead of 1"],
    "INSERT INTO contacts VALUES ('nobody', '', '', '')": [
        "A row of contacts belongs to no row of records"
    ],
}


@pytest.mark.parametrize("statement", TAMPERED)
def test_check_finds_what_was_changed_behind_its_back(path: Path, statement: str) -> None:
    with Catalog.open(path) as catalog:
        assert catalog.check() == []
        raw = sqlite3.connect(path)
        assert raw.execute(statement).rowcount == 1
        raw.commit()
        raw.close()
        found = catalog.check()
    assert [problem.en for problem in found] == TAMPERED[statement]
    assert all(problem.vi and problem.vi != problem.en for problem in found)


def test_check_says_no_more_than_people_read(path: Path) -> None:
    with Catalog.open(path) as catalog:
        raw = sqlite3.connect(path)
        raw.execute("UPDATE bodies SET body = '{}'")
        raw.commit()
        raw.close()
        assert len(catalog.check()) == 100
        with pytest.raises(DamagedError, match=r"Record '000' in .* is damaged"):
            list(catalog.records())


def test_the_database_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "photos.sqlite3"
    raw = sqlite3.connect(path)
    raw.execute("CREATE TABLE photos (id)")
    raw.close()
    before = path.stat().st_size
    for create in (True, False):
        with pytest.raises(RequestError, match=r"photos\.sqlite3 is the database of another"):
            Catalog.open(path, create)
    assert path.stat().st_size == before


def test_a_newer_schema_is_refused_and_left_alone(path: Path) -> None:
    raw = sqlite3.connect(path)
    raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.commit()
    for create in (True, False):
        with pytest.raises(RequestError, match="written by a newer version of cungcau") as caught:
            Catalog.open(path, create)
        assert "9999" in str(caught.value) and "nâng cấp" in caught.value.message.vi
    assert raw.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]
    raw.close()


def test_a_writer_that_does_not_let_go_is_named(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.sql.database.BUSY_TIMEOUT", 0.05)
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")
    with Catalog.open(path) as catalog:
        with pytest.raises(RequestError, match="Another process is writing"):
            catalog.delete(["001"])
        assert catalog.get("001") is not None
        raw.execute("ROLLBACK")
        assert catalog.delete(["001"]).deleted == 1
    raw.close()
