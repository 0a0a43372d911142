"""What routes share."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends, Request

from api import problems
from api.matchlists import MatchLists
from api.opened import Opened
from api.problems import FieldError, ProblemError
from indexer.bilingual import Bilingual
from indexer.conditions import Condition, parse_condition
from indexer.errors import RequestError

_NO_CONDITION = Bilingual(vi="không phải điều kiện dùng được", en="not a usable condition")


async def _opened(request: Request) -> Opened:
    opened: Opened = request.app.state.opened
    return opened


async def _match_lists(request: Request) -> MatchLists:
    match_lists: MatchLists = request.app.state.match_lists
    return match_lists


OpenedDep = Annotated[Opened, Depends(_opened)]
MatchListsDep = Annotated[MatchLists, Depends(_match_lists)]


def conditions(where: Sequence[str], place: str) -> tuple[Condition, ...]:
    """The conditions of a request.

    Raises:
        ProblemError: 422 with every condition that cannot be used, by `place` and position.
    """
    found: list[Condition] = []
    refused: list[FieldError] = []
    for position, text in enumerate(where):
        try:
            found.append(parse_condition(text))
        except RequestError as error:
            refused.append(FieldError(f"{place}[{position}]", text, _NO_CONDITION, error.message))
    if refused:
        raise ProblemError(problems.INVALID, errors=refused)
    return tuple(found)
