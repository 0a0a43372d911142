"""What the service tells of itself on stderr: one JSON object a line, or text for people."""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Literal

import structlog
from structlog.stdlib import ProcessorFormatter

Format = Literal["text", "json"]
REQUESTS = "cungcau.request"
_OURS = "cungcau"
_SERVER = "uvicorn"


def configure(format_: Format) -> None:
    """Sends the log of this process to stderr: warnings as text, or everything as JSON lines.

    A line of JSON has `at` (UTC, ISO 8601), `level`, `logger` and `event`; a request also
    `request` (its id), `actor` (never a name), `method`, `route` (never what stands in it),
    `status` and `ms`.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_json() if format_ == "json" else logging.Formatter(_TEXT))
    handler.addFilter(_once)
    for name in (_OURS, _SERVER):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
        logger.setLevel(logging.INFO if format_ == "json" and name == _OURS else logging.WARNING)


def _once(record: logging.LogRecord) -> bool:
    """What went wrong in a request is told by us, with its id."""
    return not record.getMessage().startswith("Exception in ASGI application")


_TEXT = "%(levelname)s %(name)s: %(message)s"


def _json() -> ProcessorFormatter:
    return ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.stdlib.ExtraAdder(),
        ],
        processors=[
            ProcessorFormatter.remove_processors_meta,
            structlog.processors.dict_tracebacks,
            _without_values,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )


def _without_values(_: object, __: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """A traceback without the values of variables: they may be somebody's data."""
    for error in event.get("exception") or ():
        for frame in error.get("frames", ()):
            frame.pop("locals", None)
    return event
