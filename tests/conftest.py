"""A browser for the pages we write."""

import os
from pathlib import Path

import pytest

_BROWSER, _DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
_FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update --window-size=1280,900 --lang=vi"
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    if not (_BROWSER.exists() and _DRIVER.exists()):
        absent = f"needs {_BROWSER} and {_DRIVER} (Debian: chromium, chromium-driver)"
        (pytest.fail if os.environ.get("REQUIRE_BROWSER") == "1" else pytest.skip)(absent)
    from selenium.webdriver import Chrome, ChromeOptions, ChromeService

    options = ChromeOptions()
    options.binary_location = str(_BROWSER)
    for flag in _FLAGS.split():
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('profile')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    with Chrome(options, ChromeService(str(_DRIVER))) as driver:
        driver.set_script_timeout(20)
        yield driver
