"""After an event, and administration, in a real browser."""

import time

import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By

from api.actors import LOCAL_ACTOR, Action, Actor, Role
from api.service import deliveries, events, keys, people, runs
from api.service.events import described
from indexer.judgements import Judgement, record
from indexer.sql.serviceschema import deliveries as delivery_rows
from tests.api.pages.waiting import until

# Size, dark, language: every value of each, not every combination.
LOOKS = [
    ("desktop", False, "vi"),
    ("phone", True, "en"),
    ("half", True, "vi"),
]
EVENT = """name = "Chợ công nghệ và thiết bị Nghệ An 2027"
place = "Vinh, Nghệ An"
tables = 8
least_score = 0.0
""" + "".join(
    f'[[slots]]\nstarts = "2027-05-20 {time_}"\nminutes = 20\n'
    for time_ in ("08:30", "09:00", "09:30", "10:00", "10:30", "14:00", "14:30", "15:00")
)


@pytest.fixture(scope="module")
def event(service) -> str:
    """An event with a timetable, some of its outcomes, and what was learned; returns its id."""
    person, opened = service.people["organiser"], service.app.state.opened
    by = Actor("person", person.id, person.name, Role.ORGANISER)
    with opened.catalog.writing() as connection:
        stored = events.add(connection, described(None, EVENT, None), by)
        asked = {"seed": 1, "seconds": 2.0, "language": "vi", "event": stored.body}
        run = runs.start(connection, runs.PLAN, by, asked, event=stored.id)
    _end(service, run.id, by)
    lines = sorted(opened.matcher().match(k=10).lines(), key=lambda line: -line.score)
    said = [
        Judgement(one.demand, one.supply, 3 if at < 60 else 0, who="t", source="browser")
        for at, one in enumerate(lines[:100])
    ]
    with opened.catalog.writing() as connection:
        record(connection, said)
        asked = {"dry_run": True, "language": "vi"}
        run = runs.start(connection, runs.LEARN, by, asked, event=stored.id)
        owner = people.get(connection, service.people["owner"].id, LOCAL_ACTOR)
        scopes = [Action.SEARCH, Action.RECORDS_READ]
        keys.make(connection, owner.actor, "Cổng dữ liệu tỉnh", scopes, 90)
        _fail_a_message(connection)
    _end(service, run.id, by)
    return stored.id


def _fail_a_message(connection) -> None:
    target = "https://hook.example/x"
    name = deliveries.put(connection, "", "webhook:1", "webhook", target, "s", "ping", {})
    values = {"state": deliveries.FAILED, "failure": "503 Service Unavailable"}
    values["finished"] = "2026-11-22T05:00:00.000000+00:00"
    here = delivery_rows.c.message == name
    connection.execute(delivery_rows.update().where(here).values(values))


def _end(service, run_id, by) -> None:
    service.app.state.runner.wake()
    until = time.monotonic() + 60
    while True:
        with service.app.state.opened.catalog.reading() as connection:
            found = runs.get(connection, run_id, by)
        if found.over:
            assert found.state == runs.DONE, found.failure
            return
        assert time.monotonic() < until, "the run takes too long"
        time.sleep(0.1)


@pytest.mark.parametrize(("size", "dark", "language"), LOOKS)
def test_every_state_is_reachable_for_all(
    service, open_service, event, signed_in, browser, sized, shot, no_violations, size, dark,
    language,
):  # fmt: skip
    sized(browser, size, dark=dark)
    after, person = f"/events/{event}/after", service.people["enterprise"].id
    pages = [
        ("after", service, "organiser", after),
        ("after-report", service, "organiser", f"{after}/report"),
        ("after-judge", service, "organiser", f"{after}/judge"),
        ("after-learning", service, "administrator", f"{after}/learning"),
        ("admin-organisations", service, "organiser", "/admin/organisations"),
        ("admin-people", service, "administrator", "/admin/people"),
        ("admin-people-open", open_service, "", "/admin/people"),
        ("admin-person", service, "organiser", f"/admin/people/{person}"),
        ("admin-keys", service, "organiser", "/admin/keys"),
        ("admin-audit", service, "administrator", "/admin/audit"),
        ("admin-personal-data", service, "organiser", "/admin/personal-data"),
        ("admin-system", service, "administrator", "/admin/system"),
    ]
    if size == "half":  # those that are widest
        pages = [page for page in pages if page[0] in ("after", "after-report", "admin-audit")]
    for name, running, role, path in pages:
        signed_in(browser, role, path, language=language, running=running)
        for one in browser.find_elements(By.CSS_SELECTOR, "details.panel:not([open]) > summary"):
            one.click()
        shot(browser, f"{name}-{size}-{language}{'-dark' if dark else ''}")
        no_violations(browser)
        wide = "return document.documentElement.scrollWidth > innerWidth"
        assert not browser.execute_script(wide), name
    assert [line for line in browser.get_log("browser") if "Content Security" in str(line)] == []


def test_outcomes_are_noted_in_place_with_the_keyboard(
    service, event, signed_in, browser, shot, no_violations
):
    signed_in(browser, "organiser", f"/events/{event}/after")
    form = browser.find_elements(By.CSS_SELECTOR, "form.tell")[1]
    row = form.find_element(By.XPATH, "ancestor::tr").get_attribute("id")
    browser.execute_script("arguments[0].focus()", form.find_elements(By.TAG_NAME, "button")[2])
    browser.execute_script("window.stayed = true")
    ActionChains(browser).send_keys(" ").perform()

    def pressed() -> list[str]:
        found = browser.find_elements(By.CSS_SELECTOR, f"#{row} [aria-pressed=true]")
        return [one.text for one in found]

    until(browser, lambda: pressed() == ["Ký hợp đồng"])
    assert browser.execute_script("return window.stayed"), "without leaving the page"
    assert browser.switch_to.active_element.text.endswith("Ký hợp đồng"), "the place is kept"
    shot(browser, "after-told-desktop-vi")
    no_violations(browser)
    notice = browser.find_element(By.CSS_SELECTOR, "#main > .notice")
    assert "Ký hợp đồng." in notice.text
    notice.find_element(By.TAG_NAME, "button").click()
    until(browser, lambda: pressed() == [])


def test_pairs_are_judged_with_the_keyboard(service, event, signed_in, browser, no_violations):
    signed_in(browser, "organiser", f"/events/{event}/after/judge", language="en")
    ActionChains(browser).send_keys("2", "0", "j", "3").perform()
    chosen = browser.find_elements(By.CSS_SELECTOR, ".judge-grades input:checked")
    told = [(one.get_attribute("name"), one.get_attribute("value")) for one in chosen]
    assert told == [("grade-0", "2"), ("grade-1", "0"), ("grade-3", "3")]
    no_violations(browser)
    browser.find_element(By.CSS_SELECTOR, ".judge .form-actions .button").click()
    notice = until(browser, lambda: browser.find_element(By.CSS_SELECTOR, "#main > .notice"))
    assert "3 judgements saved." in notice.text
    notice.find_element(By.TAG_NAME, "button").click()
    until(browser, lambda: "taken back" in browser.page_source)


def test_erasing_is_named_before_it_is_done(service, signed_in, browser, shot, no_violations):
    signed_in(browser, "organiser", "/admin/personal-data")
    browser.find_element(By.ID, "subject").send_keys(service.people["enterprise"].email)
    browser.find_element(By.CSS_SELECTOR, ".admin-find .button").click()
    until(browser, lambda: browser.find_elements(By.ID, "held"))
    shot(browser, "admin-personal-data-held-desktop-vi")
    no_violations(browser)
    browser.find_element(By.CSS_SELECTOR, ".admin-held .danger").click()
    until(browser, lambda: browser.find_elements(By.ID, "goes"))
    assert service.people["enterprise"].name in browser.page_source
    shot(browser, "admin-erase-desktop-vi")
    no_violations(browser)


def test_pages_are_light(service, event, signed_in, browser, page_weight):
    signed_in(browser, "administrator", "/")
    for path in (f"/events/{event}/after", f"/events/{event}/after/judge", "/admin/audit"):
        assert page_weight(browser, service.url(path)) <= 150_000
