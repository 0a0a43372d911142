"""From an index to matches: search, match lists, evidence, flags."""

from matcher.match import Match
from matcher.matcher import Matcher
from matcher.matchlist import MatchList
from matcher.planning.event import Event
from matcher.planning.planner import plan

__all__ = ["Event", "Match", "MatchList", "Matcher", "plan"]
