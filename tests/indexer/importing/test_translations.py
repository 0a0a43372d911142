"""One list on two sheets in two languages."""

import random

from indexer.importing.translations import align, link_translations
from indexer.records import Record, RecordType, Side, Source

VI = ["Máy sấy lúa", "Lọc nước mặn", "Phần mềm kho", "Gạch không nung", "Đèn đường", "Xe điện nhỏ"]
EN = [
    "Rice dryer",
    "Desalination",
    "Warehouse software",
    "Unfired bricks",
    "Street lights",
    "Small EV",
]
NAMES = ["Zentra", "AquaMin", "WareBot", "GeoBrick", "LumiGo", "EcoKart"]


def sheet(name, language, titles, owners=NAMES, file="a.xlsx", numbers=True):
    start = 100 if language == "en" else 0
    return [
        Record(
            id=f"{name}{start + at}", side=Side.SUPPLY, type=RecordType.TECHNOLOGY, title=title,
            description=f"{owners[at]} {4200 + 37 * at if numbers else ''}", owner=owners[at],
            language=language, source=Source(file=file, sheet=name, row=at + 2),
        )
        for at, title in enumerate(titles)
    ]  # fmt: skip


def test_rows_in_the_same_order_are_linked_to_the_first_sheet():
    vi, en = sheet("Việt", "vi", VI), sheet("English", "en", EN)
    linked, notices = link_translations([*vi, *en])
    assert linked == {second.id: first.id for first, second in zip(vi, en, strict=True)}
    assert "6 of 6 rows on sheet “English”" in notices[0].en
    assert "6 trên 6 dòng" in notices[0].vi


def test_the_english_sheet_may_come_first():
    en, vi = sheet("English", "en", EN), sheet("Việt", "vi", VI)
    linked, _ = link_translations([*en, *vi])
    assert linked == {second.id: first.id for first, second in zip(en, vi, strict=True)}


def test_rows_nothing_tells_are_linked_between_rows_that_match():
    vi = sheet("Việt", "vi", VI, [*NAMES[:2], "Công ty Hợp Nhất", *NAMES[3:]])
    en = sheet("English", "en", EN, [*NAMES[:2], "United Corp", *NAMES[3:]])
    for rows in (vi, en):
        rows[2] = rows[2].model_copy(update={"description": ""})
    linked, _ = link_translations([*vi, *en])
    assert linked[en[2].id] == vi[2].id


def test_missing_rows_shift_nothing():
    vi, en = sheet("Việt", "vi", VI), sheet("English", "en", EN)
    del en[1]
    linked, _ = link_translations([*vi, *en])
    assert linked == {row.id: vi[at].id for at, row in zip((0, 2, 3, 4, 5), en, strict=True)}


def test_a_moved_row_is_found_by_its_content():
    vi, en = sheet("Việt", "vi", VI), sheet("English", "en", EN)
    moved = [*en[1:], en[0]]
    pairs = align(vi, moved)
    assert {(first.id, second.id) for first, second in pairs} == {
        (first.id, second.id) for first, second in zip(vi, en, strict=True)
    }


def test_different_lists_are_not_linked_however_even_their_lengths():
    vi = sheet("Việt", "vi", VI, [f"Công ty {title}" for title in VI], numbers=False)
    en = sheet("English", "en", EN, [f"{title} Ltd" for title in EN], numbers=False)
    assert link_translations([*vi, *en]) == ({}, [])


def test_sheets_in_one_language_other_files_and_other_sides_are_not_compared():
    vi = sheet("Việt", "vi", VI)
    assert link_translations([*vi, *sheet("Khác", "vi", VI)]) == ({}, [])
    assert link_translations([*vi, *sheet("English", "en", EN, file="b.xlsx")]) == ({}, [])
    needs = [
        row.model_copy(update={"side": Side.DEMAND, "type": RecordType.NEED})
        for row in sheet("English", "en", EN)
    ]
    assert link_translations([*vi, *needs]) == ({}, [])


def test_hundreds_of_rows_with_gaps():
    noise = random.Random(5)
    names = [f"Pro{noise.randrange(10**6)}" for _ in range(300)]
    vi = sheet("Việt", "vi", [f"Công nghệ {name}" for name in names], names)
    en = sheet("English", "en", [f"The {name} technology" for name in names], names)
    kept = [row for row in en if noise.random() < 0.8]
    linked, _ = link_translations([*vi, *kept])
    true = {second.id: first.id for first, second in zip(vi, en, strict=True)}
    right = sum(true[second] == first for second, first in linked.items())
    assert right >= 0.98 * len(linked)
    assert right >= 0.98 * len(kept)
