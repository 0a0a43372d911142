"""Who may do what: `table.tsv`, one line for each route and thing, held to by the service.

A line is: method, path, thing, and the status expected for nobody, reader, enterprise, owner,
organiser and administrator, all of the centre "hue". A thing is where it is, for records a dot and
the visibility:

- `-`       no thing, or a new one of one's own
- `mine`    one's own; a record of one's own organisation, or of none for people of none
- `centre`  of one's centre, but of others
- `other`   of another centre
- `granted` of another centre, granted to one's organisation

A new route needs its lines there, and in `REQUESTS` what is sent.
"""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from api.actors import LOCAL_ACTOR, Action
from api.service import centres, events, organisations, runs, savedsearches, webhooks
from api.service.runfolders import folder_of, note_named, write_lines
from indexer.records import Side
from indexer.sql.schema import records as records_table
from indexer.sql.serviceschema import grants
from indexer.sql.serviceschema import runs as runs_table

HEAD, *TABLE = [
    line.split("\t")
    for line in Path(__file__).with_name("table.tsv").read_text("utf-8").splitlines()
]
ROLES = HEAD[3:]


@dataclass
class Sent:
    """What is sent to a route: the parts of its path, and the rest."""

    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    json: Any = None
    files: Any = None
    headers: dict[str, str] = field(default_factory=dict)


def _centre(thing: str) -> str:
    return "vinh" if thing == "other" else "hue"


def _holder(thing: str, role: str) -> str:
    """The role whose thing it is: one's own, a colleague's, or a stranger's."""
    colleague = "organiser" if role == "administrator" else "administrator"
    return {"mine": role, "centre": colleague, "other": "stranger"}[thing]


ANY = {"If-Match": "*"}
RECORD = {"title": "Máy sấy", "description": "Sấy lúa ướt bằng tầng sôi."}
SEARCH = {"name": "lúa", "text": "sấy lúa ướt"}
HOOK = {"url": "https://93.184.216.34/x", "topics": ["record.created"]}


def _record(world: Any, role: str, thing: str, **more: Any) -> Sent:
    return Sent({"id": world.record(thing, role).id}, **more)


def _new_record(world: Any, role: str, thing: str) -> Sent:
    demand = (role == "enterprise") == (thing == "-")
    title = f"Máy sấy {secrets.token_hex(4)}"
    return Sent(json={"side": "demand" if demand else "supply", **RECORD, "title": title})


def _grant(world: Any, role: str, thing: str, made: bool = False) -> Sent:
    record, organisation = world.record(thing, role).id, world.organisations["farm"]
    if made:
        with world.writing() as connection:
            grant = sa.insert(grants).values(record_id=record, organisation=organisation)
            connection.execute(grant)
    return Sent({"id": record, "organisation": organisation})


def _person(world: Any, role: str, thing: str, **more: Any) -> Sent:
    kind = {"centre": "reader", "other": "reader", "above": "administrator"}[thing]
    return Sent({"id": world.person(kind, _centre(thing)).id}, **more)


def _new_person(world: Any, role: str, thing: str) -> Sent:
    kind = "administrator" if thing == "above" else "organiser"
    email = f"{secrets.token_hex(4)}@y.example"
    return Sent(json={"email": email, "role": kind, "centre": _centre(thing)})


def _key(world: Any, role: str, thing: str) -> Sent:
    if thing == "mine" and role == "nobody":
        return Sent({"id": "00ff"})
    holder = world.accounts[role][0] if thing == "mine" else world.person("reader", _centre(thing))
    text = world.key(holder, [Action.SEARCH])
    return Sent({"id": text.split("_")[1]})


def _keys(world: Any, role: str, thing: str) -> Sent:
    return Sent(query={} if thing == "-" else {"person": world.person("reader", _centre(thing)).id})


def _centre_id(world: Any, role: str, thing: str, **more: Any) -> Sent:
    id_ = f"c{secrets.token_hex(4)}"
    with world.writing() as connection:
        centres.add(connection, id_, id_, LOCAL_ACTOR)
    return Sent({"id": id_}, **more)


def _organisation(world: Any, role: str, thing: str, **more: Any) -> Sent:
    with world.writing() as connection:
        name = secrets.token_hex(4)
        made = organisations.add(connection, _centre(thing), name, "", LOCAL_ACTOR)
    return Sent({"id": made.id}, **more)


def _hook(world: Any, role: str, thing: str, **more: Any) -> Sent:
    with world.writing() as connection:
        made = webhooks.add(
            connection, _centre(thing), HOOK["url"], HOOK["topics"], True, LOCAL_ACTOR
        )
    return Sent({"id": made.id}, **more)


def _search(world: Any, role: str, thing: str, **more: Any) -> Sent:
    holder = _holder(thing, role)
    if holder == "nobody":
        holder = "stranger"
    wanted = savedsearches.Wanted("lúa", "sấy lúa", Side.SUPPLY, (), "feed", "", 0.3, True)
    with world.writing() as connection:
        made, token = savedsearches.add(connection, wanted, world.actor(holder))
    query = {"token": token} if more.pop("token", False) else {}
    return Sent({"id": made.id}, query, **more)


def _subject(world: Any, role: str, thing: str) -> dict[str, Any]:
    return {} if thing == "mine" else {"subject": "ai-do@x.example"}


EVENT = {"body": 'name = "E"\n[[slots]]\nstarts = "2027-05-20 08:30"\n'}
PLAN = {
    "event": {"name": "E", "slots": [{"starts": "2027-05-20 08:30"}]},
    "certificate": {"objective": 0, "bound": 0, "gap": 0, "seconds": 0},
}


def _event(world: Any, role: str, thing: str, **more: Any) -> Sent:
    maker = world.actor("stranger" if thing == "other" else "organiser")
    with world.writing() as connection:
        _free(connection)
        made = events.add(connection, events.described(None, EVENT["body"], None), maker)
    return Sent({"id": made.id}, **more)


def _run(world: Any, role: str, thing: str, state: str = "done", **more: Any) -> Sent:
    """A run of an organiser, that tells of public records; under way, another process does it."""
    maker = world.actor("stranger" if thing == "other" else "organiser")
    need, offer = _pair(world)
    with world.writing() as connection:
        _free(connection)
        made = runs.start(connection, "match", maker, {"k": 1, "language": "vi"})
        later = {"worker": "elsewhere", "heartbeat": "2999", "state": state}
        connection.execute(sa.update(runs_table).where(runs_table.c.id == made.id).values(later))
    folder = folder_of(world.workspace.path, made.id)
    folder.mkdir(parents=True)
    note_named(folder, [need, offer])
    write_lines([{"demand": need, "supply": offer}], folder / "match-list.jsonl")
    return Sent({"id": made.id, "name": "match-list.jsonl"}, **more)


def _pair(world: Any) -> tuple[str, str]:
    """A public need and a public offer."""
    need = world.record("centre.public", "enterprise")
    return need.id, world.record("centre.public", "owner").id


def _free(connection: sa.Connection) -> None:
    """Room for runs: a centre has only so many under way."""
    under_way = runs_table.c.state.in_(runs.UNDER_WAY)
    connection.execute(sa.update(runs_table).where(under_way).values(state="cancelled"))


def _started(**sent: Any) -> Callable[[Any, str, str], Sent]:
    def make(world: Any, role: str, thing: str) -> Sent:
        with world.writing() as connection:
            _free(connection)
        return Sent(**sent)

    return make


def _feedback(world: Any, role: str, thing: str) -> Sent:
    need, offer = _pair(world)
    return Sent(json={"demand": need, "supply": offer, "answer": "accept"})


def _nothing(world: Any, role: str, thing: str) -> Sent:
    return Sent()


def _with(**sent: Any) -> Callable[[Any, str, str], Sent]:
    return lambda world, role, thing: Sent(**sent)


def _of(make: Callable[..., Sent], **more: Any) -> Callable[[Any, str, str], Sent]:
    return lambda world, role, thing: make(world, role, thing, **more)


REQUESTS: dict[str, Callable[[Any, str, str], Sent]] = {
    "GET /health": _nothing,
    "GET /v1/ready": _nothing,
    "GET /metrics": _nothing,
    "GET /v1/search": _with(query={"text": "sấy lúa ướt"}),
    "POST /v1/search": _with(json={"text": "sấy lúa ướt"}),
    "GET /v1/matches": _nothing,
    "GET /v1/records": _nothing,
    "POST /v1/records": _new_record,
    "GET /v1/records/{id}": _record,
    "PUT /v1/records/{id}": _of(_record, json=RECORD, headers=ANY),
    "PATCH /v1/records/{id}": _of(_record, json={"place": "Huế"}, headers=ANY),
    "DELETE /v1/records/{id}": _of(_record, headers=ANY),
    "GET /v1/records/{id}/grants": _record,
    "PUT /v1/records/{id}/grants/{organisation}": _grant,
    "DELETE /v1/records/{id}/grants/{organisation}": _of(_grant, made=True),
    "POST /v1/imports": _with(
        files={"file": ("a.jsonl", b'{"side": "supply", "title": "M\xc3\xa1y"}')}
    ),
    "POST /v1/imports/records": _with(json={"records": [{"side": "supply", **RECORD}]}),
    "POST /v1/imports/runs": _started(
        files={"file": ("a.jsonl", b'{"side": "supply", "title": "M\xc3\xa1y"}')}
    ),
    "GET /v1/events": _nothing,
    "POST /v1/events": _with(json=EVENT),
    "POST /v1/events/files": _with(files={"file": ("e.toml", EVENT["body"].encode())}),
    "GET /v1/events/{id}": _event,
    "PUT /v1/events/{id}": _of(_event, json=EVENT, headers=ANY),
    "DELETE /v1/events/{id}": _of(_event, headers=ANY),
    "POST /v1/events/{id}/runs": _of(_event, json={"kind": "match", "k": 1}),
    "GET /v1/runs": _nothing,
    "GET /v1/runs/{id}": _run,
    "DELETE /v1/runs/{id}": _of(_run, state="running"),
    "GET /v1/runs/{id}/progress": _run,
    "GET /v1/runs/{id}/result": _run,
    "GET /v1/runs/{id}/files": _run,
    "GET /v1/runs/{id}/files/{name}": _run,
    "POST /v1/runs/{id}/replans": _of(_run, json={"changes": {}}),
    "POST /v1/plans/check": _with(json=PLAN),
    "GET /v1/feedback": _nothing,
    "POST /v1/feedback": _feedback,
    "DELETE /v1/feedback": _nothing,
    "GET /v1/learning": _nothing,
    "POST /v1/learning": _started(json={}),
    "POST /v1/learning/undo": _nothing,
    "GET /v1/learning/suggestions": _with(query={"count": 1}),
    "GET /v1/exports/records": _nothing,
    "GET /v1/session": _nothing,
    "POST /v1/session": _with(json={"email": "khong@co.example", "password": "sai"}),
    "DELETE /v1/session": _nothing,
    "POST /v1/session/password": _with(json={"current": "x", "new": "một câu khác, dài"}),
    "GET /v1/session/oidc": _nothing,
    "GET /v1/session/oidc/callback": _nothing,
    "GET /v1/people": _nothing,
    "POST /v1/people": _new_person,
    "GET /v1/people/{id}": _person,
    "PATCH /v1/people/{id}": _of(_person, json={"name": "Mới"}, headers=ANY),
    "GET /v1/keys": _keys,
    "POST /v1/keys": _with(json={"name": "k", "scopes": ["keys"]}),
    "DELETE /v1/keys/{id}": _key,
    "GET /v1/centres": _nothing,
    "POST /v1/centres": lambda *_: Sent(json={"id": f"n{secrets.token_hex(4)}", "name": "N"}),
    "GET /v1/centres/{id}": _centre_id,
    "PATCH /v1/centres/{id}": _of(_centre_id, json={"name": "M"}, headers=ANY),
    "DELETE /v1/centres/{id}": _of(_centre_id, headers=ANY),
    "GET /v1/organisations": _nothing,
    "POST /v1/organisations": lambda world, role, thing: Sent(
        json={"name": secrets.token_hex(4), "centre": _centre(thing)}
    ),
    "GET /v1/organisations/{id}": _organisation,
    "PATCH /v1/organisations/{id}": _of(_organisation, json={"place": "Huế"}, headers=ANY),
    "DELETE /v1/organisations/{id}": _of(_organisation, headers=ANY),
    "GET /v1/audit": _nothing,
    "GET /v1/audit/export": _nothing,
    "POST /v1/webhooks": lambda world, role, thing: Sent(json={**HOOK, "centre": _centre(thing)}),
    "GET /v1/webhooks": _nothing,
    "GET /v1/webhooks/{id}": _hook,
    "PATCH /v1/webhooks/{id}": _of(_hook, json={"active": False}, headers=ANY),
    "DELETE /v1/webhooks/{id}": _of(_hook, headers=ANY),
    "POST /v1/webhooks/{id}/ping": _hook,
    "GET /v1/deliveries": _nothing,
    "POST /v1/saved-searches": _with(json=SEARCH),
    "GET /v1/saved-searches": _nothing,
    "GET /v1/saved-searches/{id}": _search,
    "PATCH /v1/saved-searches/{id}": _of(_search, json={"name": "N"}, headers=ANY),
    "DELETE /v1/saved-searches/{id}": _of(_search, headers=ANY),
    "POST /v1/saved-searches/{id}/token": _search,
    "DELETE /v1/saved-searches/{id}/token": _search,
    "GET /v1/saved-searches/{id}/alerts": _search,
    "GET /v1/saved-searches/{id}/feed": lambda world, role, thing: (
        _search(world, role, "other", token=thing == "granted")
        if thing == "granted"
        else Sent(_search(world, role, "other").path, {"token": "x" * 43})
    ),
    "GET /v1/personal-data": lambda world, role, thing: Sent(query=_subject(world, role, thing)),
    "POST /v1/personal-data/erasures": _with(json={"subject": "ai-do@x.example"}),
    "GET /v1/consents": lambda world, role, thing: Sent(query=_subject(world, role, thing)),
    "POST /v1/consents": lambda world, role, thing: Sent(
        json={"how": "phiếu", **_subject(world, role, thing)}
    ),
    "POST /v1/consents/{id}/withdrawal": lambda world, role, thing: Sent(
        {"id": "2000000000"}, _subject(world, role, thing)
    ),
}


def _send(client: TestClient, route: str, sent: Sent, headers: dict[str, str]) -> int:
    method, path = route.split(" ")
    for name, value in sent.path.items():
        path = path.replace(f"{{{name}}}", value)
    client.cookies.clear()
    answer = client.request(
        method,
        path,
        params=sent.query,
        json=sent.json,
        files=sent.files,
        headers={**sent.headers, **headers},
    )
    return answer.status_code


@pytest.mark.parametrize("line", TABLE, ids=lambda line: " ".join(line[:3]))
def test_the_table_holds(client: TestClient, world: Any, line: list[str]):
    method, path, thing, *expected = line
    route = f"{method} {path}"
    wrong = []
    for role, status in zip(ROLES, expected, strict=True):
        got = _send(client, route, REQUESTS[route](world, role, thing), world.headers(role))
        if str(got) != status:
            wrong.append(f"{role}: {status} is expected, {got} was answered")
    assert wrong == []


def test_every_route_is_in_the_table(client: TestClient):
    document = client.app.openapi()
    routes = {
        f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item
    }
    assert routes == {" ".join(line[:2]) for line in TABLE}
    assert routes == set(REQUESTS)


def _first_allowed() -> Iterator[tuple[str, str, int]]:
    """Of every route the first thing with which an administrator comes through."""
    seen = set()
    for method, path, thing, *expected in TABLE:
        route = f"{method} {path}"
        if route not in seen and expected[-1] < "300":
            seen.add(route)
            yield route, thing, int(expected[-1])


@pytest.mark.parametrize(("route", "thing", "status"), [*_first_allowed()])
def test_a_key_does_what_its_scopes_say(client, world: Any, route, thing, status):
    method, path = route.split(" ")
    action = client.app.openapi()["paths"][path][method.lower()].get("x-action")
    if action is None:
        return
    person = world.accounts["administrator"][0]
    makes = REQUESTS[route]
    only = {"Authorization": f"Bearer {world.key(person, [Action(action)])}"}
    assert _send(client, route, makes(world, "administrator", thing), only) == status
    others = world.key(person, set(Action) - {Action(action)})
    all_else = {"Authorization": f"Bearer {others}"}
    assert _send(client, route, makes(world, "administrator", thing), all_else) == 403
    unknown = {"Authorization": "Bearer cck_0000000000000000_" + "x" * 43}
    assert _send(client, route, makes(world, "administrator", thing), unknown) == 401


@pytest.mark.parametrize("role", ROLES)
def test_every_list_shows_what_may_be_read_and_nothing_else(client, world: Any, role: str):
    with world.catalog.reading() as connection:
        kept = connection.execute(sa.select(records_table)).all()
        granted = set(connection.execute(sa.select(grants.c.record_id, grants.c.organisation)))
    actor = world.actor(role)
    readable = {row.id for row in kept if _readable(row, role, actor, granted)}
    assert readable, "something is public"
    assert len(readable) < len(kept)
    headers = world.headers(role)
    listed, cursor = set(), None
    while True:
        query = {"limit": 200} | ({"cursor": cursor} if cursor else {})
        page = client.get("/v1/records", params=query, headers=headers).json()
        assert page["total"] == len(readable)
        listed |= {item["id"] for item in page["items"]}
        cursor = page["next"]
        if cursor is None:
            break
    assert listed == readable
    for row in world.seeded[role]:
        asked = {"text": row.title, "want": row.side.value, "k": 100}
        found = client.post("/v1/search", json=asked, headers=headers).json()["items"]
        ids = {hit["id"] for hit in found}
        assert ids <= readable
        assert (row.id in ids) == (row.id in readable), row.id


def _readable(row: Any, role: str, actor: Any, granted: set[tuple[str, str]]) -> bool:
    """The rule of the issue, written down once more."""
    if row.visibility == "public":
        return True
    if role == "nobody":
        return False
    mine = bool(actor.organisation)
    if mine and (row.organisation == actor.organisation or (row.id, actor.organisation) in granted):
        return True
    if row.visibility == "restricted":
        return True
    own_centre = row.centre == "hue"
    if row.visibility == "private":
        return own_centre and role in ("reader", "organiser", "administrator")
    keeper = role in ("organiser", "administrator")
    return own_centre and keeper and not row.organisation
