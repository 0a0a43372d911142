"""Clients that ask an HTTP service as fast as it answers: a closed loop over kept connections.

Lean, as it shares the machine with what it measures: requests are bytes made beforehand, of an
answer only the status and the length are read. What it took of a core is part of the result.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

_PATIENCE = 30.0  # seconds for the last answers


@dataclass
class Load:
    """What came of one series: milliseconds of every answer with 200, and what else there was."""

    clients: int
    milliseconds: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    own_cores: float = 0.0  # of the generator

    def summary(self) -> dict[str, Any]:
        ordered = sorted(self.milliseconds)
        return {
            "clients": self.clients,
            "seconds": round(self.seconds, 1),
            "requests": len(ordered) + self.errors.total(),
            "errors": dict(self.errors),
            "per_second": round(len(ordered) / self.seconds, 1),
            "milliseconds": {
                name: round(ordered[min(int(len(ordered) * share), len(ordered) - 1)], 1)
                for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("worst", 1))
                if ordered
            },
            "generator_cores": round(self.own_cores, 2),
        }


def get(host: str, path: str, values: dict[str, str | int]) -> bytes:
    """A GET as it goes over the wire."""
    return f"GET {path}?{urlencode(values)} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()


def closed_loop(
    port: int,
    requests: Iterator[bytes],
    *,
    clients: int,
    enough: Callable[[float], bool],
) -> Load:
    """Every client sends its next request when the one before is answered, until `enough` of the
    seconds that have passed says so. A connection that ends early counts as an error."""
    found = Load(clients)
    asyncio.run(_run(port, requests, clients, enough, found))
    return found


async def _run(
    port: int, requests: Iterator[bytes], clients: int, enough: Callable[[float], bool], found: Load
) -> None:
    loop = asyncio.get_running_loop()
    began, used = time.perf_counter(), time.process_time()

    def over() -> bool:
        return enough(time.perf_counter() - began)

    async def one() -> None:
        while not over():
            try:
                made = await loop.create_connection(
                    lambda: _Client(requests, over, found), "127.0.0.1", port
                )
            except OSError as error:
                found.errors[type(error).__name__] += 1
                await asyncio.sleep(0.05)
                continue
            await made[1].ended

    waiting = [asyncio.ensure_future(one()) for _ in range(clients)]
    while not over():
        await asyncio.sleep(0.1)
    _, late = await asyncio.wait(waiting, timeout=_PATIENCE)
    for task in late:
        found.errors["no answer"] += 1
        task.cancel()
    found.seconds = time.perf_counter() - began
    found.own_cores = (time.process_time() - used) / found.seconds


class _Client(asyncio.Protocol):
    """One connection: asks again with every answer."""

    def __init__(self, requests: Iterator[bytes], over: Callable[[], bool], found: Load) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._requests = requests
        self._over = over
        self._found = found
        self._transport: asyncio.Transport | None = None
        self._sent: float | None = None
        self._missing = -1  # bytes of the body to come; -1 while the head is read
        self._status = b""
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        if self._missing < 0:
            self._head += data
            head, found, rest = self._head.partition(b"\r\n\r\n")
            if not found:
                return
            self._status = head[9:12]
            self._missing, data = _length(head), rest
        self._missing -= len(data)
        if self._missing <= 0:
            self._answered()

    def connection_lost(self, error: Exception | None) -> None:
        if self._sent is not None:
            self._found.errors[type(error).__name__ if error else "cut"] += 1
        if not self.ended.done():
            self.ended.set_result(None)

    def _ask(self) -> None:
        assert self._transport is not None
        self._missing, self._head = -1, b""
        if self._over():
            self._sent = None
            self._transport.close()
            return
        request = next(self._requests)
        self._sent = time.perf_counter()
        self._transport.write(request)

    def _answered(self) -> None:
        assert self._sent is not None
        taken = (time.perf_counter() - self._sent) * 1_000
        if self._status == b"200":
            self._found.milliseconds.append(taken)
        else:
            self._found.errors[self._status.decode(errors="replace")] += 1
        self._ask()


def _length(head: bytes) -> int:
    """Of the body; raises ValueError for an answer in pieces, which no service here gives."""
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise ValueError("an answer without Content-Length")
