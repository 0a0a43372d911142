"""Saved searches: each new record that answers is told of once, by feed, e-mail or webhook."""

import json
import socket
import threading
import time
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from fastapi.testclient import TestClient

from api.actors import LOCAL_ACTOR
from api.main import create_app
from api.service import alerts as service
from api.service import savedsearches
from indexer.catalog import Catalog
from indexer.keeping.moments import now
from indexer.records import Record, RecordType, Side, Visibility
from indexer.sql.serviceschema import people, saved_searches
from indexer.updating import update_index
from indexer.workspace import Workspace
from matcher.hit import Hit
from matcher.match import Match

NEED = {"name": "Nước thải <dệt>", "text": "xử lý nước thải dệt nhuộm", "least_score": 0.0}
ATOM = {"a": "http://www.w3.org/2005/Atom"}


OZONE = "Xử lý nước thải dệt nhuộm bằng ozone"
WAYS = [
    "Than hoạt tính giữ màu nhuộm, tái sinh bằng hơi nước.",
    "Màng lọc nano giữ muối và thuốc nhuộm.",
    "Bùn hạt kỵ khí phân hủy hồ tinh bột.",
    "Keo tụ điện hóa cho xưởng in hoa.",
    "Vi nấm trắng phân giải thuốc nhuộm hoạt tính.",
    "Bãi lọc trồng cây vetiver sau xử lý.",
    "Fenton quang hóa dùng nắng, không cần đèn.",
    "Bay hơi chân không thu hồi muối.",
]


def offer(id_, title=OZONE, about="Khử màu nước thải dệt nhuộm trong bốn giờ.", **more):
    return Record(
        id=id_,
        side=Side.SUPPLY,
        type=RecordType.TECHNOLOGY,
        title=title,
        description=about,
        owner="Viện Sông Lam",
        **more,
    )


class Mailbox:
    def __init__(self):
        self.letters = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd asks for it
        self.letters.append(
            (envelope.rcpt_tos, message_from_bytes(envelope.content, policy=default))
        )
        return "250 OK"


@pytest.fixture
def mailbox():
    found = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        found.port = free.getsockname()[1]
    controller = Controller(found, hostname="127.0.0.1", port=found.port, ready_timeout=20)
    controller.start()
    yield found
    controller.stop()


@pytest.fixture
def workspace(tmp_path):
    workspace = Workspace.open(tmp_path / "ws", create=True)
    with workspace.catalog() as catalog:
        catalog.apply([offer("CB-00"), offer("CB-XA", "Máy sấy xoài bằng bơm nhiệt")])
        update_index(catalog, workspace.index_path, encoder_name="lsa")
    return workspace


def served(workspace, **settings):
    settings = workspace.settings.model_copy(update=settings)
    app = create_app(Workspace(workspace.path, settings))
    return TestClient(app, base_url="http://localhost")  # not entered: no threads


def look(client):
    """What the alerter's thread does when the index has moved on."""
    opened = client.app.state.opened
    assert opened.follower.wait(opened.catalog.version, 20)
    return client.app.state.alerter.look()


def add(client, *records):
    client.app.state.opened.catalog.apply(records)
    return look(client)


@pytest.fixture
def client(workspace):
    client = served(workspace, allow_private_targets=True)
    yield client
    client.app.state.opened.close()


def create(client, **more):
    answer = client.post("/v1/saved-searches", json={**NEED, **more})
    assert answer.status_code == 201, answer.text
    return answer


def alerts(client, search):
    answer = client.get(f"/v1/saved-searches/{search['id']}/alerts")
    return [item["record_id"] for item in answer.json()["items"]]


def test_only_what_is_new_and_each_once(client):
    search = create(client).json()
    assert look(client) == 0
    assert add(client, offer("CB-01")) == 1
    assert look(client) == 0
    assert add(client, offer("CB-02")) == 1
    assert add(client, offer("CB-01", title="Xử lý nước thải dệt nhuộm bằng ozone, bản 2")) == 0
    assert alerts(client, search) == ["CB-02", "CB-01"]


def test_more_of_one_owner_than_a_list_shows(client):
    search = create(client).json()
    assert (
        add(
            client,
            *(offer(f"CB-1{n}", f"Nước thải dệt nhuộm: {way}", way) for n, way in enumerate(WAYS)),
        )
        == 8
    )
    assert len(alerts(client, search)) == 8


def test_conditions_least_score_and_rest(client):
    strict = create(client, least_score=1.0).json()
    narrow = create(client, where=["place=Nghệ An"]).json()
    asleep = create(client, active=False).json()
    assert add(client, offer("CB-01"), offer("CB-02", place="Nghệ An")) == 1
    assert [alerts(client, one) for one in (strict, narrow, asleep)] == [[], ["CB-02"], []]


def test_the_feed_and_its_token(client):
    made = create(client, channel="feed").json()
    add(
        client,
        offer("CB/01 ờ", "Xử lý nước thải & dệt nhuộm \x0b mới"),
        offer("CB-K", visibility="private"),
    )
    answer = client.get(made["feed"])
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(answer.content)
    assert feed.find("a:title", ATOM).text == "Nước thải <dệt>"
    titles = {entry.find("a:title", ATOM).text for entry in feed.findall("a:entry", ATOM)}
    # What is not open is named by its id only.
    assert titles == {"Xử lý nước thải & dệt nhuộm  mới", "CB-K"}
    links = [entry.find("a:link", ATOM).get("href") for entry in feed.findall("a:entry", ATOM)]
    assert "http://localhost/v1/records/CB%2F01%20%E1%BB%9D" in links

    path = f"/v1/saved-searches/{made['id']}"
    assert client.get(f"{path}/feed", params={"token": "x" * 43}).status_code == 404
    renewed = client.post(f"{path}/token").json()
    assert client.get(made["feed"]).status_code == 404
    assert client.get(renewed["feed"]).status_code == 200
    assert client.delete(f"{path}/token").status_code == 204
    assert client.get(renewed["feed"]).status_code == 404
    with client.app.state.opened.catalog.reading() as connection:
        stored = connection.execute(sa.select(saved_searches)).one()
    assert made["token"] not in str(stored) and renewed["token"] not in str(stored)


def test_a_letter_tells_of_all_that_is_new(workspace, mailbox):
    client = served(
        workspace, smtp_url=f"smtp://127.0.0.1:{mailbox.port}", public_url="https://cau.example/"
    )
    create(client, channel="email", target="an@vidu.example")
    second = offer("CB-02", "Nước thải dệt nhuộm: than", WAYS[0])
    private = offer("CB-K", "Nước thải dệt nhuộm: màng", WAYS[1], visibility="private")
    assert add(client, offer("CB-01"), second, private) == 3
    assert client.app.state.deliverer.deliver() == 1
    [(to, letter)] = mailbox.letters
    assert to == ["an@vidu.example"]
    assert letter["Subject"] == "3 hồ sơ mới khớp với “Nước thải <dệt>”"
    assert letter["From"] == "cungcau@127.0.0.1" and letter["Auto-Submitted"] == "auto-generated"
    text = letter.get_content()
    assert "Xử lý nước thải dệt nhuộm bằng ozone" in text
    assert "https://cau.example/v1/records/CB-01" in text
    assert "- CB-K (" in text
    client.app.state.opened.close()


def test_without_a_mail_server_it_waits(workspace):
    client = served(workspace)
    create(client, channel="email", target="an@vidu.example")
    add(client, offer("CB-01"))
    assert client.app.state.deliverer.deliver() == 1
    [item] = client.get("/v1/deliveries").json()["items"]
    assert (item["state"], item["failure"]) == ("waiting", "smtp_url is not set")
    assert "an@vidu.example" not in str(item)
    client.app.state.opened.close()


def test_a_webhook_is_told_ids(client):
    taken = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        made = create(client, channel="webhook", target=url).json()
        assert made["secret"].startswith("whsec_") and made["token"] is None
        add(client, offer("CB-01"))
        assert client.app.state.deliverer.deliver() == 1
        server.shutdown()
    [said] = taken
    assert said["type"] == "alert.created"
    assert [one["id"] for one in said["data"]["records"]] == ["CB-01"]
    assert said["data"]["search"] == made["id"]


def test_two_processes_tell_once(workspace):
    clients = [served(workspace, allow_private_targets=True) for _ in range(2)]
    search = create(clients[0], channel="webhook", target="http://127.0.0.1:9/").json()
    clients[0].app.state.opened.catalog.apply([offer("CB-01"), offer("CB-02")])
    for client in clients:
        opened = client.app.state.opened
        assert opened.follower.wait(opened.catalog.version, 20)
    found = []
    threads = [
        threading.Thread(target=lambda one=client: found.append(one.app.state.alerter.look()))
        for client in clients
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [0, 2]
    assert sorted(alerts(clients[0], search)) == ["CB-01", "CB-02"]
    assert len(clients[0].get("/v1/deliveries").json()["items"]) == 1
    for client in clients:
        client.app.state.opened.close()


def person(catalog, id_, role="reader", **more):
    values = {"id": id_, "email": f"{id_}@x.example", "email_key": f"{id_}@x.example"}
    with catalog.writing() as connection:
        connection.execute(sa.insert(people).values(**values, role=role, **more))


def saved(catalog, id_, whose, **more):
    with catalog.writing() as connection:
        connection.execute(
            sa.insert(saved_searches).values(
                id=id_, person=whose, text=NEED["text"], want="supply", conditions="[]",
                channel=more.pop("channel", "feed"), seen=1, **more,
            )
        )  # fmt: skip


def told(catalog, id_):
    from indexer.sql.serviceschema import alerts as table

    with catalog.reading() as connection:
        return set(connection.scalars(sa.select(table.c.record_id).where(table.c.search == id_)))


def test_nobody_is_told_of_what_they_may_not_read(client):
    catalog = client.app.state.opened.catalog
    person(catalog, "admin", "administrator")
    person(catalog, "lan", centre="c1")
    person(catalog, "minh", centre="c2")
    person(catalog, "cu", centre="c1", disabled=now())
    for whose in ("lan", "minh", "cu", ""):
        saved(catalog, f"s-{whose}", whose)
    catalog.apply(
        offer(f"CB-{tier.value}", f"Nước thải dệt nhuộm: {way}", way, visibility=tier)
        for tier, way in zip(Visibility, WAYS, strict=False)
    )
    with catalog.writing() as connection:
        connection.execute(sa.text("UPDATE records SET centre = 'c1' WHERE id LIKE 'CB-%i%'"))
    look(client)
    assert told(catalog, "s-minh") == {"CB-public", "CB-restricted"}
    assert told(catalog, "s-lan") == {"CB-public", "CB-restricted", "CB-private"}
    # An account that is closed, and a search from before there were accounts.
    assert told(catalog, "s-cu") == told(catalog, "s-") == set()


def test_changing_listing_and_removing(client):
    made = create(client)
    id_, tag = made.json()["id"], made.headers["etag"]
    path = f"/v1/saved-searches/{id_}"
    assert made.headers["location"] == path
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert client.patch(path, json={"name": "b"}).status_code == 428
    changed = client.patch(path, json={"name": "b", "where": ["trl>=5"]}, headers={"If-Match": tag})
    assert changed.status_code == 200 and changed.json()["where"] == ["trl>=5"]
    assert client.patch(path, json={"name": "c"}, headers={"If-Match": tag}).status_code == 412
    create(client)
    first = client.get("/v1/saved-searches", params={"limit": 1}).json()
    second = client.get("/v1/saved-searches", params={"limit": 1, "cursor": first["next"]}).json()
    assert {one["items"][0]["id"] for one in (first, second)} >= {id_} and second["next"] is None
    new = changed.headers["etag"]
    assert client.delete(path, headers={"If-Match": new}).status_code == 204
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"where": ["màu=đỏ"]}, "body.where[0]"),
        ({"channel": "email"}, "body.target"),
        ({"channel": "email", "target": "ai đó"}, "body.target"),
        ({"channel": "webhook", "target": "ftp://x"}, "body.target"),
        ({"channel": "feed", "target": "x"}, "body.target"),
        ({"least_score": 1.5}, "body.least_score"),
        ({"text": ""}, "body.text"),
    ],
)
def test_what_is_refused(client, more, place):
    answer = client.post("/v1/saved-searches", json={**NEED, **more})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["place"] == place


def test_internal_targets_are_refused(workspace):
    client = served(workspace)
    for url in ("http://127.0.0.1/", "http://localhost:8000/", "http://169.254.169.254/"):
        body = {**NEED, "channel": "webhook", "target": url}
        answer = client.post("/v1/saved-searches", json=body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["place"] == "body.target"
    client.app.state.opened.close()


def test_the_running_service_tells_by_itself(workspace):
    with served(workspace) as client:
        search = create(client).json()
        client.app.state.opened.catalog.apply([offer("CB-01")])
        until = time.monotonic() + 20
        while not alerts(client, search) and time.monotonic() < until:
            time.sleep(0.05)
        assert alerts(client, search) == ["CB-01"]


def test_alerts_on_either_database(database):
    with Catalog.open(database) as catalog:
        with catalog.writing() as connection:
            wanted = savedsearches.Wanted("a", "b", Side.SUPPLY, (), "feed", "", 0.0, True)
            search, _ = savedsearches.add(connection, wanted, LOCAL_ACTOR)
        catalog.apply([offer("CB-01"), offer("CB-02", visibility="private")])
        with catalog.writing() as connection:
            assert service.behind(connection) and service.due(connection, 1) == [search]
            asker = service.asker_of(connection, search)
            match = Match("query", "CB-01", 1, 0.5)
            hits = [Hit(offer("CB-01"), match), Hit(offer("CB-gone"), match)]
            assert service.keep(connection, search, asker, hits, 1) == 1
            assert service.keep(connection, search, asker, hits, 2) == 0  # looked meanwhile
            assert not service.behind(connection)
            [alert] = service.latest(connection, search, LOCAL_ACTOR.reader, None, 5)
            assert (alert.record_id, alert.title, alert.score) == ("CB-01", OZONE, 0.5)
