"""The addresses of pages about records."""

from urllib.parse import quote, urlencode

from fastapi import Request

from api.opened import Opened


def record_path(record_id: str, tail: str = "", **query: str) -> str:
    """Where a record is; `tail` is "/contact" or the like."""
    path = f"/records/{quote(record_id, safe='')}{tail}"
    kept = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(kept)}" if kept else path


def whole_address(request: Request, opened: Opened, path: str) -> str:
    """A path as others can open it."""
    base = opened.workspace.settings.public_url or str(request.base_url)
    return base.rstrip("/") + path
