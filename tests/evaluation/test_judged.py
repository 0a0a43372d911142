"""The judged events as collections."""

import json
from pathlib import Path

import pytest

from evaluation.collections import useful
from evaluation.judged import collection, read_grades, real_event
from evaluation.loading import load_collections
from indexer.errors import RequestError
from indexer.text import fold

DATASETS = Path(__file__).parents[2] / "datasets"
REAL = DATASETS.parent.parent / "shared/data/real/event-offers.xlsx"


NAME = "techmart-demo"
DIRECTIONS = [f"{NAME} {direction}" for direction in ("vi→vi", "vi→en", "en→vi", "en→en")]


@pytest.fixture(scope="module")
def event():
    return {found.name: found for found in load_collections(DATASETS / NAME)}


def test_every_judgement_of_the_sample_event_is_of_records_that_are_imported(event):
    whole = event[NAME]
    grades = read_grades(DATASETS / NAME / "judgements.tsv")
    assert {need for need, _, _ in grades} <= set(whole.query_ids)
    assert {offer for _, offer, _ in grades} <= set(whole.document_ids)
    assert {grade for _, _, grade in grades} >= {1, 2, 3}
    relevant = {(need, offer) for need, offer, grade in grades if grade >= 1}
    found = {(need, one) for need, own in whole.qrels.items() for one in own if own[one] >= 1}
    assert found == relevant


def test_needs_are_either_answered_or_unanswerable(event):
    for found in event.values():
        assert set(found.qrels) | set(found.unanswerable) == set(found.query_ids)
        assert not set(found.qrels) & set(found.unanswerable)
        assert all(max(grades.values()) >= 1 for grades in found.qrels.values())
        assert useful(found) == 2
    assert len(event[NAME].unanswerable) >= 10
    assert "rejection is measured on them" in event[NAME].notices[-1].en


def test_directions_share_the_judgements_out(event):
    assert list(event) == [NAME, *DIRECTIONS]
    for found in event.values():
        assert set(found.qrels) <= set(found.query_ids)
        assert all(set(judged) <= set(found.document_ids) for judged in found.qrels.values())
        assert list(found.document_ids) == sorted(found.document_ids, reverse=True)
        assert set(found.owners) <= set(found.document_ids)
        assert set(found.fields) <= set(found.query_ids)
    assert len(event[NAME].owners) > 150
    assert len(event[NAME].fields) > 100


OFFERS = """Mã,Tên công nghệ,Mô tả,Đơn vị
CN-1,Máy sấy,Máy sấy nông sản dùng năng lượng mặt trời cho hợp tác xã,Công ty TNHH Nắng
CN-2,Bể lọc,Bể lọc sinh học xử lý nước thải chăn nuôi lợn,Cty Nắng
CN-3,Cold box,A cold box that keeps vaccines cool during transport to remote villages,Frost Ltd
"""
NEEDS = """Mã nhu cầu,Tên nhu cầu,Mô tả,Lĩnh vực
NC-1,Sấy xoài,Cần sấy khô xoài ngay tại vườn mà không tốn điện,Nông nghiệp
NC-2,Nước thải,Trại lợn cần xử lý nước thải trước khi xả ra sông,Môi trường
NC-3,Tàu vũ trụ,Cần tàu vũ trụ để bay lên mặt trăng trong năm nay,
"""
GRADES = "need\toffer\tgrade\nNC-1\tCN-1\t3\nNC-2\tCN-2\t2\nNC-2\tCN-1\t0\nNC-3\tCN-3\t0\n"


@pytest.fixture
def small(tmp_path):
    folder = tmp_path / "phiên chợ"
    folder.mkdir()
    (folder / "offers.csv").write_text(OFFERS, encoding="utf-8")
    (folder / "needs.csv").write_text(NEEDS, encoding="utf-8")
    (folder / "judgements.tsv").write_text(GRADES, encoding="utf-8")
    return folder


def test_any_folder_of_the_same_form_is_an_event(small):
    whole, *parts = load_collections(small)
    assert whole.name == "phiên chợ"
    assert whole.document_ids == ("CN-3", "CN-2", "CN-1")
    assert whole.qrels == {"NC-1": {"CN-1": 3}, "NC-2": {"CN-2": 2, "CN-1": 0}}
    assert whole.unanswerable == ("NC-3",)
    assert whole.fields == {"NC-1": "Nông nghiệp", "NC-2": "Môi trường"}
    assert whole.owners["CN-1"] == whole.owners["CN-2"] == "Công ty TNHH Nắng"
    # Nothing English is asked or answers: those directions are left out.
    assert [part.name for part in parts] == ["phiên chợ vi→vi"]


@pytest.mark.parametrize("name", ["offers.csv", "needs.csv", "judgements.tsv"])
def test_a_missing_file_of_an_event_is_named(small, name):
    (small / name).unlink()
    with pytest.raises(RequestError, match=f"lacks the file {name.partition('.')[0]}"):
        load_collections(small)


def test_two_files_of_one_kind_are_refused(small):
    (small / "needs.tsv").write_text("x", encoding="utf-8")
    with pytest.raises(RequestError, match=r"several files of needs: needs\.csv, needs\.tsv"):
        load_collections(small)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("NC-9\tCN-1\t2", r"judgements\.tsv, cell A6: “NC-9” is not in the catalog"),
        ("NC-1\tCN-9\t2", r"cell B6: “CN-9” is not in the catalog"),
        ("NC-1\tCN-2\t4", r"cell C6: the grade “4” is not accepted"),
        ("NC-1\tCN-1\t1", r"cell C6: .* has the grade 3 already \(.*cell C2\), now 1"),
    ],
)
def test_a_wrong_judgement_of_an_event_is_named(small, line, words):
    with (small / "judgements.tsv").open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(RequestError, match=words):
        load_collections(small)


def test_an_event_where_nothing_is_relevant_is_refused(small):
    (small / "judgements.tsv").write_text("need\toffer\tgrade\nNC-1\tCN-1\t0\n", "utf-8")
    with pytest.raises(RequestError, match="no pair has a grade of 1 or more"):
        load_collections(small)


def test_needs_without_an_answer_here_are_not_judged():
    grades = [("n1", "o1", 3), ("n2", "elsewhere", 2)]
    found = collection("few", {"n1": "a", "n2": "b"}, {"o1": "c", "o2": "d"}, grades)
    assert found.qrels == {"n1": {"o1": 3}}
    assert found.unanswerable == ("n2",)
    assert found.document_ids == ("o2", "o1")
    assert found.documents == ("d", "c")


def test_the_needs_of_the_real_event_are_whole():
    folder = DATASETS / "real-event-needs"
    needs = [json.loads(line) for line in (folder / "needs.jsonl").read_text("utf-8").splitlines()]
    assert len({need["id"] for need in needs}) == 60
    assert all(need["vi"] and need["en"] for need in needs)
    assert all(fold(need["bare"]) == need["bare"].lower() for need in needs)
    assert {need for need, _, _ in read_grades(folder / "judgements.tsv")} <= {
        need["id"] for need in needs
    }


def test_a_workbook_in_the_form_of_the_real_event_is_read_in_both_languages(tmp_path):
    from openpyxl import Workbook

    book = Workbook()
    vietnamese, english = book.active, book.create_sheet("English")
    for row in (["Danh mục"], [], ["STT", "Tên", "Đơn vị", "Lĩnh vực", "Mô tả", "Khách hàng"]):
        vietnamese.append(row)
    vietnamese.append([1, "Sàn", "A", "Bán lẻ", "Chợ trên mạng", "Cửa hàng"])
    vietnamese.append([2, "Rỗng", "B", "", "", ""])
    english.append(["Name", "Unit", "Field", "Description", "Clients"])
    english.append(["Market", "A", "Retail", "A market online", "Shops"])
    english.append(["Other", "B", "Retail", "Something else", ""])
    path = tmp_path / "event-offers.xlsx"
    book.save(path)
    found = {each.name: each for each in real_event(DATASETS / "real-event-needs", path)}
    assert len(found) == 6
    assert found["real vi→vi"].document_ids == ("E01",)
    assert found["real en→en"].documents[-1] == "Market\nA market online\nShops\nRetail"
    assert found["real bare→en"].qrels["R01"] == {"E01": 3, "E02": 2}
    if REAL.is_file():
        real = next(iter(real_event(DATASETS / "real-event-needs", REAL)))
        assert (len(real.documents), len(real.qrels)) == (65, 55)
