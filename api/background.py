"""What a service does beside answering: notes readings, sends messages, answers saved searches,
does runs, inspects the index."""

from fastapi import FastAPI

from api.alerter import Alerter
from api.deliverer import Deliverer
from api.housekeeper import Housekeeper
from api.inspector import Inspector
from api.opened import Opened
from api.readings import Readings
from api.runner import Runner
from api.sending import Sender
from api.service import erasing, uploads


def install(app: FastAPI) -> None:
    """Makes `app.state.readings`, `deliverer`, `alerter` and `runner` from `app.state.opened`;
    nothing runs before `start`."""
    opened: Opened = app.state.opened
    settings = opened.workspace.settings
    sender = Sender(settings.allow_private_targets, settings.smtp_url, settings.mail_from)
    app.state.readings = Readings(lambda: opened.catalog)
    app.state.deliverer = Deliverer(lambda: opened.catalog, sender)
    app.state.alerter = Alerter(opened, app.state.deliverer.wake)
    opened.follower.tell(app.state.alerter.wake)
    app.state.runner = Runner(opened, app.state.deliverer.wake)
    app.state.housekeeper = Housekeeper(
        [
            app.state.deliverer.tidy,
            lambda: erasing.sweep(opened.catalog),
            lambda: uploads.purge(opened.workspace.path),
        ]
    )


def start(app: FastAPI) -> None:
    for worker in _workers(app):
        worker.start()


def close(app: FastAPI) -> None:
    """Stops all of it; what waits is written, or stays in the catalog for the next start."""
    for worker in reversed(_workers(app)):
        worker.close()


_Workers = tuple[Readings, Deliverer, Alerter, Runner, Housekeeper, Inspector]


def _workers(app: FastAPI) -> _Workers:
    state = app.state
    inspector = state.opened.inspector
    return (
        state.readings,
        state.deliverer,
        state.alerter,
        state.runner,
        state.housekeeper,
        inspector,
    )
