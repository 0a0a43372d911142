"""A small workspace whose needs and offers meet often, tie often, and in both languages."""

import random

import pytest

from indexer.executors.executor import Done
from indexer.records import DEFAULT_TYPE, Record, Side, TrlRange
from indexer.updating import update_index
from indexer.workspace import Workspace

_WORDS = (
    "xử lý nước thải dệt nhuộm màng lọc sinh học bùn hoạt tính sấy nông sản lúa gạo máy nén kho "
    "lạnh tiết kiệm điện năng cảm biến nhiệt độ ẩm giám sát vùng trồng cà phê truy xuất nguồn gốc"
).split()
_ENGLISH = (
    "waste water treatment membrane drying rice grain dryer cold storage energy saving sensor "
    "humidity monitoring coffee traceability"
).split()


def written(side, number):
    """One record in ten repeats another, so that equal similarities are not rare."""
    chance = random.Random(f"{side}-{number - (number % 10 == 9)}")
    words = _ENGLISH if chance.random() < 0.3 else _WORDS
    said = " ".join(chance.choice(words) for _ in range(chance.randint(3, 30)))
    return Record(
        id=f"{side[0]}{number:04d}",
        side=side,
        type=DEFAULT_TYPE[side],
        title=said[:40],
        description=said,
        owner=f"Đơn vị {number % 7}",
        trl=TrlRange(low=1 + number % 9, high=9),
        language="en" if words is _ENGLISH else "vi",
    )


def make_workspace(folder, needs, offers):
    workspace = Workspace.open(folder, create=True)
    with workspace.catalog() as catalog:
        catalog.apply(written(Side.DEMAND, n) for n in range(needs))
        catalog.apply(written(Side.SUPPLY, n) for n in range(offers))
        update_index(catalog, workspace.index_path, encoder_name="static")
    return workspace


class Here:
    """Does every piece at once in this process."""

    workers = 1

    def run(self, work, items):
        for item in items:
            yield Done(item, work(item))


@pytest.fixture
def workspace_of(tmp_path):
    return lambda needs, offers: make_workspace(tmp_path / "workspace", needs, offers)


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """220 needs, in five shards, and 170 offers: more than the 50 that are looked at."""
    return make_workspace(tmp_path_factory.mktemp("batch") / "workspace", 220, 170)


@pytest.fixture(scope="session")
def here():
    return Here()
