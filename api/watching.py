"""Watching a run: how far it is, as server-sent events (WHATWG HTML, 9.2)."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from time import monotonic
from typing import Any

from starlette.concurrency import run_in_threadpool

from api.runner import Runner
from api.service.runs import Run
from indexer.errors import CungcauError

MEDIA_TYPE = "text/event-stream"
EXAMPLE = """id: 12
event: progress
data: {"state": "running", "stage": "match", "done": 120, "total": 400}

"""
_HERE = 0.25  # seconds between two looks at a run of this process
_ELSEWHERE = 1.0  # and of another, or one that waits: these ask the catalog
_KEEP_ALIVE = 15.0  # seconds without an event after which a comment is sent
_LONGEST = 15 * 60.0  # seconds; browsers then come again, and show that they still may


def number(run: Run) -> int:
    """Of the last event there is of a run: what a browser that comes again tells it has."""
    return int(run.progress.get("n", 0))


async def watch(
    runner: Runner, run_id: str, look: Callable[[], Run], last: int, *, whole: bool
) -> AsyncIterator[bytes]:
    """The events after the number `last`, until the run is over. `look` reads the run from the
    catalog; with `whole`, the reader is told stages and counts.

    Nothing is kept for who watches: whoever goes away leaves nothing behind.
    """
    yield b"retry: 2000\n\n"
    began = spoke = monotonic()
    while not runner.stopping.is_set() and monotonic() - began < _LONGEST:
        live = runner.live(run_id)
        if live is not None:
            now: dict[str, Any] = {"state": "running", **live.progress}
        else:
            try:
                run = await run_in_threadpool(look)
            except CungcauError:
                return  # the catalog is away; the browser comes again
            now = {"state": run.state, **run.progress, "n": number(run)}
            if run.over:
                yield _event("end", now, whole=whole)
                return
        if now["n"] > last:
            last = now["n"]
            yield _event("progress", now, whole=whole)
            spoke = monotonic()
        elif monotonic() - spoke > _KEEP_ALIVE:
            yield b": \n\n"
            spoke = monotonic()
        await asyncio.sleep(_ELSEWHERE if live is None else _HERE)


def _event(name: str, now: dict[str, Any], *, whole: bool) -> bytes:
    names = ("state", "stage", "done", "total") if whole else ("state",)
    data = json.dumps({key: now[key] for key in names if key in now}, ensure_ascii=False)
    return f"id: {now['n']}\nevent: {name}\ndata: {data}\n\n".encode()
