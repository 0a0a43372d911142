"""The tables a service needs beside the records: centres, people, events, runs, alerts, audit.

In the catalog's database, so that one backup holds everything. Moments are UTC, ISO 8601, as text:
they compare in order and read the same on SQLite and PostgreSQL. "" stands for "none" in every
text column.
"""

from sqlalchemy import Boolean, Column, Double, ForeignKey, Index, Integer, String, Table, Text

from indexer.sql.schema import metadata, records

_ID, _MOMENT, _DIGEST = String(40), String(32), String(64)


def _text(name: str, kind: String | None = None) -> Column[str]:
    return Column(name, kind or Text(), nullable=False, server_default="")


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default="0")


# An innovation centre: the tenant. Records name it in `records.centre`; "" is the only centre of a
# workspace that has none.
centres = Table(
    "centres",
    metadata,
    Column("id", _ID, primary_key=True),
    _text("name"),
    _text("created", _MOMENT),
    _count("version"),
)

# An enterprise or an institute of a centre, whose people own records.
organisations = Table(
    "organisations",
    metadata,
    Column("id", _ID, primary_key=True),
    _text("centre", _ID),
    _text("name"),
    _text("name_key"),
    _text("place"),
    _text("created", _MOMENT),
    _count("version"),
    Index("ix_organisations_centre", "centre", "name_key", unique=True),
)

people = Table(
    "people",
    metadata,
    Column("id", _ID, primary_key=True),
    _text("centre", _ID),
    _text("organisation", _ID),
    _text("email"),
    Column("email_key", Text, nullable=False, unique=True),
    _text("name"),
    _text("role", String(20)),
    # argon2; "" where the person signs in elsewhere.
    _text("password"),
    # Issuer and subject of OpenID Connect.
    _text("subject"),
    _text("language", String(2)),
    _text("consented", _MOMENT),
    _text("disabled", _MOMENT),
    _text("created", _MOMENT),
    _count("version"),
)

# A browser that has signed in; `id` is the SHA-256 of the cookie's value.
sessions = Table(
    "sessions",
    metadata,
    Column("id", _DIGEST, primary_key=True),
    Column("person", ForeignKey(people.c.id, ondelete="CASCADE"), nullable=False),
    _text("csrf", _DIGEST),
    _text("created", _MOMENT),
    _text("expires", _MOMENT),
)

# A key of a program; `id` is the part shown later, `digest` the SHA-256 of the whole.
api_keys = Table(
    "api_keys",
    metadata,
    Column("id", _ID, primary_key=True),
    _text("digest", _DIGEST),
    Column("person", ForeignKey(people.c.id, ondelete="CASCADE"), nullable=False),
    _text("name"),
    # Actions the key is limited to, separated by blanks.
    _text("scopes"),
    _text("created", _MOMENT),
    _text("expires", _MOMENT),
    _text("revoked", _MOMENT),
    _text("used", _MOMENT),
)

# Organisations that may read a confidential record.
grants = Table(
    "grants",
    metadata,
    Column("record_id", ForeignKey(records.c.id, ondelete="CASCADE"), primary_key=True),
    Column("organisation", _ID, primary_key=True),
    _text("person", _ID),
    _text("at", _MOMENT),
)

# What people agreed to be stored about them, by the folded e-mail address or phone number.
consents = Table(
    "consents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subject", Text, nullable=False, index=True),
    _text("at", _MOMENT),
    _text("withdrawn", _MOMENT),
    _text("how"),
    _text("person", _ID),
)

# Who was erased: `digest` is `Subject.digest`, so that a restored backup can be erased again;
# `centre` is "" where all centres were; `redacted` whether texts were cleared too; `swept` when
# the freed pages were overwritten.
erasures = Table(
    "erasures",
    metadata,
    Column("id", Integer, primary_key=True),
    _text("digest", _DIGEST),
    _text("centre", _ID),
    Column("redacted", Boolean, nullable=False, server_default="0"),
    _text("at", _MOMENT),
    _text("swept", _MOMENT),
    Index("ix_erasures_digest", "digest", "centre", unique=True),
)

# Who did what; each line holds the digest of the one before it. Only ever added to.
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    _text("at", _MOMENT),
    _text("actor"),
    _text("action", String(60)),
    _text("object", String(250)),
    _text("centre", _ID),
    _text("request", _ID),
    _text("detail"),
    _text("previous", _DIGEST),
    _text("digest", _DIGEST),
    Index("ix_audit_object", "object"),
)

# An event as its file describes it; `body` is that file, TOML.
events = Table(
    "events",
    metadata,
    Column("id", _ID, primary_key=True),
    _text("centre", _ID),
    _text("name"),
    _text("body"),
    _text("created", _MOMENT),
    _count("version"),
)

# What reviewers decided of the pairs of an event: one row a person, so that nobody's word is lost
# to another's. `verdict` is accept, reject, pin, veto or "" (a note alone).
decisions = Table(
    "decisions",
    metadata,
    Column("event", ForeignKey(events.c.id, ondelete="CASCADE"), primary_key=True),
    Column("demand", String(200), primary_key=True),
    Column("supply", String(200), primary_key=True),
    Column("person", _ID, primary_key=True),
    _text("centre", _ID),
    _text("verdict", String(10)),
    _text("note"),
    _text("at", _MOMENT),
)

# The plans of an event one after the other: the plan of a run with `moves` (JSON) made by hand.
# `number` counts up from 1 in an event, 0 is a proposal that was dropped; `printed` is when a
# version was handed out on paper.
plan_versions = Table(
    "plan_versions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("event", ForeignKey(events.c.id, ondelete="CASCADE"), nullable=False),
    _text("centre", _ID),
    _count("number"),
    # "plan", "replan", "move", "restore" or "dropped".
    _text("kind", String(10)),
    _text("run", _ID),
    _text("moves"),
    # JSON: what a list of versions says of this one.
    _text("said"),
    _text("person", _ID),
    _text("at", _MOMENT),
    _text("printed", _MOMENT),
    Index("ix_plan_versions_event", "event", "number"),
)

# An address at which one participant sees its agenda without an account; `digest` is the SHA-256
# of the secret part of it.
personal_links = Table(
    "personal_links",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("event", ForeignKey(events.c.id, ondelete="CASCADE"), nullable=False),
    _text("centre", _ID),
    # The participant, as the plan writes its name, and as names are compared.
    _text("owner"),
    _text("owner_key"),
    Column("digest", _DIGEST, nullable=False, unique=True),
    _text("person", _ID),
    _text("created", _MOMENT),
    _text("revoked", _MOMENT),
    Index("ix_personal_links_event", "event"),
)

# What came of a meeting, as one of the two who met, or an organiser, says: one row each.
# `outcome` is "met", "no-show", "follow-up" or "contract".
outcomes = Table(
    "outcomes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("event", ForeignKey(events.c.id, ondelete="CASCADE"), nullable=False),
    _text("centre", _ID),
    # Keys of the two owners, and of the one who says it; "" for an organiser.
    _text("demand_owner"),
    _text("supply_owner"),
    _text("teller"),
    # The records their meeting was about.
    _text("demand", String(200)),
    _text("supply", String(200)),
    _text("outcome", String(10)),
    _text("note"),
    # Through which personal link, or which person of the service.
    _text("link", _ID),
    _text("person", _ID),
    _text("at", _MOMENT),
    Index("ix_outcomes_event", "event"),
)

# Long work: an import, a match run, a plan, a replan.
runs = Table(
    "runs",
    metadata,
    Column("id", _ID, primary_key=True),
    _text("kind", String(20)),
    _text("centre", _ID),
    _text("event", _ID),
    _text("person", _ID),
    _text("state", String(20)),
    # JSON: what was asked, how far it is, what came out, what went wrong (vi, en).
    _text("asked"),
    _text("progress"),
    _text("result"),
    _text("failure"),
    _text("created", _MOMENT),
    _text("started", _MOMENT),
    _text("finished", _MOMENT),
    # Of the process that works on it; an old one tells of a process that died.
    _text("heartbeat", _MOMENT),
    # Which process that is.
    _text("worker", _ID),
    Index("ix_runs_event", "centre", "event"),
)

saved_searches = Table(
    "saved_searches",
    metadata,
    Column("id", _ID, primary_key=True),
    _text("centre", _ID),
    _text("person", _ID),
    _text("name"),
    _text("text"),
    _text("want", String(10)),
    # JSON: the conditions as typed.
    _text("conditions"),
    # "feed", "email" or "webhook", and where to.
    _text("channel", String(10)),
    _text("target"),
    _text("secret"),
    Column("least_score", Double, nullable=False, server_default="0"),
    Column("active", Boolean, nullable=False, server_default="1"),
    # The catalog version up to which records have been looked at.
    _count("seen"),
    _text("created", _MOMENT),
    _count("version"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("search", ForeignKey(saved_searches.c.id, ondelete="CASCADE"), nullable=False),
    Column("record_id", String(200), nullable=False),
    Column("score", Double, nullable=False),
    _text("at", _MOMENT),
    Index("ix_alerts_search", "search", "record_id", unique=True),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", _ID, primary_key=True),
    _text("centre", _ID),
    _text("url"),
    _text("secret"),
    # Names of what it is told of, separated by blanks.
    _text("topics"),
    Column("active", Boolean, nullable=False, server_default="1"),
    _text("created", _MOMENT),
    _count("version"),
)

# Messages on their way out: tried again until delivered or given up. `message` names one to who
# receives it, `source` is "webhook:ID" or "search:ID". While one is "sending", `next_at` is when
# whoever took it is given up.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    _text("centre", _ID),
    _text("source", String(80)),
    _text("topic", String(40)),
    _text("message", _ID),
    _text("channel", String(10)),
    _text("target"),
    _text("secret"),
    _text("body"),
    _text("state", String(10)),
    _count("attempts"),
    _text("next_at", _MOMENT),
    _text("failure"),
    _text("created", _MOMENT),
    _text("finished", _MOMENT),
    Index("ix_deliveries_state", "state", "next_at"),
    Index("ix_deliveries_source", "source"),
)

# Answers to creating requests, so that one sent twice is done once.
idempotency = Table(
    "idempotency",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("actor", String(80), primary_key=True),
    _text("request", _DIGEST),
    _count("status"),
    _text("headers"),
    _text("body"),
    _text("at", _MOMENT),
    Index("ix_idempotency_at", "at"),
)
