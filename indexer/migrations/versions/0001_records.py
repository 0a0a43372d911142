"""Records, bodies, contacts, deletions and the version counter."""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

FOLDED = ("title", "owner", "field", "place", "country")


def upgrade() -> None:
    _records()
    _belonging_to_a_record()
    op.create_table(
        "deletions",
        sa.Column("id", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deletions"),
    )
    op.create_index("ix_deletions_version", "deletions", ["version"])
    meta = op.create_table(
        "meta",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("identity", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_meta"),
    )
    op.bulk_insert(meta, [{"id": 1, "version": 0, "identity": uuid.uuid4().hex}])


def _records() -> None:
    op.create_table(
        "records",
        sa.Column("id", sa.String(200), nullable=False),
        sa.Column("side", sa.String(10), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in FOLDED),
        *(sa.Column(f"{name}_key", sa.Text, nullable=False) for name in FOLDED),
        sa.Column("trl_low", sa.Integer),
        sa.Column("trl_high", sa.Integer),
        sa.Column("money_low", sa.Double),
        sa.Column("money_high", sa.Double),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("language", sa.String(10), nullable=False),
        sa.Column("visibility", sa.String(20), nullable=False),
        sa.Column("starts", sa.Date),
        sa.Column("ends", sa.Date),
        sa.Column("expires", sa.Date),
        sa.Column("same_as", sa.Text, nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_records"),
    )
    op.create_index("ix_records_version", "records", ["version"])


def _belonging_to_a_record() -> None:
    op.create_table(
        "bodies",
        *_key("bodies"),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("source_file", sa.Text, nullable=False),
        sa.Column("source_sheet", sa.Text, nullable=False),
        sa.Column("source_row", sa.Integer, nullable=False),
    )
    op.create_table(
        "contacts",
        *_key("contacts"),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("phone", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
    )


def _key(table: str) -> tuple[sa.Column[str], sa.PrimaryKeyConstraint, sa.ForeignKeyConstraint]:
    return (
        sa.Column("record_id", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name=f"pk_{table}"),
        sa.ForeignKeyConstraint(
            ["record_id"], ["records.id"], name=f"fk_{table}_record_id", ondelete="CASCADE"
        ),
    )
