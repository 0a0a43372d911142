"""docs/access.md shows what `api.actors` permits, and nothing else."""

import re
from pathlib import Path

from api.actors import OPEN_TO_ALL, PERMISSIONS, Action, Role
from api.main import create_app
from api.service import passwords, sessions

PAGE = (Path(__file__).parents[2] / "docs" / "access.md").read_text(encoding="utf-8")


def test_the_table_of_actions_is_the_one_that_holds():
    table = PAGE.partition("## Actions")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([a-z:-]+)` \|.*?\|.*?\|(.*)\|$", table, re.M)
    shown = {action: [cell.strip() for cell in cells.split("|")] for action, cells in rows}
    held = {
        action.value: ["✓" if action in OPEN_TO_ALL else ""]
        + ["✓" if action in PERMISSIONS[role] else "" for role in reversed(Role)]
        for action in Action
    }
    assert shown == held


def test_every_action_is_of_some_route(workspace):
    document = create_app(workspace).openapi()
    used = {
        operation["x-action"]
        for item in document["paths"].values()
        for operation in item.values()
        if "x-action" in operation
    }
    assert used <= {action.value for action in Action}
    by_routes_without = {"contacts:read"}  # asked for within the reading of records
    assert {action.value for action in Action} - used <= by_routes_without | {"metrics"}


def test_figures_on_the_page():
    assert f"{sessions.LIFETIME // 3600} hours" in PAGE
    assert f"{passwords.SHORTEST} characters" in PAGE
