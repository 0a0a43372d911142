"""Tokens of very many texts, in processes of their own: the slowest part of an index of words.

The processes are plain interpreters that run this file, not those of `multiprocessing`, which
would run a caller's script once more. Each is given texts on its standard input and ends with it.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any, Self

import numpy as np

from indexer.digests import Digests, digest
from indexer.words.tokentable import TokenTable

Tokens = tuple[TokenTable, Digests]

MANY = 30_000  # texts in all: fewer are not worth a process, whose start takes as long
SOME = 1_000  # texts at once
_MOST_PROCESSES = 4
_HEAD = 8  # bytes that tell the length of a message
_ROOT = Path(__file__).parents[1]


def tokenised(texts: Sequence[str]) -> Tokens:
    """The token table of these texts, and their digests (n,)."""
    return TokenTable.of(texts), np.array([digest(text).encode() for text in texts], dtype="S32")


class Tokenisers:
    """Processes that tokenise, started when there is much to do; closed as a context manager."""

    def __init__(self, expected: int) -> None:
        """`expected`: about how many texts there will be in all."""
        self._many = expected >= MANY
        count = min(os.cpu_count() or 1, _MOST_PROCESSES)
        self._free: SimpleQueue[subprocess.Popen[bytes] | None] = SimpleQueue()
        for _ in range(count):
            self._free.put(None)
        self.started: list[subprocess.Popen[bytes]] = []
        self._threads = ThreadPoolExecutor(count)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.started:
            process.kill()  # it holds nothing that is not made again
        self._threads.shutdown(cancel_futures=True)
        for process in self.started:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(OSError):  # what it was not told any more
                        pipe.close()

    def tokenised(self, texts: Sequence[str]) -> "Future[Tokens]":
        """As `tokenised`, in a while."""
        if self._many and len(texts) >= SOME:
            return self._threads.submit(self._elsewhere, texts)
        done: Future[Tokens] = Future()
        done.set_result(tokenised(texts))
        return done

    def _elsewhere(self, texts: Sequence[str]) -> Tokens:
        process = self._free.get()
        try:
            process = process or self._start()
            assert process.stdin is not None
            assert process.stdout is not None
            _send(process.stdin, list(texts))
            *table, digests = _receive(process.stdout)
            found: Tokens = TokenTable(*table), digests
        except (OSError, EOFError, ValueError):
            # It could not be started or is gone; what it would have done is done here.
            process = None
            found = tokenised(texts)
        finally:
            self._free.put(process)
        return found

    def _start(self) -> "subprocess.Popen[bytes]":
        path = os.pathsep.join([str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        process = subprocess.Popen(
            [sys.executable, "-m", "indexer.tokenising"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
        )
        self.started.append(process)
        return process


def _send(pipe: IO[bytes], message: object) -> None:
    body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.write(len(body).to_bytes(_HEAD))
    pipe.write(body)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> Any:  # noqa: ANN401 - whatever was sent
    head = pipe.read(_HEAD)
    body = pipe.read(int.from_bytes(head))
    if len(head) < _HEAD or len(body) < int.from_bytes(head):
        raise EOFError("the other end is gone")
    return pickle.loads(body)


def _work() -> None:
    """Answers until nothing more comes."""
    while True:
        try:
            texts = _receive(sys.stdin.buffer)
        except (EOFError, KeyboardInterrupt):
            return
        table, digests = tokenised(texts)
        _send(sys.stdout.buffer, (table.words, table.ids, table.starts, table.bare, digests))


if __name__ == "__main__":
    _work()
