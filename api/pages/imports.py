"""Bringing in spreadsheets: looked at, corrected, and only then stored."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import Response

from api import problems
from api.actors import Action
from api.deps import OpenedDep, RequestIdDep
from api.opened import Opened
from api.pages import fieldnames, importwords
from api.pages.errors import sentence
from api.pages.rendering import HEADERS, page, redirect
from api.pages.visit import Visit, page_router, permitted
from api.problems import ProblemError
from api.service import organisations, reviews, runreviews, runs, undoing, uploads
from api.service.reviews import LARGE, Choices
from api.service.runs import Run
from api.service.uploads import Upload
from indexer.errors import CungcauError
from indexer.records import Side
from indexer.sql.stored import folded

router = page_router()
Importer = Annotated[Visit, Depends(permitted(Action.RECORDS_IMPORT))]
_ROWS = 50
_REFRESH = 2  # seconds between two looks at how far a run is
_SHOWN = ("", "inserted", "updated", "unchanged", "repeated", "rejected", "alike")
_MOST_ORGANISATIONS = 500


@router.get("/import")
def start(request: Request, opened: OpenedDep, visit: Importer) -> Response:
    return _start(request, opened, visit)


@router.post("/import")
def send(
    request: Request, opened: OpenedDep, visit: Importer, request_id: RequestIdDep
) -> Response:
    """Keeps the files and looks at each; nothing is stored."""
    files, gettext = visit.form.files("files"), visit.words.gettext
    if not files:
        return _start(request, opened, visit, gettext("Hãy chọn ít nhất một tệp."))
    side = visit.form["side"] if visit.form["side"] in set(Side) else ""
    first = None
    try:
        for file in files:
            kept = reviews.keep(opened.workspace.path, file.filename or "", file.file, visit.actor)
            kept = reviews.choose(kept, Choices(side=side))
            _look(opened, visit, kept, request_id)
            first = first or kept
    except ProblemError as error:
        return _start(request, opened, visit, visit.say(sentence(error)))
    assert first is not None
    return redirect(request, f"/import/{first.token}")


@router.get("/import/{token}")
def show(
    request: Request,
    opened: OpenedDep,
    visit: Importer,
    request_id: RequestIdDep,
    token: str,
    show: str = "",
    start: str = "",
) -> Response:
    upload = _own(opened, visit, token)
    run = _run(opened, visit, upload)
    if run is not None and (not run.over or run.state != runs.DONE):
        return _progress(request, upload, run)
    if "done" in upload.about:
        return page(
            request, "import-done.html", upload=upload, others=_others(opened, visit, token)
        )
    review = reviews.read_review(upload)
    if review is None or (not _large(upload) and _stale(opened, review)):
        upload = _look(opened, visit, upload, request_id)
        if (run := _run(opened, visit, upload)) is not None and not run.over:
            return _progress(request, upload, run)
        review = reviews.read_review(upload)
    if review is None:
        raise ProblemError(problems.NOT_FOUND)
    at = int(start) if start.isdecimal() and len(start) < 8 else 0
    return _review(request, opened, upload, review, show if show in _SHOWN else "", at)


@router.post("/import/{token}/columns")
def columns(
    request: Request, opened: OpenedDep, visit: Importer, request_id: RequestIdDep, token: str
) -> Response:
    """What the columns mean, which sheet is read, and on which side the records are."""
    upload, form = _own(opened, visit, token), visit.form
    old = reviews.choices_of(upload)
    mapping = dict(old.mapping or {}) if form["sheet"] == old.sheet else {}
    asked = zip(form.every("heading"), form.every("was"), form.every("field"), strict=False)
    for heading, was, field in asked:
        if field == was:
            continue
        # Two spellings of one heading are one column to whoever reads the file.
        same = [one for one in mapping if folded(one) == folded(heading)]
        for one in same:
            del mapping[one]
        if field:
            mapping[heading] = field
    side = form["side"] if form["side"] in set(Side) else ""
    choices = replace(
        old, side=side, sheet=form["sheet"], organisation=form["organisation"], mapping=mapping
    )
    return _again(request, opened, visit, upload, choices, request_id, "#columns")


@router.post("/import/{token}/rows")
def rows(
    request: Request, opened: OpenedDep, visit: Importer, request_id: RequestIdDep, token: str
) -> Response:
    """Cells of rejected rows, written anew."""
    upload, form = _own(opened, visit, token), visit.form
    old = reviews.choices_of(upload)
    fixes: dict[tuple[str, int], dict[str, str]] = {
        (sheet, row): dict(cells) for sheet, row, cells in old.fixes
    }
    if form["do"] == "forget":
        fixes = {}
    names = ("fix_sheet", "fix_row", "fix_heading", "fix_was", "fix_text")
    for sheet, row, heading, was, text in zip(*map(form.every, names), strict=False):
        if text != was and row.isdecimal():
            fixes.setdefault((sheet, int(row)), {})[heading] = text
    whole = [(sheet, row, cells) for (sheet, row), cells in fixes.items()]
    choices = replace(old, fixes=whole)
    return _again(request, opened, visit, upload, choices, request_id, "?show=rejected#rows")


@router.get("/import/{token}/rejected.csv")
def rejected(request: Request, opened: OpenedDep, visit: Importer, token: str) -> Response:
    """The rejected rows with their cells and the reasons, to be corrected in a spreadsheet."""
    upload = _own(opened, visit, token)
    review = reviews.read_review(upload)
    if review is None:
        raise ProblemError(problems.NOT_FOUND)
    found = reviews.lines(upload, "rejected", 0, importwords.MOST_ROWS)
    text = importwords.rejected_csv(review, found, visit)
    headers = {
        "Content-Disposition": 'attachment; filename="rejected.csv"',
        **{name: HEADERS[name] for name in ("X-Content-Type-Options", "Cache-Control")},
    }
    return Response(text.encode("utf-8-sig"), headers=headers, media_type="text/csv; charset=utf-8")


@router.post("/import/{token}/accept")
def accept(
    request: Request, opened: OpenedDep, visit: Importer, request_id: RequestIdDep, token: str
) -> Response:
    """Stores what the file brings; of a large file, by a run."""
    upload = _own(opened, visit, token)
    here = f"/import/{token}"
    if "done" in upload.about or _under_way(opened, visit, upload):
        return redirect(request, here)
    if _large(upload):
        _begin(opened, visit, upload, runreviews.STORE, request_id)
        return redirect(request, here)
    try:
        reviews.accept(opened, upload, visit.actor, request_id)
    except CungcauError:  # as the page says, which reads the file anew
        reviews.forget(upload)
    return redirect(request, here)


@router.post("/import/{token}/undo")
def undo(
    request: Request, opened: OpenedDep, visit: Importer, request_id: RequestIdDep, token: str
) -> Response:
    """Takes the whole import back, but for records that were changed since."""
    upload = _own(opened, visit, token)
    with opened.catalog.writing() as connection:
        done = undoing.undo(connection, upload, visit.actor, request_id)
    opened.follower.wake()
    uploads.drop(upload)
    words = visit.words
    said = words.ngettext(
        "Đã hoàn tác: %(count)s hồ sơ trở lại như trước khi nhập.",
        "Đã hoàn tác: %(count)s hồ sơ trở lại như trước khi nhập.",
        done.restored,
    ) % {"count": done.restored}
    if done.left:
        said += " " + words.ngettext(
            "%(count)s hồ sơ đã có người sửa sau đó nên được giữ nguyên.",
            "%(count)s hồ sơ đã có người sửa sau đó nên được giữ nguyên.",
            done.left,
        ) % {"count": done.left}
    return redirect(request, "/import", said, warning=bool(done.left))


@router.post("/import/{token}/discard")
def discard(
    request: Request, opened: OpenedDep, visit: Importer, request_id: RequestIdDep, token: str
) -> Response:
    """Removes the file; of a finished import, what it is taken back by."""
    upload = _own(opened, visit, token)
    if (run := _under_way(opened, visit, upload)) is not None:
        _cancel(opened, visit, run, request_id)
    uploads.drop(upload)
    if "done" in upload.about:
        return redirect(request, "/import")
    said = visit.words.gettext("Đã bỏ tệp “%(name)s”; không có gì được lưu.")
    return redirect(request, "/import", said % {"name": upload.about["name"]})


@router.post("/import/{token}/cancel")
def cancel(
    request: Request, opened: OpenedDep, visit: Importer, request_id: RequestIdDep, token: str
) -> Response:
    upload = _own(opened, visit, token)
    if (run := _under_way(opened, visit, upload)) is not None:
        _cancel(opened, visit, run, request_id)
    return redirect(request, f"/import/{token}")


@router.post("/import/{token}/again")
def again(
    request: Request, opened: OpenedDep, visit: Importer, request_id: RequestIdDep, token: str
) -> Response:
    """Looks at the file once more, after that failed or was cancelled."""
    upload = _own(opened, visit, token)
    if _under_way(opened, visit, upload) is None:
        reviews.forget(upload)
        _look(opened, visit, upload, request_id)
    return redirect(request, f"/import/{token}")


def _own(opened: Opened, visit: Visit, token: str) -> Upload:
    return uploads.own(opened.workspace.path, token, visit.actor, uploads.FILE)


def _large(upload: Upload) -> bool:
    return int(upload.about["bytes"]) > LARGE


def _look(opened: Opened, visit: Visit, upload: Upload, request_id: str) -> Upload:
    """Reads the file: a small one at once, a large one by a run."""
    if _large(upload):
        return _begin(opened, visit, upload, runreviews.REVIEW, request_id)
    reviews.review(opened, upload, visit.actor)
    return upload


def _begin(opened: Opened, visit: Visit, upload: Upload, step: str, request_id: str) -> Upload:
    with opened.catalog.writing() as connection:
        run = runreviews.start(connection, upload, step, visit.actor, visit.language, request_id)
    return uploads.note(upload, run=run.id)


def _again(
    request: Request,
    opened: Opened,
    visit: Visit,
    upload: Upload,
    choices: Choices,
    request_id: str,
    onward: str,
) -> Response:
    here = f"/import/{upload.token}"
    if "done" in upload.about or _under_way(opened, visit, upload) is not None:
        return redirect(request, here)
    upload = reviews.choose(upload, choices)
    reviews.forget(upload)
    _look(opened, visit, upload, request_id)
    return redirect(request, here + onward)


def _run(opened: Opened, visit: Visit, upload: Upload) -> Run | None:
    """The run that works on the file, or did last."""
    if not upload.about.get("run"):
        return None
    with opened.catalog.reading() as connection:
        try:
            return runs.get(connection, str(upload.about["run"]), visit.actor)
        except ProblemError:  # of another centre by now
            return None


def _under_way(opened: Opened, visit: Visit, upload: Upload) -> Run | None:
    run = _run(opened, visit, upload)
    return run if run is not None and not run.over else None


def _cancel(opened: Opened, visit: Visit, run: Run, request_id: str) -> None:
    try:
        with opened.catalog.writing() as connection:
            runs.cancel(connection, run.id, visit.actor, request_id)
    except ProblemError:  # it ended by itself just now
        return


def _stale(opened: Opened, review: Mapping[str, Any]) -> bool:
    """Whether records changed since the file was compared with them."""
    return review["error"] is None and opened.catalog.version != review["version"]


def _others(opened: Opened, visit: Visit, token: str) -> list[Upload]:
    """Further files that wait for a decision."""
    mine = uploads.of(opened.workspace.path, visit.actor, uploads.FILE)
    return [one for one in mine if one.token != token and "done" not in one.about]


def _start(request: Request, opened: Opened, visit: Visit, error: str = "") -> Response:
    mine = uploads.of(opened.workspace.path, visit.actor, uploads.FILE)
    status = 422 if error else 200
    return page(
        request, "import.html", status, waiting=mine, errors={"files": error} if error else {}
    )


def _progress(request: Request, upload: Upload, run: Run) -> Response:
    response = page(
        request,
        "import-progress.html",
        upload=upload,
        run=run,
        failure=run.failure.get(request.state.visit.language, ""),
        stage=importwords.STAGES.get(str(run.progress.get("stage", "")), importwords.WAITING),
        done=int(run.progress.get("done", 0)),
        total=int(run.progress.get("total", 0)),
    )
    if not run.over:
        response.headers["Refresh"] = str(_REFRESH)
    return response


def _review(
    request: Request,
    opened: Opened,
    upload: Upload,
    review: Mapping[str, Any],
    show: str,
    start: int,
) -> Response:
    visit: Visit = request.state.visit
    found = reviews.lines(upload, show, start, _ROWS + 1)
    choices = reviews.choices_of(upload)
    with opened.catalog.reading() as connection:
        kept = organisations.page(
            connection, visit.actor, visit.actor.centre, limit=_MOST_ORGANISATIONS
        )
    here = f"/import/{upload.token}"
    return page(
        request,
        "import-review.html",
        upload=upload,
        here=here,
        review=review,
        error=importwords.plain((review["error"] or {}).get(visit.language, "")),
        notices=[importwords.plain(one[visit.language]) for one in review["notices"]],
        choices=choices,
        sheets=importwords.by_sheet(review["columns"]),
        meanings=importwords.meanings(visit),
        known=set(fieldnames.COLUMNS),
        show=show,
        tabs=importwords.tabs(visit, review),
        rows=[importwords.told(visit, review, row) for row in found[:_ROWS]],
        previous=f"{here}?show={show}&start={max(0, start - _ROWS)}#rows" if start else "",
        next=f"{here}?show={show}&start={start + _ROWS}#rows" if len(found) > _ROWS else "",
        start=start,
        organisations=[("", "–"), *sorted((one.id, one.name) for one in kept)] if kept else [],
        coming=review["counts"]["inserted"] + review["counts"]["updated"],
        fixed=len(choices.fixes),
        others=_others(opened, visit, upload.token),
    )
