"""Two centres with people of every role, and the service over them."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from api.actors import LOCAL_ACTOR, PERMISSIONS, Role
from api.service import centres, keys, organisations, people
from indexer.keeping.keeper import Kept
from indexer.records import Record, RecordType, Side, Visibility
from indexer.sql.changes import distinct, write
from indexer.sql.serviceschema import grants
from indexer.updating import update_index
from indexer.workspace import Workspace

ROLES = ("nobody", "reader", "enterprise", "owner", "organiser", "administrator")
PLACES = ("mine", "centre", "other", "granted")
TIERS = tuple(tier.value for tier in Visibility)


class World:
    """Two centres with people of every role; makes the things that requests are about."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.catalog = workspace.catalog()
        self.seeded: dict[str, list[Record]] = {}
        self.accounts: dict[str, tuple[people.Person, str]] = {}
        with self.catalog.writing() as connection:
            for centre in ("hue", "vinh"):
                centres.add(connection, centre, centre, LOCAL_ACTOR)
            add = organisations.add
            names = {"shop": "hue", "mill": "hue", "inn": "hue", "farm": "vinh"}
            self.organisations = {
                name: add(connection, centre, name, "", LOCAL_ACTOR).id
                for name, centre in names.items()
            }
        of = {"enterprise": "shop", "owner": "mill"}
        # Administrators first: the first person is one.
        for role in (*reversed(ROLES[1:]), "stranger"):
            organisation = self.organisations.get(of.get(role, ""), "")
            kind, centre = (role, "hue") if role != "stranger" else ("organiser", "vinh")
            person = self.person(kind, centre, organisation)
            self.accounts[role] = person, self.key(person, PERMISSIONS[Role(kind)])

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        with self.catalog.writing() as connection:
            yield connection

    def headers(self, role: str) -> dict[str, str]:
        return {} if role == "nobody" else {"Authorization": f"Bearer {self.accounts[role][1]}"}

    def person(self, role: str = "reader", centre: str = "hue", organisation: str = "") -> Any:
        wanted = people.Wanted(
            f"{secrets.token_hex(4)}@x.example", Role(role), role, centre, organisation
        )
        with self.writing() as connection:
            return people.add(connection, wanted, LOCAL_ACTOR)

    def key(self, person: people.Person, scopes: Any) -> str:
        with self.writing() as connection:
            return keys.make(connection, person.actor, "k", sorted(scopes), 30)[1]

    def actor(self, role: str) -> Any:
        return self.accounts[role][0].actor if role != "nobody" else None

    def record(self, thing: str, role: str) -> Record:
        """A new record: as `thing` says, of the side that the role may write."""
        where, _, tier = thing.partition(".")
        actor = self.actor(role)
        mine = actor.organisation if actor else ""
        kept = {
            "mine": Kept("hue", mine),
            "centre": Kept("hue", self.organisations["inn"]),
            "other": Kept("vinh", self.organisations["farm"]),
            "granted": Kept("vinh", self.organisations["farm"]),
        }[where]
        side = Side.DEMAND if role == "enterprise" else Side.SUPPLY
        record = Record(
            id=f"{kept.centre}/{secrets.token_hex(6)}",
            side=side,
            type=RecordType.NEED if side is Side.DEMAND else RecordType.TECHNOLOGY,
            title=f"Máy sấy {''.join(secrets.choice('aeioubdgklmnprst') for _ in range(9))}",
            description="Sấy lúa ướt ngay sau thu hoạch ở đồng bằng.",
            owner=secrets.token_hex(4),  # a list holds three records of one owner
            visibility=Visibility(tier or "public"),
        )
        incoming, gone = distinct([record], [])
        with self.writing() as connection:
            write(connection, incoming, gone, kept)
            if where == "granted" and mine:
                grant = sa.insert(grants).values(record_id=record.id, organisation=mine)
                connection.execute(grant)
        return record


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("matrix")
    unlimited = "reads_per_minute = 0\nwrites_per_minute = 0\n"
    (folder / "cungcau.toml").write_text(unlimited, encoding="utf-8")
    workspace = Workspace.open(folder, create=True)
    made = World(workspace)
    for role, where, tier in product(ROLES, PLACES, TIERS):
        made.seeded.setdefault(role, []).append(made.record(f"{where}.{tier}", role))
    update_index(made.catalog, workspace.index_path)
    yield made
    made.catalog.close()


@pytest.fixture(scope="module")
def client(world: World) -> Iterator[TestClient]:
    from api.main import create_app

    app = create_app(world.workspace)
    with TestClient(
        app, base_url="http://127.0.0.1", raise_server_exceptions=False, follow_redirects=False
    ) as client:
        yield client
