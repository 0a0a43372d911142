"""OpenTelemetry, where it is installed and where the environment says where spans go.

FastAPI's own spans hold the query of a request, which may be somebody's need; ours do not.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from api.version import version

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

_ASKED = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


class Span(Protocol):
    """What is told of a request when it has been answered."""

    def finish(self, route: str, status: int) -> None: ...


class Tracing:
    """Makes a span of every request; without OpenTelemetry, of none."""

    def __init__(self, tracer: "Tracer | None" = None) -> None:
        """With a tracer, that one is used; without, what the environment asks for."""
        self._tracer = tracer or _asked_tracer()

    @property
    def on(self) -> bool:
        return self._tracer is not None

    @contextmanager
    def request(
        self, method: str, request_id: str, headers: Iterable[tuple[bytes, bytes]]
    ) -> Iterator[Span]:
        """A span around a request, continuing the one its headers name. Only where `on`."""
        from opentelemetry.propagate import extract  # noqa: PLC0415 - optional
        from opentelemetry.trace import SpanKind  # noqa: PLC0415

        assert self._tracer is not None
        carrier = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
        attributes = {"http.request.method": method, "cungcau.request": request_id}
        with self._tracer.start_as_current_span(
            method, extract(carrier), SpanKind.SERVER, attributes, record_exception=False
        ) as span:
            yield _Told(span, method)


class _Told:
    def __init__(self, span: Any, method: str) -> None:  # noqa: ANN401 - optional
        self._span = span
        self._method = method

    def finish(self, route: str, status: int) -> None:
        from opentelemetry.trace import Status, StatusCode  # noqa: PLC0415 - optional

        self._span.update_name(f"{self._method} {route}")
        self._span.set_attributes({"http.route": route, "http.response.status_code": status})
        if status >= 500:
            self._span.set_status(Status(StatusCode.ERROR))


def _asked_tracer(environment: Mapping[str, str] = os.environ) -> "Tracer | None":
    off = environment.get("OTEL_SDK_DISABLED", "").casefold() == "true"
    if off or not any(environment.get(name) for name in _ASKED):
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ModuleNotFoundError:
        return None
    name = environment.get("OTEL_SERVICE_NAME", "cungcau")
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider.get_tracer("cungcau", version())
