"""The style sheet and the scripts, under addresses that change when their content does."""

import gzip
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import Response

from api import problems
from api.problems import ProblemError

router = APIRouter(include_in_schema=False)

_FOLDER = Path(__file__).parent / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
# One style sheet is sent; it is kept in a file for every group of pages, after these.
_SHEET, _FIRST = "style.css", ("base.css", "parts.css")
_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class _Asset:
    plain: bytes
    packed: bytes
    type: str


@router.get("/static/{digest}/{name}")
async def asset(request: Request, digest: str, name: str) -> Response:
    """A file; under the digest of an older version, the present one, not to be kept."""
    found = _assets().get(name)
    if found is None:
        raise ProblemError(problems.NOT_FOUND)
    packed = "gzip" in request.headers.get("accept-encoding", "")
    headers = {
        "Cache-Control": _FOREVER if digest == _digest() else "no-cache",
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
        "Content-Type": found.type,
    }
    if packed:
        headers["Content-Encoding"] = "gzip"
    return Response(found.packed if packed else found.plain, headers=headers)


def static(name: str) -> str:
    """The address of a file; raises KeyError where there is none.

    All files share one digest, so that scripts can import each other by name.
    """
    if name not in _assets():
        raise KeyError(name)
    return f"/static/{_digest()}/{name}"


@cache
def _digest() -> str:
    content = sha256()
    for name, found in sorted(_assets().items()):
        content.update(name.encode() + b"\0" + found.plain)
    return content.hexdigest()[:16]


@cache
def _assets() -> dict[str, _Asset]:
    files = {path.name: path.read_bytes() for path in _FOLDER.iterdir() if path.suffix in _TYPES}
    sheets = sorted(filter(_is_sheet, files), key=lambda name: (name not in _FIRST, name))
    served = {name: files[name] for name in files if not _is_sheet(name)}
    served[_SHEET] = b"".join(files[name] for name in sheets)
    return {
        name: _Asset(plain, gzip.compress(plain, mtime=0), _TYPES[Path(name).suffix])
        for name, plain in served.items()
    }


def _is_sheet(name: str) -> bool:
    return name.endswith(".css")
