"""The judged events as collections."""

import json
from pathlib import Path

import pytest

from evaluation.judged import collection, read_grades, real_event, sample_event
from indexer.text import fold

DATASETS = Path(__file__).parents[2] / "datasets"
REAL = DATASETS.parent.parent / "shared/data/real/event-offers.xlsx"


@pytest.fixture(scope="module")
def event():
    return {found.name: found for found in sample_event(DATASETS / "techmart-demo")}


def test_every_judgement_of_the_sample_event_is_of_records_that_are_imported(event):
    whole = event["demo"]
    grades = read_grades(DATASETS / "techmart-demo/judgements.tsv")
    assert {need for need, _, _ in grades} <= set(whole.query_ids)
    assert {offer for _, offer, _ in grades} <= set(whole.document_ids)
    assert {grade for _, _, grade in grades} == {1, 2, 3}
    assert sum(map(len, whole.qrels.values())) == len(grades)


def test_directions_share_the_judgements_out(event):
    assert set(event) == {"demo", "demo vi→vi", "demo vi→en", "demo en→vi", "demo en→en"}
    for found in event.values():
        assert found.qrels
        assert set(found.qrels) <= set(found.query_ids)
        assert all(set(judged) <= set(found.document_ids) for judged in found.qrels.values())
        assert list(found.document_ids) == sorted(found.document_ids, reverse=True)


def test_needs_without_an_answer_here_are_not_judged():
    grades = [("n1", "o1", 3), ("n2", "elsewhere", 2)]
    found = collection("few", {"n1": "a", "n2": "b"}, {"o1": "c", "o2": "d"}, grades)
    assert found.qrels == {"n1": {"o1": 3}}
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
