"""The documentation page: made from the OpenAPI document, without scripts or foreign assets."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from starlette.responses import HTMLResponse

from api.accept_language import reader_language
from api.accepted import described
from api.problems import KINDS

router = APIRouter(include_in_schema=False)
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Vary": "Accept-Language",
}


@router.get("/docs")
def docs(request: Request) -> HTMLResponse:
    """Every route with its parameters, and every kind of problem, in the reader's language."""
    language = reader_language(request.headers.get("accept-language", ""))
    document = request.app.openapi()
    page = _template().render(
        language=language,
        version=document["info"]["version"],
        routes=list(_routes(document)),
        kinds=KINDS,
    )
    return HTMLResponse(page, headers={**_HEADERS, "Content-Language": language})


@cache
def _template() -> Template:
    folder = Path(__file__).parents[1] / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("docs.html")


def _routes(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield {
                "method": method.upper(),
                "path": path,
                "summary": {"en": operation["summary"], "vi": operation["x-summary-vi"]},
                "description": operation.get("description", ""),
                "parameters": [*_parameters(operation, document), *_body(operation, document)],
                "statuses": list(operation["responses"]),
            }


def _parameters(operation: dict[str, Any], document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in operation.get("parameters", []):
        yield _row(item["name"], item["in"], item["required"], item["schema"], document)


def _body(operation: dict[str, Any], document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "requestBody" not in operation:
        return
    for body in operation["requestBody"]["content"].values():
        reference = body["schema"].get("$ref", "")
        schema = document["components"]["schemas"].get(reference.rpartition("/")[2], body["schema"])
        for name, part in schema.get("properties", {}).items():
            yield _row(name, "body", name in schema.get("required", ()), part, document)


def _row(
    name: str, place: str, required: bool, schema: dict[str, Any], document: dict[str, Any]
) -> dict[str, Any]:
    return {
        "name": name,
        "place": place,
        "required": required,
        "default": schema.get("default"),
        "accepted": described(schema, document),
        "description": schema.get("description", ""),
    }
