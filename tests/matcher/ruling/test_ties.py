"""What ties two organisations together."""

import pytest

from indexer.records import Contact, Record, RecordType, Side
from matcher.ruling.ties import domains, is_institution, parts, telling_domains


@pytest.mark.parametrize(
    ("email", "found"),
    [
        ("a.b@cs.hust.edu.vn", {"hust.edu.vn"}),
        ("x@mail.songvan.com; y@songvan.com", {"songvan.com"}),
        ("X@SongVan.COM", {"songvan.com"}),
        ("a@gmail.com", set()),
        ("a@example.org", set()),
        ("a@yahoo.com.vn", set()),
        ("a@hn.vnn.vn", set()),
        ("a@edu.vn", set()),
        ("not an address", set()),
    ],
)
def test_domains_are_registered_ones_and_never_public_mailboxes(email, found):
    record = Record(
        id="o",
        side=Side.SUPPLY,
        type=RecordType.TECHNOLOGY,
        title="máy",
        contact=Contact(email=email),
    )
    assert domains(record) == found


def test_a_name_breaks_into_the_part_and_its_whole():
    whole, pieces = parts("Khoa Hoá – Trường Đại học Sông Vân")
    assert "dai hoc song van" in pieces and "khoa hoa" in pieces
    assert parts("Đại học Sông Vân") == ("dai hoc song van", frozenset())
    assert whole not in pieces


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("dai hoc song van", True),
        ("stanford university", True),
        ("vien nghien cuu", False),
        ("khoa co khi", False),
        ("ha noi", False),
    ],
)
def test_only_the_name_of_one_institution_ties(key, told):
    assert is_institution(key) is told


def test_the_domain_of_a_crowd_ties_nobody():
    def record(number, email):
        return Record(
            id=f"o{number}",
            side=Side.SUPPLY,
            type=RecordType.TECHNOLOGY,
            title="máy",
            owner=f"Đơn vị {number}",
            contact=Contact(email=email),
        )

    crowd = [record(i, f"a{i}@thudientu.vn") for i in range(21)]
    few = [record(30 + i % 2, "b@songvan.vn") for i in range(40)]
    assert telling_domains([*crowd, *few]) == {"songvan.vn"}
    assert telling_domains(crowd[:20]) == {"thudientu.vn"}
