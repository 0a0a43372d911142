"""The stores under test: the embedded one, Milvus Lite in a folder, and Milvus Lite as a server.

The last is reached as a cluster is, by a URL: same client, same requests.
"""

import os

import pytest

from indexer.catalog import Catalog
from indexer.encoders.loading import load_encoder
from indexer.records import Money, Record, Side, TrlRange
from indexer.stores.connection import Address, Connection
from indexer.stores.embedded import EmbeddedStore
from indexer.stores.milvus import MilvusStore

os.environ.setdefault("GRPC_VERBOSITY", "NONE")

KINDS = ("embedded", "lite", "server")

TOPICS = [
    "Xử lý nước thải dệt nhuộm bằng keo tụ điện hoá",
    "Máy sấy lúa tiết kiệm năng lượng cho hợp tác xã",
    "Cảm biến đo độ mặn cho đầm nuôi tôm",
    "Phần mềm quản lý bệnh viện tuyến huyện",
    "Vật liệu cách nhiệt từ vỏ trấu",
    "Textile wastewater treatment by electrocoagulation",
    "Energy saving rice dryer for cooperatives",
    "Salinity sensor for shrimp ponds",
    "Hospital management software",
    "Heat insulation boards made of rice husk",
]
PLACES = ["Hà Nội", "Huế", 'Nơi "lạ" 100%_\\ ok', ""]


def make_record(i, side=Side.SUPPLY, **changes):
    topic = TOPICS[i % len(TOPICS)]
    values = {
        "id": f"{side[0]}{i:03}-ạ😀",
        "side": side,
        "type": (("technology", "patent") if side is Side.SUPPLY else ("need", "challenge"))[i % 2],
        "title": topic,
        "description": f"{topic}. Mẫu thứ {i}, công suất {10 * i} kg mỗi giờ.",
        "owner": f"Đơn vị {i % 7}",
        "place": PLACES[i % len(PLACES)],
        "trl": TrlRange(low=1 + i % 8, high=2 + i % 8) if i % 5 else None,
        "money": Money(low=i * 100, high=None if i % 2 else i * 100) if i % 3 else None,
        "expires": f"2027-01-{1 + i % 28:02}" if i % 4 else None,
    }
    return Record(**(values | changes))


class Sample:
    make = staticmethod(make_record)
    supply = tuple(make_record(i) for i in range(60))
    demand = tuple(make_record(i, Side.DEMAND) for i in range(12))
    every = supply + demand


@pytest.fixture(scope="session")
def sample():
    return Sample


@pytest.fixture(scope="session")
def encoder():
    return load_encoder("static")


@pytest.fixture(scope="session")
def lite_server(tmp_path_factory):
    """A function that starts Milvus Lite behind a port: (folder, port) to (port, stop)."""
    from milvus_lite.adapter.grpc.server import start_server_in_thread

    stops = []

    def start(folder, port=0):
        server, database, port = start_server_in_thread(str(folder), port=port)

        def stop():
            server.stop(grace=0)
            database.close()

        stops.append(stop)
        return port, stop

    yield start
    for stop in stops:
        stop()


@pytest.fixture(scope="module")
def embedded(tmp_path_factory, encoder):
    """The store that the others are compared with."""
    store, close = open_kind("embedded", tmp_path_factory.mktemp("compared"), encoder, None)
    store.add(Sample.every)
    yield store
    close()


def open_kind(kind, folder, encoder, lite_server):
    """(a store in `folder`, what closes it)"""
    if kind == "embedded":
        catalog = Catalog.open(folder / "catalog.sqlite3")
        store = EmbeddedStore(catalog, folder / "index", "static")
        return store, catalog.close
    if kind == "lite":
        address = Address.read("x.milvus.db", folder)
        store = MilvusStore(Connection(address), encoder)
        return store, store.close
    port, stop = lite_server(folder / "served")
    address = Address.read(f"milvus+http://127.0.0.1:{port}", folder)
    store = MilvusStore(Connection(address), encoder)
    return store, lambda: (store.close(), stop())


@pytest.fixture(scope="module", params=KINDS)
def filled(request, tmp_path_factory, encoder, lite_server):
    """A store with the sample in it, only to be read."""
    folder = tmp_path_factory.mktemp(request.param)
    store, close = open_kind(request.param, folder, encoder, lite_server)
    store.add(Sample.every)
    yield store
    close()


@pytest.fixture(params=KINDS[:2])  # the server differs from Lite in how it is reached alone
def fresh(request, tmp_path, encoder, lite_server):
    """An empty store, and what opens it again after it was closed."""
    opened = [open_kind(request.param, tmp_path, encoder, lite_server)]

    def again():
        opened.pop()[1]()
        opened.append(open_kind(request.param, tmp_path, encoder, lite_server))
        return opened[0][0]

    yield opened[0][0], again
    opened.pop()[1]()
