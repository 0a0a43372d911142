"""Alerts: new records that answer a saved search, each told of once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import sqlalchemy as sa

from api.service import deliveries, people
from api.service.savedsearches import EMAIL, WEBHOOK, SavedSearch, of_row
from indexer.bilingual import Bilingual, Language
from indexer.conditions import Condition, parse_condition
from indexer.keeping.access import LOCAL, Reader, readable
from indexer.keeping.moments import now
from indexer.records import Visibility
from indexer.sql.changes import chunks
from indexer.sql.schema import meta, records
from indexer.sql.serviceschema import alerts, saved_searches
from indexer.sql.serviceschema import people as people_table
from matcher.hit import Hit
from matcher.matcher import Matcher

MOST = 100  # alerts of one search at a time; of more new records the best
# A condition that names the owner lifts the cap on records of one owner; no owner is named so.
_NO_CAP = Condition("owner", "!=", "\x1f")
_OPEN = (Visibility.PUBLIC.value, Visibility.RESTRICTED.value)


@dataclass(frozen=True, slots=True)
class Asker:
    """Whom a saved search belongs to: what they may read, where and how they are written to."""

    reader: Reader
    email: str
    language: Language


@dataclass(frozen=True, slots=True)
class Alert:
    """A record that answers a saved search. `title` is "" where it is told to those only who sign
    in: messages and feeds pass through many hands."""

    id: int
    record_id: str
    title: str
    score: float
    at: str


def behind(connection: sa.Connection) -> bool:
    """Whether any search has not looked at the newest version of the catalog."""
    newest = sa.select(meta.c.version).scalar_subquery()
    query = sa.exists().where(saved_searches.c.active, saved_searches.c.seen < newest)
    return bool(connection.execute(sa.select(query)).scalar_one())


def due(connection: sa.Connection, version: int) -> list[SavedSearch]:
    """The searches that have not looked at the records of that catalog version."""
    query = sa.select(saved_searches).where(
        saved_searches.c.active, saved_searches.c.seen < version
    )
    return [of_row(row) for row in connection.execute(query.order_by(saved_searches.c.id))]


def asker_of(connection: sa.Connection, search: SavedSearch) -> Asker | None:
    """None where the account is gone or disabled."""
    if not search.person:
        # The person at this machine, as long as nobody has an account.
        return None if people.exist(connection) else Asker(LOCAL, search.target, "vi")
    row = connection.execute(
        sa.select(people_table).where(
            people_table.c.id == search.person, people_table.c.disabled == ""
        )
    ).one_or_none()
    if row is None:
        return None
    person = people.of_row(row)
    return Asker(person.actor.reader, person.email, "en" if person.language == "en" else "vi")


def answers(matcher: Matcher, search: SavedSearch, asker: Asker) -> list[Hit]:
    """What was changed since the search looked last and answers it, best first."""
    where = (
        *map(parse_condition, search.where),
        Condition("version", ">", search.seen),
        _NO_CAP,
    )
    hits = matcher.search(search.text, want=search.want, k=MOST, where=where, reader=asker.reader)
    return [hit for hit in hits if hit.match.score >= search.least_score]


def keep(
    connection: sa.Connection,
    search: SavedSearch,
    asker: Asker,
    hits: Sequence[Hit],
    version: int,
    public_url: str = "",
) -> int:
    """Keeps the alerts of what the asker may read and was not told of, puts the message in, and
    notes that the search has looked; returns how many are new.

    Where another process has looked meanwhile nothing is done.
    """
    looked = connection.execute(
        sa.update(saved_searches)
        .where(saved_searches.c.id == search.id, saved_searches.c.seen == search.seen)
        .values(seen=version)
    )
    if looked.rowcount != 1:
        return 0
    found = {hit.record.id: hit for hit in hits}
    tiers = _readable(connection, asker.reader, found)
    told = _told(connection, search.id, found)
    new = [found[id_] for id_ in found if id_ in tiers and id_ not in told]
    if not new:
        return 0
    at = now()
    rows = [
        {"search": search.id, "record_id": hit.record.id, "score": hit.match.score, "at": at}
        for hit in new
    ]
    connection.execute(sa.insert(alerts), rows)
    if search.channel == EMAIL:
        body = _letter(search, asker.language, new, tiers, public_url)
        deliveries.put(
            connection,
            search.centre,
            search.source,
            EMAIL,
            search.target or asker.email,
            "",
            deliveries.ALERT,
            body,
        )
    elif search.channel == WEBHOOK:
        said = [{"id": hit.record.id, "score": round(hit.match.score, 4)} for hit in new]
        deliveries.put(
            connection,
            search.centre,
            search.source,
            WEBHOOK,
            search.target,
            search.secret,
            deliveries.ALERT,
            {"search": search.id, "records": said},
        )
    return len(new)


def skip(connection: sa.Connection, search: SavedSearch, version: int) -> None:
    """Notes that nobody looks for what was changed up to `version`."""
    connection.execute(
        sa.update(saved_searches)
        .where(saved_searches.c.id == search.id, saved_searches.c.seen == search.seen)
        .values(seen=version)
    )


def latest(
    connection: sa.Connection, search: SavedSearch, reader: Reader, before: int | None, limit: int
) -> list[Alert]:
    """Alerts of records that are there and that `reader` may read now, the newest first."""
    query = (
        sa.select(alerts, records.c.title, records.c.visibility)
        .join(records, records.c.id == alerts.c.record_id)
        .where(alerts.c.search == search.id, readable(reader))
        .order_by(alerts.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(alerts.c.id < before)
    return [
        Alert(
            row.id, row.record_id, row.title if row.visibility in _OPEN else "", row.score, row.at
        )
        for row in connection.execute(query)
    ]


def _readable(connection: sa.Connection, reader: Reader, ids: Iterable[str]) -> dict[str, str]:
    """id -> visibility of those of `ids` that `reader` may read now."""
    query = sa.select(records.c.id, records.c.visibility).where(readable(reader))
    return {
        str(id_): str(tier)
        for chunk in chunks(sorted(ids))
        for id_, tier in connection.execute(query.where(records.c.id.in_(chunk)))
    }


def _told(connection: sa.Connection, search: str, ids: Iterable[str]) -> set[str]:
    """Those of `ids` the search was told of before."""
    query = sa.select(alerts.c.record_id).where(alerts.c.search == search)
    return {
        str(id_)
        for chunk in chunks(sorted(ids))
        for id_ in connection.scalars(query.where(alerts.c.record_id.in_(chunk)))
    }


def _letter(
    search: SavedSearch,
    language: Language,
    new: Sequence[Hit],
    tiers: Mapping[str, str],
    public_url: str,
) -> dict[str, str]:
    """Subject and text of the e-mail that tells of new records."""
    lines = []
    for hit in new:
        record = hit.record
        title = record.heading() if tiers[record.id] in _OPEN else record.id
        share = f"{hit.match.score:.0%}"
        lines.append(f"- {title} ({share})")
        if public_url:
            lines.append(f"  {public_url.rstrip('/')}/v1/records/{quote(record.id, safe='')}")
    subject = Bilingual(
        vi=f"{len(new)} hồ sơ mới khớp với “{search.name}”",
        en=f"{len(new)} new records match “{search.name}”",
    )
    head = Bilingual(
        vi=f"Tìm kiếm đã lưu “{search.name}” có {len(new)} hồ sơ mới (kèm khả năng phù hợp):",
        en=f"Your saved search “{search.name}” has {len(new)} new records (with how likely each "
        "fits):",
    )
    foot = Bilingual(
        vi="Hồ sơ nội bộ chỉ ghi mã; hãy đăng nhập để xem. Để thôi nhận tin, hãy tắt hoặc xóa tìm "
        f"kiếm mã {search.id}.",
        en="Records that are not open are named by id; sign in to read them. To receive no more, "
        f"switch off or remove the search {search.id}.",
    )
    text = "\n".join([head.say(language), "", *lines, "", foot.say(language), ""])
    return {"subject": subject.say(language), "text": text}
