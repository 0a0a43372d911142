"""From exceptions to problems: what FastAPI, the workspace and our own routes may raise."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api import problems
from api.accepted import accepted
from api.pages import errors
from api.problems import FieldError, ProblemError
from indexer.bilingual import Bilingual
from indexer.errors import CungcauError, DamagedError

_REASONS = {
    "missing": Bilingual(vi="còn thiếu", en="missing"),
    "extra_forbidden": Bilingual(vi="không có tên này", en="there is no such name"),
    "string_too_long": Bilingual(vi="quá dài", en="too long"),
    "string_too_short": Bilingual(vi="quá ngắn", en="too short"),
    "too_long": Bilingual(vi="quá nhiều mục", en="too many items"),
    "greater_than_equal": Bilingual(vi="quá nhỏ", en="too small"),
    "less_than_equal": Bilingual(vi="quá lớn", en="too large"),
    "enum": Bilingual(vi="không nằm trong các giá trị được nhận", en="not one of the choices"),
    "string_type": Bilingual(vi="không phải văn bản", en="not text"),
    "string_unicode": Bilingual(vi="không phải văn bản Unicode", en="not Unicode text"),
    "list_type": Bilingual(vi="không phải danh sách", en="not a list"),
    "model_attributes_type": Bilingual(vi="không phải đối tượng JSON", en="not a JSON object"),
    **dict.fromkeys(
        ("int_type", "int_parsing", "int_parsing_size", "int_from_float", "finite_number"),
        Bilingual(vi="không phải số nguyên", en="not an integer"),
    ),
}
_RETRY_AFTER = "5"  # seconds; a full disk or a database that is away takes its time
_NOT_VALID = Bilingual(vi="không hợp lệ", en="not valid")


def install(app: FastAPI) -> None:
    """Makes every error of `app` a problem."""
    app.exception_handler(ProblemError)(_on_problem)
    app.exception_handler(HTTPException)(_on_http)
    app.exception_handler(RequestValidationError)(_on_validation)
    app.exception_handler(CungcauError)(_on_workspace)
    app.exception_handler(Exception)(_on_unexpected)


async def _on_problem(request: Request, error: ProblemError) -> Response:
    return await errors.answer(request, error)


async def _on_http(request: Request, error: HTTPException) -> Response:
    known = {kind.status: kind for kind in reversed(problems.KINDS)}  # the first of a status
    kind = known.get(error.status_code, problems.BAD_REQUEST)
    headers = dict(error.headers or {})
    if kind is problems.METHOD_NOT_ALLOWED and "route" in request.scope:
        # Starlette names the methods of one route; an address may have several.
        described = request.app.openapi()["paths"].get(request.scope["route"].path_format)
        if described:
            headers["Allow"] = ", ".join(method.upper() for method in described)
    return await errors.answer(request, ProblemError(kind, headers=headers))


async def _on_workspace(request: Request, error: CungcauError) -> Response:
    """Routes turn what the asker did wrong into problems; what is left is the workspace's state."""
    return await errors.answer(request, unavailable(error))


async def _on_unexpected(request: Request, _: Exception) -> Response:
    # Starlette raises the error again after this answer, so that the server logs it.
    headers = {"X-Request-ID": str(getattr(request.state, "request_id", ""))}
    return await errors.answer(request, ProblemError(problems.INTERNAL, headers=headers))


async def _on_validation(request: Request, error: RequestValidationError) -> Response:
    refused = [_field(request, item) for item in error.errors()]
    return await errors.answer(request, ProblemError(problems.INVALID, errors=refused))


def unavailable(error: CungcauError) -> ProblemError:
    """The problem of a workspace that cannot serve, in the words of `error`."""
    if isinstance(error, DamagedError):
        return ProblemError(problems.DAMAGED, error.message)
    return ProblemError(problems.UNAVAILABLE, error.message, headers={"Retry-After": _RETRY_AFTER})


def _field(request: Request, item: dict[str, Any]) -> FieldError:
    route = request.scope["route"]
    return refused(request.app.openapi(), route.path_format, request.method, item)


def refused(
    document: dict[str, Any], path: str, method: str, item: Mapping[str, Any]
) -> FieldError:
    """One error of pydantic on a request of `method` to `path`, in words."""
    place, kind = tuple(item["loc"]), item["type"]
    if kind == "json_invalid":
        reason, place = _not_json(place), ("body",)
    else:
        reason = _REASONS.get(kind, _NOT_VALID)
    return FieldError(
        place=_written(place),
        value=None if kind in ("missing", "json_invalid") else item["input"],
        reason=reason,
        accepted=accepted(document, path, method, place),
    )


def _not_json(place: tuple[str | int, ...]) -> Bilingual:
    at = place[-1]
    return Bilingual(
        vi=f"không phải JSON (sai từ ký tự thứ {at})", en=f"not JSON (wrong from character {at})"
    )


def _written(place: tuple[str | int, ...]) -> str:
    """`body.where[2]`: a place as people write it."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)[1:]
