"""Searching, records, comparing and saved searches in a real browser."""

import pytest
from selenium.webdriver import Keys
from selenium.webdriver.common.by import By

from tests.api.pages.waiting import until

NEED = "xu ly nuoc thai det nhuom con mau"
BROAD = "may moc cong nghe moi cho nong nghiep va thuy san"
LOOKS = [("desktop", False, "vi"), ("phone", True, "vi"), ("phone", False, "en")]


def _wide(browser) -> bool:
    script = "return document.documentElement.scrollWidth > innerWidth"
    return bool(browser.execute_script(script))


def _all(browser, selector):
    return browser.find_elements(By.CSS_SELECTOR, selector)


@pytest.mark.parametrize(("size", "dark", "language"), LOOKS)
def test_every_state_is_reachable_for_all(
    service, signed_in, browser, sized, shot, no_violations, size, dark, language
):
    sized(browser, size, dark=dark)
    ids = [
        one["id"]
        for one in service.client().get("/v1/search", params={"text": NEED}).json()["items"]
    ]
    query = NEED.replace(" ", "+")
    pages = [
        ("search-empty", "", "/search"),
        ("search", "enterprise", f"/search?q={BROAD.replace(' ', '+')}&where=trl%3E%3D4"),
        ("search-hopeless", "", "/search?q=toi+buon+qua+troi+mua+mai"),
        ("record", "organiser", f"/records/{ids[0]}?q={query}"),
        ("contact", "enterprise", f"/records/{ids[0]}/contact?q={query}"),
        ("compare", "", f"/compare?q={query}&ids={ids[0]}&ids={ids[1]}&ids={ids[2]}"),
        ("saved-searches", "reader", "/saved-searches"),
    ]
    for name, role, path in pages:
        signed_in(browser, role, path, language=language)
        shot(browser, f"{name}-{size}-{language}{'-dark' if dark else ''}")
        for one in _all(browser, "main details:not([open]) > summary"):
            one.click()
        no_violations(browser)
        assert not _wide(browser), name
    assert [line for line in browser.get_log("browser") if "Content Security" in str(line)] == []


def test_an_enterprise_finds_saves_and_deletes(
    own_service, signed_in, browser, shot, no_violations, sized
):
    """With the keyboard where keys are what people use."""
    sized(browser, "desktop")
    signed_in(browser, "enterprise", "/search", running=own_service)
    box = browser.find_element(By.ID, "q")
    box.send_keys("can xu ly nuoc thai det nhuom o ha noi")
    told = until(browser, lambda: browser.find_element(By.CSS_SELECTOR, "#unclear .tag.good"))
    assert "Lĩnh vực" in told.text or "Nơi" in told.text
    box.send_keys(Keys.ENTER)
    until(browser, lambda: _all(browser, ".hit"))
    assert _all(browser, ".hit mark") and "Hà Nội" in browser.find_element(By.ID, "unclear").text
    button = browser.find_element(By.CSS_SELECTOR, "#compare button")
    assert not button.is_enabled()
    picks = _all(browser, "input[form=compare]")
    for one in picks[:3]:
        one.send_keys(Keys.SPACE)
    assert button.is_enabled() and (len(picks) < 4 or not picks[3].is_enabled())
    button.send_keys(Keys.ENTER)
    until(browser, lambda: "/compare?" in browser.current_url)
    assert len(_all(browser, "thead th")) == 3
    browser.back()
    until(browser, lambda: _all(browser, ".save > summary"))[0].click()
    browser.find_element(By.CSS_SELECTOR, ".save form button").click()
    until(browser, lambda: _all(browser, "code.secret"))
    shot(browser, "saved-search-made-desktop-vi")
    no_violations(browser)
    signed_in(browser, "enterprise", "/saved-searches", running=own_service)
    browser.find_element(By.CSS_SELECTOR, "form[action$='/delete'] button").click()
    until(browser, lambda: _all(browser, ".notice"))
    shot(browser, "saved-search-deleted-desktop-vi")
    no_violations(browser)
    browser.find_element(By.CSS_SELECTOR, ".notice button").click()
    until(browser, lambda: "Đã khôi phục" in browser.find_element(By.CSS_SELECTOR, ".notice").text)
    assert len(_all(browser, ".saved > li")) == 1


def test_without_scripts(service, signed_in, browser):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        signed_in(browser, "", f"/search?q={BROAD.replace(' ', '+')}")
        assert "Kinh phí" in browser.find_element(By.ID, "unclear").text
        first = browser.find_element(By.CSS_SELECTOR, ".facets li button")
        first.click()
        until(browser, lambda: _all(browser, ".chips a"))[0].click()
        until(browser, lambda: not _all(browser, ".chips a"))
        for one in _all(browser, "input[form=compare]")[:2]:
            one.send_keys(Keys.SPACE)
        browser.find_element(By.CSS_SELECTOR, "#compare button").send_keys(Keys.ENTER)
        until(browser, lambda: "/compare?" in browser.current_url)
        assert len(_all(browser, "thead th")) == 2
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_pages_are_light(service, browser, page_weight):
    long = "x%C6%B0%E1%BB%9Fng+nhu%E1%BB%99m+n%C6%B0%E1%BB%9Bc+th%E1%BA%A3i+" * 200
    for path in (f"/search?q={BROAD.replace(' ', '+')}", f"/search?q={long}"):
        assert page_weight(browser, service.url(path)) <= 150_000
