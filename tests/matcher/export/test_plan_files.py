"""The plan as files: what organisers, participants and their calendars read."""

import csv
import io
import json
import re
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
import segno
from icalendar import Calendar
from openpyxl import load_workbook

from indexer.errors import RequestError
from matcher.export.plan_agendas import Agendas, file_stem
from matcher.export.plan_files import write_plan
from matcher.export.plan_handout import agenda_text
from matcher.export.plan_map import MOST, table_map
from matcher.planning.event import Event, Participant, Table
from matcher.planning.plan import Certificate, Meeting, Pair, Plan, Standing
from matcher.planning.slot import Slot

CREATED = datetime(2027, 5, 1, 8, tzinfo=UTC)
EVIL = '=cmd|"/c calc"!A1 <script>window.ran=1</script>'
MILL, LAB, COOP = "Công ty TNHH Dệt Sông Nhị", "Viện Nước Sạch", "HTX Đồng Xanh"
TITLES = {"N1": "Nước thải nhuộm còn màu", "O1": "Bể điện hoá khử màu"}


def _meeting(one, other, slot, table, score=0.5):
    return Meeting(
        demand_owner=one,
        supply_owner=other,
        slot=slot,
        table=table,
        score=score,
        demand="N1",
        supply="O1",
    )


def make_plan(meetings=None, **changed):
    """Two days with a break, two rooms; one owner on both sides, one hostile, one without."""
    slots = (
        Slot(starts="2027-05-20 08:30"),
        Slot(starts="2027-05-20 08:50", is_break=True),
        Slot(starts="2027-05-20 09:10"),
        Slot(starts="2027-05-21 23:50"),
    )
    event = Event(
        name="Chợ công nghệ Sông Nhị",
        place="Nhà triển lãm",
        slots=slots,
        tables=(Table(name="A1", room="Sảnh A"), Table(name="B1", room="Sảnh B")),
        participants=(
            Participant(owner=MILL, languages=("vi",), delegation="Đoàn Nam Định"),
            Participant(owner=LAB, languages=("en",)),
            Participant(owner=COOP, people=2),
            Participant(owner=EVIL),
            Participant(owner="Vắng mặt", sides="supply"),
        ),
        **changed,
    )
    meetings = meetings or (
        _meeting(MILL, LAB, 1, 1, 0.9),
        _meeting(MILL, COOP, 3, 2),
        _meeting(COOP, LAB, 4, 1),
        _meeting(EVIL, COOP, 1, 2, 0.1),
    )
    parties = {
        name: Standing(got=1, value=1.0, best=2.0) for name in (MILL, LAB, COOP, EVIL, "Vắng mặt")
    }
    return Plan(
        event=event,
        meetings=meetings,
        alternates={MILL: (EVIL,), "Vắng mặt": (MILL,)},
        certificate=Certificate(
            objective=2.0, bound=2.02, gap=0.0099, seconds=0.1, per_party=parties
        ),
        pairs=tuple(Pair(**m.model_dump(exclude={"slot", "table"})) for m in meetings),
        settings={"seed": 3},
        policy={"vi": "Tổng giá trị", "en": "Total worth"},
        unplaced=(Pair(demand_owner=MILL, supply_owner=EVIL, score=0.2),),
    )


@pytest.fixture
def written(tmp_path):
    paths = write_plan(make_plan(), tmp_path, titles=TITLES, created=CREATED)
    return tmp_path, paths


def _calendar(folder, owner):
    return Calendar.from_ical((folder / f"{file_stem(owner)}.ics").read_bytes())


def _entries(calendar):
    return {str(entry["summary"]): entry for entry in calendar.walk("VEVENT")}


def _sheet(folder, name, language="vi"):
    return [list(row) for row in load_workbook(folder / "plan.xlsx")[name].values]


def test_every_file_is_written_and_plan_json_reads_back_equal(written):
    folder, paths = written
    names = {path.name for path in paths}
    calendars = {f"{file_stem(owner)}.ics" for owner in (MILL, LAB, COOP, EVIL)}
    assert names == calendars | {
        "plan.json", "plan.xlsx", "agendas.html", "agendas.pdf", "overview.svg", "names.csv"
    }  # fmt: skip
    assert {path.name for path in folder.iterdir()} == names
    text = (folder / "plan.json").read_text(encoding="utf-8")
    assert Plan.from_json(text) == make_plan()
    assert json.loads(text)["meetings"][0]["slot"] == 1


def test_equal_plans_give_equal_bytes(written, tmp_path_factory):
    _, paths = written
    other = tmp_path_factory.mktemp("again")
    write_plan(make_plan(), other, titles=TITLES, created=CREATED)
    for path in paths:
        assert (other / path.name).read_bytes() == path.read_bytes(), path.name


def test_a_calendar_holds_the_meetings_in_universal_time(written):
    folder, _ = written
    entries = _entries(_calendar(folder, MILL))
    assert set(entries) == {f"Gặp {LAB}", f"Gặp {COOP}"}
    first = entries[f"Gặp {LAB}"]
    assert first.decoded("dtstart") == datetime(2027, 5, 20, 1, 30, tzinfo=UTC)
    assert first.decoded("dtend") == datetime(2027, 5, 20, 1, 50, tzinfo=UTC)
    assert str(first["location"]) == "Bàn A1, Sảnh A, Nhà triển lãm"
    assert "Có phiên dịch" in str(first["description"])
    assert TITLES["O1"] in str(first["description"])
    assert first["sequence"] == 0


def test_a_calendar_keeps_to_the_standard(written):
    folder, _ = written
    for path in folder.glob("*.ics"):
        raw = path.read_bytes()
        lines = raw.split(b"\r\n")
        assert lines[-1] == b"" and b"\n" not in raw.replace(b"\r\n", b"")
        assert max(map(len, lines)) <= 75
        calendar = Calendar.from_ical(raw)
        assert [str(calendar[key]) for key in ("version", "method")] == ["2.0", "PUBLISH"]
        for entry in calendar.walk("VEVENT"):
            assert not entry.errors
            assert {"UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE"} <= set(entry)


def test_two_owners_hold_the_same_entry_and_all_entries_differ(written):
    folder, _ = written
    mill, lab = (_entries(_calendar(folder, owner)) for owner in (MILL, LAB))
    assert mill[f"Gặp {LAB}"]["uid"] == lab[f"Gặp {MILL}"]["uid"]
    assert len({str(entry["uid"]) for entry in (*mill.values(), *lab.values())}) == 3


def test_the_grid_shows_who_sits_where(written):
    folder, _ = written
    grid = _sheet(folder, "Lưới giờ – bàn")
    assert [row[0] for row in grid[1:]] == ["A1\nSảnh A", "B1\nSảnh B"]
    assert grid[0][1] == "2027-05-20\n08:30–08:50"
    assert grid[0][2].endswith("Nghỉ")
    assert grid[1][1] == f"{MILL}\n↔ {LAB}"
    assert [cell is None for cell in grid[2][1:]] == [False, True, False, True]


def test_each_meeting_stands_with_both_its_owners(written):
    folder, _ = written
    rows = _sheet(folder, "Theo đơn vị")[1:]
    assert len(rows) == 8
    (row,) = [row for row in rows if row[0] == COOP and row[6] == LAB]
    assert row[1:4] == ["2027-05-21", "23:50", "00:10"]  # across midnight
    assert row[7] == "Nhu cầu"


def test_the_shares_name_everybody_with_limits_and_alternates(written):
    folder, _ = written
    rows = {row[0]: row for row in _sheet(folder, "Cân bằng")[1:]}
    assert rows["Vắng mặt"][1:4] == ["Nguồn cung", 0, 0]
    assert rows["Vắng mặt"][8] == MILL
    assert rows[MILL][4] == 3 and rows[COOP][4] == 6  # two people meet in parallel
    assert rows[MILL][7] == 0.5
    assert rows["Vắng mặt"][9] == "Không có cặp ứng viên nào."


def test_who_has_no_meeting_is_listed_with_the_reason_and_has_no_sheet(written):
    folder, _ = written
    rows = _sheet(folder, "Chưa xếp được")[1:]
    assert [row[:3] for row in rows] == [[MILL, "'" + EVIL, 0.2], [None, "Vắng mặt", None]]
    assert [row[5] for row in rows] == [None, "Không có cặp ứng viên nào."]
    page = (folder / "agendas.html").read_text("utf-8")
    assert page.count("<article") == 4 and "Vắng mặt" not in page


def test_no_cell_of_the_workbook_and_no_name_at_the_door_is_a_formula(written):
    folder, _ = written
    cells = [
        cell
        for sheet in load_workbook(folder / "plan.xlsx")
        for row in sheet.iter_rows()
        for cell in row
    ]
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    assert any(str(cell.value).startswith("'=cmd") for cell in cells)
    text = (folder / "names.csv").read_text(encoding="utf-8-sig")
    names = [row[0] for row in csv.reader(io.StringIO(text))]
    assert f"'{EVIL}" in names and len(names) == 6


def test_the_door_knows_when_everybody_comes(written):
    folder, _ = written
    text = (folder / "names.csv").read_text(encoding="utf-8-sig")
    rows = {row["Đơn vị"]: row for row in csv.DictReader(io.StringIO(text))}
    assert rows[MILL]["Đoàn"] == "Đoàn Nam Định"
    assert rows[MILL]["Cuộc gặp đầu"] == "2027-05-20 08:30"
    assert rows[COOP]["Bên"] == "Cả hai bên"
    assert rows[COOP]["Cuộc gặp cuối xong"] == "2027-05-22 00:10"
    assert rows["Vắng mặt"]["Số cuộc gặp"] == "0"


def test_the_picture_is_xml_and_has_every_meeting(written):
    folder, _ = written
    root = ElementTree.parse(folder / "overview.svg").getroot()
    space = {"svg": "http://www.w3.org/2000/svg"}
    cells = "".join(path.get("d") for path in root.findall("svg:path", space))
    assert cells.count("z") == 4
    classes = {path.get("class") for path in root.findall("svg:path", space)}
    assert classes == {"s0", "s2", "s4"}
    assert root.find("svg:title", space).text == "Chợ công nghệ Sông Nhị"
    assert "4 cuộc gặp, 3 lượt, 2 bàn" in root.find("svg:desc", space).text


def test_what_an_agenda_says_in_plain_text_fits_its_code():
    plan = make_plan()
    agendas = Agendas(plan, TITLES)
    mill = next(agenda for agenda in agendas.all if agenda.owner == MILL)
    text = agenda_text(agendas, mill)
    assert text.splitlines()[2:] == [f"20/05 08:30 [A1] {LAB}", f"20/05 09:10 [B1] {COOP}"]
    long = tuple(_meeting(MILL, f"{LAB} {'x' * 60} {i}", 1, 1) for i in range(40))
    agendas = Agendas(make_plan(long), {})
    mill = next(agenda for agenda in agendas.all if agenda.owner == MILL)
    text = agenda_text(agendas, mill)
    assert len(text.encode()) <= 700
    assert text.count("20/05 08:30 [A1]") >= 30
    assert segno.make(text, error="l", encoding="utf-8", boost_error=False).version <= 18


def test_a_repair_reissues_only_what_it_changes(written, tmp_path_factory):
    folder, _ = written
    before = make_plan()
    moved = (
        _meeting(MILL, LAB, 3, 1, 0.9),
        before.meetings[2],
        before.meetings[3],
    )
    after = make_plan(moved).model_copy(update={"settings": {"replans": 1}})
    out = tmp_path_factory.mktemp("repaired")
    paths = write_plan(after, out, before=before, titles=TITLES, created=CREATED)
    changed = {MILL, LAB, COOP}
    assert {p.name for p in paths if p.suffix == ".ics"} == {
        f"{file_stem(owner)}.ics" for owner in changed
    }
    entries = _entries(_calendar(out, MILL))
    old = _entries(_calendar(folder, MILL))
    assert entries[f"Gặp {COOP}"]["status"] == "CANCELLED"
    assert entries[f"Gặp {LAB}"]["uid"] == old[f"Gặp {LAB}"]["uid"]
    assert entries[f"Gặp {LAB}"]["sequence"] == 1
    rows = _sheet(out, "Thay đổi")[1:]
    assert [row[0] for row in rows] == ["Huỷ", "Đổi giờ hoặc bàn"]
    assert rows[1][3:5] == [
        "2027-05-20 08:30, bàn A1, Sảnh A",
        "2027-05-20 09:10, bàn A1, Sảnh A",
    ]
    page = (out / "agendas-changed.html").read_text(encoding="utf-8")
    assert set(re.findall(r'<article class="sheet \w+" id="([^"]+)"', page)) == {
        file_stem(owner) for owner in changed
    }


def test_files_of_an_earlier_plan_go_and_strange_files_stay(written):
    folder, _ = written
    (folder / "agendas-2.html").write_text("old")
    (folder / "agendas-mine.html").write_text("mine")
    (folder / "mine.ics").write_text("mine")
    write_plan(make_plan((_meeting(MILL, LAB, 1, 1),)), folder, created=CREATED)
    assert {path.stem for path in folder.glob("*.ics")} == {
        file_stem(MILL), file_stem(LAB), "mine"
    }  # fmt: skip
    assert not (folder / "agendas-2.html").exists()
    assert (folder / "agendas-mine.html").exists()


def test_a_plan_without_meetings_has_its_files_too(tmp_path):
    plan = make_plan().model_copy(update={"meetings": (), "pairs": ()})
    paths = write_plan(plan, tmp_path, language="en", created=CREATED)
    assert len(paths) == 6
    assert "No meeting could be arranged yet." in (tmp_path / "agendas.html").read_text("utf-8")


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("x")
    with pytest.raises(RequestError, match=re.escape(str(blocked))):
        write_plan(make_plan(), blocked, created=CREATED)


def test_a_slot_lasts_its_minutes_when_the_clock_is_put_back(tmp_path):
    slots = (Slot(starts="2027-10-31 02:30", minutes=60),)
    plan = make_plan()
    event = plan.event.model_copy(update={"slots": slots, "timezone": "Europe/Berlin"})
    plan = plan.model_copy(update={"event": event, "meetings": plan.meetings[:1]})
    write_plan(plan, tmp_path, created=CREATED)
    (entry,) = _entries(_calendar(tmp_path, MILL)).values()
    assert (entry.decoded("dtend") - entry.decoded("dtstart")).total_seconds() == 3600


def test_owners_whose_letters_are_alike_have_files_of_their_own():
    assert file_stem("Viện 研") != file_stem("Viện 究")
    assert file_stem("Công ty TNHH Dệt") == file_stem("Công ty TNHH Dệt")
    assert re.fullmatch(r"[0-9a-f]{8}", file_stem("研究所"))
    assert re.fullmatch(r"[a-z0-9-]{1,80}", file_stem("../../etc/passwd " * 20))


def test_the_map_places_every_table_once_in_its_room():
    tables = tuple(Table(name=f"T{i}", room="AB"[i % 2]) for i in range(30))
    drawn = table_map(tables)
    places = [(spot.x, spot.y) for spot in drawn.spots]
    assert len(set(places)) == 30
    assert [spot.name for spot in drawn.spots] == [table.name for table in tables]
    assert max(y for y, _ in [(p[1], 0) for p in places]) < drawn.height
    one = max(spot.y for spot in drawn.spots[::2])
    assert one < min(spot.y for spot in drawn.spots[1::2])
    assert table_map(tuple(Table(name=str(i)) for i in range(MOST + 1))) is None
