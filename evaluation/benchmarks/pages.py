"""What the pages of a service weigh and how soon they are seen, in headless Chromium.

    python -m evaluation.benchmarks.pages --workspace FOLDER --out docs/benchmarks/pages.json

FOLDER is a workspace with a ready index, with needs and at least two offers, and without accounts;
it is copied, so that it stays as it is. Every size of window gets a service started anew, so that
neither finds what the other made it keep. Browser and service share the machine: the way between
them takes no time, and neither network nor processor is slowed down.
"""

import json
import shutil
import statistics
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote, urlencode

import numpy as np
import typer

from evaluation.benchmarks import machine
from evaluation.benchmarks.output import emit, say
from evaluation.benchmarks.servers import cungcau_server, running
from indexer.records import Side
from indexer.workspace import Workspace

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

_BROWSER, _DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
_FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update --window-size=1280,900 --lang=vi"
)
_SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
_NEEDS = 5
_LONGEST = 2_000  # characters of a need in an address
_BYTES, _PAINTED = 150_000, 1_000  # what a page is to keep to: bytes, milliseconds

# The largest so far is told once it is painted; a larger one may follow within the fifth of a
# second that is waited after the page has loaded.
_TIMES = """
const done = arguments[0], [way] = performance.getEntriesByType("navigation");
let painted = null;
new PerformanceObserver(list => { painted = list.getEntries().at(-1).startTime; })
  .observe({type: "largest-contentful-paint", buffered: true});
const tell = () => painted === null ? setTimeout(tell, 50) : done({
  status: way.responseStatus, lcp_ms: painted, server_ms: way.responseStart - way.requestStart});
setTimeout(tell, 200);
"""


@contextmanager
def chromium() -> Iterator["Chrome"]:
    """A browser without a window, with a profile of its own.

    Raises ImportError with the line that installs selenium, FileNotFoundError with that of the
    browser.
    """
    try:
        from selenium.webdriver import Chrome, ChromeOptions, ChromeService  # noqa: PLC0415
    except ImportError as error:
        raise ImportError("the pages need selenium: pip install selenium") from error
    if not (_BROWSER.exists() and _DRIVER.exists()):
        raise FileNotFoundError("the pages need Chromium: apt install chromium chromium-driver")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = ChromeOptions()
        options.binary_location = str(_BROWSER)
        for flag in (*_FLAGS.split(), f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
        with Chrome(options, ChromeService(str(_DRIVER))) as browser:
            browser.set_script_timeout(20)
            yield browser


def pages(workspace: Path, browser: "Chrome", *, loads: int, seed: int) -> dict[str, Any]:
    """Every page in every size: so many first loads, each with an empty cache, and as many later
    ones, each of the address that was just shown.

    Raises RuntimeError where a page is not answered with 200.
    """
    with tempfile.TemporaryDirectory(dir=workspace.parent) as scratch:
        copied = Path(shutil.copytree(workspace, Path(scratch) / "workspace"))
        count, asked = _addresses(copied, seed)
        found: dict[str, dict[str, Any]] = {name: {} for name in asked}
        for size, (width, height) in _SIZES.items():
            metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
            browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
            with running(*cungcau_server(copied)) as server:
                for name, paths in asked.items():
                    urls = [f"http://{server.host}{path}" for path in paths]
                    found[name][size] = _measured(browser, urls, loads)
                    say(f"{name}, {size}: {found[name][size]}")
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    return {
        "benchmark": "pages",
        "records": count,
        "loads": loads,
        "needs": _NEEDS,
        "sizes": {size: list(pixels) for size, pixels in _SIZES.items()},
        "targets": {"bytes": _BYTES, "lcp_ms": _PAINTED},
        "pages": found,
        "browser": str(browser.capabilities["browserVersion"]),
        "seed": seed,
        "machine": machine.describe(),
    }


def _addresses(workspace: Path, seed: int) -> tuple[int, dict[str, list[str]]]:
    """Number of records, and the paths of every page: needs and offers are drawn."""
    rng = np.random.default_rng(seed)
    with Workspace.open(workspace).catalog() as catalog:
        offers, needs = (sorted(catalog.ids(side)) for side in (Side.SUPPLY, Side.DEMAND))
        one, other = rng.choice(offers, size=2, replace=False).tolist()
        chosen = rng.choice(needs, size=min(_NEEDS, len(needs)), replace=False).tolist()
        texts = [record.text()[:_LONGEST] for record in catalog.records(ids=chosen)]
    found = {
        "/": ["/"],
        "/search?q=…": [f"/search?{urlencode({'q': text})}" for text in texts],
        "/records/…": [f"/records/{quote(one, safe='')}"],
        "/compare?ids=…": [f"/compare?{urlencode([('ids', one), ('ids', other)])}"],
        "/records/new": ["/records/new?side=demand"],
        **{path: [path] for path in ("/import", "/events", "/saved-searches")},
    }
    return len(offers) + len(needs), found


def _measured(browser: "Chrome", urls: Sequence[str], loads: int) -> dict[str, Any]:
    series: dict[str, list[Mapping[str, float]]] = {"first": [], "later": []}
    for turn in range(loads):
        browser.execute_cdp_cmd("Network.clearBrowserCache", {})
        for taken in series.values():
            taken.append(_load(browser, urls[turn % len(urls)]))
    return {
        name: {what: _spread([one[what] for one in taken]) for what in taken[0]}
        for name, taken in series.items()
    }


def _load(browser: "Chrome", url: str) -> dict[str, float]:
    """Milliseconds to the largest paint and to the server's first byte, and bytes of it all."""
    browser.get("about:blank")
    browser.get_log("performance")  # type: ignore[no-untyped-call]
    browser.get(url)
    told: dict[str, float] = browser.execute_async_script(_TIMES)
    status = told.pop("status")
    if status != 200:
        raise RuntimeError(f"{url} is answered {status}")
    lines = browser.get_log("performance")  # type: ignore[no-untyped-call]
    events = (json.loads(line["message"])["message"] for line in lines)
    sizes = [
        event["params"]["encodedDataLength"]
        for event in events
        if event["method"] == "Network.loadingFinished"
    ]
    return {**told, "bytes": sum(sizes)}


def _spread(taken: Sequence[float]) -> dict[str, int]:
    return {"median": round(statistics.median(taken)), "worst": round(max(taken))}


def main(
    workspace: Annotated[Path, typer.Option(help="A workspace with an index; copied first.")],
    loads: Annotated[int, typer.Option(min=1, help="First ones, and as many later.")] = 5,
    seed: Annotated[int, typer.Option()] = 1,
    out: Annotated[Path | None, typer.Option(help="Also save the JSON here.")] = None,
) -> None:
    """Measure and print one JSON document."""
    with chromium() as browser:
        emit(pages(workspace, browser, loads=loads, seed=seed), out)


if __name__ == "__main__":
    typer.run(main)
