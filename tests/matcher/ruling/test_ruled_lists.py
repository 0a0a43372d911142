"""Rules in a whole run: lists without barred pairs, and a word for each pair kept off."""

import json
from datetime import date

import openpyxl
import pytest

from indexer.catalog import Catalog
from indexer.errors import RequestError
from indexer.index import Index
from indexer.records import Record, RecordType, Side, TrlRange
from indexer.settings import Settings
from indexer.updating import update_index
from matcher import Event, Matcher
from matcher.export import write_match_list

TODAY = date(2027, 5, 20)
OFFERS = [
    ("o1", "Bể điện hoá khử màu nước thải dệt nhuộm", "Viện Nước", 7),
    ("o2", "Máy sấy lúa tầng sôi cho hợp tác xã", "Xưởng Cơ Khí", 8),
    ("o3", "Hệ thống lọc nước thải dệt nhuộm bằng màng", "Viện Nước", 4),
    ("o4", "Xử lý nước thải nhuộm của chính nhà máy", "Công ty Dệt", 9),
]
NEEDS = [
    ("n1", "Nước thải nhuộm còn màu, cần xử lý", "Công ty Dệt", 6),
    ("n2", "Lúa ướt gặp mưa cần sấy nhanh", "Hợp tác xã", None),
]


def record(side, row):
    identifier, title, owner, level = row
    return Record(
        id=identifier,
        side=side,
        type=RecordType.TECHNOLOGY if side is Side.SUPPLY else RecordType.NEED,
        title=title,
        owner=owner,
        trl=TrlRange(low=level, high=level) if level else None,
    )


@pytest.fixture(scope="module")
def matcher(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ruled")
    with Catalog.open(folder / "catalog.sqlite3") as catalog:
        catalog.apply([record(Side.SUPPLY, row) for row in OFFERS])
        catalog.apply([record(Side.DEMAND, row) for row in NEEDS])
        update_index(catalog, folder / "index")
        yield Matcher(Index.open(folder / "index"), catalog, Settings(floor=0))


def ruled(matcher, *rules, k=4):
    return matcher.match(k=k, event=Event(name="Chợ", rules=rules), today=TODAY)


def listed(result):
    """The pairs on any list, as "n1 o1"."""
    lists = (*result.by_demand.values(), *result.by_supply.values())
    return {f"{match.demand} {match.supply}" for matches in lists for match in matches}


def test_an_owner_stays_off_its_own_list_and_the_list_says_so(matcher):
    result = matcher.match(k=4, today=TODAY)
    assert "n1 o4" not in listed(result)
    assert [(item.demand, item.supply) for item in result.excluded] == [("n1", "o4")]
    assert result.excluded[0].score > 0.3
    assert result.excluded[0].why.en.endswith("both records are of Công ty Dệt.")


def test_barred_pairs_are_on_no_list_and_the_next_best_move_up(matcher):
    free = matcher.match(k=1, today=TODAY)
    assert free.by_demand["n1"][0].supply in ("o1", "o3")
    barred = {"kind": "forbid", "party": "Viện Nước", "others": "n1", "reason": "met before"}
    result = ruled(matcher, barred, k=1)
    assert result.by_demand["n1"][0].supply == "o2"
    assert {item.supply for item in result.excluded if item.demand == "n1"} >= {"o4"}
    assert not listed(result) & {"n1 o1", "n1 o3", "n1 o4"}


def test_a_pin_comes_first_with_its_own_score_and_a_flag(matcher):
    result = ruled(matcher, {"kind": "pin", "party": "n1", "others": "o2", "label": "Đã hứa"})
    first = result.by_demand["n1"][0]
    assert (first.supply, first.rank) == ("o2", 1)
    assert first.score < result.by_demand["n1"][1].score
    assert first.flags[0].message.vi == "Được ghim: Đã hứa"
    assert result.by_supply["o2"][0].demand == "n1"


def test_barred_pairs_are_not_even_the_nearest(matcher):
    rule = {"kind": "forbid", "party": "n1", "others": ["o1", "o3", "o2", "o4"]}
    result = ruled(matcher, rule)
    assert "n1" in result.unmatched_demands
    assert "n1" not in result.nearest
    assert len([item for item in result.excluded if item.demand == "n1"]) == 4


def test_the_files_name_every_exclusion(matcher, tmp_path):
    result = ruled(matcher, {"kind": "require", "where": "trl>=6", "label": "<b>Từ 6</b>"})
    workbook, _, page, excluded = write_match_list(result, tmp_path, language="en")
    assert excluded.name == "excluded.jsonl"
    lines = [json.loads(line) for line in excluded.read_text("utf-8").splitlines()]
    of_rule = [line for line in lines if line["rule"]["en"] == "<b>Từ 6</b>"]
    assert {(line["demand"], line["supply"]) for line in of_rule} == {("n1", "o3"), ("n2", "o3")}
    assert of_rule[0].keys() == {"demand", "supply", "score", "rule", "why"}
    sheet = openpyxl.load_workbook(workbook)["Excluded by rules"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert len(rows) == len(lines)
    assert rows[0][0] == "n1" and rows[0][8].startswith("Excluded because of the rule “")
    settings = openpyxl.load_workbook(workbook)["Settings"]
    told = {row[0].value: row[1].value for row in settings.iter_rows(min_row=2)}
    assert told["Rule: <b>Từ 6</b>"] == "bars 2 pairs"
    html = page.read_text("utf-8")
    assert 'id="excluded"' in html and "the offer states TRL 4." in html
    assert "<b>Từ 6</b>" not in html


def test_a_list_from_which_nothing_was_kept_has_no_such_section(matcher, tmp_path):
    result = ruled(matcher, {"kind": "same-owner", "allow": True})
    assert result.excluded == ()
    workbook, _, page, excluded = write_match_list(result, tmp_path, language="en")
    assert excluded.read_text("utf-8") == ""
    assert "Excluded by rules" not in openpyxl.load_workbook(workbook).sheetnames
    assert 'id="excluded"' not in page.read_text("utf-8")


def test_an_unknown_owner_or_rules_without_end_stop_the_run(matcher):
    with pytest.raises(RequestError, match="no owner and no record “Viện Gió”"):
        ruled(matcher, {"kind": "forbid", "party": "Viện Gió", "others": "n1"})
    with pytest.raises(RequestError, match=r"“must have trl>=9 \(n2\)” bars|bar every pair"):
        ruled(matcher, {"kind": "require", "where": "place=Huế"})
