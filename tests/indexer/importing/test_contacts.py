"""Personal data is taken out of free text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.importing.contacts import contact_from_cell, phone_from_cell, take_contacts
from indexer.records import Contact


@pytest.mark.parametrize(
    ("text", "rest", "emails", "phones"),
    [
        (
            "Liên hệ: ông A, ĐT: 0912 345 678, email: a.b@x.edu.vn để biết thêm",
            "Liên hệ: ông A, để biết thêm",
            ["a.b@x.edu.vn"],
            ["0912 345 678"],
        ),
        ("Sấy lúa. Email: a@b.vn", "Sấy lúa.", ["a@b.vn"], []),
        ("Sấy lúa, gọi +84 24 3869 1234.", "Sấy lúa", [], ["+84 24 3869 1234"]),
        ("Hotline: 1900 6789", "", [], ["1900 6789"]),
        ("ĐT 024.38691234 gặp anh B", "gặp anh B", [], ["024.38691234"]),
        ("0901.234.567/0902345678", "", [], ["0901.234.567", "0902345678"]),
        ("Call (555) 123-4567 today", "Call today", [], ["(555) 123-4567"]),
        ("loc (at) giotdong.example.com", "", ["loc@giotdong.example.com"], []),
        ("Marcy <m@x.com>", "Marcy", ["m@x.com"], []),
    ],
)
def test_addresses_and_numbers_leave_the_text(text, rest, emails, phones):
    assert take_contacts(text) == (rest, emails, phones)


@pytest.mark.parametrize(
    "text",
    [
        "COD 2.500–4.000 mg/L, 0.123456789, giá 20.000.000 đồng",
        "năm 2019-2020, 01/01/2020, 31-12-2027",
        "Bằng số 1-0023456-000; US 7,654,321",
        "kích thước 0 900 000 125 mm; 03 05 07 08 09 10 11",
        "tần số 0900000 Hz, 10.000.000 vòng, 99,9999999 %",
        "a@@b, @x, 5 @ 3",
        "Công suất 12345678901 kWh",
    ],
)
def test_figures_of_other_kinds_stay(text):
    assert take_contacts(text) == (text, [], [])


@pytest.mark.parametrize(
    ("text", "contact"),
    [
        ("Elin Lindqvist, elin@x.org", Contact(person="Elin Lindqvist", email="elin@x.org")),
        ("Marcy Telford <marcy@x.com>", Contact(person="Marcy Telford", email="marcy@x.com")),
        (
            "Ng Wei Lun\nwei@x.com\n0900 000 180",
            Contact(person="Ng Wei Lun", email="wei@x.com", phone="0900 000 180"),
        ),
        ("0912345678", Contact(phone="0912345678")),
    ],
)
def test_a_cell_that_holds_the_whole_contact(text, contact):
    assert contact_from_cell(text) == contact


def test_a_lost_leading_zero_comes_back():
    assert phone_from_cell("912345678") == "0912345678"
    assert phone_from_cell("0912 345 678") == "0912 345 678"
    assert phone_from_cell("123456789") == "123456789"


@settings(deadline=None)
@given(st.text(alphabet="ab @.0123456789-+()đt:\n", max_size=80))
def test_no_address_survives(text):
    rest, emails, phones = take_contacts(text)
    assert take_contacts(rest)[1] == [] or emails
    assert len(rest) <= len(text)
    assert all(any(sign.isdigit() for sign in phone) for phone in phones)


def test_a_megabyte_takes_no_time():
    for text in ("a" * (1 << 20) + "@", "0 " * (1 << 19), "1" * (1 << 20), "a.@" * 300_000):
        assert take_contacts(text)[0]
