"""What is kept of results in results.json, and read back to be compared.

The file is a list; an entry is the object of `cungcau evaluate --json`, with all measures, and
besides
`"intervals"` {measure: [low, high]}, `"per_query"` {query: {measure: value}} and
`"texts"` {query: the start of its text}.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evaluation.measures.intervals import interval
from evaluation.run import Result
from indexer.errors import RequestError
from matcher.export.clean import clean, shorten

_TEXT = 300  # characters of a query that tell a reader which one it is


@dataclass(frozen=True)
class Saved:
    """One system on one collection: `per_query` as in `Result`, `texts` starts of queries."""

    collection: str
    system: str
    per_query: Mapping[str, Mapping[str, float]] = field(repr=False)
    texts: Mapping[str, str] = field(repr=False)


def saved(result: Result) -> Saved:
    """What of a result is enough to compare it query by query."""
    texts = dict(zip(result.judged.query_ids, result.judged.queries, strict=True))
    return Saved(
        result.collection,
        result.system,
        result.per_query,
        {query: shorten(clean(texts.get(query, "")), _TEXT) for query in result.per_query},
    )


def document(results: Sequence[Result]) -> list[dict[str, Any]]:
    """The content of results.json."""
    return [
        {
            **result.to_json(),
            "metrics": {name: round(value, 6) for name, value in result.metrics.items()},
            "intervals": {name: _ends(result, name) for name in result.metrics},
            "per_query": {query: dict(values) for query, values in result.per_query.items()},
            "texts": dict(saved(result).texts),
        }
        for result in results
    ]


def _ends(result: Result, measure: str) -> list[float]:
    found = interval([values[measure] for values in result.per_query.values()])
    return [round(found.low, 6), round(found.high, 6)]


def load_results(path: Path | str) -> tuple[Saved, ...]:
    """Read a results.json that `write_report` wrote.

    Raises RequestError, naming the file and the entry: it is missing, is not such a JSON, or
    holds no figures by query (as what `--json` prints).
    """
    path = Path(path)
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RequestError(
            vi=f"Không đọc được tệp “{path}”: {error.strerror}.",
            en=f"The file “{path}” cannot be read: {error.strerror}.",
        ) from error
    except (ValueError, RecursionError):
        raise _unfit(path, "không phải là JSON", "is not JSON") from None
    if not isinstance(entries, list) or not entries:
        raise _unfit(path, "không chứa kết quả nào", "holds no results")
    return tuple(_entry(path, place, entry) for place, entry in enumerate(entries, start=1))


def _entry(path: Path, place: int, entry: Mapping[str, Any]) -> Saved:
    try:
        per_query = {
            query: {name: _figure(value) for name, value in values.items()}
            for query, values in entry["per_query"].items()
        }
        texts = {query: str(text) for query, text in entry.get("texts", {}).items()}
        if not per_query:
            raise ValueError
        return Saved(str(entry["collection"]), str(entry["system"]), per_query, texts)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _unfit(
            path,
            f"mục thứ {place} không có số liệu theo từng truy vấn",
            f"entry {place} has no figures by query",
        ) from None


def _figure(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError
    return float(value)


def _unfit(path: Path, vi: str, en: str) -> RequestError:
    return RequestError(
        vi=f"Tệp “{path}” {vi}; cần tệp results.json do “cungcau evaluate … --out” ghi ra.",
        en=f"The file “{path}”: {en}; it must be a results.json written by "
        "“cungcau evaluate … --out”.",
    )
