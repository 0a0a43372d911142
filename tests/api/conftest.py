from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from indexer.records import Contact, Money, Record, RecordType, Side, Source, TrlRange, Visibility
from indexer.updating import update_index
from indexer.workspace import Workspace

CONTACT = Contact(person="Trần Thị Kín", phone="0912-KIN-345", email="kin@bimat.example")


def _offer(id_: str, title: str, description: str, trl: int, owner: str, **more) -> Record:
    return Record(
        id=id_,
        side=Side.SUPPLY,
        type=more.pop("type", RecordType.TECHNOLOGY),
        title=title,
        description=description,
        owner=owner,
        trl=TrlRange(low=trl, high=trl),
        contact=CONTACT,
        source=Source(file="chào.xlsx", sheet="Công nghệ", row=5),
        **more,
    )


def _need(id_: str, description: str, owner: str, **more) -> Record:
    return Record(
        id=id_,
        side=Side.DEMAND,
        type=RecordType.NEED,
        description=description,
        owner=owner,
        contact=CONTACT,
        **more,
    )


def sample_records() -> list[Record]:
    price = Money(low=Decimal("2000000000"), high=Decimal("5000000000"))
    return [
        _offer(
            "CB-01",
            "Hệ thống xử lý nước thải bằng màng sinh học",
            "Thiết bị xử lý nước thải chế biến thủy sản, chi phí vận hành thấp.",
            8,
            "Viện Sông Lam",
            money=price,
            place="Nghệ An",
        ),
        _offer(
            "CB-02",
            "Xử lý nước thải dệt nhuộm bằng ozone",
            "Khử màu nước thải dệt nhuộm trong bốn giờ.",
            4,
            "Viện Sông Lam",
        ),
        _offer(
            "CB-03",
            "Máy sấy bơm nhiệt cho nông sản",
            "Sấy xoài, nhãn ở nhiệt độ thấp giữ màu và vitamin.",
            7,
            "Xưởng Mekong",
            place="Cần Thơ",
        ),
        _offer(
            "CB-04",
            "Rapid test for shrimp disease",
            "A lateral flow test that detects white spot virus in shrimp ponds.",
            6,
            "Coastal Labs",
            language="en",
            type=RecordType.PATENT,
        ),
        _offer(
            "CB/05 đặc biệt",
            "Cảm biến đo độ mặn không dây",
            "Trạm đo độ mặn gửi số liệu qua LoRa cho ruộng lúa ven biển.",
            5,
            "Trường Ven Biển",
        ),
        _offer(
            "CB-06",
            "Predictive maintenance for pumps",
            "Vibration sensors and a model that predicts pump failure two weeks ahead.",
            9,
            "Coastal Labs",
            language="en",
            visibility=Visibility.PRIVATE,
        ),
        _offer(
            "CB-07",
            "Vật liệu nano diệt khuẩn <b>bề mặt</b>",
            "Lớp phủ nano bạc diệt khuẩn cho tay nắm cửa bệnh viện.",
            3,
            "Trường Ven Biển",
            expires=date(2020, 1, 31),
        ),
        _need(
            "NC-01", "Nhà máy thủy sản cần xử lý nước thải nhiều mỡ với chi phí thấp.", "Cá Vàng"
        ),
        _need("NC-02", "Hợp tác xã muốn sấy xoài mà không bị sậm màu.", "HTX Xoài"),
        _need(
            "NC-03",
            "We lose shrimp to white spot disease and need a quick test at the pond.",
            "Blue Pond",
            language="en",
        ),
        _need(
            "NC-04",
            "Trạm bơm hay hỏng đột ngột, cần dự báo trước sự cố.",
            "Thủy lợi Đông",
            trl=TrlRange(low=7, high=9),
        ),
        _need("NC-05", "Đo độ mặn của ruộng lúa từ xa.", "Nông trường Lúa"),
    ]


@pytest.fixture(scope="session")
def contact() -> Contact:
    """The contact data of every record."""
    return CONTACT


@pytest.fixture
def make_workspace(tmp_path: Path) -> Callable[..., Workspace]:
    def make(indexed: bool = True) -> Workspace:
        return fill(tmp_path / "không gian", indexed)

    return make


def fill(folder: Path, indexed: bool) -> Workspace:
    workspace = Workspace.open(folder, create=True)
    with workspace.catalog() as catalog:
        catalog.apply(sample_records())
        if indexed:
            update_index(catalog, workspace.index_path)
    return workspace


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Read only: shared by the tests."""
    return fill(tmp_path_factory.mktemp("service") / "không gian", indexed=True)


@pytest.fixture
def client_of() -> Iterator[Callable[[Workspace], TestClient]]:
    from api.main import create_app

    opened: list[TestClient] = []

    def make(workspace: Workspace) -> TestClient:
        client = TestClient(
            create_app(workspace),
            base_url="http://127.0.0.1",
            raise_server_exceptions=False,
            follow_redirects=False,
        )
        opened.append(client)
        return client.__enter__()

    yield make
    for client in opened:
        client.__exit__(None, None, None)


@pytest.fixture
def client(workspace: Workspace, client_of: Callable[[Workspace], TestClient]) -> TestClient:
    return client_of(workspace)


PASSWORD = "một câu dễ nhớ, đủ dài"


@dataclass(frozen=True)
class Account:
    """Somebody who has an account, with a key of every scope."""

    id: str
    email: str
    key: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


@pytest.fixture(scope="session")
def password_hash() -> str:
    """What is stored of `PASSWORD`: hashing is slow on purpose."""
    from api.service.passwords import hashed

    return hashed(PASSWORD)


@pytest.fixture
def account(password_hash: str) -> Callable[..., Account]:
    """Makes somebody of a role: `account(workspace, "owner", centre=…, organisation=…)`."""
    from api.actors import LOCAL_ACTOR, PERMISSIONS, Role
    from api.service import keys, people

    def make(
        workspace: Workspace,
        role: str,
        centre: str = "",
        organisation: str = "",
        email: str = "",
        scopes: Collection[str] | None = None,
    ) -> Account:
        address = email or f"{role}.{centre}.{organisation}@nguoi.example"
        wanted = people.Wanted(
            address, Role(role), role, centre, organisation, password=password_hash
        )
        allowed = [one for one in PERMISSIONS[Role(role)] if scopes is None or one in scopes]
        with workspace.catalog() as catalog, catalog.writing() as connection:
            person = people.add(connection, wanted, LOCAL_ACTOR)
            _, key = keys.make(connection, person.actor, "thử", allowed, 30)
        return Account(person.id, address, key)

    return make


@pytest.fixture
def sign_in() -> Callable[..., dict[str, str]]:
    """Signs a client in and returns the header that changes need."""

    def enter(client: TestClient, email: str, password: str = PASSWORD) -> dict[str, str]:
        answer = client.post("/v1/session", json={"email": email, "password": password})
        assert answer.status_code == 200, answer.text
        return {"X-CSRF-Token": answer.json()["csrf_token"]}

    return enter
