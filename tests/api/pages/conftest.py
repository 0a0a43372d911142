"""A real service over the demo event, with somebody of every role, for tests of pages.

`service` is shared by all tests of a session, so make your own records and take nothing away; for
a test that must, there is `own_service`. `open_service` is one without accounts.
"""

import base64
import json
import os
import re
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from selenium.webdriver import Chrome

from api.actors import LOCAL_ACTOR, Role
from api.main import create_app
from api.service import organisations, people
from indexer.importing.files import read_records
from indexer.records import Side, Visibility
from indexer.sql.schema import records
from indexer.updating import update_index
from indexer.workspace import Workspace

DEMO = Path(__file__).parents[3] / "datasets" / "techmart-demo"
PASSWORD = "một câu dễ nhớ, đủ dài"
OFFERS, NEEDS = 40, 20
# Of the offers, by position.
NOT_PUBLIC = {
    5: Visibility.RESTRICTED,
    11: Visibility.RESTRICTED,
    17: Visibility.PRIVATE,
    23: Visibility.PRIVATE,
    0: Visibility.CONFIDENTIAL,
}
PEOPLE = {
    "administrator": ("quan.tri@trungtam.example", "Phạm Quản Trị", None),
    "organiser": ("to.chuc@trungtam.example", "Nguyễn Thị Lan", None),
    "owner": ("vien@vien.example", "Trần Văn Viện", Side.SUPPLY),
    "enterprise": ("doanh.nghiep@congty.example", "Lê Thị Doanh", Side.DEMAND),
    "reader": ("doc@trungtam.example", "Đỗ Minh Đọc", None),
}
# "half" is a desktop at 200 %.
SIZES = {"desktop": (1280, 900), "phone": (390, 844), "half": (640, 450)}


@dataclass(frozen=True)
class Account:
    """Somebody who can sign in with `PASSWORD`; `organisation` is an id, "" for none."""

    id: str
    role: str
    email: str
    name: str
    organisation: str = ""
    password: str = PASSWORD


@dataclass(frozen=True)
class Service:
    """A running service; `people` by role: administrator, organiser, owner, enterprise, reader."""

    address: str
    workspace: Workspace
    app: FastAPI
    people: Mapping[str, Account]

    def url(self, path: str) -> str:
        return self.address + path

    def client(self, role: str = "", language: str = "vi") -> TestClient:
        """A client without a browser, signed in as somebody of the role, "" for nobody."""
        headers = {"Accept": "text/html", "Accept-Language": language}
        client = TestClient(self.app, "http://127.0.0.1", headers=headers, follow_redirects=False)
        if role:
            account = self.people[role]
            body = {"email": account.email, "password": account.password}
            assert client.post("/v1/session", json=body).status_code == 200
        return client


@pytest.fixture(scope="session")
def demo_workspaces(tmp_path_factory, password_hash) -> dict[str, Path]:
    """Folders to copy: the demo event without accounts, and with some."""
    folder = tmp_path_factory.mktemp("pages")
    alone, shared = folder / "open", folder / "accounts"
    _fill(Workspace.open(alone, create=True))
    shutil.copytree(alone, shared)
    _people(Workspace.open(shared), password_hash)
    return {"open": alone, "accounts": shared}


@pytest.fixture(scope="session")
def service(demo_workspaces, tmp_path_factory) -> Iterator[Service]:
    """The demo event with accounts.

    A copy: files that are copied while SQLite has them open in the same process lose its locks.
    """
    folder = tmp_path_factory.mktemp("served") / "accounts"
    shutil.copytree(demo_workspaces["accounts"], folder)
    with _served(folder) as running:
        yield running


@pytest.fixture(scope="session")
def open_service(demo_workspaces) -> Iterator[Service]:
    """The demo event without accounts: everybody at this machine may do everything."""
    with _served(demo_workspaces["open"]) as running:
        yield running


@pytest.fixture
def own_service(demo_workspaces, tmp_path) -> Iterator[Service]:
    """As `service`, for one test alone."""
    shutil.copytree(demo_workspaces["accounts"], tmp_path / "own")
    with _served(tmp_path / "own") as running:
        yield running


@pytest.fixture
def signed_in(service) -> Callable[..., Chrome]:
    """`signed_in(browser, "organiser", "/events")`: the page as somebody of a role; "" for nobody.

    Clears the cookies of another role before; `running` is `service` unless given.
    """

    def enter(
        browser: Chrome,
        role: str,
        path: str = "/",
        *,
        language: str = "vi",
        running: Service = service,
    ) -> Chrome:
        browser.get(running.url("/static/0/icon.svg"))
        browser.delete_all_cookies()
        browser.add_cookie({"name": "cungcau_lang", "value": language})
        if role:
            cookie = running.client(role).cookies["cungcau_session"]
            browser.add_cookie({"name": "cungcau_session", "value": cookie, "httpOnly": True})
        browser.get(running.url(path))
        return browser

    return enter


@pytest.fixture
def token() -> Callable[..., str]:
    """`token(client, "/sign-in")`: what a form there sends as `csrf`; signed in, of any page."""

    def find(client: TestClient, path: str = "/") -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', client.get(path).text)
        assert found, f"{path} has no form"
        return found[1]

    return find


@pytest.fixture
def no_violations() -> Callable[..., None]:
    """`no_violations(browser)`: axe-core finds no barrier in the page as it stands."""
    from axe_core_python.selenium import Axe

    def check(browser: Chrome) -> None:
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        found = Axe().run(browser, options={"runOnly": {"type": "tag", "values": tags}})
        assert found["passes"]
        said = [
            (
                one["id"],
                [node["target"] for node in one["nodes"]],
                one["nodes"][0]["failureSummary"],
            )
            for one in found["violations"]
        ]
        assert said == []

    return check


@pytest.fixture
def page_weight() -> Callable[..., int]:
    """`page_weight(browser, url)`: bytes transferred for the page, nothing cached."""

    def weigh(browser: Chrome, url: str) -> int:
        browser.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
        browser.get_log("performance")
        browser.get(url)
        events = (json.loads(line["message"])["message"] for line in browser.get_log("performance"))
        sizes = [
            event["params"]["encodedDataLength"]
            for event in events
            if event["method"] == "Network.loadingFinished"
        ]
        browser.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": False})
        assert sizes
        return int(sum(sizes))

    return weigh


@pytest.fixture
def sized() -> Iterator[Callable[..., None]]:
    """`sized(browser, "phone", dark=True)`: the size of the page and the scheme it is shown in."""
    changed: list[Chrome] = []

    def resize(browser: Chrome, size: str = "desktop", *, dark: bool = False) -> None:
        width, height = SIZES[size]
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        # Half way through a change of colours nobody measures contrast.
        still = {"name": "prefers-reduced-motion", "value": "reduce"}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme, still]})
        changed.append(browser)

    yield resize
    for browser in changed:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


@pytest.fixture
def shot() -> Callable[..., None]:
    """`shot(browser, "home-vi")`: a picture of the whole page, where they are collected."""

    def take(browser: Chrome, name: str) -> None:
        folder = os.environ.get("SCREENSHOTS")
        if not folder:
            return
        Path(folder).mkdir(parents=True, exist_ok=True)
        size = browser.execute_script(
            "return [innerWidth, Math.max(innerHeight, document.documentElement.scrollHeight)]"
        )
        clip = {"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1}
        asked = {"clip": clip, "captureBeyondViewport": True}
        picture = browser.execute_cdp_cmd("Page.captureScreenshot", asked)["data"]
        (Path(folder) / f"{name}.png").write_bytes(base64.b64decode(picture))

    return take


def _fill(workspace: Workspace) -> None:
    """The first offers and needs of the demo event, some of them not public; ready in seconds."""
    (workspace.path / "cungcau.toml").write_text('encoder = "static"\n', encoding="utf-8")
    found = read_records([DEMO / "offers.xlsx", DEMO / "needs.xlsx"]).records
    offers = [one for one in found if one.side is Side.SUPPLY][:OFFERS]
    needs = [one for one in found if one.side is Side.DEMAND][:NEEDS]
    for position, tier in NOT_PUBLIC.items():
        offers[position] = offers[position].model_copy(update={"visibility": tier})
    with workspace.catalog() as catalog:
        catalog.apply([*offers, *needs])
        update_index(catalog, workspace.index_path, encoder_name="static")


def _people(workspace: Workspace, password_hash: str) -> None:
    """Somebody of every role; owner and enterprise are of the first offer's and need's owner."""
    with workspace.catalog() as catalog, catalog.writing() as connection:
        of_side = {}
        for side in Side:
            query = sa.select(records.c.owner).where(records.c.side == side, records.c.owner != "")
            name = connection.execute(query.order_by(records.c.id)).scalars().first()
            made = organisations.add(connection, None, name, "Hà Nội", LOCAL_ACTOR)
            owned = sa.update(records).where(records.c.side == side, records.c.owner == name)
            connection.execute(owned.values(organisation=made.id))
            of_side[side] = made.id
        for role, (email, name, side) in PEOPLE.items():
            organisation = of_side[side] if side else ""
            wanted = people.Wanted(
                email, Role(role), name, "", organisation, password=password_hash
            )
            people.add(connection, wanted, LOCAL_ACTOR)
    with workspace.catalog() as catalog:
        update_index(catalog, workspace.index_path, encoder_name="static", full=True)


@contextmanager
def _served(folder: Path) -> Iterator[Service]:
    """The service over a workspace, on a free port of this machine, in a thread."""
    workspace = Workspace.open(folder)
    app = create_app(workspace)
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="warning", access_log=False, ws="none", lifespan="on")
    )
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + 30
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            assert time.monotonic() < deadline, "the server takes too long"
            time.sleep(0.02)
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        try:
            yield Service(address, workspace, app, _accounts(workspace))
        finally:
            server.should_exit = True
            thread.join(timeout=15)


def _accounts(workspace: Workspace) -> dict[str, Account]:
    with workspace.catalog() as catalog, catalog.reading() as connection:
        found = people.page(connection, LOCAL_ACTOR)
    return {
        one.role.value: Account(one.id, one.role.value, one.email, one.name, one.organisation)
        for one in found
    }
