"""Words that choose a type, a side, a visibility, a language; classification codes."""

import pytest

from indexer.errors import BadValue
from indexer.records import Code, RecordType, Side, Visibility
from indexer.values import (
    ip_status_in,
    parse_codes,
    parse_language,
    parse_side,
    parse_type,
    parse_visibility,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nhu cầu công nghệ", RecordType.NEED),
        ("Nhu cầu dịch vụ", RecordType.NEED),
        ("Tư vấn", RecordType.NEED),
        ("bài toán", RecordType.CHALLENGE),
        ("Bài toán lớn", RecordType.CHALLENGE),
        ("Đặt hàng nghiên cứu", RecordType.RESEARCH_ORDER),
        ("research order", RecordType.RESEARCH_ORDER),
        ("Mua sắm", RecordType.PROCUREMENT),
        ("Tìm đối tác", RecordType.PARTNER_SEARCH),
        ("partner_search", RecordType.PARTNER_SEARCH),
        ("Đào tạo", RecordType.TRAINING_NEED),
        ("Khóa học", RecordType.TRAINING_NEED),
        ("", None),
    ],
)
def test_demand_types(text, expected):
    assert parse_type(text, Side.DEMAND) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Công nghệ", RecordType.TECHNOLOGY),
        ("Khoa học công nghệ", None),
        ("Bằng sáng chế", RecordType.PATENT),
        ("Nguyên mẫu", RecordType.PROTOTYPE),
        ("Chuyên gia ", RecordType.EXPERT),
        ("Dịch vụ kiểm nghiệm", RecordType.SERVICE),
        ("PTN dùng chung", RecordType.FACILITY),
        ("Cơ sở vật chất", RecordType.FACILITY),
        ("Startup", RecordType.STARTUP),
        ("Khoá học", RecordType.TRAINING),
        ("Quỹ", RecordType.FUNDING),
        ("Bộ dữ liệu", RecordType.DATASET),
        ("publication", RecordType.PUBLICATION),
    ],
)
def test_supply_types(text, expected):
    if expected is None:
        with pytest.raises(BadValue, match="no type"):
            parse_type(text, Side.SUPPLY)
    else:
        assert parse_type(text, Side.SUPPLY) is expected


@pytest.mark.parametrize("kind", list(RecordType))
def test_every_type_reads_its_own_name(kind):
    sides = [side for side in Side if _accepts(kind.value, side) is kind]
    assert sides


def _accepts(text, side):
    try:
        return parse_type(text, side)
    except BadValue:
        return None


@pytest.mark.parametrize(
    ("text", "side"),
    [("Cung", Side.SUPPLY), ("Cầu", Side.DEMAND), ("demand", Side.DEMAND), ("offer", Side.SUPPLY),
     ("Nhu cầu", Side.DEMAND), ("", None)],
)  # fmt: skip
def test_sides(text, side):
    assert parse_side(text) is side


def test_an_unknown_side_is_refused():
    with pytest.raises(BadValue, match="names no side"):
        parse_side("xanh")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Công khai", Visibility.PUBLIC),
        ("Public", Visibility.PUBLIC),
        ("Hạn chế", Visibility.RESTRICTED),
        ("Restricted ", Visibility.RESTRICTED),
        ("Nội bộ", Visibility.PRIVATE),
        ("Riêng tư", Visibility.PRIVATE),
        ("Bảo mật", Visibility.CONFIDENTIAL),
        ("Không công khai", Visibility.PRIVATE),
        ("", None),
    ],
)
def test_visibility(text, expected):
    assert parse_visibility(text) is expected


def test_visibility_is_never_guessed():
    with pytest.raises(BadValue, match="unknown visibility"):
        parse_visibility("để sau")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Tiếng Việt", "vi"), ("EN", "en"), ("song ngữ", "mixed"), ("Klingon", None)],
)
def test_languages(text, expected):
    assert parse_language(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kiểu dáng công nghiệp: đã được cấp", "đã được cấp"),
        ("Patent granted", "granted"),
        ("Bí mật kinh doanh", ""),
    ],
)
def test_the_status_of_protection_within_a_cell(text, expected):
    assert ip_status_in(text) == expected


def test_codes_carry_scheme_and_version():
    assert parse_codes("C10", "Mã ngành (VSIC 2025)") == (
        Code(scheme="VSIC", version="2025", code="C10"),
    )
    assert parse_codes("c02f 3/30;  A01G", "Chỉ số IPC") == (
        Code(scheme="IPC", version="unstated", code="C02F 3/30"),
        Code(scheme="IPC", version="unstated", code="A01G"),
    )
    assert parse_codes("C02F 3/30", "Phân loại")[0].scheme == "IPC"
    assert parse_codes(" ", "IPC") == ()


def test_words_are_no_codes():
    with pytest.raises(BadValue, match="no VSIC code"):
        parse_codes("Nông nghiệp", "Mã ngành")
