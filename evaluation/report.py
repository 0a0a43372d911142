"""What an evaluation leaves: a table and a page for people, results.json and TREC files for tools.

Charts are shapes of the page itself (`evaluation.page.shapes`): no report needs matplotlib.
"""

import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from evaluation.measures.intervals import interval
from evaluation.page import wording
from evaluation.readers.trec import write_qrels, write_run
from evaluation.run import Result
from evaluation.saved import document
from indexer.bilingual import Language
from indexer.errors import RequestError

if TYPE_CHECKING:
    from rich.table import Table

_ERRORS = "backslashreplace"  # half a surrogate pair in an id must not stop the writing

_SHOWN = ("RR@10", "R@100")  # beside nDCG@10: what 80 columns hold

_HEADINGS: dict[Language, tuple[str, ...]] = {
    "vi": ("Bộ dữ liệu", "Hệ thống", "Nhu cầu", "nDCG@10", "95%", *_SHOWN, "Lập (s)", "Tìm (s)"),
    "en": ("Collection", "System", "Queries", "nDCG@10", "95%", *_SHOWN, "Index s", "Search s"),
}


def table(results: Sequence[Result], language: Language = "en") -> "Table":
    """One row a result; a star marks the best figure on its collection.

    The column beside nDCG@10 is its 95% interval. Fits 80 columns, the width rich takes for a
    file: names fold, figures never do.
    """
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    collection, system, *others = _HEADINGS[language]
    drawn = Table(box=box.SIMPLE_HEAD, padding=0, show_edge=False)
    drawn.add_column(collection, overflow="fold", min_width=10)
    drawn.add_column(system, overflow="fold", min_width=9)
    for heading in others:
        drawn.add_column(heading, justify="right", no_wrap=True)
    previous: Result | None = None
    for result in results:
        again = previous is not None and previous.judged is result.judged
        ends = interval([values["nDCG@10"] for values in result.per_query.values()])
        drawn.add_row(
            "" if again else _plain(result.collection),
            _plain(result.system),
            str(result.queries),
            _figure(result, "nDCG@10", results, language),
            wording.span(ends, 2).say(language),
            *(_figure(result, name, results, language) for name in _SHOWN),
            wording.number(result.seconds_index, 1).say(language),
            wording.number(result.seconds_search, 1).say(language),
        )
        previous = result
    return drawn


def _plain(name: str) -> str:
    """A name in which rich sees no markup and a terminal no broken character."""
    from rich.markup import escape  # noqa: PLC0415

    return escape(name.encode("utf-8", _ERRORS).decode("utf-8"))


def _figure(result: Result, name: str, results: Sequence[Result], language: Language) -> str:
    rivals = [one.metrics[name] for one in results if one.judged is result.judged]
    best = len(rivals) > 1 and result.metrics[name] == max(rivals)
    return f"{wording.number(result.metrics[name]).say(language)}{'*' if best else ' '}"


def write_report(
    results: Sequence[Result],
    folder: Path,
    language: Language = "en",
    created: datetime | None = None,
) -> list[Path]:
    """Write report.html, results.json and TREC files; returns what was written.

    `results.json` is described in `evaluation.saved`, the files `run.<collection>.<system>.trec`
    and `qrels.<collection>.trec` in `evaluation.readers.trec`. The page opens in `language` and
    names the moment `created`, now unless told. Raises RequestError when the folder cannot be
    written or there is no result.
    """
    from evaluation.page.page import write_page  # noqa: PLC0415 - only who asks for a page waits for it

    if not results:
        raise RequestError(
            vi="Không có kết quả nào để ghi báo cáo.", en="There is no result to report."
        )
    moment = created or datetime.now().astimezone()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / "report.html", folder / "results.json"]
        write_page(results, paths[0], language=language, created=moment)
        body = json.dumps(document(results), ensure_ascii=False, indent=2)
        paths[1].write_text(body + "\n", encoding="utf-8", errors=_ERRORS, newline="\n")
        paths += _write_trec(results, folder)
    except OSError as error:
        raise RequestError(
            vi=f"Không ghi được vào “{folder}”: {error.strerror}.",
            en=f"“{folder}” cannot be written: {error.strerror}.",
        ) from error
    return paths


def _write_trec(results: Sequence[Result], folder: Path) -> list[Path]:
    """Judgements once a collection, then a run a result."""
    taken: list[Path] = []

    def write(stem: str, writer: Callable[[Path], None]) -> None:
        path, count = folder / f"{stem}.trec", 1
        while path in taken:  # two collections in folders of one name
            count += 1
            path = folder / f"{stem}-{count}.trec"
        writer(path)
        taken.append(path)

    for judged in {id(result.judged): result.judged for result in results}.values():
        write(f"qrels.{_safe(judged.name)}", partial(write_qrels, judged))
    for result in results:
        write(
            f"run.{_safe(result.collection)}.{_safe(result.system)}",
            partial(write_run, result.run, system=result.system),
        )
    return taken


def _safe(name: str) -> str:
    return re.sub(r"[^\w.-]", "_", name)
