"""Entity tags: which version of a thing the reader holds, and whether it still is that one.

Strong comparison throughout (RFC 9110, 8.8.3.2 and 13.1): a change is lost to nobody, because
whoever changes a thing says which version of it was read.
"""

from hashlib import blake2b
from typing import Annotated

from fastapi import Header
from pydantic.config import JsonDict

from api import problems
from api.problems import ProblemError

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=1000,
        description="The ETag of the version that was read; required (428), and refused when "
        "the thing has changed since (412)",
    ),
]
IfNoneMatch = Annotated[
    str | None,
    Header(
        alias="If-None-Match",
        max_length=1000,
        description="The ETag of the version that is held: 304 when it still is the one",
    ),
]
# For the `headers` of a response in the OpenAPI document.
DOCUMENTED: JsonDict = {
    "ETag": {
        "description": "The version of what is answered; send it in If-Match to change that one",
        "schema": {"type": "string"},
    }
}
_DIGEST_BYTES = 12


def etag(*parts: object) -> str:
    """The strong tag of what `parts` identify, such as an id and a version; quoted."""
    return (
        f'"{blake2b(repr(parts).encode(errors="replace"), digest_size=_DIGEST_BYTES).hexdigest()}"'
    )


def holds(if_none_match: str | None, current: str) -> bool:
    """Whether the reader holds the current version already, so that 304 tells enough."""
    held = [item.strip().removeprefix("W/") for item in (if_none_match or "").split(",")]
    return current in held or held == ["*"]


def require(if_match: str | None, current: str) -> None:
    """Lets a change through that was made to the current version.

    Call it inside the transaction that makes the change.

    Raises:
        ProblemError: 428 without If-Match, 412 where it names other versions.
    """
    if if_match is None or not if_match.strip():
        raise ProblemError(problems.PRECONDITION_REQUIRED)
    held = [item.strip() for item in if_match.split(",")]
    if current not in held and held != ["*"]:
        raise ProblemError(problems.PRECONDITION_FAILED)
