import json
import random
import threading
from collections import Counter
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from indexer.workspace import Workspace

WRITERS, CHANGES, READERS = 6, 12, 4
IDS = [f"Z-{n}" for n in range(3)]


@pytest.fixture
def client(
    make_workspace: Callable[..., Workspace], client_of: Callable[[Workspace], TestClient]
) -> TestClient:
    return client_of(make_workspace(indexed=False))


def together(*works: Callable[[], None]) -> None:
    """Runs all at once; raises what one of them raised."""
    failed: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if failed:
        raise failed[0]


def test_no_update_is_lost_and_no_reader_sees_half_of_one(client: TestClient):
    for record_id in IDS:
        said = {"side": "supply", "id": record_id, "title": "Đếm 0", "summary": "0"}
        assert client.post("/v1/records", json=said).status_code == 201
    accepted: Counter[str] = Counter()
    refused: Counter[int] = Counter()
    lock, done = threading.Lock(), threading.Event()
    version = client.get("/health").json()["catalog_version"]

    def write(seed: int) -> None:
        chosen = random.Random(seed)
        for _ in range(CHANGES):
            record_id = chosen.choice(IDS)
            while True:
                read = client.get(f"/v1/records/{record_id}")
                count = int(read.json()["summary"]) + 1
                answer = client.patch(
                    f"/v1/records/{record_id}",
                    json={"title": f"Đếm {count}", "summary": str(count)},
                    headers={"If-Match": read.headers["etag"]},
                )
                with lock:
                    refused[answer.status_code] += answer.status_code != 200
                    accepted[record_id] += answer.status_code == 200
                if answer.status_code == 200:
                    break

    def read() -> None:
        while not done.is_set():
            for item in client.get("/v1/records", params={"q": "dem"}).json()["items"]:
                assert item["title"] == f"Đếm {item['summary']}"

    def writers() -> None:
        try:
            together(*(lambda seed=seed: write(seed) for seed in range(WRITERS)))
        finally:
            done.set()

    together(writers, *[read] * READERS)
    assert set(+refused) <= {412}
    for record_id in IDS:
        assert int(client.get(f"/v1/records/{record_id}").json()["summary"]) == accepted[record_id]
    assert sum(accepted.values()) == WRITERS * CHANGES
    assert client.get("/health").json()["catalog_version"] == version + WRITERS * CHANGES


def test_one_of_those_who_create_the_same_wins(client: TestClient):
    statuses: Counter[int] = Counter()

    def create(key: str | None) -> None:
        said = {"side": "supply", "id": "Z", "title": "Máy sấy"}
        headers = {"Idempotency-Key": key} if key else {}
        statuses[client.post("/v1/records", json=said, headers=headers).status_code] += 1

    together(*[lambda: create(None)] * 8)
    assert statuses == {201: 1, 409: 7}


def test_a_request_sent_at_once_many_times_is_done_once(client: TestClient):
    answers: list[str] = []

    def create() -> None:
        said = {"side": "supply", "id": "Z", "title": "Máy sấy"}
        response = client.post("/v1/records", json=said, headers={"Idempotency-Key": "k"})
        assert response.status_code == 201
        answers.append(json.dumps(response.json(), sort_keys=True))

    together(*[create] * 8)
    assert len(answers) == 8 and len(set(answers)) == 1
