"""Which centre somebody's management reaches."""

from api import problems
from api.actors import Actor, Role
from api.problems import ProblemError


def whole(actor: Actor) -> bool:
    """Whether the actor manages all centres: the person at this machine, an administrator."""
    return actor.kind == "local" or actor.role is Role.ADMINISTRATOR


def centre_of(actor: Actor) -> str | None:
    """The centre whose things the actor manages; None for all of them."""
    return None if whole(actor) else actor.centre


def chosen(actor: Actor, centre: str | None) -> str:
    """The centre something new is made for: the one asked for, else the actor's own.

    Raises:
        ProblemError: 403, that is another centre than the actor's.
    """
    if centre is None or centre == actor.centre:
        return actor.centre
    if not whole(actor):
        raise ProblemError(problems.FORBIDDEN)
    return centre
