"""match-list.html as people use it: in a real browser, with mouse, keys, a phone, no scripts."""

import json
from datetime import UTC, datetime

import pytest
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from matcher.export.page import write_page

_WASTEWATER = "Xử lý nước thải chế biến thủy sản"
_COLD = "Giảm tiêu hao điện của kho lạnh"
_OPEN_ALL = "for (const each of document.querySelectorAll('details')) each.open = true"


@pytest.fixture(scope="module")
def address(tmp_path_factory, page_list):
    path = tmp_path_factory.mktemp("hội chợ 2026") / "match-list.html"
    created = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
    write_page(page_list, path, language="vi", created=created)
    return path.as_uri()


@pytest.fixture
def page(browser, address):
    """The page, freshly opened, on a screen; what the browser logged before is forgotten."""
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    for log in ("browser", "performance"):
        browser.get_log(log)
    browser.get(address)
    return browser


def _one(page, css):
    return page.find_element(By.CSS_SELECTOR, css)


_READ = """
const found = [...document.querySelectorAll(arguments[0])].filter((each) =>
  each.checkVisibility({visibilityProperty: true}));
// Groups far below the window are not laid out, and then have no text to read.
for (const each of found)
  each.closest(".group")?.style.setProperty("content-visibility", "visible");
return found.map((each) => each.innerText.trim());
"""


def _seen(page, css):
    """The texts of the elements in sight."""
    return page.execute_script(_READ, css)


def _wait(page, holds):
    WebDriverWait(page, 3, 0.02).until(lambda _: holds())


def _wait_for(page, state):
    """Waits until the page says how much it shows; on failure, names what it said instead."""
    try:
        _wait(page, lambda: _one(page, "#state").text == state)
    except TimeoutException:
        assert _one(page, "#state").text == state


def _press(page, *keys):
    page.switch_to.active_element.send_keys(*keys)


def _tab_to(page, css):
    """Presses Tab until the element has the focus, as someone without a mouse does."""
    wanted = _one(page, css)
    for _ in range(12):
        _press(page, Keys.TAB)
        if page.switch_to.active_element == wanted:
            return wanted
    raise AssertionError(f"Tab does not reach {css}")


def _resize(page, width):
    metrics = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 500}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def _requests(page):
    messages = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    return [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]


def test_opening_asks_for_nothing_else_and_reports_no_error(page, address):
    assert _one(page, "h1").text == "Danh sách ghép nối cung – cầu"
    for link in page.find_elements(By.CSS_SELECTOR, "nav a"):
        link.click()
    _one(page, "[for=ui-en]").click()
    assert {url.split("#")[0] for url in _requests(page)} == {address}
    assert page.get_log("browser") == []


_SPOKEN = {
    "vi": [
        "Danh sách ghép nối cung – cầu",
        "Theo nhu cầu 3",
        "0,00",
        "Mở mọi dẫn chứng",
        "Đang hiện 3/3 hồ sơ, 8/8 ghép nối",
        "đến 1,5 tỷ đồng",
        "Cùng nói về: COD",
        "0,81",
        "TRL 6, cần từ TRL 7",
    ],
    "en": [
        "Supply–demand match list",
        "By need 3",
        "0.00",
        "Open all evidence",
        "Showing 3 of 3 records, 8 of 8 matches",
        "up to 1.5 billion VND",
        "Both speak of: COD",
        "0.81",
        "TRL 6 where 7 is asked",
    ],
}


def _check_spoken(page, language):
    css = (
        "h1, nav a[aria-current], #least-shown, #evidence, #state, "
        "#n1 > header .facts > :last-child, #n1 .match:first-child summary, "
        "#n1 .match:first-child b, #n1 .flags"
    )
    assert _seen(page, css) == _SPOKEN[language]
    assert _one(page, "html").get_attribute("lang") == language
    assert page.title == _SPOKEN[language][0]


def test_the_interface_changes_its_language(page):
    _check_spoken(page, "vi")
    _one(page, "[for=ui-en]").click()
    _check_spoken(page, "en")
    page.refresh()
    _one(page, "[for=ui-vi]").click()
    _check_spoken(page, "vi")


def test_keys_change_the_language_and_skip_to_the_list(page):
    _tab_to(page, "#ui-vi")
    _press(page, Keys.ARROW_RIGHT)
    _check_spoken(page, "en")
    _tab_to(page, ".skip")
    assert _one(page, ".skip").rect["x"] >= 0
    _press(page, Keys.ENTER)
    _tab_to(page, "#n1 > header summary")


@pytest.mark.parametrize("typed", ["nuoc thai", "  NƯỚC   thải "])
def test_words_are_found_with_and_without_accents(page, typed):
    _one(page, "#words").send_keys(typed)
    _wait_for(page, "Đang hiện 2/3 hồ sơ, 3/8 ghép nối")
    assert _seen(page, "#by-need h3") == [_WASTEWATER, _COLD]
    assert _seen(page, "#by-need h4") == [
        "Bể lọc màng MBR",
        "Membrane bioreactor",
        "Bể lọc màng MBR",
    ]
    _one(page, "#words").send_keys(Keys.CONTROL, "a", Keys.NULL, Keys.DELETE)
    _wait_for(page, "Đang hiện 3/3 hồ sơ, 8/8 ghép nối")
    assert len(_seen(page, "#by-need h3")) == 3


def test_words_of_a_folded_match_unfold_it(page):
    assert "Membrane bioreactor" not in _seen(page, "#n2 h4")
    _one(page, "#words").send_keys("kho lanh membrane")
    _wait_for(page, "Đang hiện 1/3 hồ sơ, 1/8 ghép nối")
    assert _seen(page, "#by-need h4") == ["Membrane bioreactor"]


def test_words_nobody_wrote_leave_nothing(page):
    _one(page, "#words").send_keys("khinh khi cau")
    _wait_for(page, "Đang hiện 0/3 hồ sơ, 0/8 ghép nối")
    assert _seen(page, "#by-need article") == []


def test_the_slider_hides_weaker_matches(page):
    slider = _one(page, "#least")
    slider.click()  # its middle
    _wait_for(page, "Đang hiện 3/3 hồ sơ, 5/8 ghép nối")
    assert _one(page, "#least-shown").text == "0,50"
    assert _seen(page, "#by-need .score b") == ["0,81", "0,50", "0,74", "0,61", "0,90"]
    slider.send_keys(Keys.ARROW_RIGHT)
    _wait_for(page, "Đang hiện 3/3 hồ sơ, 4/8 ghép nối")
    slider.send_keys(Keys.END)
    _wait_for(page, "Đang hiện 0/3 hồ sơ, 0/8 ghép nối")
    slider.send_keys(Keys.HOME)
    _wait_for(page, "Đang hiện 3/3 hồ sơ, 8/8 ghép nối")


_TABS = [
    ("by-offer", "Đang hiện 2/2 hồ sơ, 2/2 ghép nối"),
    ("unmatched", "Đang hiện 2/2 hồ sơ"),
    ("by-need", "Đang hiện 3/3 hồ sơ, 8/8 ghép nối"),
]


def _check_tab(page, name, state):
    _wait_for(page, state)
    shown = [each for each in page.find_elements(By.CSS_SELECTOR, ".view") if each.is_displayed()]
    assert [each.get_attribute("id") for each in shown] == [name]
    current = page.find_elements(By.CSS_SELECTOR, "nav a[aria-current=true]")
    assert [link.get_attribute("hash") for link in current] == [f"#{name}"]


def test_the_mouse_moves_between_the_lists(page):
    for name, state in _TABS:
        _one(page, f"nav [href='#{name}']").click()
        _check_tab(page, name, state)
    page.back()
    _check_tab(page, *_TABS[1])
    assert _one(page, "#words").is_displayed()
    assert not _one(page, "#least").is_displayed()
    assert "Gần nhất, dưới ngưỡng: Giống lúa chịu mặn (O6, 0,06)" in _seen(page, ".nearest")


def test_keys_move_between_the_lists(page):
    for name, state in _TABS[:2]:
        _one(page, "h1").click()  # from the top
        _tab_to(page, f"nav [href='#{name}']")
        _press(page, Keys.ENTER)
        _check_tab(page, name, state)


def test_a_link_to_a_record_leads_there_whatever_is_filtered(page):
    _one(page, "#words").send_keys("luu luong")  # words of the need only
    _wait_for(page, "Đang hiện 1/3 hồ sơ, 2/8 ghép nối")
    _one(page, "#n1 h4 a").click()
    _check_tab(page, *_TABS[0])
    assert _one(page, "#words").get_attribute("value") == ""
    top = "return document.getElementById('o1').getBoundingClientRect().top"
    assert 0 < page.execute_script(top) < 900


def test_evidence_opens_with_its_terms_marked_in_both_texts(page, page_list):
    row = _one(page, "#n1 .match:nth-child(2)")
    quotes = row.find_elements(By.TAG_NAME, "blockquote")
    assert not any(quote.is_displayed() for quote in quotes)
    row.find_element(By.TAG_NAME, "summary").click()
    assert [quote.text for quote in quotes] == [
        page_list.records[each].summary for each in ("N1", "O2")
    ]
    marks = [quote.find_element(By.TAG_NAME, "mark") for quote in quotes]
    assert [mark.text for mark in marks] == ["COD", "waste water"]
    assert row.find_element(By.CSS_SELECTOR, ".terms").text == "Từ tương ứng: COD ↔ waste water"
    assert quotes[1].get_attribute("lang") == "en"
    left, right = (quote.rect for quote in quotes)
    assert left["x"] + left["width"] <= right["x"]
    assert abs(left["y"] - right["y"]) <= 1


def test_keys_open_one_piece_of_evidence_and_the_button_all(page):
    _tab_to(page, "#least")
    _tab_to(page, "#n1 .evidence summary")
    _press(page, Keys.SPACE)
    assert len(_seen(page, "blockquote")) == 2
    _one(page, "#evidence").click()
    assert len(_seen(page, "#by-need blockquote")) == 2 * 6  # two more are folded with their rows
    assert _one(page, "#evidence").get_attribute("aria-pressed") == "true"
    _one(page, "#evidence").click()
    assert _seen(page, "blockquote") == []


def test_text_of_records_stays_text(page, page_list):
    evil, quotes = page_list.records["O5"].summary, page_list.records["N3"].summary
    assert "<script>" in evil
    _one(page, "#n3 .evidence summary").click()
    _one(page, "#n3 > header summary").click()
    assert _one(page, "#n3 h3").text == f"Hồ sơ {evil}"
    assert [quote.text for quote in page.find_elements(By.CSS_SELECTOR, "#n3 blockquote")] == [
        quotes,
        evil,
    ]
    assert evil in _seen(page, "#n3 dt")
    assert page.execute_script("return window.ran") is None
    assert page.find_elements(By.CSS_SELECTOR, "img, [onmouseover], article script") == []
    assert page.get_log("browser") == []


def test_right_to_left_names_do_not_turn_what_stands_after_them(page, page_list):
    css = "#n3 > header .facts > *"
    texts = _seen(page, css)
    assert texts[0] == "N3"
    assert texts[1].startswith("שלום")
    assert texts[2:] == ["Nhu cầu công nghệ", page_list.records["N3"].place]
    places = [fact.rect["x"] for fact in page.find_elements(By.CSS_SELECTOR, css)]
    assert places == sorted(places)


@pytest.mark.parametrize("width", [390, 320])
def test_a_phone_scrolls_one_way_only(page, width):
    _resize(page, width)
    page.execute_script(_OPEN_ALL)
    # Groups cut off what is too wide for them, so the width of the page alone would not tell.
    sizes = """
        const all = [...document.querySelectorAll("main *")];
        const places = all.map((each) => each.getBoundingClientRect());
        return [
          document.documentElement.scrollWidth,
          Math.min(0, ...places.map((place) => Math.round(place.left))),
          Math.max(innerWidth, ...places.map((place) => Math.round(place.right))),
        ];
    """
    for language in ("vi", "en"):
        _one(page, f"[for=ui-{language}]").click()
        for name, _ in _TABS:
            page.execute_script("location.hash = arguments[0]", name)
            _wait(page, _one(page, f"#{name}").is_displayed)
            assert page.execute_script(sizes) == [width, 0, width]


def test_without_scripts_all_is_there(page, address, page_list):
    page.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    page.get(address)
    assert _one(page, "html").get_attribute("class") == ""
    assert _seen(page, "h2") == ["Theo nhu cầu", "Theo nguồn cung", "Chưa ghép được"]
    titles = {key: record.title for key, record in page_list.records.items()}
    needs = [titles[key] for key in ("N1", "N2", "N3")]
    assert _seen(page, "#by-need h3") == needs
    assert _seen(page, "#unmatched h4") == [titles["N4"], titles["O6"]]
    assert not _one(page, "form").is_displayed()
    for summary in page.find_elements(By.CSS_SELECTOR, ".more > summary, .match summary"):
        summary.click()
    partners = [titles[match.supply] for match in page_list.lines()]
    assert _seen(page, "#by-need h4") == partners
    assert _seen(page, "#by-offer h4") == [needs[0], needs[2]]
    assert len(_seen(page, "#by-need blockquote")) == 2 * 8
    _one(page, "[for=ui-en]").click()
    assert _seen(page, "h1, h2") == [
        "Supply–demand match list",
        "By need",
        "By offer",
        "Unmatched",
    ]


@pytest.mark.parametrize(
    ("language", "name", "width", "scheme"),
    [
        ("vi", "by-need", 1280, "light"),
        ("en", "unmatched", 390, "dark"),
    ],
)
def test_axe_finds_no_barrier(page, language, name, width, scheme):
    from axe_core_python.selenium import Axe

    _resize(page, width)
    feature = {"name": "prefers-color-scheme", "value": scheme}
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    page.execute_script(_OPEN_ALL)
    _one(page, f"[for=ui-{language}]").click()
    _one(page, f"nav [href='#{name}']").click()
    _wait(page, _one(page, f"#{name}").is_displayed)
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert [
        f"{item['id']} {node['target']} {node['html'][:80]} {node['failureSummary']}"
        for item in found["violations"]
        for node in item["nodes"]
        # Only from before all they govern can these two switch the language without scripts.
        if (item["id"], node["target"]) not in (("region", ["#ui-vi"]), ("region", ["#ui-en"]))
    ] == []
    assert {"color-contrast", "label", "heading-order"} <= {item["id"] for item in found["passes"]}
