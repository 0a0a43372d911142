"""A browser for the pages we write, and databases for the catalog."""

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


@pytest.fixture(scope="session")
def postgresql_server():
    """A PostgreSQL of this run's own, which a test may stop and start again."""
    from evaluation.benchmarks.postgresql import PostgreSQL

    with PostgreSQL() as server:
        yield server


@pytest.fixture
def postgresql(postgresql_server):
    """The URL of an empty PostgreSQL database, of this test alone."""
    url = postgresql_server.database()
    yield url
    postgresql_server.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    """Where a catalog may be: the path of a SQLite file, or the URL of a PostgreSQL database."""
    if request.param == "sqlite":
        return str(tmp_path / "catalog.sqlite3")
    return request.getfixturevalue("postgresql")
