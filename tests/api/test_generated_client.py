"""A client generated from the OpenAPI document goes through the quick start against a server."""

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner
from clientele.cli import cli_group

from api.main import create_app
from indexer.workspace import Workspace

ROOT = Path(__file__).parents[2]
_CODE = "import sys; from api.cli import main; sys.exit(main(sys.argv[1:]))"
EVENT = {
    "name": "Chợ công nghệ thử",
    "tables": 3,
    "most_meetings": 3,
    "slots": [{"starts": f"2027-05-20 0{hour}:00", "minutes": 20} for hour in (8, 9)],
}


@pytest.fixture
def workspace(make_workspace: Callable[..., Workspace]) -> Workspace:
    return make_workspace()


@pytest.fixture
def address(workspace: Workspace) -> Iterator[str]:
    command = [sys.executable, "-c", _CODE, "serve", "--port", "0", "--lang", "en"]
    with subprocess.Popen(
        [*command, "--workspace", str(workspace.path)],
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as server:
        try:
            assert server.stderr is not None
            line = server.stderr.readline()
            assert line.startswith("Serving at "), line
            yield line.split()[2]
            server.send_signal(signal.SIGINT)
            assert server.wait(20) == 0
        finally:
            server.kill()


@pytest.fixture
def generated(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ModuleType]:
    """The package that clientele makes of our document."""
    document = tmp_path / "openapi.json"
    document.write_text(json.dumps(create_app(workspace).openapi()), encoding="utf-8")
    folder = tmp_path / "generated_client"
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    arguments = ["start-api", "--file", str(document), "--output", str(folder)]
    done = CliRunner().invoke(cli_group, arguments)
    assert done.exit_code == 0, done.output
    monkeypatch.syspath_prepend(str(tmp_path))
    made = importlib.import_module("generated_client")
    client = importlib.import_module("generated_client.client")
    yield made
    client.client.close()
    for name in [name for name in sys.modules if name.startswith("generated_client")]:
        del sys.modules[name]


def test_every_operation_has_a_function(generated: ModuleType, workspace: Workspace):
    client = importlib.import_module("generated_client.client")
    document = create_app(workspace).openapi()
    names = [op["operationId"] for item in document["paths"].values() for op in item.values()]
    assert len(names) == len(set(names))
    assert [name for name in names if not callable(getattr(client, name, None))] == []


def test_the_quick_start(
    generated: ModuleType,
    address: str,
    workspace: Workspace,
    account: Callable[..., Any],
):
    client = importlib.import_module("generated_client.client")
    schemas = importlib.import_module("generated_client.schemas")
    account(workspace, "administrator")
    key = account(workspace, "organiser").key
    client.client.configure(
        config=importlib.import_module("generated_client.config").Config(
            base_url=address, headers={"Authorization": f"Bearer {key}"}, timeout=30
        )
    )
    told = client.read_session()
    assert (told.kind, told.role) == ("key", "organiser")
    new = {"side": "supply", "id": "LN-01", "title": "Lọc nước nhiễm mặn", "owner": "Viện Lọc"}
    brought = client.import_records(data=schemas.RecordsIn(records=[new]))
    assert (brought.inserted, brought.rows[0].id) == (1, "LN-01")

    deadline = time.monotonic() + 20
    asked = schemas.SearchBody(text="lọc nước nhiễm mặn", record=None, want="supply", k=3)
    while "LN-01" not in [hit.id for hit in client.post_search(data=asked).items]:
        assert time.monotonic() < deadline
        time.sleep(0.1)

    # Of a body that requires nothing, clientele requires everything.
    event = client.create_event(
        data=schemas.EventIn(name=None, body=None, format="toml", event=EVENT)
    )
    pairs = _finished(client, client.start_run(id=event.id, data=schemas.RunIn(kind="match", k=3)))
    assert pairs.result["matches"] > 0
    page = client.get_result(id=pairs.id, part="matches")
    pair = page.items[0]
    plan = _finished(client, client.start_run(id=event.id, data=schemas.RunIn(kind="plan", seed=1)))
    document = client.get_result(id=plan.id).document
    assert document["meetings"] and document["certificate"]["gap"] >= 0

    said = schemas.FeedbackIn(demand=pair["demand"], supply=pair["supply"], answer="accept")
    assert client.add_feedback(data=said).grade == 2
    assert [one.demand for one in client.list_feedback().items] == [pair["demand"]]


def _finished(client: ModuleType, run: Any) -> Any:
    deadline = time.monotonic() + 60
    while run.state not in ("done", "failed", "cancelled"):
        assert time.monotonic() < deadline, run
        time.sleep(0.1)
        run = client.get_run(id=run.id)
    assert run.state == "done", run.failure
    return run
