"""Plans that are asked about: what changed on the day, and whether a plan holds."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from api import problems
from api.actors import Actor
from api.problems import ProblemError, invalid
from api.service import runs, runwork
from api.service.events import refused
from api.service.runfolders import folder_of
from api.service.runresults import check_whole
from api.service.runs import Run
from indexer.bilingual import Bilingual
from indexer.errors import RequestError
from matcher.planning.changes import applied, changes_of, changes_of_text
from matcher.planning.checkbook import Violation
from matcher.planning.plan import Plan, read_plan


def changes_asked(body: str | None, changes: Mapping[str, Any] | None) -> dict[str, Any]:
    """The changes of a request, given as a file (TOML) or as JSON, in the form that is kept.

    Raises:
        ProblemError: 422, both or neither; or changes that cannot be, with their place.
    """
    if (body is None) == (changes is None):
        raise invalid("body", None, _ONE_OF, _ONE_OF_ACCEPTED)
    try:
        if body is not None:
            read = changes_of_text(body, runwork.CHANGES)
        else:
            read = changes_of(changes, runwork.CHANGES)
    except RequestError as error:
        place = "body.changes" if body is None else "body.body"
        raise refused(place, error.message) from error
    found: dict[str, Any] = read.model_dump(mode="json", exclude_defaults=True)
    return found


def check_replan(
    connection: sa.Connection, workspace: Path, base: Run, by: Actor, changes: Mapping[str, Any]
) -> None:
    """Refuses a repair that could not begin.

    Raises:
        ProblemError: 409, the run has no plan; 403, it tells of records the actor may not read;
            422, the changes name what the plan does not have.
    """
    path = folder_of(workspace, base.id) / "plan.json"
    if base.state != runs.DONE or not path.is_file():
        raise ProblemError(problems.NOT_POSSIBLE, _NO_PLAN)
    check_whole(connection, path.parent, by)
    try:
        applied(read_plan(path), changes_of(changes, runwork.CHANGES))
    except RequestError as error:
        raise refused("body", error.message) from error


def checked(content: Mapping[str, Any]) -> tuple[Plan, list[Violation]]:
    """A plan and the rules it breaks, by code that is not the planner's.

    Raises:
        ProblemError: 422, it is no plan.
    """
    from matcher.planning.check import check  # noqa: PLC0415 - only used here

    try:
        plan = Plan.from_json(json.dumps(content, ensure_ascii=True))
        return plan, check(plan)
    except RequestError as error:
        raise refused("body", error.message) from error


_ONE_OF = Bilingual(vi="cần đúng một trong hai", en="exactly one of the two is needed")
_ONE_OF_ACCEPTED = Bilingual(
    vi="body (tệp thay đổi, TOML) hoặc changes (cùng nội dung, JSON)",
    en="body (a file of changes, TOML) or changes (the same as JSON)",
)
_NO_PLAN = Bilingual(
    vi="Lượt chạy này không có kế hoạch để sửa: chỉ sửa được kế hoạch đã lập xong.",
    en="This run has no plan to repair: only a plan that is done can be repaired.",
)
