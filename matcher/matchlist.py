"""The match list: matches ranked per demand and per supply, and who stands without one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from indexer.records import Record
from matcher.match import Match
from matcher.missing import Missing
from matcher.ruling.exclusion import Exclusion, RuleCount


@dataclass(frozen=True)
class MatchList:
    """Everything an organiser takes home from one matching run.

    `by_demand` and `by_supply` map a record id to its matches, best first; every id in them
    has at least one match. The ids in `unmatched_*` had none at or above the floor; `nearest`
    holds the best match below the floor for those of them that came near at all. `records`
    holds every record named anywhere in the list. `settings` says how the list was made.
    `excluded` are the pairs that would stand on a list were it not for a rule, `rule_counts` how
    many pairs each rule of the run bars or moves. `missing` says of those in `unmatched_*` what
    they lack and where they might turn.
    """

    by_demand: Mapping[str, tuple[Match, ...]]
    by_supply: Mapping[str, tuple[Match, ...]]
    unmatched_demands: tuple[str, ...]
    unmatched_supplies: tuple[str, ...]
    records: Mapping[str, Record]
    settings: Mapping[str, str]
    catalog_version: int
    nearest: Mapping[str, Match] = field(default_factory=dict)
    excluded: tuple[Exclusion, ...] = ()
    rule_counts: tuple[RuleCount, ...] = ()
    missing: Mapping[str, Missing] = field(default_factory=dict)

    def lines(self) -> Iterator[Match]:
        """Every match of the by-demand lists, in the order of match-list.jsonl."""
        for matches in self.by_demand.values():
            yield from matches
