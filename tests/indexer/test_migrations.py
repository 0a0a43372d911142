"""The migrations make the tables the code knows, on SQLite and (in words) on PostgreSQL."""

from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.dialects import postgresql

import indexer.migrations
from indexer.catalog import Catalog
from indexer.conditions import clause, parse_condition
from indexer.schema import REVISIONS, metadata, records

FOLDER = Path(indexer.migrations.__file__).parent


def test_the_known_revisions_are_the_files() -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    history = ScriptDirectory.from_config(config).walk_revisions()
    assert tuple(reversed([script.revision for script in history])) == REVISIONS


def test_the_migrated_schema_is_the_one_in_the_code(tmp_path: Path) -> None:
    with Catalog.open(tmp_path / "catalog.sqlite3") as catalog, catalog._engine.connect() as open_:
        context = MigrationContext.configure(open_, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        for table in metadata.sorted_tables:
            stored = sa.inspect(open_).get_foreign_keys(table.name)
            expected = [key.ondelete for key in table.foreign_keys]
            assert [key["options"].get("ondelete") for key in stored] == expected


def test_the_tables_and_conditions_can_be_said_to_postgresql() -> None:
    dialect = postgresql.dialect()
    for table in metadata.sorted_tables:
        assert "CREATE TABLE" in str(sa.schema.CreateTable(table).compile(dialect=dialect))
    query = sa.select(sa.func.aggregate_strings(records.c.id, "\x1f")).where(
        *(clause(parse_condition(text)) for text in ("trl!=5", "owner~bách", "expires<2027-01-01"))
    )
    assert "string_agg" in str(query.compile(dialect=dialect))
