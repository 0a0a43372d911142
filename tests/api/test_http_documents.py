import re

import jsonschema_rs
import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.schemas import MatchesPage, RecordOut, SearchAnswer, SearchRequest
from indexer.records import Record

ROUTES = {
    (method, path)
    for path, methods in {
        "/health": "get",
        "/metrics": "get",
        "/v1/audit": "get",
        "/v1/audit/export": "get",
        "/v1/centres": "get post",
        "/v1/centres/{id}": "delete get patch",
        "/v1/consents": "get post",
        "/v1/consents/{id}/withdrawal": "post",
        "/v1/deliveries": "get",
        "/v1/events": "get post",
        "/v1/events/files": "post",
        "/v1/events/{id}": "delete get put",
        "/v1/events/{id}/runs": "post",
        "/v1/exports/records": "get",
        "/v1/feedback": "delete get post",
        "/v1/imports": "post",
        "/v1/imports/records": "post",
        "/v1/imports/runs": "post",
        "/v1/keys": "get post",
        "/v1/keys/{id}": "delete",
        "/v1/learning": "get post",
        "/v1/learning/suggestions": "get",
        "/v1/learning/undo": "post",
        "/v1/matches": "get",
        "/v1/organisations": "get post",
        "/v1/organisations/{id}": "delete get patch",
        "/v1/people": "get post",
        "/v1/people/{id}": "get patch",
        "/v1/personal-data": "get",
        "/v1/personal-data/erasures": "post",
        "/v1/plans/check": "post",
        "/v1/ready": "get",
        "/v1/records": "get post",
        "/v1/records/{id}": "delete get patch put",
        "/v1/records/{id}/grants": "get",
        "/v1/records/{id}/grants/{organisation}": "delete put",
        "/v1/runs": "get",
        "/v1/runs/{id}": "delete get",
        "/v1/runs/{id}/files": "get",
        "/v1/runs/{id}/files/{name}": "get",
        "/v1/runs/{id}/progress": "get",
        "/v1/runs/{id}/replans": "post",
        "/v1/runs/{id}/result": "get",
        "/v1/saved-searches": "get post",
        "/v1/saved-searches/{id}": "delete get patch",
        "/v1/saved-searches/{id}/alerts": "get",
        "/v1/saved-searches/{id}/feed": "get",
        "/v1/saved-searches/{id}/token": "delete post",
        "/v1/search": "get post",
        "/v1/session": "delete get post",
        "/v1/session/oidc": "get",
        "/v1/session/oidc/callback": "get",
        "/v1/session/password": "post",
        "/v1/webhooks": "get post",
        "/v1/webhooks/{id}": "delete get patch",
        "/v1/webhooks/{id}/ping": "post",
    }.items()
    for method in methods.split()
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
    references = set(re.findall(r"#/components/schemas/([\w.-]+)", str(document)))
    assert references <= set(schemas)


def examples_of(document):
    """Operation, part, schema and example of every JSON body that is sent or answered."""
    schemas = document["components"]["schemas"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            bodies = {"body": operation.get("requestBody", {})}
            bodies |= {s: a for s, a in operation["responses"].items() if s < "4"}
            for part, body in bodies.items():
                media = body.get("content", {}).get("application/json")
                if media:
                    found = media.get("schema", {})
                    found = schemas.get(found.get("$ref", "").rpartition("/")[2], found)
                    for one in (media, found):
                        given = [one["example"]] if "example" in one else one.get("examples", [])
                        if given:
                            break
                    yield f"{method} {path} {part}", found, given


def test_every_body_has_an_example_that_fits(client: TestClient):
    document = client.get("/openapi.json").json()
    seen = 0
    for place, schema, examples in examples_of(document):
        assert examples, place
        whole = {**schema, "components": document["components"]}
        for example in examples:
            wrong = [str(error) for error in jsonschema_rs.iter_errors(whole, example)]
            assert not wrong, (place, wrong)
            seen += 1
    assert seen > 80


def test_names_make_clients(client: TestClient):
    document = client.get("/openapi.json").json()
    operations = [one for item in document["paths"].values() for one in item.values()]
    names = [one["operationId"] for one in operations]
    assert len(names) == len(set(names))
    assert all(name.isidentifier() for name in names)
    for name, schema in document["components"]["schemas"].items():
        assert name.isidentifier() and schema["title"] == name


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
    assert 'href="/docs"' in client.get("/").text
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
