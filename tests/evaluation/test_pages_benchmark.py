import sys
from pathlib import Path

import pytest

from evaluation.benchmarks import pages, report
from indexer.importing.files import read_records
from indexer.updating import update_index
from indexer.workspace import Workspace

DEMO = Path(__file__).parents[2] / "datasets" / "techmart-demo"


def test_every_page_in_every_size_and_the_section(browser, tmp_path: Path):
    workspace = Workspace.open(tmp_path / "không gian", create=True)
    (workspace.path / "cungcau.toml").write_text('encoder = "static"\n', encoding="utf-8")
    with workspace.catalog() as catalog:
        for name in ("offers.xlsx", "needs.xlsx"):
            catalog.apply(read_records([DEMO / name]).records[:10])
        update_index(catalog, workspace.index_path, encoder_name="static")
    document = pages.pages(workspace.path, browser, loads=1, seed=1)
    assert document["records"] == 20
    assert len(document["pages"]) == 8
    for name, page in document["pages"].items():
        assert set(page) == {"desktop", "phone"}
        for told in page.values():
            first, later = told["first"], told["later"]
            assert 5_000 < first["bytes"]["worst"] <= 150_000, name
            assert 0 < later["bytes"]["worst"] < first["bytes"]["worst"], name
            assert 0 < first["server_ms"]["worst"] < first["lcp_ms"]["worst"], name
    section = report.page([document])
    assert "## Pages in a browser" in section
    assert "| `/search?q=…`, phone |" in section
    assert "**64 of 64**" in report.page([{**document, "targets": {"bytes": 1e9, "lcp_ms": 1e9}}])
    assert "**0 of 64**" in report.page([{**document, "targets": {"bytes": 1, "lcp_ms": 1}}])


def test_without_selenium_it_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "selenium.webdriver", None)
    with pytest.raises(ImportError, match="pip install selenium"), pages.chromium():
        pass
