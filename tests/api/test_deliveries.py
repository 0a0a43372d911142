"""Messages really sent to a local receiver: signed, tried again, taken by one process only."""

import base64
import contextlib
import hashlib
import hmac
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import sqlalchemy as sa

import api.sending
from api.deliverer import Deliverer
from api.schemas.webhooks import DeliveryState, Topic
from api.sending import Message, Sender, SendError
from api.service import deliveries
from api.signing import new_secret
from indexer.catalog import Catalog
from indexer.keeping.keeper import Kept
from indexer.keeping.moments import later
from indexer.keeping.records import KeptRecord
from indexer.records import Record, RecordType, Side, Visibility
from indexer.sql.serviceschema import deliveries as table
from indexer.sql.serviceschema import webhooks


class Receiver(ThreadingHTTPServer):
    """Answers with the statuses it is given, then with 204; keeps what it was sent."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.statuses = []
        self.taken = []
        self.slow = 0.0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/hook?x=1"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((self.path, dict(self.headers), body))
        status = self.server.statuses.pop(0) if self.server.statuses else 204
        if self.server.slow:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            with contextlib.suppress(OSError):
                for _ in range(100):
                    time.sleep(self.server.slow)
                    self.wfile.write(b"X-Slow: 1\r\n")
            return
        self.send_response(status)
        if status in (301, 302, 307, 308):
            self.send_header("Location", self.server.url)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def receiver():
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def catalog(database):
    with Catalog.open(database) as catalog:
        yield catalog


def hook(catalog, url, topics="record.created ping", active=True, centre="", id_="h1"):
    secret = new_secret()
    with catalog.writing() as connection:
        connection.execute(
            sa.insert(webhooks).values(
                id=id_, centre=centre, url=url, secret=secret, topics=topics, active=active
            )
        )
    return secret


def announce(catalog, topic="record.created", centre="", **data):
    with catalog.writing() as connection:
        return deliveries.announce(connection, centre, topic, data)


def rows(catalog):
    with catalog.reading() as connection:
        return connection.execute(sa.select(table).order_by(table.c.id)).all()


def deliverer(catalog, **more):
    return Deliverer(lambda: catalog, Sender(allow_private=True), **more)


def test_what_a_receiver_gets_is_signed(catalog, receiver):
    secret = hook(catalog, receiver.url)
    assert announce(catalog, id="CB-01") == 1
    assert deliverer(catalog).deliver() == 1
    [(path, headers, body)] = receiver.taken
    assert path == "/hook?x=1"
    said = json.loads(body)
    assert said["type"] == "record.created" and said["data"] == {"id": "CB-01"}
    # As standardwebhooks.com has it, computed anew.
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    [row] = rows(catalog)
    assert (row.state, row.attempts, row.failure) == ("done", 1, "")
    assert row.message == headers["webhook-id"]


def test_the_signature_of_the_standards_own_example():
    from api.signing import signature

    # https://github.com/standard-webhooks/standard-webhooks, the test vector of its libraries.
    body = b'{"test": 2432232314}'
    found = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body
    )
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_who_is_told(catalog, receiver):
    hook(catalog, receiver.url, id_="own", centre="c1")
    hook(catalog, receiver.url, id_="other", centre="c2")
    hook(catalog, receiver.url, id_="off", centre="c1", active=False)
    hook(catalog, receiver.url, id_="runs", centre="c1", topics="run.finished")
    assert announce(catalog, centre="c1") == 1
    assert [row.source for row in rows(catalog)] == ["webhook:own"]
    said = {"id": "c1/x", "side": Side.DEMAND, "type": RecordType.NEED, "title": "Máy sấy"}
    with catalog.writing() as connection:
        for tier, expected in ((Visibility.CONFIDENTIAL, 0), (Visibility.PRIVATE, 1)):
            kept = KeptRecord(Record(**said, visibility=tier), Kept("c1"), 7)
            assert deliveries.announce_record(connection, "created", kept) == expected
    assert json.loads(rows(catalog)[-1].body)["data"] == {"id": "c1/x", "version": 7}


def test_every_topic_can_be_asked_for():
    assert {topic.value for topic in Topic} == set(deliveries.TOPICS)
    assert {state.value for state in DeliveryState} == set(deliveries.STATES)


def test_it_is_tried_again_with_growing_pauses(catalog, receiver):
    hook(catalog, receiver.url)
    announce(catalog)
    receiver.statuses = [500, 429, 200]
    worker = deliverer(catalog)
    for expected in ("waiting", "waiting", "done"):
        assert worker.deliver() == 1
        assert worker.deliver() == 0  # not due yet
        [row] = rows(catalog)
        assert row.state == expected
        with catalog.writing() as connection:
            connection.execute(sa.update(table).where(table.c.next_at != "").values(next_at="2020"))
    assert len({headers["webhook-id"] for _, headers, _ in receiver.taken}) == 1
    assert len(receiver.taken) == 3


def test_the_pauses():
    for attempts, least, most in ((1, 5, 15), (3, 20, 60), (8, 640, 1920), (40, 1800, 5400)):
        waits = [deliveries.wait(attempts) for _ in range(50)]
        assert least <= min(waits) and max(waits) <= most
        assert len(set(waits)) > 10


def test_it_is_given_up_after_the_last_attempt(catalog, receiver):
    hook(catalog, receiver.url)
    announce(catalog)
    receiver.statuses = [500] * 5
    worker = deliverer(catalog, most_attempts=1)
    assert worker.deliver() == 1
    [row] = rows(catalog)
    assert (row.state, row.failure) == ("failed", "HTTP 500") and row.finished
    assert worker.deliver() == 0


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(catalog, receiver, status):
    hook(catalog, receiver.url)
    announce(catalog)
    receiver.statuses = [status]
    deliverer(catalog, most_attempts=1).deliver()
    assert len(receiver.taken) == 1
    assert rows(catalog)[0].failure == f"HTTP {status}"


def test_internal_targets_are_refused_when_sent_too(catalog, receiver):
    hook(catalog, receiver.url)
    announce(catalog)
    Deliverer(lambda: catalog, Sender(), most_attempts=1).deliver()
    assert receiver.taken == []
    assert rows(catalog)[0].failure.startswith("refused: the host has an internal address")


def test_a_receiver_that_answers_a_byte_at_a_time_is_cut_off(receiver, monkeypatch):
    monkeypatch.setattr(api.sending, "_WHOLE", 0.3)
    receiver.slow = 0.1
    started = time.monotonic()
    message = Message("webhook", "m1", receiver.url, new_secret(), "{}")
    with pytest.raises(SendError, match="no answer in time"):
        Sender(allow_private=True).send(message)
    assert time.monotonic() - started < 3


def test_nobody_listens(catalog):
    hook(catalog, "http://127.0.0.1:9/")
    announce(catalog)
    deliverer(catalog).deliver()
    [row] = rows(catalog)
    assert row.state == "waiting" and "refused" in row.failure.casefold()


def test_two_processes_do_not_send_one_message_twice(catalog, receiver):
    hook(catalog, receiver.url)
    for number in range(12):
        announce(catalog, id=str(number))
    workers = [deliverer(catalog) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        while sum(pool.map(Deliverer.deliver, workers)):
            pass
    assert sorted(json.loads(body)["data"]["id"] for _, _, body in receiver.taken) == sorted(
        map(str, range(12))
    )
    assert {(row.state, row.attempts) for row in rows(catalog)} == {("done", 1)}


def test_what_a_killed_process_had_taken_is_sent_later(catalog, receiver):
    hook(catalog, receiver.url)
    announce(catalog)
    with catalog.writing() as connection:
        [taken] = deliveries.take(connection, 10)  # and is killed
    worker = deliverer(catalog)
    assert worker.deliver() == 0
    with catalog.writing() as connection:
        connection.execute(sa.update(table).values(next_at=later(-1)))
    assert worker.deliver() == 1
    assert rows(catalog)[0].state == "done"
    with catalog.writing() as connection:  # the killed one comes back after all
        deliveries.settle(connection, taken, "too late")
    assert rows(catalog)[0].state == "done"


def test_the_thread_sends_and_stops(catalog, receiver):
    hook(catalog, receiver.url)
    worker = deliverer(catalog, poll=30)
    worker.start()
    announce(catalog)
    worker.wake()
    until = time.monotonic() + 5
    while not receiver.taken and time.monotonic() < until:
        time.sleep(0.01)
    worker.close()
    assert [row.state for row in rows(catalog)] == ["done"]


def test_old_messages_are_taken_out(catalog, receiver):
    hook(catalog, receiver.url)
    announce(catalog)
    announce(catalog)
    worker = deliverer(catalog)
    worker.deliver()
    with catalog.writing() as connection:
        old = later(-40 * 86400)
        connection.execute(sa.update(table).where(table.c.id == 1).values(finished=old))
    worker.tidy()
    assert [row.id for row in rows(catalog)] == [2]
