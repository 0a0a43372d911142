"""Learning: which weights are in use, going back, and which pairs to judge next."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api import problems
from api.actors import Actor
from api.opened import Opened
from api.problems import ProblemError
from api.service.scope import whole
from indexer.bilingual import Bilingual
from indexer.errors import RequestError
from indexer.keeping.audit import Entry, append
from indexer.keeping.tiers import granted_to
from matcher.learning.scoreversions import ScoreVersions

if TYPE_CHECKING:
    from evaluation.learning import Suggestion

_WAIT = 5  # seconds after which somebody may ask again for pairs to judge
_SUGGESTING = threading.Lock()  # it compares every need with every offer: one at a time
_OF_ALL_CENTRES = Bilingual(
    vi="Bộ trọng số dùng chung cho mọi trung tâm: chỉ quản trị viên được đổi. Ban tổ chức có thể "
    "đo thử (dry_run).",
    en="The weights are those of all centres: only an administrator may change them. An organiser "
    "may measure (dry_run).",
)
_INTERNAL = {"digest", "before"}


@dataclass(frozen=True, slots=True)
class InUse:
    """The version in use (0: the shipped weights), the one before it, and what was noted of it."""

    version: int
    before: int | None
    learned: Mapping[str, Any]


def in_use(opened: Opened) -> InUse:
    """Raises DamagedError where the weights are not whole."""
    versions = ScoreVersions(opened.workspace.models_path)
    noted = versions.learned_from()
    told = {name: value for name, value in noted.items() if name not in _INTERNAL}
    return InUse(versions.current, noted.get("before") if noted else None, told)


def check_chooses(by: Actor) -> None:
    """Raises ProblemError: 403, the weights of all centres are not this actor's to choose."""
    if not whole(by):
        raise ProblemError(problems.FORBIDDEN, _OF_ALL_CENTRES)


def undo(opened: Opened, by: Actor, request: str = "") -> tuple[int, int]:
    """Goes back to the weights that were in use before; returns (left, now in use).

    Raises:
        ProblemError: 403, see `check_chooses`; 409, nothing was learned, or another command is
            writing the workspace.
    """
    check_chooses(by)
    versions = ScoreVersions(opened.workspace.models_path)
    try:
        with opened.workspace.writing(), opened.catalog.writing() as connection:
            left, now = versions.undo()
            detail = {"left": left, "version": now}
            append(connection, Entry(by.label, "learning.undo", "", by.centre, request, detail))
    except RequestError as error:
        raise ProblemError(problems.NOT_POSSIBLE, error.message) from error
    return left, now


def suggested(opened: Opened, by: Actor, count: int) -> "list[Suggestion]":
    """The pairs of records the actor may read whose judgement would teach the most.

    Raises:
        ProblemError: 429, somebody else is being answered.
    """
    from evaluation.learning import suggestions  # noqa: PLC0415 - only learning needs it

    if not _SUGGESTING.acquire(blocking=False):
        headers = {"Retry-After": str(_WAIT)}
        raise ProblemError(problems.TOO_MANY_REQUESTS, _BUSY, headers=headers)
    try:
        reader, catalog, index = by.reader, opened.catalog, opened.index()
        if not reader.everything:
            index = index.readable(reader, granted_to(catalog, reader))
            catalog = catalog.readable(reader)
        return suggestions(opened.workspace, index, catalog, count)
    finally:
        _SUGGESTING.release()


_BUSY = Bilingual(
    vi="Đang chọn cặp cho một yêu cầu khác; hãy thử lại sau vài giây.",
    en="Pairs are being chosen for another request; try again in a few seconds.",
)
