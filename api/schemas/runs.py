"""Runs, as they are asked for and go out."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.asked import NO_NUL, Asked, Cursor, K, Limit, Number, RecordId


class StartKind(StrEnum):
    """What can be done for an event."""

    MATCH = "match"
    PLAN = "plan"


class RunKind(StrEnum):
    MATCH = "match"
    PLAN = "plan"
    REPLAN = "replan"
    LEARN = "learn"
    IMPORT = "import"
    PRINT = "print"


class RunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ResultPart(StrEnum):
    MATCHES = "matches"
    EXCLUDED = "excluded"
    UNMATCHED = "unmatched"
    PLAN = "plan"
    CHANGES = "changes"
    DISPUTED = "disputed"
    ROWS = "rows"


Seconds = Annotated[
    float,
    Field(ge=0.1, le=60, description="Longest time to search for a better plan"),
    Number,
]
Seed = Annotated[
    int, Field(ge=0, le=2**31 - 1, description="Of all random choices of a plan"), Number
]


class RunIn(Asked):
    """A run for an event: its match list (`k`), or its plan (`seed`, `seconds`)."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"kind": "match", "k": 10}, {"kind": "plan", "seed": 1}]},
    )
    kind: StartKind
    k: Annotated[K, Number] = 10
    seed: Seed = 0
    seconds: Seconds = 10.0


_CHANGES: dict[str, Any] = {"now": 4, "no_shows": [{"owner": "Công ty Sao Mai", "slots": "5-8"}]}


class ReplanIn(Asked):
    """What changed on the day, as `cungcau plan --replan --changes` takes it: the file (TOML) in
    `body`, or the same as JSON in `changes`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"changes": _CHANGES}})
    body: Annotated[str | None, Field(max_length=900_000)] = None
    changes: Annotated[dict[str, Any] | None, Field(examples=[_CHANGES])] = None
    seconds: Seconds = 3.0


class ProgressOut(BaseModel):
    """How far a run is: its stage by name, and `done` of `total` (0: unknown)."""

    stage: str
    done: int
    total: int


class FailureOut(BaseModel):
    """Why a run failed; `remedies` are what would have to give way for a plan to be possible."""

    detail: str
    remedies: list[str]


class RunOut(BaseModel):
    """A run. `result` sums up what came of it; it, `progress` and the words of `failure` are for
    those who may read all that the run might."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "3f9a1c0b7d2e4856",
                "kind": "plan",
                "state": "done",
                "centre": "nghe-an",
                "event": "5f0c9a7be2d34c58",
                "person": "0a1b2c3d4e5f6071",
                "asked": {"seed": 0, "seconds": 10.0},
                "progress": None,
                "result": {"meetings": 120, "unplaced": 0, "certificate": {"gap": 0.0}},
                "failure": None,
                "created": "2026-11-22T05:01:02.123456+00:00",
                "started": "2026-11-22T05:01:02.234567+00:00",
                "finished": "2026-11-22T05:01:09.345678+00:00",
            }
        }
    )
    id: str
    kind: RunKind
    state: RunState
    centre: str
    event: Annotated[str, Field(description='The id of its event; "" is none')]
    person: str
    asked: dict[str, Any]
    progress: ProgressOut | None
    result: dict[str, Any] | None
    failure: FailureOut | None
    created: str
    started: str
    finished: str


class RunsPage(BaseModel):
    """The newest first."""

    items: list[RunOut]
    next: str | None


class RunsQuery(Asked):
    event: Annotated[str | None, Field(max_length=40, pattern=NO_NUL)] = None
    kind: RunKind | None = None
    state: RunState | None = None
    limit: Limit = 100
    cursor: Cursor | None = None


class ResultQuery(Asked):
    part: Annotated[
        ResultPart | None,
        Field(
            description="Of a match run `matches`, `excluded` (by rules) or `unmatched`; of a "
            "plan `plan`; of a repair also `changes`; of learning `disputed`; of an "
            "import `rows`. By default the first"
        ),
    ] = None
    demand: Annotated[RecordId | None, Field(description="Only what names this need")] = None
    supply: Annotated[RecordId | None, Field(description="Only what names this offer")] = None
    limit: Limit = 100
    cursor: Cursor | None = None


class ResultOut(BaseModel):
    """One part of a result: a page of `items` as in the run's .jsonl files, or the `document`:
    plan.json with its certificate, or what a repair changed and whose agendas to hand out again."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "run": "3f9a1c0b7d2e4856",
                "kind": "match",
                "part": "matches",
                "items": [
                    {
                        "demand": "NC-003",
                        "supply": "CB-012",
                        "rank": 1,
                        "score": 0.6142,
                        "evidence": [],
                        "flags": [],
                    }
                ],
                "next": None,
                "document": None,
            }
        }
    )
    run: str
    kind: RunKind
    part: ResultPart
    items: list[dict[str, Any]]
    next: str | None
    document: dict[str, Any] | None


class RunFileOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    bytes: int
    media_type: str
    etag: str


class RunFiles(BaseModel):
    items: list[RunFileOut]


class ViolationOut(BaseModel):
    """A rule that a plan breaks; `meetings` are positions in the plan's list, from 0."""

    rule: str
    detail: str
    meetings: list[int]


class PlanChecked(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={"example": {"sound": True, "meetings": 120, "violations": []}}
    )
    sound: bool
    meetings: int
    violations: list[ViolationOut]
