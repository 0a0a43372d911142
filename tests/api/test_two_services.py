"""Several server processes over one database find each other's records."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

ROOT = Path(__file__).parents[2]
PATIENCE = 20.0  # seconds; the benchmarks measure how long it takes


@contextmanager
def served(folder: Path, database: str) -> Iterator[httpx2.Client]:
    """A service of its own process, workspace and index, over that database."""
    folder.mkdir()
    (folder / "cungcau.toml").write_text(
        f'database = "{database}"\nencoder = "static"\n', encoding="utf-8"
    )
    command = [sys.executable, "-m", "api.cli", "serve", "--port", "0", "--lang", "en"]
    with subprocess.Popen(
        [*command, "--workspace", str(folder)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as server:
        try:
            assert server.stderr is not None
            line = server.stderr.readline()
            assert line.startswith("Serving at "), line
            with httpx2.Client(base_url=line.split()[2], timeout=20, trust_env=False) as client:
                yield client
        finally:
            server.kill()


def found(client: httpx2.Client, code: str) -> bool:
    answer = client.post("/v1/search", json={"text": "Máy sấy thóc tầng sôi"})
    assert answer.status_code == 200, answer.text
    return code in {item["id"] for item in answer.json()["items"]}


def until(client: httpx2.Client, code: str, there: bool) -> None:
    deadline = time.monotonic() + PATIENCE
    while found(client, code) is not there:
        assert time.monotonic() < deadline, (code, there)
        time.sleep(0.1)


def test_what_one_stores_the_other_finds_and_forgets(tmp_path: Path, database: str) -> None:
    body = {"side": "supply", "type": "technology", "title": "Máy sấy thóc tầng sôi"}
    with served(tmp_path / "one", database) as one, served(tmp_path / "two", database) as two:
        for number, (writer, reader) in enumerate(((one, two), (two, one))):
            made = writer.post("/v1/records", json={**body, "id": f"CB-{number}"})
            assert made.status_code == 201, made.text
            until(reader, f"CB-{number}", there=True)
        tag = two.get("/v1/records/CB-0").headers["ETag"]
        assert two.delete("/v1/records/CB-0", headers={"If-Match": tag}).status_code == 204
        until(one, "CB-0", there=False)
        assert found(one, "CB-1")
