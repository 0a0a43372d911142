"""docs/api.md is run as it stands, against a real server."""

import base64
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api import signing
from api.cli import main

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "datasets" / "techmart-demo"
PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
_CODE = "import sys; from api.cli import main; sys.exit(main(sys.argv[1:]))"


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Where a server with the account of the page answers; its files lie in the folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CUNGCAU_WORKSPACE", raising=False)
    for given, name in (("offers", "cung"), ("needs", "nhu-cau")):
        shutil.copy(SAMPLE / f"{given}.xlsx", f"{name}.xlsx")
    shutil.copy(SAMPLE / "event.toml", "su-kien.toml")
    Path("mat-khau.txt").write_text("một câu dễ nhớ cho Lan\n", encoding="utf-8")
    monkeypatch.setenv("CUNGCAU_ENCODER", "static")  # quick to load
    block = re.search(r"```sh\n(.*?)```", PAGE, re.S)
    assert block
    *before, serve = [shlex.split(line)[1:] for line in block[1].splitlines()]
    assert [main(words) in (0, 1) for words in before] == [True] * 2
    assert serve == ["serve", "--port", "8000"]
    command = [sys.executable, "-c", _CODE, "serve", "--port", "0", "--lang", "en"]
    with subprocess.Popen(
        command,
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


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="needs curl, bash")
def test_the_quick_start(address: str):
    blocks = re.findall(r"```bash\n(.*?)```", PAGE, re.S)
    marks = [f"{block}\necho '=== {number}'\n" for number, block in enumerate(blocks)]
    script = "set -eu -o pipefail\n" + "".join(marks)
    assert "http://127.0.0.1:8000" in script
    script = script.replace("http://127.0.0.1:8000", address)
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, (done.stdout[-2000:], done.stderr[-2000:])
    said = re.split(r"\n?=== \d+\n", done.stdout)
    assert json.loads(said[0])["kind"] == "key"
    created, changed = _documents(said[1])
    assert (created["trl"], changed["trl"]) == ({"low": 7, "high": 8}, {"low": 9, "high": 9})
    _, inserted, more = map(int, said[2].split())
    assert inserted > 20 and more == 1
    assert int(said[3]) > 20
    by_text, by_record = _documents(said[4])
    assert len(by_text["items"]) == 3
    assert all(hit["reasons"] for hit in by_record["items"])
    run = said[5]
    assert 'event: end\ndata: {"state": "done"' in run
    assert "\ndone\n" in run
    assert json.loads(run[run.rindex('{"run":') :])["items"][0]["rank"] == 1
    assert "\nTrue\n" in said[6]
    assert said[7].strip() == "2"
    assert "he-thong.example" in said[8]
    for name in ("ho-so.xlsx", "match-list.xlsx", "plan.json", "openapi.json"):
        assert Path(name).stat().st_size > 1000


def _documents(text: str) -> list[dict[str, Any]]:
    """JSON documents that follow one another."""
    found, decoder = [], json.JSONDecoder()
    text = text.strip()
    while text:
        document, end = decoder.raw_decode(text)
        found.append(document)
        text = text[end:].strip()
    return found


def test_the_code_that_checks_webhooks():
    names: dict[str, Any] = {}
    block = re.search(r"```python\n(.*?)```", PAGE, re.S)
    assert block
    exec(compile(block[1], "docs/api.md", "exec"), names)
    secret, body, genuine = signing.new_secret(), b'{"type": "ping"}', names["genuine"]
    headers = signing.headers(secret, "m1", 1_700_000_000, body)
    assert genuine(secret, headers, body, 1_700_000_100)
    assert not genuine(secret, headers, body + b" ", 1_700_000_100)
    assert not genuine(secret, headers, body, 1_700_000_400)
    assert not genuine(secret, headers, body)
    other = "whsec_" + base64.b64encode(b"x" * 32).decode()
    assert not genuine(other, headers, body, 1_700_000_100)
    two = {**headers, "webhook-signature": "v1,xxx " + headers["webhook-signature"]}
    assert genuine(secret, two, body, 1_700_000_100)
