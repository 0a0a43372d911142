"""The audit's chain: whatever is changed in it afterwards is found."""

import threading
from itertools import pairwise
from pathlib import Path

import pytest
import sqlalchemy as sa

from indexer.catalog import Catalog
from indexer.keeping import audit
from indexer.keeping.audit import Entry, append, append_all, head, sealed, verify
from indexer.sql.serviceschema import audit as table


@pytest.fixture
def catalog(database: str):
    with Catalog.open(database) as catalog:
        with catalog.writing() as connection:
            for number in range(5):
                entry = Entry("person:a1", "record.update", f"record:r{number}", "c1", "q9")
                assert append(connection, entry) == number + 1
        yield catalog


def broken(catalog: Catalog) -> list[str]:
    with catalog.reading() as connection:
        return [problem.en for problem in verify(connection)]


def change(catalog: Catalog, *statements: sa.Executable) -> None:
    with catalog.writing() as connection:
        for statement in statements:
            connection.execute(statement)


def test_an_untouched_chain_is_whole(catalog: Catalog) -> None:
    assert broken(catalog) == []
    with catalog.reading() as connection:
        rows = connection.execute(sa.select(table).order_by(table.c.id)).mappings().all()
        assert [row["id"] for row in rows] == [1, 2, 3, 4, 5]
        assert rows[0]["previous"] == audit.START
        assert all(a["digest"] == b["previous"] for a, b in pairwise(rows))
        assert head(connection) == audit.Head(5, rows[-1]["digest"])


def test_a_new_catalog_has_an_empty_chain(tmp_path: Path) -> None:
    with Catalog.open(tmp_path / "new.sqlite3") as catalog:
        assert broken(catalog) == []


@pytest.mark.parametrize(
    "column", ["at", "actor", "action", "object", "centre", "request", "detail", "previous"]
)
def test_an_edited_line_is_named(catalog: Catalog, column: str) -> None:
    change(catalog, sa.update(table).where(table.c.id == 3).values({column: "x"}))
    assert broken(catalog) == ["Line 3 of the audit was changed, or put in later"]


def test_a_line_edited_with_its_digest_breaks_the_next(catalog: Catalog) -> None:
    with catalog.reading() as connection:
        row = dict(connection.execute(sa.select(table).where(table.c.id == 3)).mappings().one())
    row["actor"] = "person:other"
    row["digest"] = sealed(row)
    change(catalog, sa.update(table).where(table.c.id == 3).values(row))
    assert broken(catalog) == ["Line 4 of the audit was changed, or put in later"]


@pytest.mark.parametrize("line", [1, 3])
def test_a_removed_line_is_named(catalog: Catalog, line: int) -> None:
    change(catalog, sa.delete(table).where(table.c.id == line))
    assert broken(catalog) == [f"Line {line} of the audit is missing: it was removed"]


def test_lines_removed_at_the_end_are_named(catalog: Catalog) -> None:
    change(catalog, sa.delete(table).where(table.c.id >= 4))
    expected = "Lines 4 to 5 at the end of the audit are missing: removed"
    assert broken(catalog) == [expected]


def test_an_emptied_audit_is_found(catalog: Catalog) -> None:
    change(catalog, sa.delete(table))
    assert broken(catalog) == ["Lines 1 to 5 at the end of the audit are missing: removed"]


def test_a_line_put_in_between_is_found(catalog: Catalog) -> None:
    up = [sa.update(table).where(table.c.id == n).values(id=n + 1) for n in (5, 4, 3)]
    put = sa.insert(table).values(id=3, actor="person:a1", action="record.read", digest="0" * 64)
    change(catalog, *up, put)
    assert broken(catalog) == ["Line 3 of the audit was changed, or put in later"]


def test_a_well_made_line_put_at_the_end_is_found(catalog: Catalog) -> None:
    with catalog.reading() as connection:
        row = dict(connection.execute(sa.select(table).where(table.c.id == 5)).mappings().one())
    row |= {"id": 6, "previous": row["digest"]}
    row["digest"] = sealed(row)
    change(catalog, sa.insert(table).values(row))
    assert broken(catalog) == ["The audit has 6 lines where 5 were written: some were put in"]


def test_what_is_rolled_back_leaves_no_line(catalog: Catalog) -> None:
    def fail() -> None:
        with catalog.writing() as connection:
            append(connection, Entry("local", "record.delete"))
            raise ValueError

    with pytest.raises(ValueError):
        fail()
    assert broken(catalog) == []
    with catalog.reading() as connection:
        assert head(connection).count == 5


def test_the_chain_goes_on_after_any_text(catalog: Catalog) -> None:
    with catalog.writing() as connection:
        odd = Entry("person:đ|\n", "x", 'record:"},{"', detail={"b": [1, None], "a": "ề \x7f"})
        assert append_all(connection, [odd, odd]) == 7
    assert broken(catalog) == []


def test_writers_side_by_side_make_one_chain(catalog: Catalog) -> None:
    failures: list[BaseException] = []

    def write(name: str) -> None:
        try:
            for _ in range(10):
                with catalog.writing() as connection:
                    append(connection, Entry(name, "record.read"))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(f"person:{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == [] and broken(catalog) == []
    with catalog.reading() as connection:
        assert head(connection).count == 45
