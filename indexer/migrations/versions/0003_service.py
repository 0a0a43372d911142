"""What a service needs: centres, organisations, people, events, runs, alerts, audit."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _audit()
    _centres()
    _consents()
    _deliveries()
    _erasures()
    _events()
    _idempotency()
    _organisations()
    _people()
    _runs()
    _saved_searches()
    _webhooks()
    _alerts()
    _api_keys()
    _decisions()
    _plan_versions()
    _personal_links()
    _outcomes()
    _grants()
    _sessions()
    _kept_by()
    _end_of_audit()
    _order_of_ids()


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False, server_default=""),
        sa.Column("actor", sa.Text(), nullable=False, server_default=""),
        sa.Column("action", sa.String(length=60), nullable=False, server_default=""),
        sa.Column("object", sa.String(length=250), nullable=False, server_default=""),
        sa.Column("centre", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("request", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("detail", sa.Text(), nullable=False, server_default=""),
        sa.Column("previous", sa.String(length=64), nullable=False, server_default=""),
        sa.Column("digest", sa.String(length=64), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_object", "audit", ["object"], unique=False)


def _centres() -> None:
    op.create_table(
        "centres",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, server_default=""),
        sa.Column("created", sa.String(length=32), nullable=False, server_default=""),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_centres"),
    )


def _consents() -> None:
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False, server_default=""),
        sa.Column("withdrawn", sa.String(length=32), nullable=False, server_default=""),
        sa.Column("how", sa.Text(), nullable=False, server_default=""),
        sa.Column("person", sa.String(length=40), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
    )
    op.create_index("ix_consents_subject", "consents", ["subject"], unique=False)


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("centre", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("source", sa.String(length=80), nullable=False, server_default=""),
        sa.Column("topic", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("message", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("channel", sa.String(length=10), nullable=False, server_default=""),
        sa.Column("target", sa.Text(), nullable=False, server_default=""),
        sa.Column("secret", sa.Text(), nullable=False, server_default=""),
        sa.Column("body", sa.Text(), nullable=False, server_default=""),
        sa.Column("state", sa.String(length=10), nullable=False, server_default=""),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", sa.String(length=32), nullable=False, server_default=""),
        sa.Column("failure", sa.Text(), nullable=False, server_default=""),
        sa.Column("created", sa.String(length=32), nullable=False, server_default=""),
        sa.Column("finished", sa.String(length=32), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_source", "deliveries", ["source"], unique=False)
    op.create_index("ix_deliveries_state", "deliveries", ["state", "next_at"], unique=False)


def _erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False, server_default=""),
        sa.Column("centre", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("at", sa.String(length=32), nullable=False, server_default=""),
        sa.Column("redacted", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("swept", sa.String(length=32), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name="pk_erasures"),
    )
    op.create_index("ix_erasures_digest", "erasures", ["digest", "centre"], unique=True)


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("centre", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("name", sa.Text(), nullable=False, server_default=""),
        sa.Column("body", sa.Text(), nullable=False, server_default=""),
        sa.Column("created", sa.String(length=32), nullable=False, server_default=""),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
    )


def _idempotency() -> None:
    op.create_table(
        "idempotency",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("request", sa.String(length=64), nullable=False, server_default=""),
        sa.Column("status", sa.Integer(), server_default="0", nullable=False),
        sa.Column("headers", sa.Text(), nullable=False, server_default=""),
        sa.Column("body", sa.Text(), nullable=False, server_default=""),
        sa.Column("at", sa.String(length=32), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("key", "actor", name="pk_idempotency"),
    )
    op.create_index("ix_idempotency_at", "idempotency", ["at"])


def _organisations() -> None:
    op.create_table(
        "organisations",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("centre", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("name", sa.Text(), nullable=False, server_default=""),
        sa.Column("name_key", sa.Text(), nullable=False, server_default=""),
        sa.Column("place", sa.Text(), nullable=False, server_default=""),
        sa.Column("created", sa.String(length=32), nullable=False, server_default=""),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_organisations"),
    )
    op.create_index("ix_organisations_centre", "organisations", ["centre", "name_key"], unique=True)


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("centre", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("organisation", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("email", sa.Text(), nullable=False, server_default=""),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, server_default=""),
        sa.Column("role", sa.String(length=20), nullable=False, server_default=""),
        sa.Column("password", sa.Text(), nullable=False, server_default=""),
        sa.Column("subject", sa.Text(), nullable=False, server_default=""),
        sa.Column("language", sa.String(length=2), nullable=False, server_default=""),
        sa.Column("consented", sa.String(length=32), nullable=False, server_default=""),
        sa.Column("disabled", sa.String(length=32), nullable=False, server_default=""),
        sa.Column("created", sa.String(length=32), nullable=False, server_default=""),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("email_key"),
    )


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False, server_default=""),
        sa.Column("centre", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("event", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("person", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("state", sa.String(length=20), nullable=False, server_default=""),
        sa.Column("asked", sa.Text(), nullable=False, server_default=""),
        sa.Column("progress", sa.Text(), nullable=False, server_default=""),
        sa.Column("result", sa.Text(), nullable=False, server_default=""),
        sa.Column("failure", sa.Text(), nullable=False, server_default=""),
        sa.Column("created", sa.String(length=32), nullable=False, server_default=""),
        sa.Column("started", sa.String(length=32), nullable=False, server_default=""),
        sa.Column("finished", sa.String(length=32), nullable=False, server_default=""),
        sa.Column("heartbeat", sa.String(length=32), nullable=False, server_default=""),
        sa.Column("worker", sa.String(length=40), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    op.create_index("ix_runs_event", "runs", ["centre", "event"], unique=False)


def _saved_searches() -> None:
    op.create_table(
        "saved_searches",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("centre", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("person", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("name", sa.Text(), nullable=False, server_default=""),
        sa.Column("text", sa.Text(), nullable=False, server_default=""),
        sa.Column("want", sa.String(length=10), nullable=False, server_default=""),
        sa.Column("conditions", sa.Text(), nullable=False, server_default=""),
        sa.Column("channel", sa.String(length=10), nullable=False, server_default=""),
        sa.Column("target", sa.Text(), nullable=False, server_default=""),
        sa.Column("secret", sa.Text(), nullable=False, server_default=""),
        sa.Column("least_score", sa.Double(), server_default="0", nullable=False),
        sa.Column("active", sa.Boolean(), server_default="1", nullable=False),
        sa.Column("seen", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created", sa.String(length=32), nullable=False, server_default=""),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_searches"),
    )


def _webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("centre", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("url", sa.Text(), nullable=False, server_default=""),
        sa.Column("secret", sa.Text(), nullable=False, server_default=""),
        sa.Column("topics", sa.Text(), nullable=False, server_default=""),
        sa.Column("active", sa.Boolean(), server_default="1", nullable=False),
        sa.Column("created", sa.String(length=32), nullable=False, server_default=""),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("search", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.String(length=200), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(
            ["search"], ["saved_searches.id"], name="fk_alerts_search", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
    )
    op.create_index("ix_alerts_search", "alerts", ["search", "record_id"], unique=True)


def _api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False, server_default=""),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, server_default=""),
        sa.Column("scopes", sa.Text(), nullable=False, server_default=""),
        sa.Column("created", sa.String(length=32), nullable=False, server_default=""),
        sa.Column("expires", sa.String(length=32), nullable=False, server_default=""),
        sa.Column("revoked", sa.String(length=32), nullable=False, server_default=""),
        sa.Column("used", sa.String(length=32), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(
            ["person"], ["people.id"], name="fk_api_keys_person", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
    )


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("demand", sa.String(length=200), nullable=False),
        sa.Column("supply", sa.String(length=200), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("centre", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("verdict", sa.String(length=10), nullable=False, server_default=""),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.Column("at", sa.String(length=32), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(
            ["event"], ["events.id"], name="fk_decisions_event", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event", "demand", "supply", "person", name="pk_decisions"),
    )


def _plan_versions() -> None:
    op.create_table(
        "plan_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("centre", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("number", sa.Integer(), server_default="0", nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False, server_default=""),
        sa.Column("run", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("moves", sa.Text(), nullable=False, server_default=""),
        sa.Column("said", sa.Text(), nullable=False, server_default=""),
        sa.Column("person", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("at", sa.String(length=32), nullable=False, server_default=""),
        sa.Column("printed", sa.String(length=32), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(
            ["event"], ["events.id"], name="fk_plan_versions_event", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_plan_versions"),
    )
    op.create_index("ix_plan_versions_event", "plan_versions", ["event", "number"], unique=False)


def _personal_links() -> None:
    op.create_table(
        "personal_links",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("centre", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("owner", sa.Text(), nullable=False, server_default=""),
        sa.Column("owner_key", sa.Text(), nullable=False, server_default=""),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("created", sa.String(length=32), nullable=False, server_default=""),
        sa.Column("revoked", sa.String(length=32), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(
            ["event"], ["events.id"], name="fk_personal_links_event", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_personal_links"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("ix_personal_links_event", "personal_links", ["event"], unique=False)


def _outcomes() -> None:
    op.create_table(
        "outcomes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("centre", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("demand_owner", sa.Text(), nullable=False, server_default=""),
        sa.Column("supply_owner", sa.Text(), nullable=False, server_default=""),
        sa.Column("teller", sa.Text(), nullable=False, server_default=""),
        sa.Column("demand", sa.String(length=200), nullable=False, server_default=""),
        sa.Column("supply", sa.String(length=200), nullable=False, server_default=""),
        sa.Column("outcome", sa.String(length=10), nullable=False, server_default=""),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.Column("link", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("person", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("at", sa.String(length=32), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(
            ["event"], ["events.id"], name="fk_outcomes_event", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_outcomes"),
    )
    op.create_index("ix_outcomes_event", "outcomes", ["event"], unique=False)


def _grants() -> None:
    op.create_table(
        "grants",
        sa.Column("record_id", sa.String(length=200), nullable=False),
        sa.Column("organisation", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("at", sa.String(length=32), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(
            ["record_id"], ["records.id"], name="fk_grants_record_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("record_id", "organisation", name="pk_grants"),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False, server_default=""),
        sa.Column("created", sa.String(length=32), nullable=False, server_default=""),
        sa.Column("expires", sa.String(length=32), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(
            ["person"], ["people.id"], name="fk_sessions_person", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
    )


def _kept_by() -> None:
    with op.batch_alter_table("records", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("centre", sa.String(length=40), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("organisation", sa.String(length=40), nullable=False, server_default="")
        )


def _end_of_audit() -> None:
    with op.batch_alter_table("meta", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("restored", sa.String(length=16), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("audited", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(
            sa.Column("audit_digest", sa.String(length=64), nullable=False, server_default="")
        )


def _order_of_ids() -> None:
    """PostgreSQL: in the order of code points, whatever the language of the database."""
    if op.get_bind().dialect.name == "postgresql":
        for table in ("bodies", "contacts", "grants"):
            op.execute(f'ALTER TABLE {table} ALTER COLUMN record_id TYPE varchar(200) COLLATE "C"')
        op.execute('ALTER TABLE records ALTER COLUMN id TYPE varchar(200) COLLATE "C"')
