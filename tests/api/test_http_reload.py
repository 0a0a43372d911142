import os
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

import indexer.checked
from indexer.errors import DamagedError
from indexer.index import Index
from indexer.records import Record, RecordType, Side
from indexer.updating import update_index
from indexer.workspace import Workspace

SOLAR = Record(
    id="CB-99",
    side=Side.SUPPLY,
    type=RecordType.TECHNOLOGY,
    title="Pin mặt trời nổi trên hồ",
    description="Phao nổi đỡ tấm pin mặt trời trên mặt hồ thủy lợi.",
)
ASK = "/v1/search?text=pin mặt trời nổi&k=1"


@pytest.fixture
def workspace(make_workspace: Callable[..., Workspace]) -> Workspace:
    return make_workspace()


@pytest.fixture
def client(workspace: Workspace, client_of: Callable[[Workspace], TestClient]) -> TestClient:
    return client_of(workspace)


@pytest.fixture
def mapped(
    workspace: Workspace,
    client_of: Callable[[Workspace], TestClient],
    monkeypatch: pytest.MonkeyPatch,
) -> TestClient:
    """A service whose index is mapped, however small its files are."""
    monkeypatch.setattr(indexer.checked, "MAPPED", 256)
    _make_anew(workspace)
    return client_of(workspace)


def _make_anew(workspace: Workspace) -> None:
    with workspace.catalog() as catalog:
        update_index(catalog, workspace.index_path, full=True)


def _add_solar(workspace: Workspace) -> None:
    with workspace.catalog() as catalog:
        catalog.apply([SOLAR])
        update_index(catalog, workspace.index_path)


def _step(client: TestClient) -> None:
    """Has the service look for changes now, as it does every half second."""
    client.app.state.opened.follower.step()


def _found(client: TestClient) -> list[str]:
    return [hit["id"] for hit in client.get(ASK).json()["items"]]


def test_a_new_index_is_served_once_it_was_seen(client: TestClient, workspace: Workspace):
    assert "CB-99" not in _found(client)
    before = client.get("/v1/matches?k=2")
    _add_solar(workspace)
    _step(client)
    assert _found(client) == ["CB-99"]
    health = client.get("/health").json()
    assert (health["catalog_version"], health["index_version"]) == (2, 2)
    assert health["records"] == {"supply": 8, "demand": 5}
    after = client.get("/v1/matches?k=2", headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert after.json()["catalog_version"] == 2


def test_the_index_is_opened_once(
    workspace: Workspace,
    client_of: Callable[[Workspace], TestClient],
    monkeypatch: pytest.MonkeyPatch,
):
    opened: list[int] = []
    open_index = Index.open

    def counted(folder: object) -> Index:
        opened.append(1)
        return open_index(folder)

    monkeypatch.setattr(Index, "open", counted)
    client = client_of(workspace)
    for _ in range(3):
        assert client.get(ASK).status_code == 200
    assert opened == [1]
    _step(client)
    assert opened == [1]


def test_a_record_deleted_since_is_not_answered(client: TestClient, workspace: Workspace):
    text = "/v1/search?text=sấy xoài nông sản&k=10"
    assert client.get(text).json()["items"][0]["id"] == "CB-03"
    with workspace.catalog() as catalog:
        catalog.delete(["CB-03"])
    assert "CB-03" not in [hit["id"] for hit in client.get(text).json()["items"]]
    assert client.get("/v1/records/CB-03").status_code == 404


def test_a_damaged_new_index_leaves_the_old_in_service(client: TestClient, workspace: Workspace):
    before = _found(client)
    pointer = workspace.index_path / "CURRENT"
    right = pointer.read_bytes()
    pointer.write_text("generation-9999")
    _step(client)
    assert _found(client) == before
    health = client.get("/health", headers={"Accept-Language": "en"})
    assert health.status_code == 503
    assert health.json()["type"] == "/docs#problem-damaged"
    pointer.write_bytes(right)
    _step(client)
    assert client.get("/health").status_code == 200


def test_a_damaged_index_is_repaired_while_serving(client: TestClient, workspace: Workspace):
    _found(client)
    (workspace.index_path / "CURRENT").write_text("generation-9999")
    _step(client)
    assert client.get("/health").status_code == 503
    with workspace.catalog() as catalog:
        catalog.apply([SOLAR])
        update_index(catalog, workspace.index_path, full=True)
    _step(client)
    assert client.get("/health").status_code == 200
    assert _found(client) == ["CB-99"]


def test_a_file_cut_while_serving_is_named_until_it_is_made_anew(
    mapped: TestClient, workspace: Workspace
):
    client = mapped
    before = client.get("/v1/search?text=sấy xoài nông sản").json()["items"]
    for name in ("supply.vectors.npy", "supply.weights.npy", "supply.terms.txt"):
        os.truncate(Index.open(workspace.index_path).generation / name, 300)
        answer = client.get("/v1/search?text=phao nổi", headers={"Accept-Language": "en"})
        assert answer.status_code == 503
        assert answer.json()["type"] == "/docs#problem-damaged"
        assert f"{name} has 300 bytes" in answer.json()["detail"]
        assert "cungcau index --full" in answer.json()["detail"]
        _make_anew(workspace)
        _step(client)
        assert client.get("/v1/search?text=sấy xoài nông sản").json()["items"] == before


def test_damage_that_no_question_met_is_found_and_said(mapped: TestClient, workspace: Workspace):
    client = mapped
    inspector = client.app.state.opened.inspector
    assert inspector.look() == 0  # no index is opened for it
    assert client.get("/health").status_code == 200
    while inspector.look():
        assert client.get("/health").status_code == 200
    path = Index.open(workspace.index_path).generation / "supply.weights.npy"
    body = bytearray(path.read_bytes())
    body[-1] ^= 1
    path.write_bytes(body)
    with pytest.raises(DamagedError):
        inspector.look()
    health = client.get("/health", headers={"Accept-Language": "en"})
    assert (health.status_code, health.json()["type"]) == (503, "/docs#problem-damaged")
    assert "supply.weights.npy has a wrong checksum" in health.json()["detail"]
    _make_anew(workspace)
    _step(client)
    inspector.look()
    assert client.get("/health").status_code == 200


@pytest.mark.parametrize("name", ["supply.vectors.npy", "supply.tokens.npy"])
def test_a_file_removed_while_serving_is_said(client: TestClient, workspace: Workspace, name: str):
    """The second is read by updates only."""
    inspector = client.app.state.opened.inspector
    client.get("/health")
    _make_anew(workspace)
    inspector.look()  # the old one is gone, as it should be
    _step(client)
    inspector.look()
    assert client.get("/health").status_code == 200
    (Index.open(workspace.index_path).generation / name).unlink()
    with pytest.raises(DamagedError, match=f"{name} is missing"):
        inspector.look()
    health = client.get("/health", headers={"Accept-Language": "en"})
    assert (health.status_code, health.json()["type"]) == (503, "/docs#problem-damaged")


def test_an_index_made_later_is_found(tmp_path, client_of: Callable[[Workspace], TestClient]):
    workspace = Workspace.open(tmp_path / "w", create=True)
    client = client_of(workspace)
    assert client.get("/health").json()["records"] == {"supply": 0, "demand": 0}
    assert _found(client) == []
    _add_solar(workspace)
    _step(client)
    assert client.get("/health").json()["records"] == {"supply": 1, "demand": 0}
    assert _found(client) == ["CB-99"]
