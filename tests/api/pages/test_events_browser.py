"""Events and the review of matches as somebody drives them, with two reviewers at once."""

import time

import pytest
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from api.actors import LOCAL_ACTOR
from api.service import events, runs
from tests.api.pages.waiting import until

EVENT = """name = "Chợ công nghệ Sông Nhị 2027"
place = "Nhà triển lãm Sông Nhị"
tables = 12
rules = [{kind = "require", where = "trl>=7", unstated = "allow"}]
slots = [{starts = "2027-05-20 08:30"}, {starts = "2027-05-20 09:00"},
  {starts = "2027-05-20 09:30", break = true}, {starts = "2027-05-20 10:00"}]
"""


@pytest.fixture(scope="module")
def event(service):
    """The address of an event that has been matched."""
    wanted = events.described(None, EVENT, None)
    with service.workspace.catalog() as catalog:
        with catalog.writing() as connection:
            made = events.add(connection, wanted, LOCAL_ACTOR)
            asked = {"k": 4, "language": "vi", "event": made.body}
            run = runs.start(connection, runs.MATCH, LOCAL_ACTOR, asked, event=made.id)
        service.app.state.runner.wake()
        until = time.monotonic() + 40
        while run.state != runs.DONE:
            assert time.monotonic() < until and run.state not in (runs.FAILED, runs.CANCELLED)
            time.sleep(0.1)
            with catalog.reading() as connection:
                run = runs.get(connection, run.id, LOCAL_ACTOR)
    return f"/events/{made.id}"


@pytest.fixture(scope="module")
def second(browser, tmp_path_factory):
    """Another browser, of somebody else."""
    from selenium.webdriver import ChromeOptions, ChromeService

    options = ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1280,900"):
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('second')}")
    with Chrome(options, ChromeService("/usr/bin/chromedriver")) as driver:
        yield driver


def press(browser: Chrome, keys: str) -> None:
    ActionChains(browser).send_keys(keys).perform()


def text(browser: Chrome, css: str) -> str:
    """What an element says, "" where there is none; asked at once, as the page may be changing."""
    script = "return document.querySelector(arguments[0])?.innerText ?? ''"
    return browser.execute_script(script, css)


def focused(browser: Chrome) -> str:
    """The id of the row that has the focus."""
    return browser.execute_script("return document.activeElement.closest('tr')?.id ?? ''")


def fits(browser: Chrome) -> bool:
    """Whether the page is no wider than the window."""
    script = "return document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    return browser.execute_script(script)


def test_every_page_in_both_sizes_and_languages(
    browser, signed_in, sized, shot, no_violations, page_weight, event, service
):
    signed_in(browser, "organiser", event)
    pair = None
    pages = ["", "/settings", "/participants", "/review", "/review/map", "/review/excluded",
             "/review/unmatched", "/file"]  # fmt: skip
    for size, language, dark in (("desktop", "vi", False), ("phone", "en", True)):
        sized(browser, size, dark=dark)
        for path in ("/events", "/events/new", *(event + one for one in pages)):
            browser.get(service.url(f"{path}?lang={language}"))
            if size == "desktop" or path.endswith((event, "/review", "/new")):
                no_violations(browser)
            assert fits(browser), path
            name = path.replace(event, "event").strip("/").replace("/", "-")
            shot(browser, f"events-{name}-{size}-{language}")
            if path.endswith("/review"):
                link = browser.find_element(By.CSS_SELECTOR, "tr[data-row] a")
                pair = link.get_attribute("href")
        browser.get(f"{pair}&lang={language}")
        no_violations(browser)
        assert fits(browser)
        shot(browser, f"events-pair-{size}-{language}")
    for path in ("/participants", "/review", "/review/map", "/settings"):
        assert page_weight(browser, service.url(event + path)) <= 150_000, path


def test_two_reviewers_decide_at_once(
    browser, second, signed_in, sized, shot, no_violations, event, service
):
    sized(browser)
    signed_in(browser, "organiser", f"{event}/review")
    signed_in(second, "administrator", f"{event}/review")
    for one in (browser, second):
        press(one, "j")
        assert focused(one)
    row = focused(browser)
    assert focused(second) == row
    press(browser, "a")
    until(browser, lambda: "Đã duyệt 1 trên" in text(browser, ".decided"))
    assert focused(browser) != row, "on to the next pair"
    press(second, "r")
    until(second, lambda: "từ chối" in text(second, f"#{row} .said"))
    said = text(second, f"#{row} .said")
    assert "Nguyễn Thị Lan: chấp nhận" in said and "Phạm Quản Trị (bạn): từ chối" in said
    # The first sees it without doing anything, and stays where they were.
    here = focused(browser)
    until(browser, lambda: "Phạm Quản Trị: từ chối" in text(browser, f"#{row} .said"))
    assert "Bất đồng" in text(browser, f"#{row} .opinion")
    assert focused(browser) == here
    no_violations(browser)
    shot(browser, "events-review-disputed")
    press(second, "u")
    until(second, lambda: "Phạm Quản Trị" not in text(second, f"#{row} .opinion"))
    press(browser, "p")
    until(browser, lambda: "Đã duyệt 2 trên" in text(browser, ".decided"))
    press(browser, "kv")
    until(browser, lambda: "Cấm gặp" in text(browser, f"#{here} .opinion .tag"))
    spoken = browser.find_element(By.ID, "spoken").get_attribute("textContent")
    assert spoken.startswith("Đã cấm gặp")


def test_a_pair_by_keyboard_and_its_note(browser, signed_in, sized, no_violations, event):
    sized(browser)
    signed_in(browser, "organiser", f"{event}/review?show=open")
    press(browser, "jjo")
    until(browser, lambda: "/review/pair" in browser.current_url)
    assert "cặp 2 trên" in text(browser, "main")
    assert browser.find_elements(By.CSS_SELECTOR, ".facing mark")
    press(browser, "a")
    until(browser, lambda: "Chấp nhận" in text(browser, "#opinions"))
    no_violations(browser)
    press(browser, "n")
    note = browser.switch_to.active_element
    assert note.tag_name == "textarea"
    note.send_keys("Gọi lại cho anh Minh", Keys.TAB, Keys.ENTER)
    until(browser, lambda: "Gọi lại cho anh Minh" in text(browser, "#review .said"))
    at = browser.current_url
    press(browser, "j")
    until(browser, lambda: browser.current_url != at)


def test_without_javascript_everything_works(browser, signed_in, event, service):
    def said(words: str) -> None:
        # No script can be asked, and the driver does not wait for the next page.
        path = f"//*[contains(@class, 'notice') and contains(., '{words}')]"
        until(browser, lambda: browser.find_elements(By.XPATH, path))

    signed_in(browser, "organiser", f"{event}/review")
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(service.url(f"{event}/review?show=open"))
        before = len(browser.find_elements(By.CSS_SELECTOR, "tr[data-row]"))
        browser.find_element(By.CSS_SELECTOR, "tr[data-row] .verdict.reject").click()
        said("Đã từ chối")
        assert "show=open" in browser.current_url
        browser.find_element(By.CSS_SELECTOR, ".notice button").click()
        said("Đã rút ý kiến")
        assert len(browser.find_elements(By.CSS_SELECTOR, "tr[data-row]")) == before
        browser.get(service.url(event))
        browser.find_element(By.CSS_SELECTOR, "#match ~ form button").click()
        # The page fetches itself again.
        until(browser, lambda: browser.find_elements(By.LINK_TEXT, "Duyệt danh sách"), 30)
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_a_run_is_watched(browser, signed_in, sized, shot, no_violations, event):
    sized(browser, "phone")
    signed_in(browser, "organiser", event)
    browser.find_element(By.CSS_SELECTOR, "#match ~ form button").click()
    until(browser, lambda: "/runs/" in browser.current_url)
    until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ".stats dd"), 30)
    no_violations(browser)
    shot(browser, "events-run-phone-vi")
    assert browser.find_elements(By.PARTIAL_LINK_TEXT, "match-list.xlsx")


def test_an_event_from_nothing(browser, signed_in, sized, shot, no_violations, service):
    sized(browser)
    signed_in(browser, "organiser", "/events/new", language="en")
    browser.find_element(By.NAME, "tables").send_keys("x")
    browser.find_element(By.NAME, "name").send_keys("Trial <b>day</b>")
    browser.find_element(By.CSS_SELECTOR, ".card.form .button").click()
    assert "Write a whole number" in text(browser, "#errors")
    no_violations(browser)
    shot(browser, "events-new-refused-en")
    tables = browser.find_element(By.NAME, "tables")
    tables.clear()
    tables.send_keys("5")
    browser.find_element(By.CSS_SELECTOR, ".card.form .button").click()
    until(browser, lambda: "Event made." in text(browser, ".notice"))
    assert text(browser, "h1") == "Trial <b>day</b>"
    browser.find_element(By.LINK_TEXT, "Settings").click()
    for name, value in (("day", "2027-05-20"), ("from", "08:30"), ("to", "11:00")):
        script = "document.getElementById(arguments[0]).value = arguments[1]"
        browser.execute_script(script, name, value)
    browser.find_element(By.CSS_SELECTOR, "#slots ~ * .button, details[open] .button").click()
    until(browser, lambda: "5 times added" in text(browser, ".notice"))
    no_violations(browser)
    browser.find_element(By.CSS_SELECTOR, ".notice button").click()
    until(browser, lambda: "5 times removed" in text(browser, ".notice"))
