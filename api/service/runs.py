"""Runs: long work, started by one request, done by whichever process takes it, kept with its
result."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from api import problems
from api.actors import Actor
from api.problems import ProblemError
from api.service import deliveries
from api.service.alone import alone
from indexer.bilingual import Bilingual
from indexer.keeping.access import Reader
from indexer.keeping.audit import Entry, append
from indexer.keeping.moments import later, now
from indexer.sql.serviceschema import runs

MATCH, PLAN, REPLAN, LEARN, IMPORT = "match", "plan", "replan", "learn", "import"
PRINT = "print"  # the files of a plan in which meetings were moved
QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
UNDER_WAY = (QUEUED, RUNNING)
MOST = 4  # runs of one centre under way at a time
RETRY_AFTER = 5  # seconds
SILENCE = 30.0  # seconds without a heartbeat after which a process counts as dead
SERVICE = "service"  # who ends runs, in the audit

_FAR = 1_000_000  # beyond what is told before the next note of it
_INTERNAL = {
    "reader",
    "language",
    "event",
    "changes",
    "actor",
    "upload",
    "request",
    "moves",
    "reported",
}  # of what was asked: not shown


@dataclass(frozen=True, slots=True)
class Run:
    """A run as stored. `asked` holds what its kind needs, `reader` and `language` beside."""

    id: str
    kind: str
    centre: str
    event: str
    person: str
    state: str
    asked: Mapping[str, Any]
    progress: Mapping[str, Any]
    result: Mapping[str, Any]
    failure: Mapping[str, Any]
    created: str
    started: str
    finished: str
    heartbeat: str
    worker: str

    @property
    def reader(self) -> Reader:
        """What of the records the run may read: what its starter might."""
        return Reader(**self.asked["reader"])

    @property
    def over(self) -> bool:
        return self.state not in UNDER_WAY

    @property
    def said(self) -> dict[str, Any]:
        """What was asked, as it may be shown."""
        return {name: value for name, value in self.asked.items() if name not in _INTERNAL}


def covers(actor: Actor, run: Run) -> bool:
    """Whether the actor may read whatever the run might, so that its counts tell nothing new."""
    mine, its = actor.reader, run.reader
    if mine.everything:
        return True
    return (
        not its.everything
        and mine.centre == its.centre
        and mine.staff >= its.staff
        and mine.keeper >= its.keeper
        and mine.signed_in >= its.signed_in
        and its.organisation in ("", mine.organisation)
    )


def start(
    connection: sa.Connection,
    kind: str,
    by: Actor,
    asked: Mapping[str, Any],
    *,
    event: str = "",
    request: str = "",
) -> Run:
    """Puts in a run of the actor's centre; a worker takes it.

    Raises:
        ProblemError: 429, the centre has too many under way.
    """
    alone(connection)
    waiting = sa.select(sa.func.count()).where(
        runs.c.centre == by.centre, runs.c.state.in_(UNDER_WAY)
    )
    if connection.execute(waiting).scalar_one() >= MOST:
        headers = {"Retry-After": str(RETRY_AFTER)}
        raise ProblemError(problems.TOO_MANY_REQUESTS, _TOO_MANY, headers=headers)
    id_ = secrets.token_hex(8)
    whole = {**asked, "reader": asdict(by.reader)}
    connection.execute(
        sa.insert(runs).values(
            id=id_,
            kind=kind,
            centre=by.centre,
            event=event,
            person=by.id,
            state=QUEUED,
            asked=json.dumps(whole, ensure_ascii=False),
            created=now(),
        )
    )
    append(
        connection, Entry(by.label, "run.start", f"run:{id_}", by.centre, request, {"kind": kind})
    )
    return get(connection, id_, by)


def get(connection: sa.Connection, id_: str, by: Actor) -> Run:
    """Raises ProblemError: 404, the actor's centre has none of that id."""
    row = connection.execute(sa.select(runs).where(runs.c.id == id_, _own(by))).one_or_none()
    if row is None:
        raise ProblemError(
            problems.NOT_FOUND,
            Bilingual(
                vi=f"Không có lượt chạy mã “{id_}”. Danh sách: /v1/runs",
                en=f"There is no run with id “{id_}”. The list: /v1/runs",
            ),
        )
    return of_row(row)


def page(
    connection: sa.Connection,
    by: Actor,
    before: tuple[str, str] | None,
    limit: int,
    *,
    event: str | None = None,
    kind: str | None = None,
    state: str | None = None,
) -> list[Run]:
    """The runs of the actor's centre, the newest first; those before (created, id)."""
    query = sa.select(runs).where(_own(by)).order_by(runs.c.created.desc(), runs.c.id.desc())
    for column, value in ((runs.c.event, event), (runs.c.kind, kind), (runs.c.state, state)):
        if value is not None:
            query = query.where(column == value)
    if before is not None:
        moment, id_ = before
        earlier = sa.and_(runs.c.created == moment, runs.c.id < id_)
        query = query.where(sa.or_(runs.c.created < moment, earlier))
    return [of_row(row) for row in connection.execute(query.limit(limit))]


def cancel(connection: sa.Connection, id_: str, by: Actor, request: str = "") -> Run:
    """Ends a run under way; whoever works on it notices within a second or two.

    Raises:
        ProblemError: 404; 409, it has ended by itself.
    """
    alone(connection)
    found = get(connection, id_, by)
    if found.state == CANCELLED:
        return found
    if found.over:
        raise ProblemError(problems.NOT_POSSIBLE, _OVER)
    _end(connection, found, CANCELLED, {}, by.label, request)
    return get(connection, id_, by)


def take(connection: sa.Connection, worker: str) -> Run | None:
    """The run that has waited longest, now this worker's; None where none waits."""
    query = sa.select(runs.c.id).where(runs.c.state == QUEUED)
    oldest = query.order_by(runs.c.created, runs.c.id).limit(1)
    id_ = connection.scalar(oldest.with_for_update(skip_locked=True))
    if id_ is None:
        return None
    moment = now()
    values = {"state": RUNNING, "started": moment, "heartbeat": moment, "worker": worker}
    took = connection.execute(
        sa.update(runs).where(runs.c.id == id_, runs.c.state == QUEUED).values(values)
    ).rowcount
    if not took:
        return None
    return of_row(connection.execute(sa.select(runs).where(runs.c.id == id_)).one())


def waits(connection: sa.Connection) -> bool:
    """Whether any run waits for a worker."""
    return bool(connection.scalar(sa.select(sa.exists().where(runs.c.state == QUEUED))))


def beat(connection: sa.Connection, id_: str, worker: str, progress: Mapping[str, Any]) -> bool:
    """Notes that the worker lives and how far it is; false where the run is not its any more."""
    values = {"heartbeat": now(), "progress": json.dumps(progress)}
    return connection.execute(_mine(id_, worker).values(values)).rowcount == 1


def finish(
    connection: sa.Connection,
    run: Run,
    worker: str,
    result: Mapping[str, Any] | None,
    failure: Mapping[str, Any],
) -> bool:
    """Ends a run with what it made, or (None) with why it failed; false where it is not the
    worker's any more, and nothing has been noted."""
    alone(connection)
    held = sa.select(runs).where(
        runs.c.id == run.id, runs.c.worker == worker, runs.c.state == RUNNING
    )
    row = connection.execute(held).one_or_none()
    if row is None:
        return False
    state = FAILED if result is None else DONE
    _end(connection, of_row(row), state, {"result": result or {}, "failure": failure}, SERVICE)
    return True


def give_back(connection: sa.Connection, worker: str, id_: str | None = None) -> int:
    """Lets another process begin anew what this worker was stopped in, one run or all of its;
    returns how many runs that are."""
    mine = sa.and_(runs.c.worker == worker, runs.c.state == RUNNING)
    if id_ is not None:
        mine = sa.and_(mine, runs.c.id == id_)
    found = [of_row(row) for row in connection.execute(sa.select(runs).where(mine))]
    for run in found:
        values = {"state": QUEUED, "started": "", "heartbeat": "", "worker": ""}
        told = json.dumps({"n": _number(run) + _FAR})
        connection.execute(_mine(run.id, worker).values(**values, progress=told))
    return len(found)


def running(connection: sa.Connection) -> list[Run]:
    """The runs that processes say they are working on."""
    query = sa.select(runs).where(runs.c.state == RUNNING)
    return [of_row(row) for row in connection.execute(query)]


def silent(run: Run) -> bool:
    """Whether nothing has been heard for long of the process that works on it."""
    return run.heartbeat < later(-SILENCE)


def bury(connection: sa.Connection, run: Run) -> bool:
    """Notes that the process that worked on a run has died; false where somebody else did."""
    return finish(connection, run, run.worker, None, {"vi": _DIED.vi, "en": _DIED.en})


def of_row(row: sa.Row[Any]) -> Run:
    values = dict(row._mapping)
    for name in ("asked", "progress", "result", "failure"):
        values[name] = json.loads(values[name]) if values[name] else {}
    return Run(**values)


def _end(
    connection: sa.Connection,
    run: Run,
    state: str,
    came: Mapping[str, Mapping[str, Any]],
    actor: str,
    request: str = "",
) -> None:
    # What was asked in full (an event, changes) stands in the files of the run.
    asked = {n: v for n, v in run.asked.items() if n not in ("event", "changes")}
    number = _number(run) + _FAR
    values = {
        "state": state,
        "finished": now(),
        "asked": json.dumps(asked, ensure_ascii=False),
        "progress": json.dumps({**run.progress, "n": number}),
        **{name: json.dumps(value, ensure_ascii=False) for name, value in came.items() if value},
    }
    connection.execute(sa.update(runs).where(runs.c.id == run.id).values(values))
    detail = {"kind": run.kind, "state": state}
    action = "run.cancel" if state == CANCELLED else "run.finish"
    append(connection, Entry(actor, action, f"run:{run.id}", run.centre, request, detail))
    told = {"id": run.id, "kind": run.kind, "event": run.event, "state": state}
    deliveries.announce(connection, run.centre, "run.finished", told)


def _number(run: Run) -> int:
    """Of what was told last of how far it is: each has a higher number than the one before."""
    return int(run.progress.get("n", 0))


def _own(by: Actor) -> sa.ColumnElement[bool]:
    return sa.true() if by.reader.everything else runs.c.centre == by.centre


def _mine(id_: str, worker: str) -> sa.Update:
    return sa.update(runs).where(runs.c.id == id_, runs.c.worker == worker, runs.c.state == RUNNING)


_TOO_MANY = Bilingual(
    vi=f"Trung tâm đang có {MOST} lượt chạy chưa xong; hãy chờ một lượt xong hoặc hủy bớt.",
    en=f"The centre has {MOST} runs under way; wait until one is done, or cancel one.",
)
_OVER = Bilingual(
    vi="Lượt chạy đã kết thúc nên không hủy được nữa.",
    en="The run has ended and cannot be cancelled.",
)
_DIED = Bilingual(
    vi="Dịch vụ bị dừng đột ngột trong khi chạy; chưa có kết quả. Hãy chạy lại.",
    en="The service was stopped abruptly during the run; there is no result. Start it again.",
)
