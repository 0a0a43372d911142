"""Figures for Prometheus: requests as they are answered, the rest when somebody looks."""

from collections.abc import Iterator
from contextlib import suppress

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from api.opened import Opened
from indexer.errors import CungcauError
from indexer.generations import POINTER
from indexer.sql.schema import meta, records
from indexer.sql.serviceschema import deliveries, runs

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
UNKNOWN = "-"  # the route of an address that there is none for


class Metrics:
    """The figures of one service."""

    def __init__(self, opened: Opened) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "cungcau_requests",
            "Requests answered",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "cungcau_request_seconds",
            "Time from a request to the end of its answer",
            ("method", "route"),
            registry=self._registry,
            buckets=_SECONDS,
        )
        self._registry.register(_State(opened))
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def text(self) -> bytes:
        """All figures, in Prometheus' text format."""
        return generate_latest(self._registry)


class _State:
    """What the catalog and the index hold, read when it is asked for."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened

    def describe(self) -> list[Metric]:
        return []  # nothing is read when it is registered

    def collect(self) -> Iterator[Metric]:
        reachable = True
        try:
            yield from self._of_catalog()
        except CungcauError:
            reachable = False
        yield _gauge("catalog_up", "Whether the catalog can be read", float(reachable))
        with suppress(CungcauError):
            yield from self._of_index()

    def _of_catalog(self) -> Iterator[Metric]:
        with self._opened.catalog.reading() as connection:
            version = connection.execute(sa.select(meta.c.version)).scalar_one()
            yield _gauge("catalog_version", "Changes the catalog has seen", version)
            for name, told, column in (
                ("records", "Records by side", records.c.side),
                ("runs", "Runs by state", runs.c.state),
                ("deliveries", "Messages to others by state", deliveries.c.state),
            ):
                counts = sa.select(column, sa.func.count()).group_by(column)
                found = {row[0]: row[1] for row in connection.execute(counts)}
                yield _gauges(name, told, column.name, found)

    def _of_index(self) -> Iterator[Metric]:
        index = self._opened.index()
        yield _gauge("index_version", "Catalog version that can be searched", index.catalog_version)
        yield _gauge("index_fresh_rows", "Rows not yet in the stored index", index.fresh)
        failing = self._opened.failure is not None
        yield _gauge("index_failing", "Whether the newest index cannot be read", float(failing))
        with suppress(OSError):
            made = (self._opened.workspace.index_path / POINTER).stat().st_mtime
            yield _gauge("index_made_seconds", "When the stored index was made, Unix time", made)


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(f"cungcau_{name}", told, value=value)


def _gauges(name: str, told: str, label: str, values: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(f"cungcau_{name}", told, labels=(label,))
    for value, count in values.items():
        family.add_metric((value,), count)
    return family
