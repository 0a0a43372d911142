"""agendas.html as people use it: printed, one sheet each, in either language."""

import base64
import re

import pytest
from selenium.webdriver.common.by import By

from matcher.export.plan_files import write_plan
from matcher.planning.event import Event, Participant, Table
from matcher.planning.plan import Certificate, Meeting, Plan
from matcher.planning.slot import Slot

_EVIL = "<script>window.ran = 1</script><img src=x onerror='window.ran = 2'>\u202e"
_BUSY = "Trung tâm Ứng dụng Tiến bộ Khoa học và Công nghệ tỉnh Sông Nhị"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """One owner with 28 meetings, 28 with one, one with a hostile name, one with none."""
    days = ("2027-05-20", "2027-05-21")
    slots = tuple(
        Slot(starts=f"{day} {8 + number // 3:02d}:{number % 3 * 20:02d}")
        for day in days
        for number in range(14)
    )
    offers = [f"Công ty Cổ phần Thiết bị Môi trường Đồng Xanh {number}" for number in range(27)]
    offers.append(_EVIL)
    event = Event(
        name="Chợ công nghệ Sông Nhị",
        slots=slots,
        tables=tuple(Table(name=f"T{n}", room=f"Sảnh {n % 2}") for n in range(1, 41)),
        participants=tuple(Participant(owner=name) for name in (_BUSY, *offers, "Vắng mặt")),
    )
    meetings = tuple(
        Meeting(
            demand_owner=_BUSY,
            supply_owner=name,
            slot=number,
            table=number,
            score=0.5,
            demand="N1",
            supply="O1",
        )
        for number, name in enumerate(offers, 1)
    )
    plan = Plan(
        event=event,
        meetings=meetings,
        alternates={"Vắng mặt": (_BUSY, _EVIL)},
        certificate=Certificate(objective=1, bound=1, gap=0, seconds=0),
    )
    titles = {"N1": f"Nước thải {_EVIL}", "O1": "Bể điện hoá khử màu nước thải dệt nhuộm"}
    folder = tmp_path_factory.mktemp("hội chợ")
    write_plan(plan, folder, titles=titles)
    return (folder / "agendas.html").as_uri()


@pytest.fixture
def page(browser, address):
    for log in ("browser", "performance"):
        browser.get_log(log)
    browser.get(address)
    return browser


def _seen(page, css):
    found = page.find_elements(By.CSS_SELECTOR, css)
    return [each.text for each in found if each.is_displayed()]


def test_every_agenda_prints_on_one_sheet_of_a4(page):
    printed = page.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    pdf = base64.b64decode(printed["data"])
    sheets = page.find_elements(By.CSS_SELECTOR, ".sheet")
    assert len(sheets) == 29
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 29
    boxes = {tuple(map(float, box.split())) for box in re.findall(rb"/MediaBox \[([^\]]+)\]", pdf)}
    assert {tuple(round(size / 72 * 25.4) for size in box[2:]) for box in boxes} == {(210, 297)}


def test_the_busiest_agenda_names_all_its_meetings_in_order(page):
    busy = max(
        page.find_elements(By.CSS_SELECTOR, ".sheet"),
        key=lambda sheet: len(sheet.find_elements(By.CSS_SELECTOR, "tbody tr")),
    )
    page.execute_script("arguments[0].style.contentVisibility = 'visible'", busy)
    assert busy.find_element(By.TAG_NAME, "h1").text == _BUSY
    times = [cell.text for cell in busy.find_elements(By.CSS_SELECTOR, ".time")]
    assert len(times) == 28 and times[0] == "08:00 – 08:20"
    assert [each.text for each in busy.find_elements(By.TAG_NAME, "caption")] == [
        "Thứ Năm, 20/05/2027",
        "Thứ Sáu, 21/05/2027",
    ]
    assert len(busy.find_elements(By.CSS_SELECTOR, "rect.own")) == 28


def test_the_reader_chooses_a_language_or_both(page):
    assert _seen(page, ".language + details > summary") == ["Các đơn vị (29)"]
    page.find_element(By.CSS_SELECTOR, "[for=ui-en]").click()
    assert _seen(page, ".language + details > summary") == ["Organisations (29)"]
    page.find_element(By.CSS_SELECTOR, "[for=ui-both]").click()
    assert _seen(page, ".language + details > summary") == ["Các đơn vị · Organisations (29)"]


def test_nothing_from_a_record_runs_and_nothing_is_loaded(page):
    assert page.execute_script("return window.ran") is None
    assert [entry["message"] for entry in page.get_log("browser")] == []
    sent = [e for e in page.get_log("performance") if "Network.requestWillBeSent" in e["message"]]
    assert all('"url":"file://' in entry["message"] for entry in sent)


def test_who_has_no_meeting_has_no_sheet(page):
    titles = page.find_elements(By.CSS_SELECTOR, ".sheet h1")
    assert "Vắng mặt" not in [each.get_attribute("textContent") for each in titles]
    assert page.find_elements(By.CSS_SELECTOR, ".none") == []


def test_axe_finds_no_barrier(page):
    from axe_core_python.selenium import Axe

    found = Axe().run(page)
    assert [(item["id"], item["nodes"][0]["html"]) for item in found["violations"]] == []
