"""Writing a record and importing a list in a browser: with the keyboard, on a phone, in both
languages, without a barrier."""

import csv
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from tests.api.pages.waiting import until

pytestmark = pytest.mark.usefixtures("browser")
DEMO = Path(__file__).parents[3] / "datasets" / "techmart-demo"
NEED = (
    "Xưởng nhuộm thải 300 m3 nước mỗi ngày, nước sau xử lý vẫn còn màu. Cần công nghệ khử màu "
    "chi phí thấp, chịu được nước nóng 50 độ."
)

FRESH = {
    "vi": "Đã cập nhật theo nội dung đang viết.",
    "en": "Up to date with what you have written.",
}


def _send(browser, *files):
    box = browser.find_element(By.ID, "files")
    box.send_keys("\n".join(map(str, files)))
    browser.find_element(By.CSS_SELECTOR, "#send .button").click()
    until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "h1 + .lead, .stats"))
    until(browser, lambda: "/import/" in browser.current_url)


def _no_sideways(browser):
    wide = browser.execute_script(
        "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wide <= 0, f"the page is {wide} pixels too wide"


@pytest.mark.parametrize(("size", "language"), [("desktop", "vi"), ("phone", "en")])
def test_writing_a_need(
    browser, service, signed_in, sized, no_violations, page_weight, shot, size, language
):
    sized(browser, size)
    signed_in(browser, "enterprise", "/records/new", language=language)
    no_violations(browser)
    _no_sideways(browser)
    # With the keyboard alone, from the title on.
    browser.find_element(By.ID, "title").send_keys(f"Khử màu nước thải dệt nhuộm {size}")
    browser.switch_to.active_element.send_keys(Keys.TAB, Keys.TAB)
    assert browser.switch_to.active_element.get_attribute("id") == "description"
    browser.switch_to.active_element.send_keys(NEED)
    until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "#trial .trial-hits li"))
    said = browser.find_element(By.ID, "trial-state").text
    assert said in (
        "Đã cập nhật theo nội dung đang viết.",
        "Up to date with what you have written.",
    )
    assert browser.switch_to.active_element.get_attribute("id") == "description"
    no_violations(browser)
    shot(browser, f"editor-writing-{size}-{language}")
    # A wrong value: beside the field, and the summary leads there.
    browser.find_element(By.ID, "trl").send_keys("12")
    browser.find_element(By.CSS_SELECTOR, ".form-actions .button").send_keys(Keys.ENTER)
    until(browser, lambda: browser.find_elements(By.ID, "trl-error"))
    assert browser.find_element(By.ID, "description").get_attribute("value") == NEED
    no_violations(browser)
    shot(browser, f"editor-error-{size}-{language}")
    browser.find_element(By.CSS_SELECTOR, "#errors a").click()
    field = browser.switch_to.active_element
    assert field.get_attribute("id") == "trl"
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys("7", Keys.ENTER)
    until(browser, lambda: "/records/new" not in browser.current_url)
    assert "Khử màu" in browser.find_element(By.TAG_NAME, "h1").text
    browser.get(browser.current_url.split("?")[0] + "/edit")
    no_violations(browser)
    _no_sideways(browser)
    shot(browser, f"editor-edit-{size}-{language}")
    assert page_weight(browser, browser.current_url) <= 150_000


def test_a_conflict(browser, service, signed_in, sized, no_violations, shot, token):
    client = service.client("organiser")
    csrf = token(client)
    made = client.post(
        "/records/new",
        data={"csrf": csrf, "side": "demand", "title": "Cần cẩu nhỏ", "description": "Hai tấn."},
    )
    where = made.headers["location"]
    sized(browser, "desktop")
    signed_in(browser, "organiser", f"{where}/edit")
    kept = service.client("administrator")
    etag = kept.get(f"/v1{where}").headers["etag"]
    changed = kept.patch(
        f"/v1{where}",
        json={"description": "Ba tấn."},
        headers={"If-Match": etag, "X-CSRF-Token": token(kept)},
    )
    assert changed.status_code == 200, changed.text
    area = browser.find_element(By.ID, "description")
    area.clear()
    area.send_keys("Bốn tấn.")
    browser.find_element(By.CSS_SELECTOR, ".form-actions .button").click()
    until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ".clash"))
    no_violations(browser)
    shot(browser, "editor-conflict-desktop-vi")
    browser.find_element(By.CSS_SELECTOR, "button[value=resolve]").click()
    until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ".notice form .button"))
    assert "Bốn tấn." in kept.get(where).text
    browser.find_element(By.CSS_SELECTOR, ".notice form .button").click()
    until(browser, lambda: "Đã hoàn tác" in browser.find_element(By.CSS_SELECTOR, ".notice").text)
    assert "Ba tấn." in kept.get(where).text


@pytest.mark.parametrize(("size", "language"), [("desktop", "vi"), ("phone", "en")])
def test_importing_a_list(
    browser, own_service, signed_in, sized, no_violations, page_weight, shot, size, language
):
    sized(browser, size, dark=size == "phone")
    signed_in(browser, "organiser", "/import", language=language, running=own_service)
    no_violations(browser)
    _no_sideways(browser)
    shot(browser, f"import-start-{size}-{language}")
    _send(browser, DEMO / "needs.xlsx", DEMO / "offers.xlsx")
    no_violations(browser)
    _no_sideways(browser)
    shot(browser, f"import-review-{size}-{language}")
    here = browser.current_url
    assert page_weight(browser, here) <= 150_000
    # Another meaning of a column is told at once, and the focus stays.
    new = browser.find_element(By.CSS_SELECTOR, "#outcome dd").text
    column = browser.find_element(By.CSS_SELECTOR, "select[aria-label*='Ngành nghề']")
    browser.execute_script("arguments[0].focus()", column)
    outcome = browser.find_element(By.ID, "outcome")
    Select(column).select_by_value("skip")
    until(browser, lambda: browser.find_element(By.ID, "outcome") != outcome)
    assert browser.switch_to.active_element == column
    changed = browser.find_elements(By.CSS_SELECTOR, "#outcome dd")[1].text
    assert browser.find_element(By.CSS_SELECTOR, "#outcome dd").text == new and changed != "0"
    browser.get(here + "?show=rejected")
    no_violations(browser)
    _no_sideways(browser)
    shot(browser, f"import-rejected-{size}-{language}")
    browser.get(here + "?show=updated")
    no_violations(browser)
    shot(browser, f"import-changes-{size}-{language}")
    browser.find_element(By.CSS_SELECTOR, "#outcome form .button").click()
    until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "main form[action$='/undo']"))
    no_violations(browser)
    _no_sideways(browser)
    shot(browser, f"import-done-{size}-{language}")


def test_a_file_that_is_not_understood(
    browser, service, signed_in, sized, no_violations, shot, tmp_path
):
    path = tmp_path / "la.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["Cái gì", "Kể thêm"], ["Máy ép mía", "Ép khô"]])
    sized(browser, "desktop")
    signed_in(browser, "organiser", "/import")
    _send(browser, path)
    no_violations(browser)
    shot(browser, "import-unknown-desktop-vi")
    Select(browser.find_element(By.ID, "side")).select_by_value("supply")
    Select(browser.find_elements(By.NAME, "field")[0]).select_by_value("title")
    until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "#outcome .stats"))
    assert browser.find_element(By.CSS_SELECTOR, "#outcome dd").text == "1"
    no_violations(browser)
    browser.find_element(By.CSS_SELECTOR, "form[action$='/discard'] .button").click()
    until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ".notice"))
