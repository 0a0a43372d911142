"""What a pair still lacks, and where a record without a match might turn."""

from datetime import date

import numpy as np
import pytest

from indexer.catalog import Catalog
from indexer.index import Index
from indexer.records import Money, Record, RecordType, Side, TrlRange, Visibility
from indexer.settings import Settings
from indexer.updating import update_index
from matcher import Matcher
from matcher.advice import advise, usual_readiness
from matcher.export.unmatched import unmatched_columns, unmatched_lines, unmatched_rows
from matcher.match import Match
from matcher.missing import Around, find_missing, needed
from matcher.score import ScoreModel

DAY = date(2027, 5, 20)
MODEL = ScoreModel.load()


def need(record_id="n", **fields):
    own = {"type": RecordType.NEED, "title": "Xử lý nước thải", **fields}
    return Record(id=record_id, side=Side.DEMAND, **own)


def offer(record_id="o", **fields):
    own = {"type": RecordType.TECHNOLOGY, "title": "Bể lọc", **fields}
    return Record(id=record_id, side=Side.SUPPLY, **own)


def level(low, high=None):
    return TrlRange(low=low, high=high or low)


def names(changes):
    return [change.name for change in changes]


def test_a_pair_that_fits_needs_no_change():
    assert needed(need(), offer(), 0.9, 0.5, MODEL, DAY) == ((), True)


def test_every_obstacle_is_named_in_words():
    asked = need(trl=level(7, 9), money=Money(high=10**9), visibility=Visibility.RESTRICTED)
    offered = offer(trl=level(6), money=Money(low=2 * 10**9), expires=date(2027, 1, 1))
    changes, enough = needed(asked, offered, 0.01, 0.9, MODEL, DAY)
    assert names(changes) == ["trl", "price", "expired", "confidentiality"]
    assert not enough
    assert changes[0].words.en == "Raise TRL from 6 to 7 (1 step)"
    assert changes[0].words.vi == "Nâng TRL từ 6 lên 7 (1 bậc)"
    assert changes[1].words.en == (
        "Agree on the price: Budget up to 1 billion VND, below price from 2 billion VND"
    )


def test_the_place_is_named_only_where_it_decides():
    asked, offered = need(place="Hà Nội"), offer(place="Cà Mau")
    floor = 0.3
    near, enough = needed(asked, offered, floor - 0.005, floor, MODEL, DAY)
    assert (names(near), enough) == (["place"], True)
    assert near[0].words.en == "A presence in Hà Nội (the offer is in Cà Mau)"
    far, enough = needed(asked, offered, 0.01, floor, MODEL, DAY)
    assert (far, enough) == ((), False)


def test_one_step_of_readiness_can_be_enough():
    asked, offered = need(trl=level(7, 9), place="Hà Nội"), offer(trl=level(6), place="Cà Mau")
    changes, enough = needed(asked, offered, 0.29, 0.3, MODEL, DAY)
    assert (names(changes), enough) == (["trl"], True)


@pytest.fixture
def around():
    return Around(MODEL, 0.5, DAY, lambda token: 5.0, lambda demand, supply: None)


def test_where_a_need_might_turn(around):
    others = [
        offer("o1", field="Nước"),
        offer("e1", type=RecordType.EXPERT, field="Môi trường"),
        offer("o2", same_as="o1", field="nước"),
        offer("o3"),
        offer("o4"),
    ]
    table = np.array([[0.4, 0.1, 0.39, 0.2, 0.0]], dtype=np.float32)
    near = {"n": Match("n", "o1", 1, 0.4)}
    found = find_missing([need()], others, table, ["n"], near, around)["n"]
    assert found.others == ("o3", "e1")
    assert found.experts == ("e1",)
    assert found.fields == ("Nước", "Môi trường")


def test_a_record_nothing_is_near_has_only_advice(around):
    table = np.zeros((1, 1), dtype=np.float32)
    found = find_missing([need()], [offer()], table, ["n"], {}, around)["n"]
    assert (found.changes, found.others, found.fields) == ((), (), ())
    assert [advice.name for advice in found.advice] == ["short"]
    assert find_missing([need()], [offer()], table, [], {}, around) == {}


def test_advice_to_an_offer_that_is_early_short_and_without_figures():
    usual = usual_readiness([need(trl=level(low, 9)) for low in (6, 7, 8)])
    found = advise(offer(trl=level(4)), lambda token: 5.0, usual)
    assert [advice.name for advice in found] == ["too-early", "short", "benefit-unclear"]
    assert found[0].words.en.startswith("Early: TRL 4, half of the needs here ask for TRL 7")
    assert found[1].words.en == "Only 2 words: say what it does, for whom, what it needs."


def test_advice_is_only_given_where_something_stands_out():
    text = (
        "Bể lọc giữ lại 98 % bùn, thử ở 6 nhà máy dệt, chạy 14 tháng không thay màng lọc. Điện "
        "tốn 0,4 kWh mỗi khối nước, một người trông được ba bể."
    )
    assert advise(offer(description=text, trl=level(8)), lambda token: 5.0, 7) == ()
    assert advise(need(description=text), lambda token: 5.0) == ()
    # A fund is neither early nor late, and of two needs nothing is usual.
    assert advise(offer(description=text, type=RecordType.FUNDING, trl=level(2)), len, 7) == ()
    assert usual_readiness([need(trl=level(6, 9))] * 2) is None


def test_common_words_and_closed_records_are_advised():
    text = (
        "Giải pháp công nghệ tiên tiến mang lại hiệu quả cao, chất lượng tốt, dịch vụ tận tâm, "
        "đội ngũ giàu kinh nghiệm, phục vụ mọi khách hàng 24 giờ, giá cả hợp lý trên toàn quốc."
    )
    found = advise(
        offer(description=text, visibility=Visibility.PRIVATE),
        lambda token: 5.0 if token == "" else 1.0,
    )
    assert [advice.name for advice in found] == ["vague", "confidential"]


@pytest.fixture
def match_list(tmp_path):
    """Two needs, one of them hopeless, over a real index."""
    catalog = Catalog.open(tmp_path / "c.sqlite3")
    catalog.apply(
        [
            need("n1", title="Nước thải dệt nhuộm đậm màu, cần khử màu", trl=level(7, 9)),
            need("n2", title="Quantum annealer", language="en"),
            offer("o1", title="Khử màu nước thải dệt nhuộm bằng điện hoá", trl=level(6)),
            offer("o2", title="Máy sấy lúa tầng sôi", field="Nông nghiệp"),
            offer("o3", title="Đèn đường", field="Chiếu sáng"),
        ]
    )
    update_index(catalog, tmp_path / "index")
    yield Matcher(Index.open(tmp_path / "index"), catalog, Settings(floor=0.3)).match(today=DAY)
    catalog.close()


def test_the_match_list_tells_why_and_what_is_missing(match_list):
    told = {
        key: match.reasons
        for own in (*match_list.by_demand.values(), *match_list.by_supply.values())
        for key, match in ((m.supply, m) for m in own)
    }
    told |= {key: match.reasons for key, match in match_list.nearest.items()}
    assert any(line and "TRL 6 where 7 is asked" in line.en for line in told.values())
    lonely = {*match_list.unmatched_demands, *match_list.unmatched_supplies}
    assert "n2" in lonely
    assert set(match_list.missing) == lonely
    assert any("Only" in line.en for line in unmatched_lines(match_list, "n2")[2])


def test_the_sheet_of_the_unmatched_has_a_cell_for_each(match_list):
    rows = list(unmatched_rows(match_list, "en"))
    assert rows
    assert {len(row) for row in rows} == {len(unmatched_columns())}
    assert "Only 2 words" in next(row[-1] for row in rows if row[1] == "n2")


def test_a_list_without_an_account_has_empty_cells(page_list):
    assert unmatched_lines(page_list, "N4") == ([], [], [])
