"""The file of rejected rows."""

import csv

import pytest

from indexer.bilingual import Bilingual
from indexer.errors import RequestError
from indexer.importing.rejects import Reject, write_rejects

REASON = Bilingual(vi="lý do", en="reason")


def test_the_file_opens_in_excel_and_runs_nothing(tmp_path):
    path = tmp_path / "bi-loai.csv"
    rejects = [
        Reject("a.xlsx", "S", 6, "TRL", "12", REASON, REASON),
        Reject("a.xlsx", "S", 7, "Giá", '=HYPERLINK("x")', REASON, REASON),
        Reject("a.xlsx", "S", 8, "Giá", "-5 triệu", REASON, REASON),
    ]
    write_rejects(rejects, path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert [row["row"] for row in rows] == ["6", "7", "8"]
    assert [row["value"] for row in rows] == ["12", '\'=HYPERLINK("x")', "'-5 triệu"]
    assert (rows[0]["reason_vi"], rows[0]["accepted_en"]) == ("lý do", "reason")
    assert [found.name for found in tmp_path.iterdir()] == ["bi-loai.csv"]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(RequestError, match="cannot be written"):
        write_rejects([], tmp_path / "không có" / "a.csv")
