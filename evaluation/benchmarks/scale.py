"""What grows with the number of records: indexing, memory, disk, answers, additions.

    python -m evaluation.benchmarks.scale --workspaces DIR --texts ../shared/data \\
        --out docs/benchmarks/scale.json

Every part of every size is a process of its own, and is saved as soon as it is measured: what the
saved document has is kept, `--part` measures some parts again. Workspaces stay in DIR, named after
their size; an index of the encoder asked for that lies there is kept, too, and its figures with it.
"""

import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from evaluation.benchmarks import machine
from evaluation.benchmarks.output import emit, say
from evaluation.benchmarks.process import cungcau, measured
from evaluation.benchmarks.records import NEEDS, SEED
from indexer.index import index_made_of

_SIZES = (10_000, 100_000, 1_000_000)
PARTS = ("catalog", "index", "disk", "ask", "start", "add")
_STARTS = 5
_MANY = 200_000  # records
_QUESTION = "hệ thống xử lý dữ liệu và bảo vệ thông tin khách hàng"
_PREFIX = re.compile(r"^(supply|demand)\.")

Row = dict[str, Any]


def scale(
    known: Mapping[str, Any],
    *,
    sizes: Sequence[int],
    encoder: str,
    parts: Sequence[str],
    folder: Path,
    texts: Path | None,
    needs: int,
    save: Callable[[Mapping[str, Any]], None],
) -> Mapping[str, Any]:
    """The document `known` with these sizes measured; `save` is given it after every part."""
    document: Mapping[str, Any] = known
    for size in sizes:
        row = _row(document, size, encoder)
        for part in PARTS:
            if part in row and part not in parts:
                continue
            say(f"— {size:,} records, {encoder}: {part}")
            if part == "index" and part in parts:
                _note(folder / str(size), encoder).unlink(missing_ok=True)
            found = _MEASURE[part](folder / str(size), size, encoder, texts, needs)
            row = {**row, part: found, "machine": machine.describe()}
            document = merged(document, row)
            save(document)
    return document


def merged(document: Mapping[str, Any], row: Row) -> Mapping[str, Any]:
    """The document with this row in the place of the one of its size and encoder."""
    rest = [
        each
        for each in document.get("sizes", ())
        if (each["records"], each["encoder"]) != (row["records"], row["encoder"])
    ]
    ordered = sorted([*rest, row], key=lambda each: (each["encoder"], each["records"]))
    return {"benchmark": "scale", "seed": SEED, "sizes": ordered, "machine": row["machine"]}


def _row(document: Mapping[str, Any], size: int, encoder: str) -> Row:
    for row in document.get("sizes", ()):
        if (row["records"], row["encoder"]) == (size, encoder):
            return dict(row)
    return {"records": size, "encoder": encoder}


def _catalog(folder: Path, size: int, _: str, texts: Path | None, needs: int) -> Row:
    options = ["--workspace", str(folder), "--count", str(size), "--needs", str(needs)]
    used = _module("records", *options, *(["--texts", str(texts)] if texts else []))
    made: Row = json.loads((folder / "records.json").read_text("utf-8"))
    return {**made, "peak_mib": used["peak_mib"]}


def _note(folder: Path, encoder: str) -> Path:
    """Where the figures of the index lie beside it."""
    return folder / f"indexed-{encoder.replace('/', '-')}.json"


def _index(folder: Path, size: int, encoder: str, *_: object) -> Row:
    note = _note(folder, encoder)
    made_of = index_made_of(folder / "index")
    if note.is_file() and made_of is not None and made_of[1] == encoder:
        kept: Row = json.loads(note.read_text("utf-8"))
        return kept
    found = _module("indexing", str(folder), "--encoder", encoder)
    say(f"{size:,} records in {found['seconds']:.0f} s, {found['peak_mib']} MiB")
    note.write_text(json.dumps(found, indent=2), encoding="utf-8")
    return found


def _ask(folder: Path, size: int, *_: object) -> Row:
    # Of many records a comparison with all of them takes a second.
    fewer = ("--queries", "100", "--searches", "15", "--exact", "15") if size > _MANY else ()
    return _module("asking", str(folder), *fewer)


def _add(folder: Path, *_: object) -> Row:
    return _module("adding", str(folder))


def _start(folder: Path, *_: object) -> Row:
    """From the start of a process to its answer, as somebody at a command line waits."""
    asked = ["search", _QUESTION, "--json", "--workspace", str(folder)]
    used = [cungcau(asked) for _ in range(_STARTS)]
    seconds = sorted(one.seconds for one in used)
    return {
        "starts": _STARTS,
        "median_s": round(seconds[_STARTS // 2], 3),
        "worst_s": round(seconds[-1], 3),
        "peak_mib": max((one.peak_mib or 0.0) for one in used),
    }


def _disk(folder: Path, *_: object) -> Row:
    """Bytes by kind of file: catalog, cache, and the files of the index without their side."""
    kinds: Counter[str] = Counter()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".json":
            inside = path.relative_to(folder).parts
            name = _PREFIX.sub("", path.name).split(".")[0]
            kinds[name if len(inside) == 1 else f"{inside[0]}/{name}"] += path.stat().st_size
    return dict(kinds.most_common())


def _module(name: str, *arguments: str) -> Row:
    """What the benchmark of that name prints, with the largest memory of its process."""
    used = measured([sys.executable, "-m", f"evaluation.benchmarks.{name}", *arguments])
    found: Row = json.loads(used.stdout) if used.stdout.strip() else {}
    return {**found, "peak_mib": used.peak_mib}


_MEASURE: Mapping[str, Callable[[Path, int, str, Path | None, int], Row]] = {
    "catalog": _catalog,
    "index": _index,
    "disk": _disk,
    "ask": _ask,
    "start": _start,
    "add": _add,
}


def main(
    size: Annotated[list[int] | None, typer.Option(help="Records; may be repeated.")] = None,
    encoder: Annotated[str, typer.Option(help="As `cungcau index` takes it.")] = "contextual",
    part: Annotated[
        list[str] | None, typer.Option(help=f"Measured again: {', '.join(PARTS)}.")
    ] = None,
    workspaces: Annotated[Path | None, typer.Option(help="A folder to keep them in.")] = None,
    texts: Annotated[Path | None, typer.Option(help="A folder of real texts.")] = None,
    needs: Annotated[int, typer.Option(min=1, help="Needs among the records.")] = NEEDS,
    out: Annotated[Path | None, typer.Option(help="Added to, size by size.")] = None,
) -> None:
    """Measure and print one JSON document, which `evaluation.benchmarks.scalepage` tells."""
    unknown = set(part or ()) - set(PARTS)
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}; known: {', '.join(PARTS)}")
    known: Mapping[str, Any] = {}
    if out is not None and out.is_file():
        known = json.loads(out.read_text("utf-8"))

    def save(document: Mapping[str, Any]) -> None:
        if out is not None:
            out.parent.mkdir(parents=True, exist_ok=True)
            body = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
            out.write_text(body, encoding="utf-8", newline="\n")

    with tempfile.TemporaryDirectory() as scratch:
        document = scale(
            known,
            sizes=size or _SIZES,
            encoder=encoder,
            parts=part or (),
            folder=workspaces or Path(scratch),
            texts=texts,
            needs=needs,
            save=save,
        )
    emit(document, out)


if __name__ == "__main__":
    typer.run(main)
