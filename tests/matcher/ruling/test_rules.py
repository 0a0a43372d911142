"""Rules as data: what they accept, and the sentences for what they do not."""

import re
import tomllib
from pathlib import Path

import pytest

from indexer.errors import RequestError
from indexer.records import Code, Record, RecordType, Side
from matcher.planning.event import Event
from matcher.ruling.rulecodes import check_versions, parse_code_condition
from matcher.ruling.rules import SAME_OWNER, Rule, in_force


def offer(*codes: tuple[str, str, str]) -> Record:
    made = tuple(Code(scheme=a, version=b, code=c) for a, b, c in codes)
    return Record(id="o", side=Side.SUPPLY, type=RecordType.TECHNOLOGY, title="máy", codes=made)


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "require", "where": "trl>=6"},
        {"kind": "require", "where": ["trl>=6", "code=IPC:C02F"], "of": "supply", "party": "A"},
        {"kind": "forbid", "party": "A", "others": "B", "reason": "met before"},
        {"kind": "prefer", "where": "place=Hà Nội", "weight": -2, "label": "gần"},
        {"kind": "conflict", "together": [["A", "B"], "C"]},
        {"kind": "same-owner", "allow": True},
        {"kind": "pin", "party": "A", "others": ["B", "S-1"]},
    ],
)
def test_a_rule_survives_json(rule):
    made = Rule.model_validate(rule)
    assert Rule.model_validate_json(made.model_dump_json()) == made
    assert made.name().vi and made.name().en


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"kind": "require"}, "Rule require “must have ?”: where is missing. Accepted: where,"),
        ({"kind": "forbid", "party": "A"}, "others is missing"),
        ({"kind": "pin", "party": "A", "others": "B", "weight": 2}, "takes no weight. Accepted:"),
        ({"kind": "conflict", "by": ["together"]}, "together is missing"),
        (
            {"kind": "require", "where": "tlr>=6"},
            "Rule require “must have tlr>=6”: There is no field 'tlr'",
        ),
        ({"kind": "require", "where": "trl>=17"}, "one level from 1 to 9"),
        ({"kind": "prefer", "where": "code=10"}, "such as code=VSIC 2018:4620"),
        ({"kind": "prefer", "where": "code=VSIC:A"}, "A is a section"),
    ],
)
def test_a_wrong_rule_is_named_with_what_is_accepted(rule, said):
    with pytest.raises(RequestError) as caught:
        Rule.model_validate(rule)
    assert said in caught.value.message.en
    assert caught.value.message.vi.startswith(f"Luật {rule['kind']} “")


def test_no_owner_meets_itself_unless_allowed():
    assert in_force(()) == (SAME_OWNER,)
    allowed = Rule(kind="same-owner", allow=True)
    assert in_force((allowed,)) == (allowed,)


@pytest.mark.parametrize(
    ("asked", "code", "met"),
    [
        ("code=VSIC 2018:46", ("VSIC", "2018", "4620"), True),
        ("code=VSIC 2018:46", ("VSIC", "2018", "G4620"), True),
        ("code=VSIC 2018:46", ("VSIC", "2025", "4620"), False),
        ("code=VSIC:47", ("VSIC", "2018", "4620"), False),
        ("code=NACE:10.1", ("NACE", "2.1", "10.11"), True),
        ("code=FOS:2.1", ("FOS", "2015", "2.11"), False),
        ("code=FOS:2", ("FOS", "2015", "2.11"), True),
        ("code=IPC:C02F", ("IPC", "2024.01", "C02F 3/30"), True),
        ("code=IPC:C02F 3/00", ("IPC", "2024.01", "C02F 3/30"), True),
        ("code=IPC:C02F 3/00", ("IPC", "2024.01", "C02F 30/02"), False),
        ("code=IPC:C02F 3/30", ("IPC", "2024.01", "C02F 3/3"), False),
        ("code!=IPC:C02F", ("IPC", "2024.01", "A01B"), True),
    ],
)
def test_a_code_is_met_by_what_lies_under_it(asked, code, met):
    condition = parse_code_condition(asked)
    assert condition is not None
    assert condition.met(offer(code)) is met


def test_other_conditions_are_left_to_others():
    assert parse_code_condition("trl>=6") is None


def test_codes_of_another_version_are_refused_not_compared():
    condition = parse_code_condition("code=VSIC 2018:46")
    assert condition is not None
    check_versions(condition, [offer(("VSIC", "2018", "4620"))])
    with pytest.raises(RequestError, match="The records have: IPC unstated, VSIC 2025"):
        check_versions(condition, [offer(("VSIC", "2025", "4620"), ("IPC", "unstated", "A01B"))])


def test_a_code_without_version_needs_records_of_one_version():
    condition = parse_code_condition("code=VSIC:46")
    assert condition is not None
    check_versions(condition, [offer(("VSIC", "2018", "4620"))])
    with pytest.raises(RequestError, match="such as code=VSIC 2025:46"):
        check_versions(condition, [offer(("VSIC", "2018", "46"), ("VSIC", "2025", "46"))])


def test_the_rules_of_the_documentation_are_rules():
    page = (Path(__file__).parents[3] / "docs" / "rules.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    event = Event.model_validate(tomllib.loads(example))
    kinds = [rule.kind for rule in event.rules]
    assert set(kinds) == {"require", "forbid", "conflict", "prefer", "pin", "same-owner"}
