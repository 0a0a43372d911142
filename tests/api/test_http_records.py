from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from api.schemas import RecordOut
from indexer.records import Contact, Record

ALL = sorted(
    ["CB-01", "CB-02", "CB-03", "CB-04", "CB/05 đặc biệt", "CB-06", "CB-07"]
    + [f"NC-0{n}" for n in range(1, 6)]
)


def _ids(client: TestClient, **query: object) -> list[str]:
    response = client.get("/v1/records", params=query)
    assert response.status_code == 200, response.text
    return [item["id"] for item in response.json()["items"]]


def test_all_records_by_id(client: TestClient):
    body = client.get("/v1/records").json()
    assert [item["id"] for item in body["items"]] == ALL
    assert (body["next"], body["total"]) == (None, 12)


@pytest.mark.parametrize("limit", [1, 2, 5, 11, 12, 200])
def test_pages_meet_every_record_once(client: TestClient, limit: int):
    seen: list[str] = []
    cursor = None
    while True:
        query = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        body = client.get("/v1/records", params=query).json()
        assert 0 < len(body["items"]) <= limit
        seen += [item["id"] for item in body["items"]]
        cursor = body["next"]
        if cursor is None:
            break
    assert seen == ALL


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({"side": "demand"}, ALL[-5:]),
        ({"type": "patent"}, ["CB-04"]),
        ({"where": "trl>=7", "side": "supply"}, ["CB-01", "CB-03", "CB-06"]),
        ({"where": ["trl>=7", "owner~mekong"]}, ["CB-03"]),
        ({"where": "place=can tho"}, ["CB-03"]),
        ({"where": "price<=3 tỷ"}, ["CB-01"]),
        ({"side": "demand", "type": "patent"}, []),
    ],
)
def test_filters(client: TestClient, query: dict, ids: list[str]):
    assert _ids(client, **query) == ids


def test_filters_hold_on_every_page(client: TestClient):
    query = {"side": "demand", "limit": 2}
    first = client.get("/v1/records", params=query).json()
    second = client.get("/v1/records", params={**query, "cursor": first["next"]}).json()
    assert [item["id"] for item in second["items"]] == ["NC-03", "NC-04"]
    assert first["total"] == second["total"] == 5


@pytest.mark.parametrize("record_id", ALL)
def test_one_record(client: TestClient, record_id: str):
    response = client.get("/v1/records/" + quote(record_id, safe=""))
    assert response.status_code == 200
    assert response.json()["id"] == record_id


def test_a_record_as_it_is_read(client: TestClient):
    body = client.get("/v1/records/CB-01").json()
    assert body["money"] == {"low": "2000000000", "high": "5000000000", "currency": "VND"}
    assert body["trl"] == {"low": 8, "high": 8}
    assert body["title"] == "Hệ thống xử lý nước thải bằng màng sinh học"
    assert body["source"] == {"file": "chào.xlsx", "sheet": "Công nghệ", "row": 5}


def test_everything_but_contact_data_is_public():
    assert set(RecordOut.model_fields) == set(Record.model_fields) - {"contact"}


def test_contact_data_never_leave(client: TestClient):
    answers = [client.get(f"/v1/records/{quote(record_id, safe='')}") for record_id in ALL]
    answers += [
        client.get(address)
        for address in (
            "/v1/records",
            "/v1/records?where=title~KIN",
            "/v1/matches?limit=200",
            "/v1/search?text=xử lý nước thải&k=100",
            "/v1/search?text=xử lý nước thải&k=100&want=demand",
            "/v1/records/kin@bimat.example-",
            "/health",
            "/docs",
        )
    ]
    for response in answers:
        text = response.text.replace("kin@bimat.example-", "")
        for secret in ("0912-KIN", "kin@bimat", "Trần Thị Kín", 'contact":'):
            assert secret not in text, response.request.url


def test_contact_data_is_never_searched(client: TestClient, contact: Contact):
    ask = {"text": f"{contact.person} {contact.phone} {contact.email}", "k": 100}
    for hit in client.post("/v1/search", json=ask).json()["items"]:
        for evidence in hit["evidence"]:
            # The need is the text that was asked; the offer's side must not hold it.
            assert "kín" not in evidence["supply"]["text"].casefold()
            assert not {word for _, word in evidence["terms"]} & {"Kín", "KIN", "bimat"}
