"""`cungcau check`: a plan verified by code that is not the planner's."""

from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import lang_option
from api.console import Console
from matcher.planning.check import check
from matcher.planning.checkbook import Violation
from matcher.planning.plan import read_plan


def add(app: typer.Typer, console: Console) -> None:
    vi = console.language == "vi"

    @app.command(
        "check",
        help=(
            "Kiểm tra kế hoạch gặp gỡ: mọi ràng buộc, bằng mã độc lập với phần lập kế hoạch. "
            "Mã thoát 1 khi có vi phạm.\n\nVí dụ: cungcau check ke-hoach/plan.json"
            if vi
            else "Check a meeting plan: every rule, by code independent of the planner. "
            "Exit code 1 on any violation.\n\nExample: cungcau check plan/plan.json"
        ),
    )
    def check_command(
        plan: Annotated[
            Path,
            typer.Argument(
                metavar="PLAN.json",
                help="plan.json do cungcau plan ghi" if vi else "plan.json that cungcau plan wrote",
            ),
        ],
        json: Annotated[bool, typer.Option("--json")] = False,
        lang: Annotated[str | None, lang_option(vi)] = None,
    ) -> int:
        found = check(read_plan(plan))
        tell_violations(found, console)
        if json:
            console.json([_line(violation) for violation in found])
        if not found:
            console.say(f"{plan}: không có vi phạm.", f"{plan}: no violation.")
        return 1 if found else 0


def tell_violations(found: list[Violation], console: Console) -> None:
    for violation in found:
        console.tell(violation.message)
    if found:
        console.say(f"{len(found)} vi phạm.", f"{len(found)} violations.")


def _line(violation: Violation) -> dict[str, object]:
    return {
        "rule": violation.rule,
        "vi": violation.message.vi,
        "en": violation.message.en,
        "meetings": list(violation.meetings),
    }
