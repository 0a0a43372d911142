"""A small match list worth looking at in a browser."""

import pytest

from indexer.bilingual import Bilingual
from indexer.records import Money, Record, RecordType, Side, TrlRange, Visibility
from matcher.match import Evidence, Flag, Match, Span
from matcher.matchlist import MatchList

_EVIL = "<script>window.ran = 1</script><img src=x onerror='window.ran = 2'>"
_QUOTES = '" onmouseover="window.ran = 3" \' {{ 7 * 7 }} </details></article><!--'
_TURNED = "\u202eשלום\u200f עולם\u2067 \u200f"
_LONG = "x" * 300


def _need(record_id, title, summary, **fields):
    own = {"type": RecordType.NEED, "owner": "Công ty Sóng Biếc", **fields}
    return Record(id=record_id, side=Side.DEMAND, title=title, summary=summary, **own)


def _offer(record_id, title, summary, **fields):
    own = {"type": RecordType.TECHNOLOGY, "owner": "Viện Đồng Xanh", **fields}
    return Record(id=record_id, side=Side.SUPPLY, title=title, summary=summary, **own)


_RECORDS = (
    _need(
        "N1",
        "Xử lý nước thải chế biến thủy sản",
        "COD vượt quy chuẩn vào mùa cao điểm.",
        description="Lưu lượng 200 m³ mỗi ngày.",
        trl=TrlRange(low=7, high=9),
        money=Money(high=15 * 10**8),
    ),
    _need(
        "N2",
        "Giảm tiêu hao điện của kho lạnh",
        "Máy nén chạy liên tục.",
        visibility=Visibility.RESTRICTED,
    ),
    _need("N3", f"Hồ sơ {_EVIL}", _QUOTES, owner=_TURNED, place=_QUOTES, extra={_EVIL: _LONG}),
    _need("N4", "Đào tạo thợ hàn dưới nước", "Cần chứng chỉ quốc tế."),
    _offer("O1", "Bể lọc màng MBR", "Màng giữ bùn, giảm COD trong nước thải."),
    _offer("O2", "Membrane bioreactor", "Removes COD from waste water.", language="en"),
    _offer("O3", "Bộ điều khiển máy nén", "Giảm 18% điện năng.", trl=TrlRange(low=6, high=6)),
    _offer("O4", "Biến tần cho kho lạnh", "Tự chỉnh theo tải."),
    _offer("O5", f"Chào {_LONG}", _EVIL, owner=_TURNED),
    _offer("O6", "Giống lúa chịu mặn", "Năng suất sáu tấn một vụ."),
)
_BY_ID = {record.id: record for record in _RECORDS}


def _match(need, offer, rank, score, asked, offered):
    spans = [Span("summary", 0, len(text), text) for text in (_said(need), _said(offer))]
    why = Bilingual(f"Cùng nói về: {offered}", f"Both speak of: {offered}")
    flag = Flag("trl-below", Bilingual("TRL 6, cần từ TRL 7", "TRL 6 where 7 is asked"))
    evidence = Evidence(spans[0], spans[1], ((asked, offered),), why)
    return Match(need, offer, rank, score, evidence=(evidence,), flags=(flag,) * (rank == 2))


def _said(record_id):
    return _BY_ID[record_id].summary


@pytest.fixture(scope="session")
def page_list():
    """Three needs with matches, one of them hostile, and a record of each side without."""
    cold = [("O3", 0.74), ("O4", 0.61), ("O1", 0.22), ("O5", 0.2), ("O2", 0.15)]
    evil = _match("N3", "O5", 1, 0.9, "onmouseover", "script")
    first = _match("N1", "O1", 1, 0.81, "COD", "COD")
    return MatchList(
        by_demand={
            "N1": (first, _match("N1", "O2", 2, 0.5, "COD", "waste water")),
            "N2": tuple(
                _match("N2", offer, rank, score, "Máy nén", "điện năng")
                for rank, (offer, score) in enumerate(cold, 1)
            ),
            "N3": (evil,),
        },
        by_supply={"O1": (first,), "O5": (evil,)},
        unmatched_demands=("N4",),
        unmatched_supplies=("O6",),
        records=_BY_ID,
        settings={"encoder": "lsa", "floor": "0.1"},
        catalog_version=3,
        nearest={"N4": _match("N4", "O6", 1, 0.06, "x", "y")},
    )
