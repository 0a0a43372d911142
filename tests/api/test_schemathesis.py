"""Requests made from the OpenAPI document, valid and not, alone and in sequence: it holds.

CUNGCAU_SCHEMATHESIS_EXAMPLES=200 makes it a long run, with other requests each time.
"""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from schemathesis import engine
from schemathesis.engine import events
from schemathesis.python import asgi

from api.main import create_app
from api.refusals import _REASONS
from indexer.workspace import Workspace

EXAMPLES = int(os.environ.get("CUNGCAU_SCHEMATHESIS_EXAMPLES", "0"))
UNLIMITED = "reads_per_minute = 0\nwrites_per_minute = 0\n"
# A valid request may be refused for what it means, or need a version that was read: 422 is looked
# at by `told_truly`. What is invalid may also be too large.
VALID = ["2xx", "3xx", "401", "403", "404", "409", "412", "413", "422", "428", "429", "503"]
INVALID = ["400", "401", "403", "404", "405", "406", "409", "412", "413", "415", "422", "428"]
SAID_BY_THE_DOCUMENT = {reason.en for reason in _REASONS.values()} - {_REASONS["missing"].en}


@schemathesis.check
def told_truly(ctx: Any, response: Any, case: Any) -> None:
    """What fits the document is refused for its meaning, never for its form."""
    parts = case.meta.components.values() if case.meta else ()
    if response.status_code == 422 and parts and all(part.mode.is_positive for part in parts):
        reasons = {error["reason"] for error in response.json().get("errors", ())}
        assert not reasons or not reasons <= SAID_BY_THE_DOCUMENT, reasons


@pytest.fixture(autouse=True)
def _stopped() -> Iterator[None]:
    yield
    asgi.shutdown_lifespans()


@pytest.fixture
def workspace(make_workspace: Callable[..., Workspace]) -> Workspace:
    made = make_workspace()
    (made.path / "cungcau.toml").write_text(UNLIMITED, encoding="utf-8")
    return Workspace.open(made.path)


def schema_of(workspace: Workspace, key: str = "") -> Any:
    schema = schemathesis.openapi.from_asgi(
        "/openapi.json", create_app(workspace), headers={"Host": "127.0.0.1"}
    )
    headers = {"Accept-Language": "en", **({"Authorization": f"Bearer {key}"} if key else {})}
    schema.config.update(
        base_url="http://127.0.0.1", headers=headers, continue_on_failure=True, request_timeout=60
    )
    checks = schema.config.checks
    checks.positive_data_acceptance.expected_statuses = VALID
    checks.negative_data_rejection.expected_statuses = INVALID
    return schema


def faults(schema: Any, examples: int, *, coverage: bool) -> tuple[list[str], set[str]]:
    """What is wrong, a paragraph each, and the operations that were once answered 2xx or 3xx."""
    config = schema.config
    config.phases.coverage.enabled = coverage or bool(EXAMPLES)
    config.generation.max_examples = EXAMPLES or examples
    config.generation.deterministic = not EXAMPLES
    config.generation.database = "none"
    found: dict[tuple[str, str, str], str] = {}
    done: set[str] = set()
    for event in engine.from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            label = getattr(event, "label", "")
            found[label, "error", ""] = f"{label}: {event.info.format()}"
        if not isinstance(event, events.ScenarioFinished):
            continue
        cases, answers = event.recorder.cases, event.recorder.interactions
        for name, answered in answers.items():
            if answered.response is not None and answered.response.status_code < 400:
                done.add(cases[name].value.operation.label)
        for name, checks in event.recorder.checks.items():
            for check in checks:
                if check.failure_info is not None and not _meant(cases[name].value, check):
                    failure, label = check.failure_info.failure, cases[name].value.operation.label
                    said = f"{label}: {failure.title}\n{failure.message}"
                    known = label, failure.title, failure.message[:60]
                    found.setdefault(known, f"{said}\n{check.failure_info.code_sample}")
    return list(found.values()), done


def _meant(case: Any, check: Any) -> bool:
    """An id of a record may hold slashes, so `/v1/records/{id}` takes every path below."""
    return check.name == "unsupported_method" and case.operation.path.startswith("/v1/records/")


def test_by_whoever_asks_without_accounts(workspace: Workspace):
    schema = schema_of(workspace)
    # Nobody has an account, so nobody is refused.
    schema.config.checks.update(excluded_check_names=["ignored_auth"])
    wrong, done = faults(schema, 1, coverage=False)
    assert not wrong, "\n\n".join(wrong)
    assert len(done) > 40, sorted(done)


def test_by_an_administrator(workspace: Workspace, account: Callable[..., Any]):
    schema = schema_of(workspace, account(workspace, "administrator").key)
    wrong, done = faults(schema, 1, coverage=True)
    assert not wrong, "\n\n".join(wrong)
    assert len(done) > 40, sorted(done)


def test_by_nobody_where_there_are_accounts(workspace: Workspace, account: Callable[..., Any]):
    account(workspace, "administrator")
    wrong, done = faults(schema_of(workspace), 1, coverage=False)
    assert not wrong, "\n\n".join(wrong)
    assert {"GET /v1/records", "POST /v1/search", "GET /v1/session"} <= done
