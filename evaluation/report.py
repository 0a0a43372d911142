"""What an evaluation leaves: a table for people, results.json and TREC run files for tools."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from evaluation.metrics import MEASURES
from evaluation.run import Result
from indexer.bilingual import Language
from indexer.errors import RequestError

if TYPE_CHECKING:
    from rich.table import Table

_ERRORS = "backslashreplace"  # half a surrogate pair in an id must not stop the writing

_HEADINGS: dict[Language, tuple[str, ...]] = {
    "vi": ("Bộ dữ liệu", "Hệ thống", "Truy vấn", "Tài liệu", "Lập (s)", "Tìm (s)"),
    "en": ("Collection", "System", "Queries", "Docs", "Index s", "Search s"),
}


def table(results: Sequence[Result], language: Language = "en") -> "Table":
    """One row a result; a star marks the best figure on its collection.

    Fits 80 columns, the width rich takes for a file: names fold, figures never do.
    """
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    collection, *others = _HEADINGS[language]
    drawn = Table(box=box.SIMPLE_HEAD, padding=0, show_edge=False)
    drawn.add_column(collection, overflow="fold", min_width=12)
    drawn.add_column(others[0], no_wrap=True)
    for heading in (*others[1:3], *MEASURES, *others[3:]):
        drawn.add_column(heading, justify="right", no_wrap=True)
    previous = ""
    for result in results:
        drawn.add_row(
            _plain(result.collection) if result.collection != previous else "",
            result.system,
            str(result.queries),
            str(result.documents),
            *(_figure(result, name, results) for name in MEASURES),
            f"{result.seconds_index:.1f}",
            f"{result.seconds_search:.1f}",
        )
        previous = result.collection
    return drawn


def _plain(name: str) -> str:
    """A name in which rich sees no markup and a terminal no broken character."""
    from rich.markup import escape  # noqa: PLC0415

    return escape(name.encode("utf-8", _ERRORS).decode("utf-8"))


def _figure(result: Result, name: str, results: Sequence[Result]) -> str:
    rivals = [one.metrics[name] for one in results if one.collection == result.collection]
    best = len(rivals) > 1 and result.metrics[name] == max(rivals)
    return f"{result.metrics[name]:.3f}{'*' if best else ' '}"


def write_report(results: Sequence[Result], folder: Path) -> list[Path]:
    """Write results.json and run.<collection>.<system>.trec; returns what was written.

    Run lines are `query Q0 document rank score system`; blanks and % in ids are written as in
    URLs. Tools that follow trec_eval's rule for ties rank as we do. Raises RequestError when
    the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        summary = folder / "results.json"
        body = json.dumps([result.to_json() for result in results], ensure_ascii=False, indent=2)
        summary.write_text(body + "\n", encoding="utf-8", errors=_ERRORS, newline="\n")
        paths = [summary]
        for result in results:
            path = _free(folder, f"run.{_safe(result.collection)}.{_safe(result.system)}", paths)
            _write_run(result, path)
            paths.append(path)
    except OSError as error:
        raise RequestError(
            vi=f"Không ghi được vào “{folder}”: {error.strerror}.",
            en=f"“{folder}” cannot be written: {error.strerror}.",
        ) from error
    return paths


def _safe(name: str) -> str:
    return re.sub(r"[^\w.-]", "_", name)


def _free(folder: Path, stem: str, taken: Sequence[Path]) -> Path:
    """Two collections in folders of one name must not overwrite each other."""
    path, count = folder / f"{stem}.trec", 1
    while path in taken:
        count += 1
        path = folder / f"{stem}-{count}.trec"
    return path


def _write_run(result: Result, path: Path) -> None:
    with path.open("w", encoding="utf-8", errors=_ERRORS, newline="\n") as file:
        for query, ranking in result.run.items():
            written = _token(query)
            for rank, (document, score) in enumerate(
                zip(ranking.document_ids, ranking.scores.tolist(), strict=True), start=1
            ):
                file.write(
                    f"{written} Q0 {_token(document)} {rank} {score:.9g} {_safe(result.system)}\n"
                )


def _token(name: str) -> str:
    """An id as one word: run files separate by blanks."""
    if re.search(r"[\s%]", name):
        return re.sub(r"[\s%]", lambda found: quote(found[0], safe=""), name)
    return name
