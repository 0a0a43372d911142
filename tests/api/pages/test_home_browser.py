"""The first page, signing in and the account in a real browser."""

import pytest
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By

from api.pages.navigation import Link
from indexer.bilingual import Bilingual
from tests.api.pages.waiting import until

# Size, dark, language: every value of each, not every combination.
LOOKS = [
    ("desktop", False, "vi"),
    ("desktop", True, "en"),
    ("phone", False, "en"),
    ("phone", True, "vi"),
]
LINKS = (
    Link("/docs", Bilingual("Tìm kiếm", "Search"), lead=Bilingual("Tìm công nghệ.", "Find one.")),
    Link("/account", Bilingual("Tài khoản", "Account")),
)


def _wide(browser) -> bool:
    script = "return document.documentElement.scrollWidth > innerWidth"
    return bool(browser.execute_script(script))


@pytest.mark.parametrize(("size", "dark", "language"), LOOKS)
def test_every_state_is_reachable_for_all(
    service, open_service, signed_in, browser, sized, shot, no_violations, monkeypatch, size, dark,
    language,
):  # fmt: skip
    monkeypatch.setitem(service.app.state._state, "navigation", LINKS)
    sized(browser, size, dark=dark)
    pages = [
        ("home", service, "", "/"),
        ("home-signed-in", service, "organiser", "/"),
        ("sign-in", service, "", "/sign-in"),
        ("account", service, "owner", "/account"),
        ("account-none", open_service, "", "/account"),
        ("error-404", service, "owner", "/khong-co"),
    ]
    for name, running, role, path in pages:
        signed_in(browser, role, path, language=language, running=running)
        for one in browser.find_elements(By.CSS_SELECTOR, "main details:not([open]) > summary"):
            one.click()
        shot(browser, f"{name}-{size}-{language}{'-dark' if dark else ''}")
        no_violations(browser)
        assert not _wide(browser), name
    assert [line for line in browser.get_log("browser") if "Content Security" in str(line)] == []


def test_signing_in_with_the_keyboard(service, signed_in, browser, no_violations, shot):
    signed_in(browser, "", "/account")
    assert "/sign-in?next=%2Faccount" in browser.current_url
    _tab_to(browser, "email")
    _type(browser, "vien@vien.example", Keys.TAB, "sai mật khẩu", Keys.ENTER)
    alert = until(browser, lambda: browser.find_element(By.CSS_SELECTOR, "[role=alert]"))
    assert "chưa đúng" in alert.text
    shot(browser, "sign-in-wrong")
    no_violations(browser)
    assert browser.find_element(By.ID, "email").get_attribute("value") == "vien@vien.example"
    _tab_to(browser, "password")
    _type(browser, service.people["owner"].password, Keys.ENTER)
    assert until(browser, lambda: browser.current_url == service.url("/account"))
    assert "Trần Văn Viện" in browser.find_element(By.CSS_SELECTOR, ".self").text


def test_making_and_revoking_a_key(service, signed_in, browser, no_violations, shot):
    signed_in(browser, "organiser", "/account", language="en")
    browser.find_element(By.CSS_SELECTOR, "section details > summary").click()
    browser.find_element(By.ID, "name").send_keys("Cổng <dữ liệu>")
    browser.find_element(By.ID, "scopes-1").click()
    browser.find_element(By.ID, "name").submit()
    assert browser.find_element(By.CSS_SELECTOR, ".secret").text.startswith("cck_")
    shot(browser, "account-key-made")
    no_violations(browser)
    browser.find_element(By.CSS_SELECTOR, ".made .button").click()
    row = browser.find_element(By.XPATH, "//tr[th='Cổng <dữ liệu>']")
    row.find_element(By.TAG_NAME, "summary").click()
    row.find_element(By.CSS_SELECTOR, ".danger").click()
    assert "Key revoked." in browser.find_element(By.CSS_SELECTOR, ".notice").text
    shot(browser, "account-key-revoked")
    no_violations(browser)


def test_a_password_that_is_refused(service, signed_in, browser, no_violations, shot):
    signed_in(browser, "reader", "/account")
    for name, text in (("current", "sai"), ("new", "một câu khác, dài"), ("again", "khác nữa")):
        browser.find_element(By.ID, name).send_keys(text)
    browser.find_element(By.ID, "again").submit()
    summary = browser.find_element(By.ID, "errors")
    assert browser.switch_to.active_element == summary
    shot(browser, "account-refused")
    no_violations(browser)
    summary.find_element(By.TAG_NAME, "a").click()
    assert browser.switch_to.active_element.get_attribute("id") == "again"


def test_the_search_box_by_keyboard(service, signed_in, browser):
    signed_in(browser, "", "/")
    _tab_to(browser, "q")
    _type(browser, "sấy xoài")
    line = ActionChains(browser).key_down(Keys.SHIFT).send_keys(Keys.ENTER).key_up(Keys.SHIFT)
    line.send_keys("không sậm màu").perform()
    assert browser.find_element(By.ID, "q").get_attribute("value") == "sấy xoài\nkhông sậm màu"
    _type(browser, Keys.ENTER)
    assert until(browser, lambda: browser.current_url.startswith(service.url("/search?q=")))
    assert browser.current_url.endswith("&want=supply")


def test_skipping_to_the_content(service, signed_in, browser):
    signed_in(browser, "", "/")
    _type(browser, Keys.TAB)
    skip = browser.switch_to.active_element
    assert skip.get_attribute("class") == "skip" and skip.rect["x"] >= 0
    _type(browser, Keys.ENTER)
    assert browser.switch_to.active_element.get_attribute("id") == "main"


def test_twice_as_large(service, signed_in, browser, sized):
    sized(browser, "half")
    for role, path in (("", "/"), ("owner", "/account")):
        signed_in(browser, role, path)
        assert not _wide(browser), path


def test_pages_are_light(service, signed_in, browser, page_weight):
    signed_in(browser, "owner", "/")
    for path in ("/", "/account", "/khong-co"):
        assert page_weight(browser, service.url(path)) <= 60_000


def _type(browser, *keys: str) -> None:
    ActionChains(browser).send_keys(*keys).perform()


def _tab_to(browser, name: str) -> None:
    for _ in range(20):
        _type(browser, Keys.TAB)
        if browser.switch_to.active_element.get_attribute("id") == name:
            return
    raise AssertionError(f"{name} is not reached with Tab")
