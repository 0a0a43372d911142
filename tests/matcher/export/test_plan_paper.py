"""Agendas on paper: the PDF, its codes, what is given out again, and hostile names."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pypdfium2
import pytest
import typst
import zxingcpp
from icalendar import Calendar
from openpyxl import load_workbook

from matcher.export.plan_agendas import Agendas, file_stem
from matcher.export.plan_code import code_of
from matcher.export.plan_files import made_at, write_plan
from matcher.export.plan_handout import agenda_text
from matcher.export.plan_picture import draw
from matcher.planning.event import Event, Participant, Table
from matcher.planning.plan import Certificate, Meeting, Pair, Plan, Standing
from matcher.planning.slot import Slot

CREATED = datetime(2027, 5, 1, 8, tzinfo=UTC)
MILL, LAB, COOP = "Công ty Cổ phần Dệt nhuộm Ữ Ộ Ế", "Viện Nước Sạch", "HTX Đồng Xanh"
VIETNAMESE = [
    chr(code)
    for code in (
        *(0xC0, 0xC1, 0xC2, 0xC3, 0xC8, 0xC9, 0xCA, 0xCC, 0xCD, 0xD2, 0xD3, 0xD4, 0xD5, 0xD9),
        *(0xDA, 0xDD, 0x102, 0x110, 0x128, 0x168, 0x1A0, 0x1AF, *range(0x1EA0, 0x1EFA, 2)),
    )
]


def meet(one, other, slot, table=1):
    return Meeting(demand_owner=one, supply_owner=other, slot=slot, table=table, score=0.5)


def make_plan(*meetings, tables=2, slots=3, replans=0, seconds=0.1, listed=()):
    """Two rooms, slots of twenty minutes from 08:30 on, the owners of the meetings and `listed`."""
    begin = datetime(2027, 5, 20, 8, 30)
    times = [begin + timedelta(minutes=20 * number) for number in range(slots)]
    event = Event(
        name="Chợ công nghệ Sông Nhị",
        place="Nhà triển lãm",
        slots=tuple(Slot(starts=f"{time:%Y-%m-%d %H:%M}") for time in times),
        tables=tuple(Table(name=f"T{i}", room="AB"[i % 2]) for i in range(tables)),
        participants=tuple(Participant(owner=name) for name in listed),
    )
    names = {name for item in meetings for name in (item.demand_owner, item.supply_owner)}
    return Plan(
        event=event,
        meetings=meetings,
        certificate=Certificate(
            objective=1.0,
            bound=1.0,
            gap=0.0,
            seconds=seconds,
            per_party={name: Standing(got=1, value=1.0, best=1.0) for name in names},
        ),
        pairs=tuple(Pair(**item.model_dump(exclude={"slot", "table"})) for item in meetings),
        settings={"seed": 3, "replans": replans},
        policy={"vi": "Tổng giá trị", "en": "Total worth"},
    )


def pages(path):
    """The text of each page; a word that was broken for the page counts as one."""
    with pypdfium2.PdfDocument(path) as document:
        texts = [page.get_textpage().get_text_bounded() for page in document]
    return [text.replace("\u200b", "").replace("\r\n", "\n") for text in texts]


def codes(path, dots_per_inch=200):
    """What a telephone reads from each page."""
    with pypdfium2.PdfDocument(path) as document:
        pictures = [page.render(scale=dots_per_inch / 72).to_numpy() for page in document]
    return [[found.text for found in zxingcpp.read_barcodes(picture)] for picture in pictures]


def said(plan, owner):
    agendas = Agendas(plan, {})
    return agenda_text(agendas, next(agenda for agenda in agendas.all if agenda.owner == owner))


@pytest.mark.parametrize(
    ("language", "day"), [("vi", "Thứ Năm, 20/05/2027"), ("en", "20 May 2027")]
)
def test_every_participant_has_one_page_and_a_bookmark(tmp_path, language, day):
    plan = make_plan(meet(MILL, LAB, 1), meet(MILL, COOP, 2, 2), listed=["Vắng mặt"])
    write_plan(plan, tmp_path, created=CREATED, language=language)
    texts = pages(tmp_path / "agendas.pdf")
    assert len(texts) == 3  # not for the owner without a meeting
    (mine,) = [text for text in texts if LAB in text and COOP in text]
    for words in (MILL, day, "08:30 – 08:50", "08:50 – 09:10", "T1", "Chợ công nghệ Sông Nhị"):
        assert words in mine.replace("\n", " "), words
    with pypdfium2.PdfDocument(tmp_path / "agendas.pdf") as document:
        marks = [mark.get_title() for mark in document.get_toc()]
        assert document.get_metadata_value("Title") == plan.event.name
    assert sorted(marks) == sorted([MILL, LAB, COOP])


def test_the_typeface_that_comes_along_draws_every_vietnamese_letter():
    letters = [*VIETNAMESE, *(letter.lower() for letter in VIETNAMESE)]
    assert len(letters) == 134
    source = "#set page(width: 1cm, height: 1cm)\n" + "#pagebreak()".join(f"[{x}]" for x in letters)
    source = source.replace("[", '#text(font: "Libertinus Serif", fallback: false)[')
    drawn = typst.compile(source.encode(), format="png", ignore_system_fonts=True)
    assert len(set(drawn)) == len(letters)  # missing letters would all be the same box


def test_a_telephone_reads_the_agenda_from_the_code(tmp_path):
    plan = make_plan(meet(MILL, LAB, 1), meet(COOP, LAB, 2, 2))
    write_plan(plan, tmp_path, created=CREATED)
    assert sorted(codes(tmp_path / "agendas.pdf")) == sorted(
        [said(plan, owner)] for owner in (MILL, LAB, COOP)
    )
    page = (tmp_path / "agendas.html").read_text(encoding="utf-8")
    for owner in (MILL, LAB, COOP):
        assert code_of(said(plan, owner)).path in page


def test_the_longest_code_can_be_read_too(tmp_path):
    names = [f"Viện Nghiên cứu Ứng dụng số {number}" for number in range(34)]
    plan = make_plan(*(meet(MILL, name, i + 1) for i, name in enumerate(names)), slots=34)
    assert 600 < len(said(plan, MILL).encode()) <= 700
    write_plan(plan, tmp_path, created=CREATED)
    assert [said(plan, MILL)] in codes(tmp_path / "agendas.pdf")


def test_an_agenda_longer_than_a_page_goes_on(tmp_path):
    names = [f"{COOP} Trung tâm Ứng dụng Tiến bộ Khoa học và Công nghệ {i}" for i in range(45)]
    plan = make_plan(*(meet(MILL, name, i + 1) for i, name in enumerate(names)), slots=46)
    write_plan(plan, tmp_path, created=CREATED)
    texts = pages(tmp_path / "agendas.pdf")
    assert len(texts) == 47
    first = next(at for at, text in enumerate(texts) if text.count(COOP) > 10)
    both = "".join("".join(texts[first : first + 2]).split())
    assert [name for name in names if "".join(name.split()) not in both] == []


def test_who_has_no_meeting_left_is_told_so(tmp_path):
    before = make_plan(meet(MILL, LAB, 1), meet(COOP, LAB, 2, 2), meet(COOP, MILL, 3), listed=[LAB])
    after = make_plan(meet(COOP, MILL, 3), replans=1, listed=[LAB])
    write_plan(after, tmp_path, before=before, created=CREATED)
    page = (tmp_path / "agendas-changed.html").read_text(encoding="utf-8")
    sheets = re.findall(r'<article class="sheet \w+" id="([^"]+)".*?</article>', page, re.DOTALL)
    assert set(sheets) == {file_stem(owner) for owner in (MILL, LAB, COOP)}
    empty = next(text for text in page.split("<article") if f'id="{file_stem(LAB)}"' in text)
    assert "Bạn không còn cuộc gặp nào." in empty and "You have no meetings any more." in empty
    assert f"20/05 08:30 {MILL}" in empty and "qr" not in empty
    (told,) = [text for text in pages(tmp_path / "agendas-changed.pdf") if "không còn" in text]
    assert LAB in told and "Đã huỷ" in told and COOP in told
    assert "thay cho tờ đã phát" in told
    calendar = Calendar.from_ical((tmp_path / f"{file_stem(LAB)}.ics").read_bytes())
    assert [str(entry["status"]) for entry in calendar.walk("VEVENT")] == ["CANCELLED"] * 2


def test_who_is_no_longer_in_the_event_is_told_and_others_are_left_alone(tmp_path):
    rest = meet("Trạm Giống", "Xưởng Gỗ", 3)
    before = make_plan(meet(MILL, LAB, 1), rest)
    paths = write_plan(make_plan(rest, replans=1), tmp_path, before=before, created=CREATED)
    texts = pages(tmp_path / "agendas-changed.pdf")
    assert len(texts) == 2 and all("không còn cuộc gặp" in text for text in texts)
    assert {path.stem for path in paths if path.suffix == ".ics"} == {
        file_stem(MILL), file_stem(LAB)
    }  # fmt: skip
    page = (tmp_path / "agendas-changed.html").read_text(encoding="utf-8")
    assert "Xưởng Gỗ" not in page


def test_equal_plans_give_equal_files_whenever_and_however_fast_they_were_made(tmp_path):
    first, second = tmp_path / "one", tmp_path / "two"
    paths = write_plan(make_plan(meet(MILL, LAB, 1), seconds=0.1), first)
    write_plan(make_plan(meet(MILL, LAB, 1), seconds=7.9), second)
    for path in paths[1:]:  # plan.json says how long it took
        assert (second / path.name).read_bytes() == path.read_bytes(), path.name


def test_the_moment_in_the_files_is_counted_from_the_event_and_grows_with_repairs(tmp_path):
    plan = make_plan(meet(MILL, LAB, 1))
    assert made_at(plan) == datetime(2027, 5, 19, 1, 30, tzinfo=UTC)
    assert made_at(make_plan(meet(MILL, LAB, 1), replans=2)) > made_at(plan)
    write_plan(plan, tmp_path)
    calendar = Calendar.from_ical((tmp_path / f"{file_stem(MILL)}.ics").read_bytes())
    (entry,) = calendar.walk("VEVENT")
    assert entry.decoded("dtstamp") == made_at(plan)
    assert entry["dtstart"].to_ical() == b"20270520T013000Z"  # 08:30 in Asia/Ho_Chi_Minh


HOSTILE = {
    "a formula": '=HYPERLINK("http://x","y")',
    "a turned text": "Viện \u202etxe.gnp\u202c \u2067abc\u2069",
    "marks of right-to-left writing": "\u200fمعهد المياه\u200f Viện Nước",
    "commands of the type setter": '#panic("x") $x^2$ *b* _i_ <l> @r \\u{41} //c [#eval("1")] `r`',
    "a very long name": "Trung tâm Ứng dụng Tiến bộ Khoa học và Công nghệ " * 60,
    "a very long word": "Ữ" * 3_000,
    "markup and controls": "<script>1</script>&amp;\x00\x0b\r\nX-EVIL:1;,\\",
    "halves and pictures": "Viện \ud800 👩‍🔬🇻🇳 研究所",
}


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_no_name_breaks_an_export(tmp_path, name):
    name = name.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    plan = make_plan(meet(name, LAB, 1), meet(MILL, name, 2, 2))
    write_plan(plan, tmp_path, created=CREATED)
    cells = [
        cell for sheet in load_workbook(tmp_path / "plan.xlsx") for row in sheet for cell in row
    ]
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    with (tmp_path / "names.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 4 and all(not cell.startswith("=") for row in rows for cell in row)
    for path in tmp_path.glob("*.ics"):
        lines = path.read_bytes().split(b"\r\n")
        assert max(map(len, lines)) <= 75 and not any(line.startswith(b"X-EVIL") for line in lines)
        calendar = Calendar.from_ical(path.read_bytes())
        assert all(not entry.errors for entry in calendar.walk("VEVENT"))
    page = (tmp_path / "agendas.html").read_text(encoding="utf-8")
    assert page.count("<article") == 3 and "<script>1" not in page
    texts = pages(tmp_path / "agendas.pdf")
    assert len(texts) == 3 and sum(LAB in text for text in texts) == 2
    for text in (page, *texts, *(str(cell.value) for cell in cells)):
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", text)


def test_the_setter_takes_text_for_text(tmp_path):
    name = HOSTILE["commands of the type setter"]
    write_plan(make_plan(meet(name, LAB, 1)), tmp_path, created=CREATED)
    texts = ["".join(text.split()) for text in pages(tmp_path / "agendas.pdf")]
    assert sum("".join(name.split()) in text for text in texts) == 2


def test_spreadsheets_see_the_vietnamese_of_the_door_list(tmp_path):
    write_plan(make_plan(meet(MILL, LAB, 1)), tmp_path, created=CREATED)
    raw = (tmp_path / "names.csv").read_bytes()
    assert raw.startswith("\ufeffĐơn vị,".encode())
    assert MILL in {row[0] for row in csv.reader(io.StringIO(raw.decode("utf-8-sig")))}


def test_a_map_of_many_tables_still_says_which_are_ours(tmp_path):
    write_plan(make_plan(meet(MILL, LAB, 1, 337), tables=400), tmp_path, created=CREATED)
    for text in pages(tmp_path / "agendas.pdf"):
        assert text.count("T336") == 2  # in the list and on the map
        assert "T335" not in text  # too small to be read


def test_labels_under_the_bars_do_not_touch_however_many_meetings_there_are():
    names = [f"Viện {number}" for number in range(130)]
    plan = make_plan(
        *(meet(MILL, name, i // 2 + 1, i % 2 + 1) for i, name in enumerate(names)), slots=65
    )
    under = [x for x in draw(Agendas(plan, {}), "vi").labels if re.fullmatch(r"\d+–\d+", x.text)]
    lines = {}
    for label in under:
        lines.setdefault(label.y, []).append(label)
    for line in lines.values():
        for one, other in pairwise(sorted(line, key=lambda label: label.x)):
            assert other.x - one.x >= 6.5 * (len(one.text) + len(other.text)) / 2
    assert sum(label.text.endswith("–100") for label in under) == 1


def test_agendas_of_usual_length_have_one_page_each(tmp_path):
    names = [f"Trung tâm Ứng dụng Tiến bộ Khoa học và Công nghệ tỉnh số {i}" for i in range(24)]
    titles = {"N": "Cần giải pháp xử lý nước thải dệt nhuộm tiết kiệm điện, công suất lớn " * 2}
    for count in (1, 3, 5, 7, 9, 12, 16, 20, 24):
        meetings = [
            meet(name, MILL, i + 1).model_copy(update={"demand": "N"})
            for i, name in enumerate(names[:count])
        ]
        plan = make_plan(*meetings, slots=24)
        plan = plan.model_copy(update={"alternates": {MILL: tuple(names[:3])}})
        write_plan(plan, tmp_path, titles=titles, created=CREATED)
        assert len(pages(tmp_path / "agendas.pdf")) == count + 1
