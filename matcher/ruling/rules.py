"""Rules an organiser sets: who must not meet, who should, and what an offer or a need must have.

A rule is data with a label people read; `matcher.ruling.rulings` applies it. In an event file:

    [[rules]]
    kind = "require"            # what the other side must have
    where = "trl>=6"            # conditions as in `cungcau search --where`, one or a list
    party = "Công ty Sao Mai"   # only for this owner or this record; without it for all

    [[rules]]
    kind = "forbid"             # these never meet; reason: veto, competitor or met before
    party = "Công ty Sao Mai"
    others = ["Công ty Bình Minh", "S-0042"]
    reason = "competitor"
"""

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from indexer.bilingual import Bilingual
from indexer.conditions import Condition, parse_condition
from indexer.errors import RequestError
from indexer.records import Side
from matcher.ruling.rulecodes import CodeCondition, parse_code_condition

Kind = Literal["require", "forbid", "same-owner", "conflict", "prefer", "pin"]
Reason = Literal["veto", "competitor", "met before"]
Tie = Literal["domain", "organisation", "together"]
Asked = Condition | CodeCondition


def _several(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_several)]

# The keys each kind needs, and those it may have; `label` goes with all.
_KEYS: dict[Kind, tuple[frozenset[str], frozenset[str]]] = {
    "require": (frozenset({"where"}), frozenset({"of", "party", "unstated"})),
    "prefer": (frozenset({"where"}), frozenset({"of", "party", "weight"})),
    "forbid": (frozenset({"party", "others"}), frozenset({"reason"})),
    "pin": (frozenset({"party", "others"}), frozenset()),
    "same-owner": (frozenset(), frozenset({"allow"})),
    "conflict": (frozenset(), frozenset({"by", "together"})),
}


class Rule(BaseModel):
    """One rule. Which keys belong to which kind:

    - `require`: records of side `of` must satisfy every condition in `where`; `unstated` says
      what becomes of a record that states no value ("exclude" by default, or "allow").
    - `prefer`: as `require`, but soft: `weight` in log-odds moves the pair up (or down, below
      0) in the lists. 1 counts like going from 0.50 to 0.73; the score shown stays as it is.
    - `forbid`: `party` and `others` never meet. `pin`: they come first in each other's lists.
      Each names an owner or a record id.
    - `same-owner`: an owner never meets itself. Holds without being asked for; `allow = true`
      lifts it.
    - `conflict`: of interest, `by` "domain" (contacts write from one e-mail domain),
      "organisation" (one is part of the other, or both of a third) and "together" (lists of
      owners who write, work or sit together). Without `by`: all of them.

    Raises:
        RequestError: a key that the kind needs or does not take, or a condition that cannot be
            read; it names the rule.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    label: str = ""
    where: Texts = ()
    of: Side = Side.SUPPLY
    party: str = ""
    others: Texts = ()
    reason: Reason | None = None
    weight: Annotated[float, Field(ge=-5, le=5)] = 1.0
    unstated: Literal["exclude", "allow"] = "exclude"
    allow: bool = False
    by: tuple[Tie, ...] = ()
    together: tuple[Texts, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        needs, takes = _KEYS[self.kind]
        for name in sorted(needs):
            if not getattr(self, name):
                raise self._wrong_keys(Bilingual(f"thiếu {name}", f"{name} is missing"))
        for name in sorted(self.model_fields_set - needs - takes - {"kind", "label"}):
            if getattr(self, name) != type(self).model_fields[name].default:
                raise self._wrong_keys(Bilingual(f"không dùng {name}", f"takes no {name}"))
        if self.kind == "conflict" and "together" in self.by and not self.together:
            raise self._wrong_keys(Bilingual("thiếu together", "together is missing"))
        self.conditions()
        return self

    def conditions(self) -> tuple[Asked, ...]:
        """`where`, parsed."""
        return tuple(self._parsed(text) for text in self.where)

    def name(self) -> Bilingual:
        """What people call the rule: its label, or words made from what it says."""
        if self.label:
            return Bilingual(self.label, self.label)
        said = ", ".join(self.where) or "?"
        who = " – ".join(filter(None, (self.party, ", ".join(self.others))))
        match self.kind:
            case "require":
                words = Bilingual(f"phải có {said}", f"must have {said}")
            case "prefer":
                words = Bilingual(f"ưu tiên {said}", f"preferred: {said}")
            case "forbid":
                words = Bilingual(*_REASONS[self.reason])
            case "pin":
                words = Bilingual("ghim", "pinned")
            case "same-owner":
                words = Bilingual(
                    "không ghép một đơn vị với chính mình", "an owner never with itself"
                )
            case "conflict":
                words = Bilingual("xung đột lợi ích", "conflict of interest")
        return Bilingual(*(f"{text} ({who})" if who else text for text in (words.vi, words.en)))

    def _parsed(self, text: str) -> Asked:
        try:
            return parse_code_condition(text) or parse_condition(text)
        except RequestError as error:
            raise self._error(error.message) from error

    def _wrong_keys(self, why: Bilingual) -> RequestError:
        needs, takes = _KEYS[self.kind]
        accepted = ", ".join((*sorted(needs), *sorted(takes), "label"))
        return self._error(
            Bilingual(f"{why.vi}. Chấp nhận: {accepted}.", f"{why.en}. Accepted: {accepted}.")
        )

    def _error(self, why: Bilingual) -> RequestError:
        name = self.name()
        return RequestError(
            vi=f"Luật {self.kind} “{name.vi}”: {why.vi}",
            en=f"Rule {self.kind} “{name.en}”: {why.en}",
        )


_REASONS: dict[Reason | None, tuple[str, str]] = {
    None: ("không được gặp nhau", "must not meet"),
    "veto": ("từ chối gặp", "veto"),
    "competitor": ("đối thủ cạnh tranh", "competitors"),
    "met before": ("đã gặp trước đây", "have met before"),
}


def in_force(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules, and before them the one that holds without being asked for."""
    if any(rule.kind == "same-owner" for rule in rules):
        return tuple(rules)
    return (SAME_OWNER, *rules)


SAME_OWNER = Rule(kind="same-owner")
