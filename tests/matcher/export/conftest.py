"""A match list as an organiser's files give it: invented, Vietnamese and English, any size."""

import random
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from indexer.bilingual import Bilingual
from indexer.records import (
    Contact,
    Money,
    Record,
    RecordType,
    Side,
    TrlRange,
    Visibility,
)
from matcher.match import Evidence, Flag, Match, Span
from matcher.matchlist import MatchList

MakeList = Callable[..., MatchList]

_NEEDS = (
    ("Xử lý nước thải chế biến thủy sản", "COD, tổng nitơ và mùi vượt quy chuẩn vào mùa cao điểm."),
    ("Giảm tiêu hao điện của kho lạnh", "Tiền điện chiếm 40% chi phí, máy nén chạy liên tục."),
    ("Phát hiện sớm bệnh trên cây thanh long", "Nông dân chỉ nhận ra bệnh khi đã lan cả vườn."),
    ("Predict bearing failures on paper machines", "Unplanned stops cost us two days a month."),
    ("Truy xuất nguồn gốc rau an toàn cho trường học", "Bếp ăn không biết rau từ hợp tác xã nào."),
    ("Đèn giao thông thích ứng theo lưu lượng", "Ùn tắc kéo dài tại 12 nút giao giờ cao điểm."),
    ("Vat lieu thay the nhua dung mot lan", "Can hop dung thuc an phan huy trong 90 ngay."),
    ("Đọc phim X-quang phổi tại trạm y tế xã", "Trạm không có bác sĩ chẩn đoán hình ảnh."),
)
_OFFERS = (
    ("Hệ thống xử lý nước thải bằng màng MBR", "Màng lọc sinh học giữ bùn, giảm COD và tổng nitơ."),
    ("Bộ điều khiển máy nén kho lạnh tiết kiệm điện", "Biến tần và dự báo tải giảm 18% điện năng."),
    ("Ứng dụng nhận dạng bệnh cây trồng qua ảnh", "Mạng nơ-ron nhận ra 14 bệnh trên thanh long."),
    (
        "Vibration sensors with bearing diagnostics",
        "Detects bearing failures 200 hours in advance.",
    ),
    ("Nền tảng truy xuất nguồn gốc bằng mã QR", "Nhật ký canh tác, mã QR theo lô rau an toàn."),
    (
        "Tủ điều khiển đèn giao thông dùng camera",
        "Đếm xe, tính chu kỳ đèn theo lưu lượng từng nút.",
    ),
    ("Màng bao gói phân hủy sinh học từ tinh bột sắn", "Phân hủy trong 60 ngày, chịu nhiệt 80 °C."),
    ("AI reading of chest X-rays", "Flags tuberculosis and pneumonia; runs offline on a laptop."),
)
_OWNERS = (
    "Công ty TNHH Sóng Biếc",
    "Viện Công nghệ Đồng Xanh",
    "HTX Rau Sạch An Hòa",
    "Trường ĐH Kỹ thuật Phù Sa",
)
_MORE = (
    "Đã vận hành thử sáu tháng tại một cơ sở quy mô vừa; số liệu do đơn vị độc lập đo. "
    "Thiết bị lắp đặt trong hai tuần và không cần dừng dây chuyền đang chạy."
)


def make_record(side: Side, number: int) -> Record:
    title, text = (_NEEDS if side is Side.DEMAND else _OFFERS)[number % 8]
    need = side is Side.DEMAND
    types = (
        (RecordType.NEED, RecordType.CHALLENGE, RecordType.RESEARCH_ORDER)
        if need
        else (RecordType.TECHNOLOGY, RecordType.SERVICE, RecordType.STARTUP)
    )
    amount = Decimal(number % 9 + 1) * 250_000_000
    return Record(
        id=f"{'NC' if need else 'CN'}-{number:04d}",
        side=side,
        type=types[number % 3],
        title=title if number < 8 else f"{title} (phương án {number // 8 + 1})",
        summary=text,
        description=f"{text} {_MORE}",
        requirements="Chi phí vận hành dưới 8.000 đồng/m³." if need else "",
        owner=_OWNERS[number % 4],
        trl=TrlRange(low=number % 5 + 4, high=number % 5 + 4 + number % 2),
        money=Money(low=amount, high=amount * 2) if number % 3 else None,
        place=("Hà Nội", "Cần Thơ", "")[number % 3],
        language="en" if number % 8 == 3 else "vi",
        visibility=Visibility.RESTRICTED if number == 5 else Visibility.PUBLIC,
        expires=date(2026, 12, 31),
        contact=Contact(person="Nguyễn Thị Kín", phone="0912345678", email="kin@vi-du.vn"),
    )


def make_match(need: Record, offer: Record, rank: int, score: float) -> Match:
    terms = (("nước thải", "nước thải"), ("COD", "COD"), ("bearing failures", "bearing failures"))
    asked = Span("summary", 0, len(need.summary), need.summary)
    offered = Span("summary", 0, len(offer.summary), offer.summary)
    named = ", ".join(term for _, term in terms[:2])
    why = Bilingual(f"Cùng nói về: {named}", f"Both speak of: {named}")
    flags = []
    if rank % 3 == 1:
        flags.append(Flag("trl-below", Bilingual("TRL 4, cần từ TRL 6", "TRL 4 where 6 is asked")))
    if rank % 5 == 2:
        flags.append(Flag("same-owner", Bilingual("Cùng một đơn vị", "Same organisation")))
    evidence = (Evidence(asked, offered, terms, why),) if rank % 7 else ()
    return Match(need.id, offer.id, rank, score, evidence=evidence, flags=tuple(flags))


@pytest.fixture(scope="session")
def make_list() -> MakeList:
    return build_list


def build_list(needs: int = 12, offers: int = 16, k: int = 5, lonely: int = 2) -> MatchList:
    """`lonely` of the needs and of the offers stand without a match, one each with a nearest."""
    chance = random.Random(20250)
    demands = [make_record(Side.DEMAND, number) for number in range(needs)]
    supplies = [make_record(Side.SUPPLY, number) for number in range(offers)]
    matched_needs, matched_offers = demands[: needs - lonely], supplies[: offers - lonely]

    def ranked(own: Record, others: list[Record]) -> tuple[Match, ...]:
        chosen = chance.sample(others, min(k, len(others)))
        scores = sorted((chance.betavariate(4, 5) for _ in chosen), reverse=True)
        pairs = zip(chosen, scores, strict=True)
        return tuple(
            make_match(own, other, rank, score)
            if own.side is Side.DEMAND
            else make_match(other, own, rank, score)
            for rank, (other, score) in enumerate(pairs, start=1)
        )

    nearest = {}
    if lonely and supplies and demands:
        nearest[demands[-1].id] = make_match(demands[-1], supplies[0], 1, 0.07)
        nearest[supplies[-1].id] = make_match(demands[0], supplies[-1], 1, 0.05)
    return MatchList(
        by_demand={need.id: ranked(need, matched_offers) for need in matched_needs},
        by_supply={offer.id: ranked(offer, matched_needs) for offer in matched_offers},
        unmatched_demands=tuple(record.id for record in demands[needs - lonely :]),
        unmatched_supplies=tuple(record.id for record in supplies[offers - lonely :]),
        records={record.id: record for record in (*demands, *supplies)},
        settings={"encoder": "lsa", "owner_cap": "3", "floor": "0.1"},
        catalog_version=7,
        nearest=nearest,
    )
