"""Near-duplicates: found where the same thing is said twice, and only there."""

import random
import time

import pytest

from indexer.importing import duplicates
from indexer.importing.duplicates import near_duplicates
from indexer.owners import owner_key, owners_alike
from indexer.records import Record, RecordType, Side, Source

SHRIMP = (
    "Mùa mưa ao tôm hay bị chết hàng loạt sau một đêm, nước đổi màu, độ mặn tụt, oxy thấp; "
    "bà con chỉ biết khi tôm nổi đầu. Cần cách báo trước vài giờ và xử lý ngay tại ao."
)


def record(identifier, title, description="", owner="", side=Side.SUPPLY):
    kind = RecordType.TECHNOLOGY if side is Side.SUPPLY else RecordType.NEED
    return Record(
        id=identifier, side=side, type=kind, title=title, description=description, owner=owner,
        source=Source(file="a.xlsx", sheet="S", row=int(identifier[1:] or 0)),
    )  # fmt: skip


def test_accents_case_and_punctuation_make_no_new_record():
    bare = (
        "MUA MUA, ao tom hay bi chet hang loat sau mot dem: nuoc doi mau; do man tut, oxy thap - "
    )
    bare += "ba con chi biet khi tom noi dau! Can cach bao truoc vai gio va xu ly ngay tai ao"
    same, notices = near_duplicates([record("a1", "", SHRIMP), record("a2", "", bare)])
    assert same == {"a2": "a1"}
    assert "a2 (row 2) ≈ a1 (row 1)" in notices[0].en
    assert "gần như trùng" in notices[0].vi


def test_one_owner_spelt_twice_with_some_words_changed():
    changed = (
        SHRIMP.replace("hàng loạt", "nhiều").replace("vài giờ", "sớm").replace("ao tôm", "ao nuôi")
    )
    first = record("a1", "Tôm chết", SHRIMP, "HTX nuôi tôm Rạch Sậy")
    second = record("a2", "", changed, "Hợp tác xã nuôi tôm Rạch Sậy")
    assert near_duplicates([first, second])[0] == {"a2": "a1"}


def test_a_few_typos_in_a_long_text_of_nobody():
    words = SHRIMP.split()
    words[5], words[20] = words[5] + "x", words[20][:-1]
    assert near_duplicates([record("a1", "", SHRIMP), record("a2", "", " ".join(words))])[0]


def test_other_sizes_are_other_products():
    text = "Sấy bơm nhiệt, tách ẩm hai cấp, tiết kiệm điện, vỏ thép không gỉ, bảo hành hai năm"
    first = record("a1", "Máy sấy 100 kg", text, "Công ty A Lúa")
    second = record("a2", "Máy sấy 200 kg", text, "Công ty A Lúa")
    assert near_duplicates([first, second]) == ({}, [])


def test_different_products_of_one_owner_stay_apart():
    first = record(
        "a1", "Quản lý văn bản", "Phần mềm giúp cơ quan nhà nước quản lý văn bản đi và đến", "A"
    )
    second = record(
        "a2", "Quản lý tài sản", "Phần mềm giúp cơ quan nhà nước theo dõi tài sản công", "A"
    )
    assert near_duplicates([first, second]) == ({}, [])


def test_the_same_text_of_another_owner_is_said_but_not_linked():
    first = record("a1", "Xử lý nước", SHRIMP, "Viện Thủy sản Cà Mau")
    second = record("a2", "Xử lý nước", SHRIMP, "Công ty Giày Thượng Đình")
    same, notices = near_duplicates([first, second])
    assert same == {}
    assert "different organisations" in notices[0].en


def test_offers_never_repeat_needs():
    assert near_duplicates(
        [record("a1", "x y z", SHRIMP), record("a2", "x y z", SHRIMP, side=Side.DEMAND)]
    ) == ({}, [])


def test_three_alike_point_to_the_first_and_known_links_are_not_said_again():
    records = [record(f"a{at}", "Máy sấy lúa", SHRIMP) for at in (1, 2, 3)]
    assert near_duplicates(records)[0] == {"a2": "a1", "a3": "a1"}
    assert near_duplicates(records[:2], {"a2": "a1"}) == ({}, [])


def test_very_large_imports_look_for_equal_texts_only(monkeypatch):
    monkeypatch.setattr(duplicates, "_MOST", 2)
    records = [
        record("a1", "Tôm", SHRIMP),
        record("a2", "TÔM", SHRIMP),
        record("a3", "Tôm", SHRIMP.replace("vài giờ", "sớm")),
    ]
    same, notices = near_duplicates(records)
    assert same == {"a2": "a1"}
    assert "only equal texts" in notices[0].en


def test_texts_without_letters_are_left_alone():
    assert near_duplicates([record("a1", "…"), record("a2", "?!"), record("a3", "ab")]) == ({}, [])
    assert near_duplicates([]) == ({}, [])


def test_four_changed_words_in_a_hundred_are_found_in_every_pair():
    noise = random.Random(7)
    words = [
        "".join(noise.choices("abcdeghiklmnoprstuvxy", k=noise.randint(2, 6))) for _ in range(3000)
    ]
    originals = [noise.choices(words, k=100) for _ in range(200)]
    copies = []
    for body in originals:
        copy = list(body)
        for _ in range(4):
            copy[noise.randrange(100)] = noise.choice(words)
        copies.append(copy)
    records = [
        record(f"a{at}", "", " ".join(body)) for at, body in enumerate([*originals, *copies])
    ]
    same, _ = near_duplicates(records)
    assert same == {f"a{at + 200}": f"a{at}" for at in range(200)}


def test_thousands_of_records_take_a_moment():
    noise = random.Random(8)
    words = [
        "".join(noise.choices("abcdeghiklmnoprstuvxy", k=noise.randint(2, 6))) for _ in range(3000)
    ]
    records = [
        record(f"a{at}", "", " ".join(noise.choices(words, k=60)), f"Viện {words[at % 300]}")
        for at in range(1500)
    ]
    started = time.process_time()
    assert near_duplicates(records) == ({}, [])
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Cty TNHH Điều Lộc Sương", "Công ty TNHH Điều Lộc Sương", True),
        ("HTX Nuôi tôm Rạch Sậy", "Hợp tác xã nuôi tôm Rạch Sậy", True),
        ("UBND P. Cầu Rồng", "UBND phường Cầu Rồng", True),
        ("Cong ty CP Banh keo Huong Moc", "Công ty CP Bánh kẹo Hương Mộc", True),
        ("CO-WELL ASIA", "COWELL Asia", True),
        ("Công ty Cổ phần NTQ Solution", "NTQ Solution.,JSC", True),
        ("Viện Vật liệu", "Viện Thủy sản", False),
        ("Công ty A", "Công ty B", False),
        ("", "Công ty B", False),
    ],
)
def test_names_of_organisations(one, other, alike):
    assert (owners_alike(owner_key(one), owner_key(other)) >= 0.85) is alike
