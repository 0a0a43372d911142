"""The wheel holds what runs, and nothing else."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_wheel_contents(tmp_path):
    source = tmp_path / "source"
    kept = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    for name in kept:
        if (ROOT / name).is_file() and name.split("/")[0] not in {"tests", "docs"}:
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q"]
    subprocess.run([*command, "-w", str(tmp_path), str(source)], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("cungcau-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if ".data/" not in name}
    assert {top for top in tops if ".dist-info" not in top} == {
        "indexer", "matcher", "evaluation", "api"
    }  # fmt: skip
    sources = {name for name in kept if name.split("/")[0] in tops and name.endswith(".py")}
    assert sources <= set(names)
    assert any(name.endswith("share/cungcau/techmart-demo/offers.xlsx") for name in names)
    assert any(name.endswith(".html") for name in names if name.startswith("matcher/export"))
    assert "api/pages/locale/en/LC_MESSAGES/messages.mo" in names
    assert {"api/pages/static/base.css", "api/pages/static/icon.svg"} <= set(names)
    assert "matcher/export/plan_agendas.typ" in names
    assert any(name.startswith("indexer/migrations/versions/0001") for name in names)
