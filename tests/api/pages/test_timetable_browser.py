"""The timetable in a browser: by keyboard, by dragging, on a phone, with 200 × 100 who meet."""

import json
import random
import re
import secrets
import time
from dataclasses import asdict

import pytest
import sqlalchemy as sa
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from api.actors import LOCAL_ACTOR
from api.service import events, planversions, runs
from api.service.planfiles import plan_of
from api.service.runfolders import folder_of, note_named
from indexer.keeping.moments import now
from indexer.sql.serviceschema import runs as run_table
from matcher.planning.eventtoml import to_toml
from matcher.planning.moving import pair_id, places
from matcher.planning.plan import Pair
from matcher.planning.planner import plan as make_plan
from tests.api.pages.waiting import until

SLOTS = "".join(
    f'[[slots]]\nstarts = "2027-05-20 {hour:02}:{minute:02}"\n'
    for hour in (8, 9, 10, 11)
    for minute in (0, 30)
)
EVENT = f"""
name = "Chợ công nghệ và thiết bị Hà Nội 2027"
place = "Cung Văn hoá Hữu nghị"
tables = 9
most_meetings = 3
least_score = 0.02
{SLOTS}
[[slots]]
starts = "2027-05-20 13:30"
break = true
"""


@pytest.fixture(scope="module")
def event(service):
    """An event of the demo with a plan."""
    client = service.client("organiser")
    wanted = events.described(None, EVENT, None)
    with service.workspace.catalog() as catalog, catalog.writing() as connection:
        id_ = events.add(connection, wanted, LOCAL_ACTOR).id
    token = re.search(r'name="csrf" value="([^"]+)"', client.get(f"/events/{id_}/plan").text)[1]
    answer = client.post(f"/events/{id_}/plan", data={"csrf": token, "seconds": "10"})
    run_id = answer.headers["location"].rpartition("/")[2]
    for _ in range(600):
        with service.workspace.catalog() as catalog, catalog.reading() as connection:
            run = runs.get(connection, run_id, LOCAL_ACTOR)
        if run.over:
            break
        time.sleep(0.05)
    assert run.state == runs.DONE, run.failure
    return id_


@pytest.fixture(scope="module")
def large_event(service):
    """200 who need and 100 who offer, at 60 tables on two days, all of whom could meet."""
    chance = random.Random(1)
    needs = [f"Công ty Cổ phần Thiết bị và Giải pháp Công nghiệp số {n}" for n in range(200)]
    offers = [f"Viện Nghiên cứu Ứng dụng và Chuyển giao số {n}" for n in range(100)]
    pairs = [
        Pair(demand_owner=need, supply_owner=offer, score=round(chance.random(), 3))
        for need in needs
        for offer in offers
    ]
    slots = "".join(
        f'[[slots]]\nstarts = "2027-05-{day} {8 + half // 2:02}:{half % 2 * 30:02}"\n'
        for day in (20, 21)
        for half in range(18)
    )
    body = f'name = "Hội chợ lớn"\ntables = 60\nmost_meetings = 8\n{slots}'
    described = events.described(None, body, None)
    made = make_plan(events.Stored("", "", "", body, "", 1).event, pairs, seconds=10)
    run_id, moment = secrets.token_hex(8), now()
    folder = folder_of(service.workspace.path, run_id)
    folder.mkdir(parents=True)
    (folder / "plan.json").write_text(made.to_json(), "utf-8")
    note_named(folder, [])
    with service.workspace.catalog() as catalog, catalog.writing() as connection:
        stored = events.add(connection, described, LOCAL_ACTOR)
        values = {"id": run_id, "kind": "plan", "event": stored.id, "state": "done"}
        values |= {"asked": json.dumps({"reader": asdict(LOCAL_ACTOR.reader)})}
        moments = {"created": moment, "started": moment, "finished": moment}
        connection.execute(sa.insert(run_table).values({**values, **moments}))
    assert to_toml(stored.event) and len(made.meetings) > 700
    return stored.id


def _plan(service, event):
    with service.workspace.catalog() as catalog, catalog.reading() as connection:
        stored = events.get(connection, event, LOCAL_ACTOR)
        version = planversions.current(connection, stored)
    path = folder_of(service.workspace.path, version.run) / "plan.json"
    return plan_of(path, version.moves, version.number)


def _where(plan, pair):
    return next((m.slot, m.table) for m in plan.meetings if pair_id(m) == pair)


def _a_move(plan):
    for meeting in plan.meetings:
        for place in places(plan, meeting):
            if place.tables and place.slot != meeting.slot:
                return pair_id(meeting), place.slot, place.tables[0]
    raise AssertionError("no meeting can be moved")


def _wide(browser):
    """Whether the page scrolls sideways."""
    return browser.execute_script(
        "return document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )


@pytest.mark.parametrize(("size", "language"), [("desktop", "vi"), ("phone", "en")])
def test_every_page_of_the_timetable(
    service, event, signed_in, browser, sized, no_violations, shot, size, language
):
    sized(browser, size)
    signed_in(browser, "organiser", f"/events/{event}/plan", language=language)
    meeting = _plan(service, event).meetings[0]
    paths = {
        "plan": "plan",
        "people": "plan/people",
        "changes": "plan/changes",
        "meeting": f"plan/meetings/{pair_id(meeting)}",
        "print": "print",
        "door": "print/door",
        "map": "print/map",
    }
    for name, path in paths.items():
        browser.get(service.url(f"/events/{event}/{path}"))
        shot(browser, f"timetable-{name}-{size}-{language}")
        no_violations(browser)
        assert not _wide(browser), (name, size)
    browser.get(service.url(f"/events/{event}/plan/people"))
    browser.find_element(By.CSS_SELECTOR, "tbody a").click()
    details = browser.find_elements(By.CSS_SELECTOR, "main details > summary")
    if details and not browser.find_element(By.CSS_SELECTOR, "details").get_attribute("open"):
        details[0].click()
    shot(browser, f"timetable-person-{size}-{language}")
    no_violations(browser)


def test_moving_with_the_keyboard_alone(
    service, event, signed_in, browser, sized, no_violations, shot
):
    sized(browser, "desktop")
    before = _plan(service, event)
    pair, slot, table = _a_move(before)
    signed_in(browser, "organiser", f"/events/{event}/plan")
    link = browser.find_element(By.ID, f"m-{pair}")
    _tab_to(browser, f"m-{pair}")
    assert browser.execute_script("return arguments[0].matches(':focus-visible')", link)
    _keys(browser, Keys.ENTER)
    until(browser, lambda: pair in browser.current_url and browser.find_elements(By.ID, "slot"))
    _tab_to(browser, "slot")
    _choose(browser, "slot", str(slot))
    _tab_to(browser, "table")
    _choose(browser, "table", str(table))
    _keys(browser, Keys.TAB, Keys.ENTER)
    notice = until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ".notice"))[0]
    assert "Đã chuyển" in notice.text
    shot(browser, "timetable-moved")
    no_violations(browser)
    assert _where(_plan(service, event), pair) == (slot, table)
    browser.find_element(By.XPATH, "//button[text()='Hoàn tác']").send_keys(Keys.ENTER)
    until(browser, lambda: "Đã quay lại bản" in browser.page_source)
    assert _plan(service, event).meetings == before.meetings


def test_dragging_to_a_taken_table_says_why_not(
    service, event, signed_in, browser, sized, no_violations, shot
):
    sized(browser, "desktop")
    plan = _plan(service, event)
    one = plan.meetings[0]
    other = next(m for m in plan.meetings if m.slot != one.slot and m.table < 6)
    signed_in(browser, "organiser", f"/events/{event}/plan")
    _drag(browser, pair_id(one), f"m-{pair_id(other)}")
    summary = until(browser, lambda: browser.find_elements(By.ID, "errors"))[0]
    assert "Không chuyển được đến" in summary.text
    shot(browser, "timetable-refused")
    no_violations(browser)
    assert _plan(service, event).meetings == plan.meetings


def test_a_no_show_on_the_day_on_a_phone(
    service, event, signed_in, browser, sized, no_violations, shot
):
    sized(browser, "phone")
    owner = _plan(service, event).meetings[-1].supply_owner
    signed_in(browser, "organiser", f"/events/{event}/plan/changes")
    browser.find_element(By.ID, "what-1").send_keys("Không có ai", Keys.ENTER)
    until(browser, lambda: browser.find_elements(By.ID, "what-1-error"))
    shot(browser, "timetable-changes-refused")
    no_violations(browser)
    field = browser.find_element(By.ID, "what-1")
    field.clear()
    field.send_keys(owner)
    browser.execute_script("document.querySelector('main form').requestSubmit()")
    until(browser, lambda: "run=" in browser.current_url)
    until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ".plan-decide"))
    shot(browser, "timetable-proposal-phone")
    no_violations(browser)
    sized(browser, "desktop", dark=True)
    shot(browser, "timetable-proposal-dark")
    no_violations(browser)
    browser.find_element(By.CSS_SELECTOR, ".plan-decide .button").click()
    until(browser, lambda: "Lịch mới đã được dùng" in browser.page_source)
    shot(browser, "timetable-replanned-dark")
    no_violations(browser)
    browser.find_element(By.XPATH, "//button[text()='Hoàn tác']").click()
    until(browser, lambda: "Đã quay lại bản" in browser.page_source)


def test_a_personal_agenda_on_a_phone(
    service, event, signed_in, browser, sized, no_violations, shot
):
    signed_in(browser, "organiser", f"/events/{event}/print")
    sized(browser, "desktop")
    browser.find_element(By.XPATH, "//button[contains(text(), 'Tạo đường dẫn')]").click()
    link = until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ".secret"))[0].text
    shot(browser, "timetable-links")
    no_violations(browser)
    browser.find_element(By.CSS_SELECTOR, "main .button").click()
    until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "main details"))
    browser.find_element(By.XPATH, "//summary[contains(., 'thu hồi')]").click()
    shot(browser, "timetable-links-table")
    no_violations(browser)
    browser.find_element(By.XPATH, "//button[contains(., 'Thay bằng')]").click()
    until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ".print-code"))
    shot(browser, "timetable-link-code")
    no_violations(browser)
    link = browser.find_element(By.CSS_SELECTOR, ".secret").text
    sized(browser, "phone")
    signed_in(browser, "", "/")
    browser.get(link)
    browser.find_element(By.CSS_SELECTOR, ".agenda details summary").click()
    shot(browser, "agenda-phone")
    no_violations(browser)
    assert not _wide(browser)
    size = browser.find_element(By.CSS_SELECTOR, ".agenda h3").value_of_css_property("font-size")
    assert float(size.removesuffix("px")) >= 20, "large type"
    browser.find_element(By.CSS_SELECTOR, ".agenda .choice:nth-of-type(3) input").click()
    browser.find_element(By.CSS_SELECTOR, ".agenda textarea").send_keys("Hẹn gặp lại")
    browser.find_element(By.CSS_SELECTOR, ".agenda form .button").click()
    until(browser, lambda: "Cảm ơn bạn" in browser.page_source)
    assert "Sẽ trao đổi tiếp" in browser.find_element(By.CSS_SELECTOR, ".agenda summary").text
    no_violations(browser)
    browser.get(f"{link}?lang=en")
    shot(browser, "agenda-phone-en")
    assert "Outcome: We will talk further" in browser.page_source
    no_violations(browser)


def test_a_large_plan_stays_light(
    service, large_event, signed_in, browser, sized, no_violations, shot, page_weight
):
    sized(browser, "desktop")
    signed_in(browser, "organiser", f"/events/{large_event}/plan")
    shot(browser, "timetable-large")
    no_violations(browser)
    more = browser.find_element(By.XPATH, "//a[contains(., 'Bàn sau')]")
    more.click()
    assert "Bàn 11" in browser.find_element(By.CSS_SELECTOR, ".plan-table thead").text
    for path in ("plan", "plan/people", "plan/changes", "print", "print/door"):
        address = service.url(f"/events/{large_event}/{path}")
        assert page_weight(browser, address) <= 150_000, path


def _keys(browser, *keys):
    ActionChains(browser).send_keys(*keys).perform()


def _tab_to(browser, name):
    for _ in range(120):
        _keys(browser, Keys.TAB)
        if browser.switch_to.active_element.get_attribute("id") == name:
            return
    raise AssertionError(f"{name} is not reached with Tab")


def _choose(browser, name, value):
    """Down the list of a focused select until `value` is chosen."""
    select = browser.find_element(By.ID, name)
    _keys(browser, Keys.HOME)
    for _ in range(len(Select(select).options)):
        if select.get_attribute("value") == value:
            return
        _keys(browser, Keys.DOWN)
    raise AssertionError(f"{name} has no {value}")


def _drag(browser, pair, target):
    """Drags a meeting onto the cell of another, as the events of a mouse say it."""
    browser.execute_async_script(
        """
        const [pair, target, done] = arguments;
        const from = document.getElementById(`m-${pair}`);
        const cell = document.getElementById(target).closest("td");
        const data = new DataTransfer();
        const say = (where, kind) => where.dispatchEvent(
          new DragEvent(kind, {bubbles: true, cancelable: true, dataTransfer: data}));
        say(from, "dragstart");
        const drop = () => { say(cell, "dragover"); done(); setTimeout(() => say(cell, "drop")); };
        setTimeout(drop, 700);
        """,
        pair,
        target,
    )
