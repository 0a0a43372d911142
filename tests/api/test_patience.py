"""Clients that are slow, silent or gone: their connections end, and cost nothing lasting."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from api import patience
from api.main import create_app
from indexer.workspace import Workspace


class Running:
    """A server in a thread, at `port`."""

    def __init__(self, app: ASGIApp) -> None:
        config = uvicorn.Config(
            app, port=0, http=patience.Protocol, log_config=None, access_log=False
        )
        self.server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self.server.run)
        self._thread.start()
        while not self.server.started:
            time.sleep(0.01)
        self.port = self.server.servers[0].sockets[0].getsockname()[1]

    def connect(self, receiving: int | None = None) -> socket.socket:
        connection = socket.socket()
        if receiving is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receiving)
        connection.settimeout(20)
        connection.connect(("127.0.0.1", self.port))
        return connection

    @property
    def connections(self) -> int:
        return len(self.server.server_state.connections)

    def idle(self) -> bool:
        """Whether, after a while, there are no connections and no requests any more."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if not self.connections and not self.server.server_state.tasks:
                return True
            time.sleep(0.02)
        return False

    def stop(self) -> None:
        self.server.should_exit = True
        self._thread.join(20)


@contextmanager
def running(app: ASGIApp) -> Iterator[Running]:
    server = Running(app)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def server(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setattr(patience, "HEADERS", 0.4)
    monkeypatch.setattr(patience, "STILL", 0.6)
    with running(create_app(workspace)) as started:
        yield started


def everything(connection: socket.socket) -> bytes:
    """What is sent until the connection ends."""
    found = b""
    try:
        while block := connection.recv(65536):
            found += block
    except ConnectionResetError:
        pass
    connection.close()
    return found


GET = b"GET /v1/ready HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
POST = (
    b"POST /v1/search HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n"
)


@pytest.mark.parametrize("sent", [b"", b"GET /v1/ready HT", GET[:-2], GET[:-2] + b"X: 1\r\n"])
def test_headers_that_do_not_come(server: Running, sent: bytes) -> None:
    connection = server.connect()
    connection.sendall(sent)
    assert everything(connection) == b""
    assert server.idle()


def test_headers_of_a_second_request_that_do_not_come(server: Running) -> None:
    connection = server.connect()
    connection.sendall(GET)
    answered = connection.recv(65536)
    while not answered.endswith(b"}"):  # head and body may come apart
        answered += connection.recv(65536)
    assert answered.startswith(b"HTTP/1.1 200")
    connection.sendall(b"GET /v1/")
    assert everything(connection) == b""
    assert server.idle()


def test_headers_that_drip(server: Running) -> None:
    connection = server.connect()
    began = time.monotonic()
    with pytest.raises(OSError):
        for byte in range(200):
            connection.sendall(GET[byte % len(GET) :][:1] if byte < 20 else b"x")
            time.sleep(0.05)
    connection.close()
    assert time.monotonic() - began < 5
    assert server.idle()


def test_a_body_that_stands_still(server: Running) -> None:
    connection = server.connect()
    connection.sendall(POST % 400 + b'{"text": ')
    head, _, body = everything(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408")
    assert json.loads(body)["type"].endswith("too-slow")
    assert server.idle()


def test_a_body_that_drips(server: Running) -> None:
    connection = server.connect()
    connection.sendall(POST % 100_000)
    stop = threading.Event()

    def drip() -> None:
        while not stop.wait(0.05):
            try:
                connection.sendall(b" ")
            except OSError:
                return

    dripping = threading.Thread(target=drip)
    dripping.start()
    assert connection.recv(65536).startswith(b"HTTP/1.1 408")
    stop.set()
    dripping.join()
    connection.close()
    assert server.idle()


def test_a_body_that_is_slow_but_comes(server: Running, monkeypatch) -> None:
    monkeypatch.setattr(patience, "SLOWEST", 10)
    body = json.dumps({"text": "sấy xoài"}).encode()
    connection = server.connect()
    connection.sendall(POST % len(body))
    for start in range(0, len(body), 8):
        time.sleep(0.2)
        connection.sendall(body[start : start + 8])
    assert connection.recv(65536).startswith(b"HTTP/1.1 200")
    connection.close()


def test_a_connection_that_is_cut(server: Running) -> None:
    for _ in range(30):
        connection = server.connect()
        connection.sendall(POST % 400 + b'{"text": ')
        connection.close()
    assert server.idle()
    connection = server.connect()
    connection.sendall(GET)
    assert connection.recv(65536).startswith(b"HTTP/1.1 200")
    connection.close()


@pytest.mark.parametrize("parts", [1, 400])
def test_an_answer_that_nobody_takes(monkeypatch: pytest.MonkeyPatch, parts: int) -> None:
    monkeypatch.setattr(patience, "STILL", 0.3)
    ended = threading.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return
        size = 40_000_000 // parts
        length = (b"content-length", str(size * parts).encode())
        await send({"type": "http.response.start", "status": 200, "headers": [length]})
        for part in range(parts):
            more = part < parts - 1
            await send({"type": "http.response.body", "body": bytes(size), "more_body": more})
        ended.set()

    with running(app) as server:
        connection = server.connect(receiving=4096)
        connection.sendall(GET)
        assert ended.wait(10)
        assert server.idle()
        connection.close()


def test_connections_beyond_the_most_are_ended(server: Running, monkeypatch) -> None:
    monkeypatch.setattr(patience, "HEADERS", 5)
    monkeypatch.setattr(patience, "MOST_CONNECTIONS", 3)
    held = [server.connect() for _ in range(3)]
    while server.connections < 3:
        time.sleep(0.01)
    assert everything(server.connect()) == b""
    for connection in held:
        connection.close()
    assert server.idle()
