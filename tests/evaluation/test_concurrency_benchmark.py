from pathlib import Path

import pytest

from evaluation.benchmarks import concurrency
from evaluation.benchmarks.concurrency import Tally


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_fifty_write_and_two_hundred_read(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
):
    url = "" if database == "sqlite" else request.getfixturevalue("postgresql")
    found = concurrency.concurrency(
        url, writers=50, readers=200, changes=1, records=25, folder=tmp_path, pause=2.0
    )
    assert (found["updates"], found["lost"], found["dirty"]) == (50, 0, 0)
    assert set(found["refused"]) <= {"412"}
    assert found["hits"] > 100


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ({"id": "Z-0", "title": "Máy lọc nông sản 3"}, "is called"),
        ({"id": "Z-0", "title": "Máy sấy nông sản 6", "summary": "4", "etag": ""}, "summary 4"),
        ({"id": "Z-0", "title": "Máy sấy nông sản 3", "summary": "3", "etag": ""}, "after 5"),
    ],
)
def test_what_is_half_or_old_is_noticed(item: dict[str, str], said: str):
    tally = Tally()
    concurrency._look(
        {"id": "Z-0", "title": "Máy sấy nông sản 5", "summary": "5", "etag": ""},
        seen := tally.highest.copy(),
        tally,
    )
    assert tally.wrong == []
    concurrency._look(item, seen, tally)
    assert len(tally.wrong) == 1 and said in tally.wrong[0]
