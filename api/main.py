"""The HTTP service over one workspace."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from api import refusals
from api.limits import Limits
from api.matchlists import MatchLists
from api.openapi import Application
from api.opened import Opened
from api.routes import docs, health, matches, records, search
from api.version import version
from indexer.workspace import Workspace


def create_app(workspace: Workspace) -> FastAPI:
    """The application; nothing is read from the workspace before the first request."""
    app = Application(
        title="cungcau", version=version(), docs_url=None, redoc_url=None, lifespan=_lifespan
    )
    app.state.opened = Opened(workspace)
    app.state.match_lists = MatchLists(app.state.opened)
    app.router.redirect_slashes = False
    app.add_middleware(Limits)
    refusals.install(app)
    for routes in (health, records, search, matches, docs):
        app.include_router(routes.router)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    app.state.match_lists.close()
    app.state.opened.close()
