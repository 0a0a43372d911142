"""Request ids, log lines, figures, spans."""

import io
import json
import logging
import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api import logs
from api.observing import Observing
from api.tracing import Tracing, _asked_tracer
from indexer.workspace import Workspace


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is written to the log, as JSON lines."""
    output = io.StringIO()
    monkeypatch.setattr("sys.stderr", output)
    loggers = [logging.getLogger(name) for name in ("cungcau", "uvicorn")]
    before = [(logger, logger.handlers, logger.propagate, logger.level) for logger in loggers]
    logs.configure("json")
    monkeypatch.undo()
    yield output
    for logger, handlers, propagate, level in before:
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)


def told(lines: io.StringIO) -> list[dict]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_the_id_of_a_request_comes_back(client: TestClient) -> None:
    given = client.get("/health", headers={"X-Request-ID": "Abc-1.2_3"})
    assert given.headers.get_list("x-request-id") == ["Abc-1.2_3"]
    made = [client.get("/nowhere").headers["x-request-id"] for _ in range(2)]
    assert all(re.fullmatch("[0-9a-f]{16}", id_) for id_ in made)
    assert made[0] != made[1]


@pytest.mark.parametrize("given", ["a b", "x" * 41, "a;b", "<script>", ""])
def test_an_id_that_is_none_is_not_taken(client: TestClient, given: str) -> None:
    response = client.get("/health", headers={"X-Request-ID": given})
    assert re.fullmatch("[0-9a-f]{16}", response.headers["x-request-id"])


def test_also_where_it_is_refused_before_any_route(client: TestClient) -> None:
    refused = client.get("/health", headers={"Host": "evil.example", "X-Request-ID": "r1"})
    assert (refused.status_code, refused.headers["x-request-id"]) == (421, "r1")


def test_a_line_of_the_log(client: TestClient, lines: io.StringIO) -> None:
    client.get("/v1/records/CB-01?secret=an.tran@example.com", headers={"X-Request-ID": "r1"})
    line = told(lines)[-1]
    assert line.pop("ms") >= 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", line.pop("at"))
    assert line == {
        "event": "request",
        "level": "info",
        "logger": "cungcau.request",
        "request": "r1",
        "actor": "local",
        "method": "GET",
        "route": "/v1/records/{id}",
        "status": 200,
    }
    client.request("BREW", "/an.tran@example.com")
    assert told(lines)[-1]["method"] == told(lines)[-1]["route"] == "-"
    assert "example.com" not in lines.getvalue()


def test_an_unexpected_error_is_told_once_without_values(
    client: TestClient, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        secret = "an.tran@example.com"
        raise RuntimeError(f"broken {len(secret)}")

    monkeypatch.setattr("api.opened.Opened.index", fails)
    answer = client.get("/v1/ready", headers={"X-Request-ID": "r9"})
    assert (answer.status_code, answer.headers["x-request-id"]) == (500, "r9")
    error, request = told(lines)
    assert (error["event"], error["request"], error["level"]) == ("unexpected", "r9", "error")
    assert error["exception"][0]["exc_value"] == "broken 19"
    assert error["exception"][0]["frames"][-1]["name"] == "fails"
    assert (request["status"], request["route"]) == (500, "/v1/ready")
    assert "an.tran" not in lines.getvalue()


def test_text_is_for_people(capsys: pytest.CaptureFixture[str], lines: io.StringIO) -> None:
    logs.configure("text")
    logging.getLogger("cungcau.request").info("request")
    logging.getLogger("cungcau.follower").warning("the index waits")
    logging.getLogger("uvicorn.error").error("Exception in ASGI application\n")
    assert capsys.readouterr().err == "WARNING cungcau.follower: the index waits\n"


def test_figures(client: TestClient) -> None:
    client.get("/v1/records/CB-01")
    client.get("/v1/records/none")
    client.get("/wp-login.php")
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    body = answer.text
    route = 'method="GET",route="/v1/records/{id}"'
    assert f'cungcau_requests_total{{{route},status="200"}} 1.0' in body
    assert f'cungcau_requests_total{{{route},status="404"}} 1.0' in body
    assert 'cungcau_requests_total{method="GET",route="-",status="404"} 1.0' in body
    assert f"cungcau_request_seconds_count{{{route}}} 2.0" in body
    assert "wp-login" not in body
    for line in (
        "cungcau_catalog_up 1.0",
        "cungcau_catalog_version 1.0",
        "cungcau_index_version 1.0",
        "cungcau_index_fresh_rows 0.0",
        "cungcau_index_failing 0.0",
        'cungcau_records{side="supply"} 7.0',
        'cungcau_records{side="demand"} 5.0',
    ):
        assert f"\n{line}\n" in body, line
    assert "\nprocess_resident_memory_bytes " in body


def test_figures_of_a_catalog_that_is_away(client: TestClient, monkeypatch) -> None:
    from indexer.errors import RequestError

    def away(*_: object) -> None:
        raise RequestError(vi="đi vắng", en="away")

    monkeypatch.setattr("indexer.catalog.Catalog.reading", away)
    assert "\ncungcau_catalog_up 0.0\n" in client.app.state.metrics.text().decode()


def test_ready(client: TestClient, make_workspace, client_of) -> None:
    assert client.get("/v1/ready").json() == {
        "status": "ready",
        "catalog_version": 1,
        "index_version": 1,
    }
    empty = client_of(Workspace.open(make_workspace().path.parent / "trống", create=True))
    assert empty.get("/v1/ready").json()["catalog_version"] == 0


@pytest.fixture
def spans():
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    yield provider, exporter
    provider.shutdown()


def test_spans(client: TestClient, spans, monkeypatch: pytest.MonkeyPatch) -> None:
    provider, exporter = spans
    observing = Observing(client.app, client.app.state.metrics, Tracing(provider.get_tracer("t")))
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with TestClient(
        observing, base_url="http://127.0.0.1", raise_server_exceptions=False
    ) as traced:
        traced.get("/v1/records/CB-01", headers={"X-Request-ID": "r1", "traceparent": parent})
        monkeypatch.setattr("api.opened.Opened.index", lambda _: 1 / 0)
        traced.get("/v1/ready")
    first, second = exporter.get_finished_spans()
    assert first.name == "GET /v1/records/{id}"
    assert dict(first.attributes) == {
        "http.request.method": "GET",
        "cungcau.request": "r1",
        "http.route": "/v1/records/{id}",
        "http.response.status_code": 200,
    }
    assert f"{first.context.trace_id:x}" == "af7651916cd43dd8448eb211c80319c"
    assert (second.name, second.status.is_ok) == ("GET /v1/ready", False)


def test_spans_only_where_the_environment_says_where_to() -> None:
    assert _asked_tracer({}) is None
    there = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}
    assert _asked_tracer({**there, "OTEL_SDK_DISABLED": "true"}) is None
    tracer = _asked_tracer(there)
    assert tracer is not None
    tracer.span_processor.shutdown()
