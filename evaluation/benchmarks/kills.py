"""What is left when a process is killed: everything it had acknowledged, and nothing half.

    python -m evaluation.benchmarks.kills --times 200 --out docs/benchmarks/kills.json

Each time, a process that imports, changes single records, makes the index, backs up or restores is
killed (SIGKILL) at a random moment; then the workspace is opened and looked through as `doctor`
does. Processes are forked from this one, which has everything loaded: POSIX only.
"""

import os
import random
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from evaluation.benchmarks import machine
from evaluation.benchmarks.output import emit, say
from evaluation.benchmarks.postgresql import PostgreSQL
from indexer.backup.archive import Archive
from indexer.backup.making import backup
from indexer.backup.restoring import replace, staged
from indexer.catalog import Catalog
from indexer.generations import current_generation
from indexer.index import Index
from indexer.keeping.audit import Entry, append, verify
from indexer.records import Record
from indexer.updating import update_index
from indexer.workspace import Workspace

_ENCODER = "static"
_BATCH = 300  # records of an import
_SINGLE = 40  # records that are changed one at a time

Told = Callable[[int], None]
Work = Callable[[Workspace, int, Told], None]


class LossError(Exception):
    """Something acknowledged is not there, or something is there in half."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that is interrupted: `work(workspace, first, told)` goes on from the number
    `first` without end and tells every number that is done; `check(workspace, done)` raises
    LossError, and returns the number to go on from. It is killed within `seconds`."""

    prepare: Callable[[Workspace], None]
    work: Work
    check: Callable[[Workspace, int], int]
    seconds: float


def kill(workspace: Workspace, kind: Kind, first: int, random_: random.Random) -> tuple[int, int]:
    """Lets a process work until it is killed, and checks what it left.

    Returns the number to go on from, and how many it had acknowledged.
    """
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reading)
        _end_in(lambda: kind.work(workspace, first, lambda n: _tell(writing, n)))
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        begun = told.readline()
        time.sleep(random_.uniform(0, kind.seconds))
        os.kill(process, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        lines = (begun + told.read()).split()
    if status != -signal.SIGKILL:
        raise RuntimeError(f"the process ended by itself, with status {status}")
    look_through(workspace)
    return kind.check(workspace, int(lines[-1])), len(lines) - 1


def _end_in(work: Callable[[], None]) -> None:
    """Runs `work` in a forked process, which never comes back."""
    try:
        work()
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(1)


def _tell(pipe: int, number: int) -> None:
    os.write(pipe, b"%d\n" % number)


def look_through(workspace: Workspace) -> None:
    """What `cungcau doctor` looks at."""
    with workspace.catalog() as catalog:
        found = catalog.check()
        with catalog.reading() as connection:
            found += verify(connection)
        version, identity = catalog.version, catalog.identity
        ids = catalog.ids()
    if found:
        raise LossError(found[0].en)
    if current_generation(workspace.index_path) is None:
        return
    index = Index.open(workspace.index_path)
    index.verify()
    if index.manifest.catalog != identity:
        return  # of before a restore: nobody takes it for one of this catalog
    if index.catalog_version > version:
        raise LossError(f"the index is of version {index.catalog_version}, the catalog {version}")
    indexed = {*index.supply.ids, *index.demand.ids}
    if index.catalog_version == version and indexed != ids:
        raise LossError(f"the index differs by {len(indexed ^ ids)} records")


def _offer(name: str, number: int) -> Record:
    title = f"Máy sấy bơm nhiệt {number}"
    return Record(id=name, side="supply", type="technology", title=title, summary="x" * 200)


def _numbers(catalog: Catalog) -> dict[str, int]:
    return {record.id: int(record.title.rpartition(" ")[2]) for record in catalog.records()}


def _whole_import(number: int) -> list[Record]:
    return [_offer(f"i{place}", number) for place in range(_BATCH)]


def _import(workspace: Workspace, first: int, told: Told) -> None:
    with workspace.catalog() as catalog:
        told(first - 1)
        for number in range(first, 1_000_000):
            with workspace.writing():
                catalog.apply(_whole_import(number))
                told(number)
                update_index(catalog, workspace.index_path, encoder_name=_ENCODER)


def _check_import(workspace: Workspace, done: int) -> int:
    with workspace.catalog() as catalog:
        held = _numbers(catalog)
    if len(set(held.values())) > 1 or len(held) != _BATCH:
        raise LossError(f"half an import: {len(held)} records of {set(held.values())}")
    return _next(next(iter(held.values())), done)


def _next(found: int, done: int) -> int:
    """One more than acknowledged may have been done: between the commit and the word of it."""
    if found not in (done, done + 1):
        raise LossError(f"{done} was acknowledged, {found} is there")
    return found + 1


def _single(number: int) -> tuple[str, Record | None]:
    """What the change of that number does: a new text for one record, or its end."""
    name = f"u{number % _SINGLE}"
    return name, None if number % 7 == 3 else _offer(name, number)


def _held_after(number: int) -> dict[str, int]:
    held: dict[str, int] = {}
    for done in range(max(1, number - 8 * _SINGLE), number + 1):
        name, record = _single(done)
        held.pop(name, None)
        if record is not None:
            held[name] = done
    return held


def _update(workspace: Workspace, first: int, told: Told) -> None:
    with workspace.catalog() as catalog:
        told(first - 1)
        for number in range(first, 1_000_000):
            name, record = _single(number)
            catalog.apply([record] if record else (), deleted_ids=() if record else [name])
            told(number)


def _check_update(workspace: Workspace, done: int) -> int:
    with workspace.catalog() as catalog:
        held = _numbers(catalog)
    for number in (done, done + 1):
        if held == _held_after(number):
            return number + 1
    raise LossError(f"{done} changes were acknowledged, and something else is there")


def _swap(workspace: Workspace, first: int, told: Told) -> None:
    with workspace.catalog() as catalog:
        told(first - 1)
        for number in range(first, 1_000_000):
            catalog.apply([_offer("s", number)])
            full = number % 3 == 0
            update_index(catalog, workspace.index_path, encoder_name=_ENCODER, full=full)
            told(number)


def _check_swap(workspace: Workspace, done: int) -> int:
    """The index is at least as new as acknowledged: a version is a change here."""
    version = Index.open(workspace.index_path).catalog_version
    if version not in (done, done + 1):
        raise LossError(f"the index of version {done} was acknowledged, it is of {version}")
    with workspace.catalog() as catalog:
        update_index(catalog, workspace.index_path, encoder_name=_ENCODER)
        return catalog.version + 1


def _backups(workspace: Workspace) -> Path:
    folder = workspace.path / "backups"
    folder.mkdir(exist_ok=True)
    return folder


def _backup(workspace: Workspace, first: int, told: Told) -> None:
    with workspace.catalog() as catalog:
        told(first - 1)
        for number in range(first, 1_000_000):
            catalog.apply([_offer("b", number)])
            backup(workspace, _backups(workspace) / f"{number}.zip")
            told(number)


def _check_backup(workspace: Workspace, done: int) -> int:
    paths = list(_backups(workspace).glob("*.zip"))
    for path in paths:
        with Archive.open(path) as archive:
            if archive.manifest.catalog_version < int(path.stem):
                raise LossError(f"{path.name} is of an older version")
        path.unlink()
    with workspace.catalog() as catalog:
        last = _numbers(catalog)["b"]
    if paths and not {int(path.stem) for path in paths} & {done, done + 1}:
        raise LossError(f"the backup {done} was acknowledged, and is not there")
    return last + 1


def _prepare_restore(workspace: Workspace) -> None:
    """Two backups, of other records each."""
    with workspace.catalog() as catalog:
        for number in (0, 1):
            catalog.apply(_whole_import(number))
            update_index(catalog, workspace.index_path, encoder_name=_ENCODER)
            backup(workspace, _backups(workspace) / f"{number}.zip")


def _restore(workspace: Workspace, first: int, told: Told) -> None:
    with workspace.catalog() as catalog:
        told(first - 1)
        for number in range(first, 1_000_000):
            path = _backups(workspace) / f"{number % 2}.zip"
            with (
                Archive.open(path) as archive,
                workspace.writing(),
                staged(archive, workspace) as source,
            ):
                replace(source, workspace, catalog, Entry("local", "workspace.restore"))
            told(number)


def _check_restore(workspace: Workspace, done: int) -> int:
    with workspace.catalog() as catalog:
        held = _numbers(catalog)
    if len(set(held.values())) > 1 or len(held) != _BATCH:
        raise LossError(f"half a restore: {len(held)} records of {set(held.values())}")
    found = next(iter(held.values()))
    return _next(done if found == done % 2 else done + 1, done)


def _first(record: Record) -> Callable[[Workspace], None]:
    def prepare(workspace: Workspace) -> None:
        with workspace.catalog() as catalog, catalog.writing() as connection:
            append(connection, Entry("local", "begin"))
        with workspace.catalog() as catalog:
            catalog.apply([record])
            update_index(catalog, workspace.index_path, encoder_name=_ENCODER)

    return prepare


def _import_first(workspace: Workspace) -> None:
    with workspace.catalog() as catalog:
        catalog.apply(_whole_import(1))
        update_index(catalog, workspace.index_path, encoder_name=_ENCODER)


KINDS = {
    "import": Kind(_import_first, _import, _check_import, 1.0),
    "update": Kind(_first(_offer("u1", 1)), _update, _check_update, 0.3),
    "swap": Kind(_first(_offer("s", 1)), _swap, _check_swap, 1.0),
    "backup": Kind(_first(_offer("b", 1)), _backup, _check_backup, 0.5),
    "restore": Kind(_prepare_restore, _restore, _check_restore, 1.5),
}


def kills(
    *, kinds: list[str], times: int, seed: int, database: str = ""
) -> Iterator[dict[str, Any]]:
    """Kills `times` processes of each kind; one line of figures for each.

    Raises LossError with the first loss.
    """
    for name in kinds:
        random_ = random.Random(f"{seed} {name}")
        with tempfile.TemporaryDirectory(prefix="cungcau-kills-") as folder, ExitStack() as stack:
            if database == "postgresql":
                url = stack.enter_context(PostgreSQL()).database()
                (Path(folder) / "cungcau.toml").write_text(f'database = "{url}"\n')
            workspace = Workspace.open(folder, create=True)
            KINDS[name].prepare(workspace)
            first, acknowledged = 2, 0
            began = time.monotonic()
            for _ in range(times):
                first, told = kill(workspace, KINDS[name], first, random_)
                acknowledged += told
            seconds = time.monotonic() - began
        yield {
            "kind": name,
            "database": database or "sqlite",
            "killed": times,
            "acknowledged": acknowledged,
            "lost": 0,
            "half": 0,
            "seconds": round(seconds, 1),
        }


def main(
    times: Annotated[int, typer.Option(min=1, help="How often each is killed.")] = 200,
    kind: Annotated[list[str] | None, typer.Option(help=f"Of {', '.join(KINDS)}.")] = None,
    database: Annotated[list[str] | None, typer.Option(help="sqlite, postgresql")] = None,
    seed: Annotated[int, typer.Option(help="The same seed draws the same moments.")] = 7,
    out: Annotated[Path | None, typer.Option(help="Also save the JSON here.")] = None,
) -> None:
    """Kill processes at random moments; prints one JSON document, or what was lost."""
    found = []
    for one in database or ["sqlite", "postgresql"]:
        for line in kills(kinds=kind or list(KINDS), times=times, seed=seed, database=one):
            say(f"{line}")
            found.append(line)
    emit({"benchmark": "kills", "machine": machine.describe(), "kills": found}, out)


if __name__ == "__main__":
    typer.run(main)
