import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice, repeat
from pathlib import Path

import pytest

from evaluation.benchmarks import http, report
from evaluation.benchmarks.load import closed_loop, get
from indexer.records import Record, RecordType, Side
from indexer.updating import update_index
from indexer.workspace import Workspace


@pytest.fixture
def answering() -> Iterator[Callable[[int], int]]:
    """Starts a server that answers every request with a status; gives its port."""
    servers = []

    def start(status: int) -> int:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                assert self.path == "/x?text=s%E1%BA%A5y&k=3"
                self.send_response(status)
                self.send_header("Content-Length", "5")
                self.end_headers()
                self.wfile.write(b"12345")

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever).start()
        servers.append(server)
        return server.server_address[1]

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(("status", "errors"), [(200, {}), (503, {"503"})])
def test_a_closed_loop(answering: Callable[[int], int], status: int, errors: dict[str, int]):
    request = get("127.0.0.1", "/x", {"text": "sấy", "k": 3})
    load = closed_loop(
        answering(status), repeat(request), clients=4, enough=lambda passed: passed > 0.3
    )
    told = load.summary()
    assert told["requests"] >= 4
    assert set(told["errors"]) == set(errors)
    assert bool(told["milliseconds"]) == (not errors)
    assert 0.3 <= told["seconds"] < 5


def test_a_port_where_nobody_answers():
    load = closed_loop(1, repeat(b""), clients=2, enough=lambda passed: passed > 0.2)
    assert load.milliseconds == []
    assert set(load.errors) == {"ConnectionRefusedError"}


def test_queries_are_distinct_or_come_again():
    needs = [f"từ{n}a " * 3 + " ".join(f"từ{n}x{i}" for i in range(40)) for n in range(50)]
    drawn = list(islice(http.queries(needs, 1), 2_000))
    assert len(set(drawn)) > 1_900
    assert {len(text.split()) for text in drawn} == {20}
    again = list(islice(http.repeated(needs, 1), 2_000))
    assert 100 < len(set(again)) < 1_000
    assert list(islice(http.queries(needs, 1), 5)) == drawn[:5]


def test_both_services_and_the_page(tmp_path: Path):
    workspace = Workspace.open(tmp_path / "không gian", create=True)
    with workspace.catalog() as catalog:
        kinds = [(Side.SUPPLY, RecordType.TECHNOLOGY), (Side.DEMAND, RecordType.NEED)]
        catalog.apply(
            Record(
                id=f"{side}{n}",
                side=side,
                type=type_,
                title=f"Máy sấy {n}",
                description=" ".join(f"từ{n * 7 + i}" for i in range(30)),
                owner=f"Viện {n}",
            )
            for side, type_ in kinds
            for n in range(20)
        )
        update_index(catalog, workspace.index_path, encoder_name="static")
    http_document = http.http(
        workspace.path, clients=3, seconds=1, rows=20, peer=False, seed=1, warm=0.2, least=1
    )
    ours = http_document["cungcau"]
    for series in ("distinct", "repeated", "importing"):
        assert ours[series]["requests"] > 3
        assert ours[series]["errors"] == {}
    with workspace.catalog() as catalog:
        assert len(catalog.ids()) == 40  # what is imported is imported into a copy
    one = {"writers": 50, "readers": 200, "seconds": 3.0, "updates": 100, "refused": {"412": 7}}
    one |= {"reads": 900, "hits": 4_000, "lost": 0, "dirty": 0}
    machine = http_document["machine"]
    document = {"benchmark": "concurrency", "sqlite": one, "postgresql": one, "seed": 0}
    page = report.page([{**http_document, "txtai": ours}, {**document, "machine": machine}])
    assert "| txtai, repeated |" in page
    assert "| postgresql | 100 | 7 | 0 | 900 | 0 | 3 |" in page
