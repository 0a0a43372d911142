"""The tables of the catalog, the same on SQLite and PostgreSQL.

`records` holds one narrow row per record: what conditions and lists ask for. The record itself
stands in `bodies` as JSON, so that a filter over 100,000 records never reads their texts, and
contact data stands in `contacts`, so that it can be erased or withheld alone.
"""

from sqlalchemy import (
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

# Every schema revision there has been, oldest first; each is a file in `migrations/versions`.
# Kept here so that opening an up-to-date catalog need not import alembic.
REVISIONS = ("0001", "0002", "0003")

# Columns compared without case and accents; each has a folded copy named `<column>_key`.
FOLDED = ("title", "owner", "field", "place", "country")

# In the order of code points on both, which is Python's.
RECORD_ID = String(200).with_variant(String(200, collation="C"), "postgresql")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# One row, id 1. `version` counts the transactions that changed a record; `identity` tells two
# catalogs with equal versions apart. `restored` is another after every restore from a backup, which
# puts other records under versions an index has seen. `audited` and `audit_digest` are where the
# audit ends, see `indexer.keeping.audit`.
meta = Table(
    "meta",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("identity", String(32), nullable=False),
    Column("restored", String(16), nullable=False, server_default=""),
    Column("audited", Integer, nullable=False, server_default="0"),
    Column("audit_digest", String(64), nullable=False, server_default=""),
)

records = Table(
    "records",
    metadata,
    Column("id", RECORD_ID, primary_key=True),
    Column("side", String(10), nullable=False),
    Column("type", String(40), nullable=False),
    *(Column(name, Text, nullable=False) for name in FOLDED),
    *(Column(f"{name}_key", Text, nullable=False) for name in FOLDED),
    Column("trl_low", Integer),
    Column("trl_high", Integer),
    # For comparing only; the exact amount stands in the body.
    Column("money_low", Double),
    Column("money_high", Double),
    Column("currency", String(3), nullable=False),
    Column("language", String(10), nullable=False),
    Column("visibility", String(20), nullable=False),
    Column("starts", Date),
    Column("ends", Date),
    Column("expires", Date),
    Column("same_as", Text, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("version", Integer, nullable=False, index=True),
    # Who keeps it: a centre and one of its organisations, see `indexer.keeping.access`; "" is none.
    Column("centre", String(40), nullable=False, server_default=""),
    Column("organisation", String(40), nullable=False, server_default=""),
)

bodies = Table(
    "bodies",
    metadata,
    Column("record_id", ForeignKey(records.c.id, ondelete="CASCADE"), primary_key=True),
    # JSON of the record but its contact and source. Text, not JSON: it is hashed as it stands.
    Column("body", Text, nullable=False),
    Column("source_file", Text, nullable=False),
    Column("source_sheet", Text, nullable=False),
    Column("source_row", Integer, nullable=False),
)

contacts = Table(
    "contacts",
    metadata,
    Column("record_id", ForeignKey(records.c.id, ondelete="CASCADE"), primary_key=True),
    Column("person", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("email", Text, nullable=False),
)

# The last version at which a record that is no longer here was deleted.
deletions = Table(
    "deletions",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("version", Integer, nullable=False, index=True),
)

# What people said of pairs, see `indexer.judgements`. Only ever added to; ids without a foreign
# key, because a judgement outlives its records.
judgements = Table(
    "judgements",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("need", String(200), nullable=False),
    Column("offer", String(200), nullable=False),
    Column("grade", Integer, nullable=False),
    Column("answer", String(20), nullable=False),
    Column("who", Text, nullable=False),
    Column("source", String(200), nullable=False),
    # UTC, ISO 8601.
    Column("at", String(32), nullable=False),
    Index("ix_judgements_pair", "need", "offer"),
)
