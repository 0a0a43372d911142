import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from api.serve import serve
from indexer.errors import RequestError
from indexer.workspace import Workspace

ROOT = Path(__file__).parents[2]
_CODE = """
import sys
from api.serve import serve
from indexer.workspace import Workspace
serve(Workspace.open(sys.argv[1]), port=int(sys.argv[2]), language=sys.argv[3])
"""


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "example.com", "::", ""])
def test_other_hosts_are_refused(workspace: Workspace, host: str):
    with pytest.raises(RequestError) as refused:
        serve(workspace, host, 0)
    assert "cungcau people add" in refused.value.message.en
    assert "Chưa có tài khoản" in refused.value.message.vi


@pytest.mark.parametrize("port", [-1, 65536, 10**9])
def test_a_port_out_of_range(workspace: Workspace, port: int):
    with pytest.raises(RequestError, match="1 to 65535"):
        serve(workspace, "127.0.0.1", port)


def test_a_busy_port(workspace: Workspace, busy_port: int):
    with pytest.raises(RequestError, match=f"Port {busy_port} of localhost is in use"):
        serve(workspace, "localhost", busy_port)


def test_heavy_libraries_are_not_imported():
    code = (
        "import sys, api.main, api.serve\n"
        "heavy = {'torch', 'sklearn', 'sentence_transformers', 'matplotlib', 'alembic'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_a_server_from_start_to_ctrl_c(workspace: Workspace):
    command = [sys.executable, "-c", _CODE, str(workspace.path), "0", "en"]
    started = time.monotonic()
    with subprocess.Popen(
        command, cwd=ROOT, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    ) as server:
        try:
            assert server.stderr is not None
            line = server.stderr.readline()
            assert line.startswith("Serving at http://127.0.0.1:"), line
            ready = time.monotonic() - started
            address = line.split()[2]
            with httpx2.Client(base_url=address, timeout=10, trust_env=False) as client:
                health = client.get("/health")
                assert health.json()["status"] == "ok"
                hits = client.post("/v1/search", json={"text": "sấy xoài"}).json()["items"]
                assert hits[0]["id"] == "CB-03"
                assert "uvicorn" not in health.headers.get("server", "")
            os.kill(server.pid, signal.SIGINT)
            assert server.wait(10) == 0
            assert server.stderr.read() == ""
        finally:
            if server.poll() is None:
                server.kill()
    print(f"ready after {ready:.2f} s")  # noqa: T201


def test_who_begins_in_the_browser_has_no_workspace_yet(tmp_path: Path):
    command = [sys.executable, "-m", "api.cli", "serve", "--workspace", str(tmp_path / "new")]
    with subprocess.Popen(
        [*command, "--port", "0", "--lang", "en"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as server:
        try:
            assert server.stderr is not None
            address = server.stderr.readline().split()[2]
            with httpx2.Client(base_url=address, timeout=10, trust_env=False) as client:
                assert client.get("/import").status_code == 200
                assert client.get("/v1/search", params={"text": "sấy xoài"}).json()["items"] == []
        finally:
            server.kill()
