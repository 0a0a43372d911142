"""Judgements of pairs."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "judgements",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("need", sa.String(200), nullable=False),
        sa.Column("offer", sa.String(200), nullable=False),
        sa.Column("grade", sa.Integer, nullable=False),
        sa.Column("answer", sa.String(20), nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_judgements"),
    )
    op.create_index("ix_judgements_pair", "judgements", ["need", "offer"])
