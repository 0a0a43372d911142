"""Imports go one way, and the default path stays light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Each package may import itself and what stands after it.
ORDER = ["api", "evaluation", "matcher", "indexer"]


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module or ""


@pytest.mark.parametrize("package", ORDER)
def test_imports_go_one_way(package):
    above = set(ORDER[: ORDER.index(package)])
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files
        for name in imported(path)
        if name.split(".")[0] in above
    ]
    assert wrong == []


def test_datasets_hold_no_code():
    assert [path.name for path in (ROOT / "datasets").rglob("*.py")] == []


@pytest.mark.parametrize("package", ["indexer", "matcher", "evaluation", "api.cli", "api.main"])
def test_importing_brings_no_torch_and_nothing_heavy(package):
    heavy = ["torch", "sentence_transformers", "sklearn", "matplotlib", "alembic", "xlsxwriter"]
    heavy += ["pymilvus", "milvus_lite"]
    code = f"import sys, {package}; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"


def test_the_command_import_loads_no_index():
    code = "import sys, api.commands.import_; print('indexer.index' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("package", ["indexer", "matcher", "evaluation"])
def test_every_public_name_is_there(package):
    module = __import__(package)
    assert module.__all__
    for name in module.__all__:
        assert getattr(module, name) is not None
