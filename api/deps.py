"""What routes share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from api import auth, problems
from api.actors import Action, Actor
from api.identities import Identities
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


async def _identities(request: Request) -> Identities:
    identities: Identities = request.app.state.identities
    return identities


async def _request_id(request: Request) -> str:
    return str(getattr(request.state, "request_id", ""))


async def _actor(request: Request) -> Actor:
    return await auth.identify(request)


ActorDep = Annotated[Actor, Depends(_actor)]
IdentitiesDep = Annotated[Identities, Depends(_identities)]
RequestIdDep = Annotated[str, Depends(_request_id)]


@dataclass(frozen=True, slots=True)
class Permission:
    """The dependency that gives an actor who may do `action`."""

    action: Action

    async def __call__(self, actor: ActorDep) -> Actor:
        if actor.may(self.action):
            return actor
        raise auth.refusal(actor)


def allowed(action: Action) -> Permission:
    """For `actor: Annotated[Actor, Depends(allowed(Action.X))]`.

    Otherwise the request is answered 401 where nobody has signed in, 403 where somebody has.
    """
    return Permission(action)


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
