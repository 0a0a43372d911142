"""report.html as people read it: on a screen, on a phone, in the dark, in either language."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from selenium.webdriver.common.by import By

from evaluation.page.page import write_page

_DOCUMENTS = {f"d{n}": f"Chào bán số {n}\nMô tả dài hơn" for n in range(14)}
_QUERIES = {f"q{n:02}": f"Nhu cầu số {n}\nCần thêm chi tiết" for n in range(12)}


@pytest.fixture(scope="module")
def address(judge, returned, tmp_path_factory):
    qrels = {query: {f"d{n % 10}": 2, "d11": 1, "d12": 0} for n, query in enumerate(_QUERIES)}
    owners = dict.fromkeys(_DOCUMENTS, "Viện Đồng Xanh")
    whole = judge(_DOCUMENTS, _QUERIES, qrels, unanswerable=("q11",), owners=owners)
    other = replace(whole, name="một bộ dữ liệu khác")
    results = [
        returned(each, system, dict.fromkeys(_QUERIES, list(_DOCUMENTS)[::step]), 0.1 * at)
        for each in (whole, other)
        for at, (system, step) in enumerate(
            [("bm25", -1), ("dense:contextual@128", 2), ("hybrid", 1)], 1
        )
    ]
    path = tmp_path_factory.mktemp("báo cáo") / "report.html"
    write_page(results, path, language="vi", created=datetime(2026, 11, 22, 9, 30, tzinfo=UTC))
    return path.as_uri()


@pytest.fixture
def page(browser, address):
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    for log in ("browser", "performance"):
        browser.get_log(log)
    browser.get(address)
    return browser


def _resize(page, width):
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def _choose(page, language):
    page.find_element(By.CSS_SELECTOR, f"[for=ui-{language}]").click()


def _seen(page):
    return page.execute_script("return document.body.innerText")


def test_one_language_shows_at_a_time(page):
    _resize(page, 1280)
    assert "Mọi thước đo" in _seen(page)
    assert "All measures" not in _seen(page)
    _choose(page, "en")
    assert "All measures" in _seen(page)
    assert "Mọi thước đo" not in _seen(page)
    axis = page.find_element(By.CSS_SELECTOR, ".wide text.axis")
    assert axis.text == "milliseconds a need"


@pytest.mark.parametrize("width", [1280, 360])
def test_nothing_is_wider_than_the_screen(page, width):
    _resize(page, width)
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    wide = page.execute_script(
        "return [...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > "
        "e.clientWidth + 1).length"
    )
    assert (wide > 0) == (width == 360)  # tables scroll within themselves, on a phone only


def test_links_lead_to_the_collections(page):
    _resize(page, 1280)
    page.find_element(By.CSS_SELECTOR, "nav [href='#c2']").click()
    top = page.execute_script("return document.querySelector('#c2').getBoundingClientRect().top")
    assert abs(top) < 400


def test_the_browser_loads_nothing_and_complains_of_nothing(page):
    assert page.get_log("browser") == []
    asked = [entry["message"] for entry in page.get_log("performance")]
    sent = [one for one in asked if '"Network.requestWillBeSent"' in one]
    assert all("report.html" in one for one in sent)


@pytest.mark.parametrize(
    ("language", "width", "scheme"), [("vi", 1280, "light"), ("en", 390, "dark")]
)
def test_axe_finds_no_barrier(page, language, width, scheme):
    from axe_core_python.selenium import Axe

    _resize(page, width)
    feature = {"name": "prefers-color-scheme", "value": scheme}
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    page.execute_script("for (const e of document.querySelectorAll('details')) e.open = true")
    _choose(page, language)
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert [
        f"{item['id']} {node['target']} {node['html'][:80]} {node['failureSummary']}"
        for item in found["violations"]
        for node in item["nodes"]
        # Only from before all they govern can these two switch the language without scripts.
        if (item["id"], node["target"]) not in (("region", ["#ui-vi"]), ("region", ["#ui-en"]))
    ] == []
    assert {"color-contrast", "label", "heading-order"} <= {item["id"] for item in found["passes"]}
