"""Names of organisations as they are compared."""

import pytest

from indexer.owners import owner_key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Công ty Cơ khí Minh Tân", "co khi minh tan"),
        ("CÔNG TY TNHH CƠ ĐIỆN LẠNH BÁCH KHOA", "co dien lanh bach khoa"),
        ("Cty CP Cơ Khí", "co khi"),
        ("Cong ty Co khi Minh Tan", "co khi minh tan"),  # typed without accents
        ("Công ty Động cơ Sông Công", "dong co song cong"),
        ("Viện Động cơ", "vien dong co"),
        ("Công ty Cổ phần Cơ khí", "co khi"),
        ("Cơ", "co"),
        ("Minh Tan Co., Ltd.", "minh tan"),
        ("Minh Tan Co.", "minh tan"),
        ("Minh Tan Co JSC", "minh tan"),
        ("Minh Tan Company Limited", "minh tan"),
        ("CO-WELL ASIA", "co well asia"),
        ("The Coffee House", "coffee house"),
        ("Công ty Thế Giới Di Động", "the gioi di dong"),
        ("Trung tâm Thể thao", "trung tam the thao"),
        ("TT The thao", "trung tam the thao"),
        ("Công ty TNHH", "cong ty tnhh"),  # nothing else is said
        ("Co., Ltd.", "co ltd"),
        ("", ""),
    ],
)
def test_what_is_left_of_a_name(name, key):
    assert owner_key(name) == key


def test_decomposed_accents_are_accents():
    assert owner_key("Công ty Co\u031b khí") == "co khi"
