"""The database goes away, the disk is full, the disk is read-only: said clearly, and over when it
is over, without a restart."""

import itertools
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from indexer.backup.making import backup
from indexer.errors import RequestError
from indexer.index import Index
from indexer.records import Record
from indexer.updating import update_index
from indexer.workspace import Workspace

Client = Callable[[Workspace], TestClient]
MOUNT = Path("/usr/bin/mount")
NUMBERS = itertools.count()
SEARCH = {"text": "sấy xoài ở nhiệt độ thấp"}


def offer(number: int, **more: object) -> Record:
    title = f"Máy sấy bơm nhiệt số {number}"
    return Record(id=f"O{number:05}", side="supply", type="technology", title=title, **more)


def until(condition: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def unavailable(response, *said: str) -> None:
    body = response.json()
    assert response.status_code == 503, body
    assert response.headers["retry-after"] == "5"
    assert body["type"].endswith("unavailable")
    for words in said:
        assert words in body["detail"]


def posted(client: TestClient, text: str = "") -> object:
    title = f"Máy sấy thóc {next(NUMBERS)}"
    body = {"side": "supply", "type": "technology", "title": title, "description": text}
    return client.post("/v1/records", json=body, headers={"Accept-Language": "en"})


def test_the_database_is_away_for_a_while(
    tmp_path: Path, postgresql: str, postgresql_server, client_of: Client
) -> None:
    (tmp_path / "cungcau.toml").write_text(f'database = "{postgresql}"\n')
    workspace = Workspace.open(tmp_path, create=True)
    with workspace.catalog() as catalog:
        catalog.apply(offer(number) for number in range(12))
        update_index(catalog, workspace.index_path)
    client = client_of(workspace)
    assert client.get("/v1/ready").status_code == 200
    assert posted(client).status_code == 201
    postgresql_server.stop()
    try:
        for _ in range(3):
            answers = [
                client.get("/v1/records", headers={"Accept-Language": "en"}),
                client.get("/v1/ready", headers={"Accept-Language": "en"}),
                client.post("/v1/search", json=SEARCH, headers={"Accept-Language": "en"}),
                posted(client),
            ]
            for answer in answers:
                unavailable(answer, "The database postgresql", "cannot be reached")
        assert b"\ncungcau_catalog_up 0.0\n" in client.app.state.metrics.text()
        time.sleep(1.5)  # what is remembered of accounts is forgotten meanwhile
        unavailable(client.get("/v1/records"), "Không kết nối được cơ sở dữ liệu")
    finally:
        postgresql_server.start()
    assert until(lambda: client.get("/v1/ready").status_code == 200)
    made = posted(client, "đo độ mặn bằng cảm biến")
    assert made.status_code == 201
    ask = {"text": "cảm biến đo độ mặn"}
    found = made.json()["id"]
    assert until(
        lambda: (
            client.post("/v1/search", json=ask).json()["items"][:1] != []
            and found
            in {item["id"] for item in client.post("/v1/search", json=ask).json()["items"]}
        )
    )


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MB of its own."""
    folder = tmp_path / "đĩa"
    folder.mkdir()
    made = (
        MOUNT.exists()
        and sys.platform == "linux"
        and _mount("-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder))
    )
    if not made:
        pytest.skip("may not mount; test_catalog_crash fills a file to its limit instead")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _mount(*arguments: str) -> bool:
    return subprocess.run([MOUNT, *arguments], capture_output=True, check=False).returncode == 0


def filled(folder: Path) -> Path:
    """A file that takes the room there is, but for 100 kB."""
    path = folder / "đầy"
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(100_000))
        except OSError:
            file.truncate(file.tell() - 100_000)
    return path


def test_a_full_disk(small_disk: Path, client_of: Client) -> None:
    workspace = Workspace.open(small_disk / "w", create=True)
    with workspace.catalog() as catalog:
        catalog.apply(offer(number) for number in range(12))
        update_index(catalog, workspace.index_path)
    client = client_of(workspace)
    acknowledged = {f"O{number:05}" for number in range(12)}
    filler = filled(small_disk)
    for _ in range(200):
        answer = posted(client, "x" * 20_000)
        if answer.status_code != 201:
            break
        acknowledged.add(answer.json()["id"])
    unavailable(answer, "disk is full", "Nothing was changed")
    assert len(acknowledged) > 12
    # Who reads does not notice.
    assert client.get("/v1/records/O00003").status_code == 200
    assert client.post("/v1/search", json=SEARCH).status_code == 200
    assert client.get("/v1/ready").status_code == 200
    with pytest.raises(RequestError, match="cannot be written: No space left"):
        backup(workspace, small_disk / "b.zip")
    with workspace.catalog() as catalog, pytest.raises(RequestError, match="No space left"):
        update_index(catalog, workspace.index_path, full=True)
    assert sorted(path.name for path in small_disk.iterdir()) == ["w", "đầy"]

    filler.unlink()
    answer = posted(client, "x" * 20_000)
    assert answer.status_code == 201
    acknowledged.add(answer.json()["id"])
    with workspace.catalog() as catalog:
        assert catalog.ids() == acknowledged
        assert catalog.check() == []
        update_index(catalog, workspace.index_path)
        Index.open(workspace.index_path).verify()


def test_a_read_only_disk(small_disk: Path, client_of: Client) -> None:
    workspace = Workspace.open(small_disk / "w", create=True)
    with workspace.catalog() as catalog:
        catalog.apply(offer(number) for number in range(12))
        update_index(catalog, workspace.index_path)
    assert _mount("-o", "remount,ro", str(small_disk))
    client = client_of(workspace)
    said = [client.get("/v1/records", headers={"Accept-Language": "en"}), posted(client)]
    for answer in said:
        unavailable(answer, str(workspace.path))
        assert any(words in answer.json()["detail"] for words in ("permission", "cannot be opened"))
    assert _mount("-o", "remount,rw", str(small_disk))
    assert posted(client).status_code == 201
    assert client.post("/v1/search", json=SEARCH).status_code == 200
