"""The OpenAPI document: FastAPI's, with our problems in place of its own error form."""

import threading
from typing import Any

from fastapi import FastAPI

from api.problems import KINDS, MEDIA_TYPE
from api.schemas import Problem

_DESCRIBING = threading.Lock()  # the document is made by the first thread that asks
_ALWAYS = (400, 413, 421, 422, 500)


class Application(FastAPI):
    """FastAPI whose document names `Problem` as the body of every error."""

    def openapi(self) -> dict[str, Any]:
        with _DESCRIBING:
            if self.openapi_schema is None:
                _describe_problems(super().openapi())
            return super().openapi()


def _describe_problems(document: dict[str, Any]) -> None:
    problem = Problem.model_json_schema(
        mode="serialization", ref_template="#/components/schemas/{model}"
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas |= problem.pop("$defs")
    schemas["Problem"] = problem
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route: its own error statuses and those any route may give."""
    return {
        status: {"description": _titles(status), "content": {MEDIA_TYPE: {"schema": _REFERENCE}}}
        for status in sorted({*statuses, *_ALWAYS})
    }


_REFERENCE = {"$ref": "#/components/schemas/Problem"}


def _titles(status: int) -> str:
    return " / ".join(kind.title.en for kind in KINDS if kind.status == status)
