"""Insert, update, delete, versions, expiry: one transaction each."""

import os
import subprocess
import sys
import threading
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from indexer.catalog import Catalog, Change, Changes
from indexer.errors import RequestError
from indexer.records import Code, Contact, Money, Record, Side, Source, TrlRange

FULL = Record(
    id="CN-001",
    side="supply",
    type="patent",
    title="Xử lý nước thải dệt nhuộm",
    summary="Tóm tắt",
    description="Hấp phụ bằng vật liệu nano.\nHai dòng.",
    advantages="Rẻ",
    applications="Dệt nhuộm",
    requirements="Điện ba pha",
    keywords="nước thải; nano",
    owner="Trường Đại học Bách khoa",
    field="Môi trường",
    codes=(Code(scheme="IPC", version="2024.01", code="C02F 1/28"),),
    trl=TrlRange(low=6, high=7),
    ip_type="sáng chế",
    ip_status="đã cấp",
    ip_number="1-0012345",
    transfer="li-xăng",
    cooperation="cùng phát triển",
    money=Money(low=Decimal("1999999999.99"), high=None),
    starts=date(2025, 1, 1),
    ends=date(2027, 12, 31),
    place="Hà Nội",
    country="Việt Nam",
    language="mixed",
    visibility="restricted",
    expires=date(2026, 6, 30),
    contact=Contact(person="Nguyễn Văn A", phone="0900 000 000", email="a@vidu.vn"),
    extra={"Ghi chú": "chữ \x00 lạ", "Tỉ lệ": "1:2"},
    source=Source(file="cung.xlsx", sheet="Tờ 1", row=7),
    same_as="CN-002",
)


def record(record_id: str, title: str = "màng lọc", **more: object) -> Record:
    return Record.model_validate(
        {"id": record_id, "side": "supply", "type": "technology", "title": title, **more}
    )


@pytest.fixture
def catalog(database: str):
    with Catalog.open(database) as opened:
        yield opened


def rows(catalog: Catalog, query: str) -> list[tuple[object, ...]]:
    with catalog.reading() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def test_a_record_comes_back_as_it_went_in(catalog: Catalog) -> None:
    plain = record("CN-002")
    assert catalog.apply([FULL, plain]) == Change(2, 0, 0, 0, version=1)
    assert catalog.get("CN-001") == FULL
    assert catalog.get("CN-002") == plain
    assert catalog.get("CN-003") is None
    assert catalog.check() == []


def test_contact_data_stands_apart(catalog: Catalog) -> None:
    catalog.apply([FULL, record("CN-002")])
    kept = rows(catalog, "SELECT * FROM contacts")
    assert kept == [("CN-001", "Nguyễn Văn A", "0900 000 000", "a@vidu.vn")]
    for table in ("records", "bodies"):
        assert "a@vidu.vn" not in str(rows(catalog, f"SELECT * FROM {table}"))
    catalog.apply([FULL.model_copy(update={"contact": Contact()})])
    assert catalog.get("CN-001").contact == Contact()
    catalog.apply([FULL])
    catalog.delete(["CN-001"])
    for table in ("contacts", "bodies"):
        assert ("CN-001",) not in rows(catalog, f"SELECT record_id FROM {table}")


def test_the_version_rises_only_when_something_changed(catalog: Catalog) -> None:
    a, b = record("a"), record("b")
    assert catalog.version == 0
    assert catalog.apply() == Change(0, 0, 0, 0, version=0)
    assert catalog.apply([a, b]) == Change(2, 0, 0, 0, version=1)
    assert catalog.apply([a, b]) == Change(0, 0, 2, 0, version=1)
    newer = record("a", "màng lọc nano")
    assert catalog.apply([newer, b]) == Change(0, 1, 1, 0, version=2)
    assert catalog.delete(["b", "không có"]) == Change(0, 0, 0, 1, version=3)
    assert catalog.delete(["b"]) == Change(0, 0, 0, 0, version=3)
    assert catalog.version == 3
    assert list(catalog.records()) == [newer]


def test_a_contact_that_changed_is_a_change(catalog: Catalog) -> None:
    catalog.apply([FULL])
    other = FULL.model_copy(update={"contact": Contact(person="Trần Thị B")})
    assert catalog.apply([other]).updated == 1
    assert catalog.get("CN-001") == other


def test_a_row_that_moved_is_no_change_but_is_noted(catalog: Catalog) -> None:
    catalog.apply([FULL])
    moved = FULL.model_copy(update={"source": Source(file="cung-2.xlsx", sheet="A", row=9)})
    assert catalog.apply([moved]) == Change(0, 0, 1, 0, version=1)
    assert catalog.get("CN-001").source == moved.source
    again = moved.model_copy(update={"title": "Tên mới", "source": Source(row=10)})
    assert catalog.apply([again]).updated == 1
    assert catalog.get("CN-001") == again


def test_changes_since(catalog: Catalog) -> None:
    catalog.apply([record("a"), record("b"), record("c")])
    catalog.apply([record("b", "khác")], deleted_ids=["c"])
    catalog.apply([record("c", "trở lại"), record("d")], deleted_ids=["a"])
    assert catalog.changes_since(0) == Changes(("b", "c", "d"), ("a",), 3)
    assert catalog.changes_since(1) == Changes(("b", "c", "d"), ("a",), 3)
    assert catalog.changes_since(2) == Changes(("c", "d"), ("a",), 3)
    assert catalog.changes_since(3) == Changes((), (), 3)
    for never in (4, -1):
        with pytest.raises(RequestError, match=rf"version 3 and never had version {never}"):
            catalog.changes_since(never)


def test_an_id_twice_in_one_change_is_refused(catalog: Catalog) -> None:
    with pytest.raises(RequestError, match="'a' stands twice"):
        catalog.apply([record("a"), record("a", "khác")])
    with pytest.raises(RequestError, match="'a' stands twice"):
        catalog.apply([record("a")], deleted_ids=["a"])
    assert catalog.version == 0


def test_sides_ids_and_expiry(catalog: Catalog) -> None:
    need = Record(id="n", side="demand", type="need", title="cần lọc nước")
    old = record("old", expires=date(2026, 1, 31))
    catalog.apply([need, old, record("new", expires=date(2027, 1, 1)), record("always")])
    assert [r.id for r in catalog.records()] == ["always", "n", "new", "old"]
    assert [r.id for r in catalog.records(Side.DEMAND)] == ["n"]
    assert catalog.ids(Side.SUPPLY) == {"always", "new", "old"}
    assert catalog.ids() == {"always", "new", "old", "n"}
    assert catalog.ids(active_on=date(2026, 1, 31)) == {"always", "new", "old", "n"}
    assert catalog.ids(Side.SUPPLY, active_on=date(2026, 2, 1)) == {"always", "new"}
    active = catalog.records(ids=["old", "new", "new", "nobody"], active_on=date(2026, 2, 1))
    assert [r.id for r in active] == ["new"]
    assert list(catalog.records(ids=[])) == []


def test_more_ids_than_fit_one_statement(catalog: Catalog) -> None:
    many = [record(f"{i:05}") for i in range(1203)]
    catalog.apply(many)
    assert list(catalog.records(ids=[r.id for r in reversed(many)])) == many
    assert catalog.apply(many).unchanged == 1203
    assert catalog.delete(r.id for r in many).deleted == 1203
    assert catalog.ids() == frozenset()


UNICODE_IDS = (
    "Đề tài số 1",
    "e\u0301",
    "\u00e9",
    "日本/語 100%",
    "it's; DROP TABLE records;--",
    "🧪",
    " ",
    "x" * 200,
)


def test_any_printable_id(catalog: Catalog) -> None:
    catalog.apply(record(i) for i in UNICODE_IDS)
    assert catalog.ids() == set(UNICODE_IDS)
    for record_id in UNICODE_IDS:
        assert catalog.get(record_id) == record(record_id)
    assert catalog.delete(UNICODE_IDS).deleted == len(UNICODE_IDS)
    assert catalog.changes_since(0).deleted == tuple(sorted(UNICODE_IDS))


@pytest.mark.parametrize(
    "bad",
    [
        record("a\x1fb"),
        record("a\x00"),
        record("a", "một nửa \udc00"),
        record("a", contact=Contact(person="\ud800")),
        record("a", contact=Contact(phone="\x00")),
        record("a", source=Source(file="\ud800")),
    ],
)
def test_what_no_database_can_keep_is_refused_by_id(catalog: Catalog, bad: Record) -> None:
    with pytest.raises(RequestError, match=r"Record 'a.*cannot be stored"):
        catalog.apply([record("fine"), bad])
    assert catalog.ids() == frozenset()


def test_an_exception_inside_leaves_nothing(catalog: Catalog) -> None:
    catalog.apply([record("a")])

    def interrupted():
        yield record("a", "khác")
        yield record("b")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        catalog.apply(interrupted(), deleted_ids=["c"])
    assert list(catalog.records()) == [record("a")]
    assert catalog.version == 1


def test_an_interruption_between_two_statements_leaves_nothing(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog.apply([record("a"), record("b")])

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("indexer.sql.changes._delete", interrupt)
    with pytest.raises(KeyboardInterrupt):
        catalog.apply([record("a", "khác"), record("c")], deleted_ids=["b"])
    monkeypatch.undo()
    assert list(catalog.records()) == [record("a"), record("b")]
    assert catalog.changes_since(0) == Changes(("a", "b"), (), 1)
    assert catalog.apply([record("c")]).version == 2


def test_reading_goes_on_while_somebody_writes(catalog: Catalog, database: str) -> None:
    catalog.apply(record(f"{i:04}", "cũ") for i in range(2500))
    reading = catalog.records()
    assert next(reading).title == "cũ"
    with Catalog.open(database) as other:
        other.apply([record(f"{i:04}", "mới") for i in range(2500)], deleted_ids=["2499x"])
        assert catalog.get("0000").title == "mới"
    assert {r.title for r in reading} == {"cũ"}
    assert {r.title for r in catalog.records()} == {"mới"}


def test_readers_never_see_half_a_change(catalog: Catalog) -> None:
    """A thread writes whole generations; what is read is of one generation at a time."""
    generations = 12
    catalog.apply(record(str(i), "0") for i in range(300))
    torn: list[set[str]] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            titles = {r.title for r in catalog.records()}
            if len(titles) != 1:
                torn.append(titles)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for generation in range(1, generations):
            catalog.apply(record(str(i), str(generation)) for i in range(300))
    finally:
        done.set()
        reader.join()
    assert torn == []
    assert catalog.version == generations


def test_two_writers_take_turns(database: str) -> None:
    with Catalog.open(database) as one, Catalog.open(database) as two:
        threads = [
            threading.Thread(
                target=lambda c, n: [c.apply([record(f"{n}-{i}")]) for i in range(15)], args=item
            )
            for item in ((one, "a"), (two, "b"))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert one.version == two.version == 30
        assert len(one.ids()) == 30


def test_opening(tmp_path: Path) -> None:
    path = tmp_path / "thư mục 100% mới" / "danh mục.sqlite3"
    with pytest.raises(RequestError, match=r"There is no catalog at .*cungcau import"):
        Catalog.open(path, create=False)
    assert not path.parent.exists()
    with Catalog.open(path) as first:
        first.apply([record("a")])
        identity = first.identity
    with Catalog.open(path, create=False) as second:
        assert second.get("a") == record("a")
        assert second.identity == identity
    with Catalog.open(tmp_path / "khác.sqlite3") as other:
        assert other.identity != identity
    with Catalog.open(f"sqlite:///{path}", create=False) as by_url:
        assert by_url.version == 1


def test_an_empty_file_is_no_catalog_yet(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite3"
    path.touch()
    with pytest.raises(RequestError, match="There is no catalog"):
        Catalog.open(path, create=False)
    with Catalog.open(path) as catalog:
        assert catalog.version == 0


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql+asyncpg://u:secret@localhost/x", r"pip install 'cungcau\[postgresql\]'"),
        ("postgresql://u:secret@localhost/x?sslmode=no", r"sslmode .* 'no'.*verify-full"),
        ("postgresql://u:secret@localhost/x?speed=9", r"parameter 'speed'"),
        ("sqlite://", "use sqlite or postgresql"),
        ("oracle9://x", "use sqlite or postgresql"),
        ("://", "address cannot be read"),
    ],
)
def test_databases_that_cannot_be_used(url: str, said: str) -> None:
    with pytest.raises(RequestError, match=said) as caught:
        Catalog.open(url)
    assert "secret" not in str(caught.value)


def test_the_database_is_set_up_for_safety(tmp_path: Path) -> None:
    with (
        Catalog.open(tmp_path / "catalog.sqlite3") as catalog,
        catalog._engine.connect() as connection,
    ):
        values = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        }
    assert values == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "synchronous": 2,
        "busy_timeout": 10_000,
    }


def test_opening_a_ready_catalog_imports_little(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite3"
    Catalog.open(path).close()
    script = (
        "import sys; from indexer.catalog import Catalog; from indexer.workspace import Workspace\n"
        f"Catalog.open({str(path)!r}, create=False).close()\n"
        "print(sorted({'alembic', 'sqlalchemy.orm', 'sklearn', 'torch', 'rapidfuzz'}"
        " & set(sys.modules)))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert done.stdout.strip() == "[]"
