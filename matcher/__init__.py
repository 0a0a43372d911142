"""From an index to matches: search, match lists, evidence, flags."""

from importlib import import_module
from typing import TYPE_CHECKING

from matcher.match import Match
from matcher.matcher import Matcher

if TYPE_CHECKING:
    from matcher.matchlist import MatchList
    from matcher.planning.event import Event
    from matcher.planning.planner import plan

__all__ = ["Event", "Match", "MatchList", "Matcher", "plan"]

# A search lists and plans nothing: these are loaded when they are asked for.
_LATER = {
    "Event": "matcher.planning.event",
    "MatchList": "matcher.matchlist",
    "plan": "matcher.planning.planner",
}


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(_LATER[name]), name)
    return found
