"""Fifty who write and two hundred who read at once: no update lost, nothing half seen.

    python -m evaluation.benchmarks.concurrency --out docs/benchmarks/concurrency.json

Over `cungcau serve` on SQLite and on PostgreSQL, by as many connections as there are people.
Writers count up numbers in records with If-Match, again where somebody was faster (412): in the end
every number must be what was accepted. Readers search and list meanwhile: every record an answer
names must be there, and in it title and summary must say the same number, one that was accepted and
no older than the reader has seen of that record before.
"""

import asyncio
import json
import random
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from evaluation.benchmarks import machine
from evaluation.benchmarks.output import emit, say
from evaluation.benchmarks.postgresql import PostgreSQL
from evaluation.benchmarks.servers import Server, cungcau_server, running
from indexer.records import Record, RecordType, Side
from indexer.updating import update_index
from indexer.workspace import Workspace

DATABASES = ("sqlite", "postgresql")
_WORDS = ("sấy", "lọc", "ép", "cắt", "nung", "trộn", "đo", "tưới", "ướp", "sàng")


@dataclass
class Tally:
    """What writers and readers met. `wrong` are sentences; none is as it should be."""

    accepted: Counter[str] = field(default_factory=Counter)
    refused: Counter[int] = field(default_factory=Counter)
    reads: int = 0
    hits: int = 0
    highest: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class Connection:
    """One kept connection; asks and reads one answer."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, method: str, path: str, body: object = None, headers: Sequence[str] = ()
    ) -> tuple[int, dict[str, str], Any]:
        """Status, headers in lower case, JSON. What only reads is asked again where the server has
        let go of a connection that waited for too long."""
        waited = self._streams is not None
        try:
            return await self._asked(method, path, body, headers)
        except (ConnectionResetError, asyncio.IncompleteReadError):
            if not waited or method != "GET":
                raise
            self.close()
            return await self._asked(method, path, body, headers)

    async def _asked(
        self, method: str, path: str, body: object, headers: Sequence[str]
    ) -> tuple[int, dict[str, str], Any]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        sent = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(sent)}"]
        lines += ["Content-Type: application/json", *headers, "", ""]
        writer.write("\r\n".join(lines).encode() + sent)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        told = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        length = int(told.get("content-length", 0))
        content = await reader.readexactly(length)
        return int(head[0].split()[1]), told, json.loads(content or b"null")

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


def concurrency(
    database: str,
    *,
    writers: int,
    readers: int,
    changes: int,
    records: int,
    folder: Path,
    pause: float = 0.0,
) -> dict[str, Any]:
    """One service over one database (a URL, or "" for SQLite in the workspace); readers rest for
    `pause` seconds between two looks.

    Raises RuntimeError with what was wrong.
    """
    workspace = _filled(folder, database, records)
    command, probe = cungcau_server(workspace)
    with running(command, probe) as server:
        tally = Tally()
        began = asyncio.run(_together(server, tally, writers, readers, changes, records, pause))
        for number in range(records):
            found = server.ask("GET", f"/v1/records/{_id(number)}")[1]
            if int(found["summary"]) != tally.accepted[_id(number)]:
                tally.wrong.append(f"{_id(number)}: {found['summary']} of {tally.accepted}")
            if tally.highest[_id(number)] > tally.accepted[_id(number)]:
                tally.wrong.append(f"{_id(number)}: {tally.highest} was never accepted")
    if tally.wrong or tally.accepted.total() != writers * changes:
        raise RuntimeError("; ".join(tally.wrong[:5]) or f"accepted: {tally.accepted.total()}")
    return {
        "writers": writers,
        "readers": readers,
        "seconds": round(began, 1),
        "updates": tally.accepted.total(),
        "refused": {str(status): count for status, count in tally.refused.items()},
        "reads": tally.reads,
        "hits": tally.hits,
        "lost": 0,
        "dirty": 0,
    }


async def _together(
    server: Server,
    tally: Tally,
    writers: int,
    readers: int,
    changes: int,
    records: int,
    pause: float,
) -> float:
    loop = asyncio.get_running_loop()
    began, done = loop.time(), asyncio.Event()
    reading = [
        asyncio.ensure_future(_read(server.port, seed, tally, done, pause))
        for seed in range(readers)
    ]
    try:
        work = (_write(server.port, seed, tally, changes, records) for seed in range(writers))
        await asyncio.gather(*work)
        taken = loop.time() - began
    finally:
        done.set()
        await asyncio.gather(*reading)
    return taken


async def _write(port: int, seed: int, tally: Tally, changes: int, records: int) -> None:
    chosen, connection = random.Random(seed), Connection(port)
    for _ in range(changes):
        path = f"/v1/records/{_id(chosen.randrange(records))}"
        while True:
            _, told, found = await connection.ask("GET", path)
            number = int(found["summary"]) + 1
            body = {"title": _title(found["id"], number), "summary": str(number)}
            match = f"If-Match: {told['etag']}"
            status, _, _ = await connection.ask("PATCH", path, body, [match])
            if status == 200:
                tally.accepted[found["id"]] += 1
                break
            tally.refused[status] += 1
            if status != 412:
                tally.wrong.append(f"a change was answered {status}")
                return
    connection.close()


async def _read(port: int, seed: int, tally: Tally, done: asyncio.Event, pause: float) -> None:
    chosen, connection = random.Random(seed), Connection(port)
    seen: Counter[str] = Counter()
    while not done.is_set():
        text = f"máy {chosen.choice(_WORDS)} nông sản"
        if chosen.random() < 0.5:
            path = "/v1/search?" + urlencode({"text": text, "k": 5})
        else:
            path = "/v1/records?" + urlencode({"q": "máy", "limit": 20})
        status, _, found = await connection.ask("GET", path)
        tally.reads += 1
        if status != 200:
            tally.wrong.append(f"{path} was answered {status}")
            return
        for item in found["items"]:
            tally.hits += 1
            _look(item, seen, tally)
        if found["items"]:
            await _exists(connection, chosen.choice(found["items"])["id"], seen, tally)
        await asyncio.sleep(pause * chosen.random() * 2)
    connection.close()


async def _exists(connection: Connection, id_: str, seen: Counter[str], tally: Tally) -> None:
    status, _, found = await connection.ask("GET", f"/v1/records/{id_}")
    if status != 200:
        tally.wrong.append(f"{id_} was named by an answer and is answered {status}")
    else:
        _look(found, seen, tally)


def _look(item: dict[str, Any], seen: Counter[str], tally: Tally) -> None:
    """Whether a record, or a hit, is one that was once accepted, and none from before."""
    id_, title = item["id"], item["title"]
    number = int(title.rpartition(" ")[2])
    if title != _title(id_, number):
        tally.wrong.append(f"{id_} is called “{title}”")
    if "summary" in item and item["summary"] != str(number):
        tally.wrong.append(f"{id_}: title {number}, summary {item['summary']}")
    tally.highest[id_] = max(tally.highest[id_], number)
    if "etag" in item:
        if number < seen[id_]:
            tally.wrong.append(f"{id_}: {number} after {seen[id_]}")
        seen[id_] = number


def _filled(folder: Path, database: str, records: int) -> Path:
    path = folder / "workspace"
    path.mkdir(parents=True)
    (path / "cungcau.toml").write_text(f'database = "{database}"\n', encoding="utf-8")
    workspace = Workspace.open(path, create=True)
    with workspace.catalog() as catalog:
        catalog.apply(
            Record(
                id=_id(number),
                side=Side.SUPPLY,
                type=RecordType.TECHNOLOGY,
                title=_title(_id(number), 0),
                summary="0",
                owner=f"Viện {number}",
            )
            for number in range(records)
        )
        update_index(catalog, workspace.index_path, encoder_name="static")
    return workspace.path


def _id(number: int) -> str:
    return f"Z-{number}"


def _title(id_: str, number: int) -> str:
    return f"Máy {_WORDS[int(id_[2:]) % len(_WORDS)]} nông sản {number}"


def main(
    writers: Annotated[int, typer.Option(min=1)] = 50,
    readers: Annotated[int, typer.Option(min=1)] = 200,
    changes: Annotated[int, typer.Option(min=1, help="Of each writer.")] = 40,
    records: Annotated[int, typer.Option(min=1, help="Records that are changed.")] = 20,
    out: Annotated[Path | None, typer.Option(help="Also save the JSON here.")] = None,
) -> None:
    """Measure and print one JSON document."""
    found: dict[str, Any] = {"benchmark": "concurrency", "seed": 0}
    for name in DATABASES:
        with tempfile.TemporaryDirectory() as folder:
            given = {"writers": writers, "readers": readers, "changes": changes}
            if name == "postgresql":
                with PostgreSQL() as postgresql:
                    url = postgresql.database()
                    told = concurrency(url, **given, records=records, folder=Path(folder))
            else:
                told = concurrency("", **given, records=records, folder=Path(folder))
        say(f"{name}: {told}")
        found[name] = told
    emit({**found, "machine": machine.describe()}, out)


if __name__ == "__main__":
    typer.run(main)
