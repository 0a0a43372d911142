"""The HTTP service over one workspace."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from api import background, refusals
from api.hosts import Hosts
from api.identities import Identities
from api.limits import Limits
from api.matchlists import MatchLists
from api.metrics import Metrics
from api.observing import Observing
from api.openapi import Application
from api.opened import Opened
from api.pages import groups as pages
from api.routes import (
    audit,
    centres,
    docs,
    events,
    exports,
    feedback,
    grants,
    health,
    imports,
    keys,
    learning,
    matches,
    metrics,
    oidc,
    organisations,
    people,
    personaldata,
    plans,
    records,
    runimports,
    runresults,
    runs,
    savedsearches,
    search,
    session,
    webhooks,
)
from api.service.oidc import Provider
from api.tracing import Tracing
from api.version import version
from indexer.workspace import Workspace


def create_app(workspace: Workspace) -> FastAPI:
    """The application; nothing is read from the workspace before the first request."""
    app = Application(
        title="cungcau", version=version(), docs_url=None, redoc_url=None, lifespan=_lifespan
    )
    app.state.opened = Opened(workspace)
    app.state.match_lists = MatchLists(app.state.opened)
    app.state.identities = Identities(app.state.opened)
    app.state.oidc = Provider(workspace.settings)
    background.install(app)
    app.router.redirect_slashes = False
    hosts = Hosts(workspace.settings.allowed_hosts, app.state.identities)
    app.state.metrics = Metrics(app.state.opened)
    app.add_middleware(
        Limits, hosts=hosts, identities=app.state.identities, settings=workspace.settings
    )
    app.add_middleware(Observing, metrics=app.state.metrics, tracing=Tracing())
    refusals.install(app)
    for routes in (
        health,
        metrics,
        grants,
        imports,
        exports,
        records,
        search,
        matches,
        events,
        runs,
        runresults,
        runimports,
        plans,
        feedback,
        learning,
        audit,
        webhooks,
        savedsearches,
        personaldata,
        session,
        oidc,
        people,
        keys,
        centres,
        organisations,
        docs,
    ):
        app.include_router(routes.router)
    pages.install(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    background.start(app)
    yield
    app.state.match_lists.close()
    background.close(app)
    app.state.identities.close()
    app.state.opened.close()
