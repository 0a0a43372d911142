import re

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.schemas import MatchesPage, RecordOut, SearchAnswer, SearchRequest
from indexer.records import Record

ROUTES = {
    ("get", "/health"),
    ("get", "/v1/records"),
    ("get", "/v1/records/{id}"),
    ("get", "/v1/search"),
    ("post", "/v1/search"),
    ("get", "/v1/matches"),
}


def test_the_document_lists_every_route(client: TestClient):
    document = client.get("/openapi.json").json()
    listed = {(method, path) for path, of in document["paths"].items() for method in of}
    assert listed == ROUTES
    assert document["openapi"].startswith("3.")


def test_every_error_is_documented_as_a_problem(client: TestClient):
    document = client.get("/openapi.json").json()
    for operations in document["paths"].values():
        for operation in operations.values():
            errors = {s: a for s, a in operation["responses"].items() if s >= "4"}
            assert {"400", "413", "421", "422", "500", "503"} <= set(errors)
            for answer in errors.values():
                assert list(answer["content"]) == ["application/problem+json"]
                assert answer["description"]
    schemas = document["components"]["schemas"]
    assert "HTTPValidationError" not in schemas
    references = set(re.findall(r"#/components/schemas/(\w+)", str(document)))
    assert references <= set(schemas)


def test_the_examples_are_valid():
    for model in (SearchAnswer, MatchesPage):
        model.model_validate(model.model_config["json_schema_extra"]["example"])
    Record.model_validate(RecordOut.model_config["json_schema_extra"]["example"])
    examples = SearchRequest.model_json_schema()["properties"]["text"]["examples"]
    assert SearchRequest(text=examples[0]).k == 10


@pytest.mark.parametrize(("language", "word"), [("vi", "bắt buộc"), ("en", "required")])
def test_the_page_needs_nothing_from_elsewhere(client: TestClient, language: str, word: str):
    response = client.get("/docs", headers={"Accept-Language": language})
    page = response.text
    assert f'<html lang="{language}">' in page
    assert word in page
    for _, path in ROUTES:
        assert path in page
    assert "<script" not in page
    assert not re.search(r"(src|href)=.(https?:)?//", page)
    assert "default-src 'none'" in response.headers["content-security-policy"]


def test_the_front_door_leads_to_the_page(client: TestClient):
    response = client.get("/")
    assert (response.status_code, response.headers["location"]) == (307, "/docs")
    assert client.get("/redoc").status_code == 404


def test_health(client: TestClient):
    body = client.get("/health").json()
    assert body == {
        "status": "ok",
        "version": body["version"],
        "catalog_version": 1,
        "index_version": 1,
        "records": {"supply": 7, "demand": 5},
    }


def test_other_sites_are_given_no_access(client: TestClient):
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    assert "access-control-allow-origin" not in client.get("/health", headers=headers).headers
    assert client.options("/v1/search", headers=headers).status_code == 405


def test_the_factory_reads_nothing(workspace):
    app = create_app(workspace)
    assert app.state.opened.failure is None
    assert app.title == "cungcau"
