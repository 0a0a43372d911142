"""The OpenAPI document: FastAPI's, with our problems in place of its own error form."""

import re
import threading
from collections.abc import Iterator, Mapping
from typing import Any, cast

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.actors import OPEN_TO_ALL, Action
from api.auth import COOKIE, CSRF_HEADER
from api.deps import Permission
from api.examples import complete
from api.problems import KINDS, MEDIA_TYPE
from api.schemas import Problem

_DESCRIBING = threading.Lock()  # the document is made by the first thread that asks
_ALWAYS = (400, 408, 413, 421, 422, 429, 500, 503)


class Application(FastAPI):
    """FastAPI whose document names `Problem` as the body of every error, and what every operation
    needs: `x-action`, as permissions and scopes of keys name it."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - as FastAPI takes them
        # Generated clients name their functions after it: `create_record`.
        super().__init__(**{"generate_unique_id_function": lambda route: route.name, **kwargs})
        self._actions: dict[tuple[str, str], Action] = {}

    def include_router(self, router: APIRouter, **kwargs: Any) -> None:  # noqa: ANN401
        super().include_router(router, **kwargs)
        for route in router.routes:
            if isinstance(route, APIRoute):
                for method in route.methods or ():
                    for action in _actions(route.dependant):
                        self._actions[route.path_format, method.lower()] = action

    def openapi(self) -> dict[str, Any]:
        with _DESCRIBING:
            if self.openapi_schema is None:
                document = super().openapi()
                _describe_problems(document)
                _describe_access(document, self._actions)
                document = self.openapi_schema = _renamed(document)
                complete(document)
            return super().openapi()


def _actions(dependant: Dependant) -> Iterator[Action]:
    for needed in dependant.dependencies:
        if isinstance(needed.call, Permission):
            yield needed.call.action
        yield from _actions(needed)


def _describe_access(document: dict[str, Any], actions: Mapping[tuple[str, str], Action]) -> None:
    document["components"]["securitySchemes"] = _SCHEMES
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            action = actions.get((path, method))
            if action is not None:
                operation["x-action"] = action.value
                nobody: list[dict[str, Any]] = [{}] if action in OPEN_TO_ALL else []
                operation["security"] = [{name: []} for name in _SCHEMES] + nobody


def _describe_problems(document: dict[str, Any]) -> None:
    problem = Problem.model_json_schema(
        mode="serialization", ref_template="#/components/schemas/{model}"
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas |= problem.pop("$defs")
    schemas["Problem"] = problem
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)


def _renamed(document: dict[str, Any]) -> dict[str, Any]:
    """`document` with schemas and titles that make class names in every language: a schema that
    goes in and out in two forms is `MoneyInput` and `MoneyOutput`, not two of the title `Money`."""
    schemas = document["components"]["schemas"]
    names = {
        name: "".join(word[:1].upper() + word[1:] for word in re.split(r"[\W_]+", name))
        for name in schemas
    }
    for name, schema in schemas.items():
        schema["title"] = names[name]
    document["components"]["schemas"] = {names[name]: schemas[name] for name in schemas}
    return cast(
        dict[str, Any], _pointed(document, {_at(old): _at(new) for old, new in names.items()})
    )


def _pointed(part: Any, names: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
    if isinstance(part, dict):
        return {
            key: names.get(value, value) if key == "$ref" else _pointed(value, names)
            for key, value in part.items()
        }
    return [_pointed(item, names) for item in part] if isinstance(part, list) else part


def _at(name: str) -> str:
    return f"#/components/schemas/{name}"


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route: its own error statuses and those any route may give."""
    return {
        status: {"description": _titles(status), "content": {MEDIA_TYPE: {"schema": _REFERENCE}}}
        for status in sorted({*statuses, *_ALWAYS})
    }


_SCHEMES = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key, `cck_…`; its scopes are the `x-action` of operations",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "The cookie of `POST /v1/session`; requests other than GET also send its "
        f"`csrf_token` as {CSRF_HEADER}",
    },
}
_REFERENCE = {"$ref": "#/components/schemas/Problem"}


def _titles(status: int) -> str:
    return " / ".join(kind.title.en for kind in KINDS if kind.status == status)
