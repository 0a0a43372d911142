"""One event in three forms, and what YAML and Vietnamese event files may and may not say."""

import openpyxl
import pytest

from indexer.errors import RequestError
from indexer.records import Record
from matcher.planning.event import Event
from matcher.planning.eventfile import read_event
from matcher.planning.eventnames import check_names

TOML = """
name = "Chợ"
interpreters = 1
fairness = "guarantee"
everybody = true
[[slots]]
starts = "2027-05-20 09:00"
[[slots]]
starts = "2027-05-20 09:25"
minutes = 15
break = true
[[tables]]
name = "1"
room = "A"
[[tables]]
name = "2"
room = "B"
owner = "Viện X"
unavailable = "2"
[[rooms]]
name = "A"
walk = { B = 7 }
[[participants]]
owner = "Sao Mai"
sides = "demand"
available = "1"
languages = ["vi", "no"]
online = true
[[wishes]]
from = "Sao Mai"
to = "Viện X"
degree = "very high"
[[policies]]
label = "DN nhỏ"
weight = 1.5
owners = ["Sao Mai"]
[[rules]]
kind = "require"
where = ["trl>=6"]
"""
YAML = """
name: Chợ
interpreters: 1
fairness: guarantee
everybody: true
slots:
  - starts: 2027-05-20 09:00
  - {starts: "20/05/2027 9:25", minutes: 15, break: true}
tables:
  - {name: "1", room: A}
  - {name: '2', room: B, owner: Viện X, unavailable: 2}
rooms:
  - name: A
    walk: {B: 7}
participants:
  - owner: Sao Mai
    sides: cầu
    available: 1
    languages: [vi, no]      # Norwegian, not "false"
    online: true
    delegation:              # nothing said
wishes:
  - {from: Sao Mai, to: Viện X, degree: Rất cao}
policies:
  - {label: DN nhỏ, weight: 1.5, owners: [Sao Mai]}
rules:
  - kind: require
    where: ["trl>=6"]
"""
SHEETS = {
    "Sự kiện": [
        ["name", "Chợ"], ["interpreters", 1], ["fairness", "guarantee"], ["Mỗi đơn vị", "có"],
    ],
    "Lượt gặp": [
        ["Bắt đầu", "Số phút", "Nghỉ"], ["20/05/2027 09:00", 20, ""],
        ["2027-05-20 09:25", 15, "x"],
    ],
    "Bàn": [
        ["name", "room", "owner", "Vắng mặt"], [1, "A", None, None], [2, "B", "Viện X", 2],
    ],
    "rooms": [["name", "to", "minutes"], ["A", "B", 7]],
    "Đơn vị": [
        ["Tên đơn vị", "Phía", "Có mặt", "Ngôn ngữ", "Trực tuyến"],
        ["Sao Mai", "Cầu", 1, "vi; no", "x"],
    ],
    "Nguyện vọng": [["Từ", "Đến", "Mức"], ["Sao Mai", "Viện X", "rất cao"]],
    "policies": [["label", "weight", "owners"], ["DN nhỏ", 1.5, "Sao Mai"]],
    "rules": [["kind", "where"], ["require", "trl>=6"]],
}  # fmt: skip


def written(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def workbook(path, sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_one_event_in_three_forms(tmp_path):
    said = read_event(written(tmp_path, "e.toml", TOML))
    assert read_event(written(tmp_path, "e.yaml", YAML)) == said
    assert read_event(written(tmp_path, "e.yml", YAML)) == said
    assert read_event(workbook(tmp_path / "e.xlsx", SHEETS)) == said
    assert said.participants[0].languages == ("vi", "no")


@pytest.mark.parametrize(
    ("text", "vi", "en"),
    [
        ("name: x\nslots:\n  - start: 9", "thiếu slots.0.starts (dòng 3)", "missing (line 3)"),
        ("name: x\ntabels: 3", "mục tabels (dòng 2)", "entry tabels (line 2): “3”"),
        ("name: x\nname: y", "dòng 2: không nhận khóa “name” hai lần", "line 2: the key “name”"),
        ("name: [x", "không phải YAML hợp lệ", "not valid YAML in UTF-8: line"),
        ("name: &a x\nplace: *a", "neo và tham chiếu", "line 1: anchors and aliases"),
        ("name: !!python/name:os.system x", "thẻ", "line 1: the tag"),
        ("name: x\nmet: " + "[" * 30, "lồng quá 20 tầng", "line 2: more than 20 levels"),
        ("name: x\n? [a]\n: b", "khóa không phải chữ", "line 2: a key that is no word"),
        ("- a", "Tệp sự kiện", "“['a']” is not accepted"),
        ("", "thiếu name", 'name is missing. Accepted: name: "…"'),
        (
            "name: x\nwishes:\n- {from: A, to: B, degree: vừa}",
            "không nhận “vừa”",
            '(line 3): “vừa” is not accepted. Accepted: degree: "very high"',
        ),
        (
            "name: x\nslots:\n- starts: 31/02/2027 09:00",
            "mục slots.0.starts (dòng 3): '2027-02-31 09:00' không phải thời điểm",
            "is no time there is in the calendar. Accepted: slots: - starts:",
        ),
        (
            "name: x\nparticipants:\n- owner: A\n  available: 3-1",
            "'3-1' không phải dãy số lượt",
            "(line 3): '3-1' is no range of slot numbers",
        ),
        (
            "name: x\nslots:\n- starts: 20/05/2027 09:00\n- starts: 20/05/2027 09:10",
            "lượt 2 (2027-05-20 09:10) bắt đầu trước khi lượt 1 kết thúc",
            "slot 2 (2027-05-20 09:10) begins before slot 1 ends",
        ),
        (
            "name: x\nfixed:\n- {demand: A, supply: B, slot: 1}\n- {demand: B, supply: A}",
            "fixed nêu cả A – B (lượt 1) và B – A",
            "fixed says both A – B (slot 1) and B – A",
        ),
        ("name: x\ntimezone: Mars", "'Mars' không phải múi giờ", "'Mars' is no time zone"),
    ],
)
def test_what_is_wrong_in_yaml_is_named_in_both_languages(tmp_path, text, vi, en):
    with pytest.raises(RequestError) as caught:
        read_event(written(tmp_path, "e.yaml", text))
    said = caught.value.message
    assert vi in said.vi, said.vi
    assert en in said.en, said.en
    assert "Chấp nhận" in said.vi
    assert "Accepted" in said.en


def test_a_time_may_be_a_date_of_toml(tmp_path):
    text = 'name = "x"\n[[slots]]\nstarts = 2027-05-20 09:00:00\n'
    assert read_event(written(tmp_path, "e.toml", text)).slots[0].starts == "2027-05-20 09:00"


def test_fixed_meetings_of_unknown_owners_are_refused():
    records = [
        Record.model_validate({"id": i, "side": side, "type": kind, "title": "x", "owner": owner})
        for i, side, kind, owner in (
            ("D1", "demand", "need", "Công ty Sao Mai"),
            ("S1", "supply", "technology", "Viện X"),
        )
    ]
    fixed = {"demand": "Sao Mai", "supply": "Viện X"}
    check_names(Event.model_validate({"name": "x", "fixed": [fixed]}), records)
    fixed["supply"] = "Viện Y"
    with pytest.raises(RequestError, match=r"Viện Y \(\[\[fixed\]\], similar: “Viện X”"):
        check_names(Event.model_validate({"name": "x", "fixed": [fixed]}), records)
