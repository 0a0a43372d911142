"""Waiting for what a page shows."""

from collections.abc import Callable
from typing import TypeVar

from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.support.ui import WebDriverWait

Seen = TypeVar("Seen")

# What is found may be of the page that is just leaving.
_BETWEEN_PAGES = (NoSuchElementException, StaleElementReferenceException)


def until(browser: Chrome, found: Callable[[], Seen], seconds: float = 20) -> Seen:
    """What `found` gives as soon as it gives something, across a change of page too.

    Raises TimeoutException.
    """
    wait = WebDriverWait(browser, seconds, 0.1, ignored_exceptions=_BETWEEN_PAGES)
    return wait.until(lambda _: found())
