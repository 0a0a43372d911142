"""The migrations make the tables the code knows, from every revision, on both databases."""

import hashlib
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.dialects import postgresql

import indexer.migrations
import indexer.sql.serviceschema
from indexer.catalog import Catalog
from indexer.conditions import clause, parse_condition
from indexer.sql.database import engine_of, url_of, writer_of
from indexer.sql.schema import REVISIONS, metadata, records

FOLDER = Path(indexer.migrations.__file__).parent
BODY = '{"id":"N1","side":"demand","type":"need","title":"Máy sấy lúa"}'


def scripts() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return config


def test_the_known_revisions_are_the_files() -> None:
    history = ScriptDirectory.from_config(scripts()).walk_revisions()
    assert tuple(reversed([script.revision for script in history])) == REVISIONS


def check_schema(open_: sa.Connection) -> None:
    context = MigrationContext.configure(open_, opts={"compare_type": True})
    assert compare_metadata(context, metadata) == []
    for table in metadata.sorted_tables:
        stored = sa.inspect(open_).get_foreign_keys(table.name)
        expected = [key.ondelete for key in table.foreign_keys]
        assert [key["options"].get("ondelete") for key in stored] == expected


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_catalog_of_every_revision_is_brought_up_to_date(database: str, revision: str) -> None:
    engine = writer_of(engine_of(url_of(database)))
    with engine.begin() as connection:
        config = scripts()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        _put_a_need(connection)
    engine.dispose()
    with Catalog.open(database, create=False) as catalog:
        found = catalog.get("N1")
        assert found is not None
        assert found.title == "Máy sấy lúa"
        assert catalog.judgements() == ()
        assert catalog.check() == []
        with catalog.reading() as connection:
            check_schema(connection)


def _put_a_need(connection: sa.Connection) -> None:
    """As the first release stored it."""
    empty = "owner field place country owner_key field_key place_key country_key same_as currency"
    digest = hashlib.sha256(f'{BODY}\n["", "", ""]'.encode()).hexdigest()
    values = {
        **dict.fromkeys(empty.split(), ""),
        **{"id": "N1", "side": "demand", "type": "need", "title": "Máy sấy lúa"},
        **{"title_key": "may say lua", "language": "vi", "visibility": "public"},
        **{"content_hash": digest, "version": 1},
    }
    bound = ", ".join(f":{name}" for name in values)
    connection.execute(
        sa.text(f"INSERT INTO records ({', '.join(values)}) VALUES ({bound})"), values
    )
    connection.execute(
        sa.text("INSERT INTO bodies VALUES ('N1', :body, '', '', 0)"), {"body": BODY}
    )
    connection.execute(sa.text("UPDATE meta SET version = 1"))


def test_the_tables_and_conditions_can_be_said_to_postgresql() -> None:
    dialect = postgresql.dialect()
    for table in metadata.sorted_tables:
        assert "CREATE TABLE" in str(sa.schema.CreateTable(table).compile(dialect=dialect))
    query = sa.select(sa.func.aggregate_strings(records.c.id, "\x1f")).where(
        *(clause(parse_condition(text)) for text in ("trl!=5", "owner~bách", "expires<2027-01-01"))
    )
    assert "string_agg" in str(query.compile(dialect=dialect))
