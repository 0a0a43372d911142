"""`cungcau doctor`: whether a workspace is whole, and mending what can be mended."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import lang_option, open_workspace, workspace_option
from api.commands.index import refresh
from api.console import Console
from indexer.bilingual import Bilingual
from indexer.errors import CungcauError, DamagedError, RequestError
from indexer.index import Index
from indexer.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: `ok`, or what is wrong; `mendable` by making the index again."""

    subject: str
    ok: bool
    message: Bilingual
    mendable: bool = False


def add(app: typer.Typer, console: Console) -> None:
    vi = console.language == "vi"

    @app.command(
        "doctor",
        help=(
            "Kiểm tra thư mục làm việc; --repair lập lại chỉ mục từ danh mục.\n\n"
            "Ví dụ: cungcau doctor --repair"
            if vi
            else "Check the workspace; --repair makes the index again from the catalog.\n\n"
            "Example: cungcau doctor --repair"
        ),
    )
    def doctor_command(
        repair: Annotated[bool, typer.Option("--repair")] = False,
        json: Annotated[bool, typer.Option("--json")] = False,
        workspace: Annotated[Path | None, workspace_option(vi)] = None,
        lang: Annotated[str | None, lang_option(vi)] = None,
    ) -> int:
        opened = open_workspace(workspace, console)
        findings = examine(opened)
        if repair and any(item.mendable for item in findings):
            refresh(opened, console, full=True)
            findings = examine(opened)
        for item in findings:
            console.tell(_line(item))
        if json:
            console.json(
                [
                    {
                        "subject": item.subject,
                        "ok": item.ok,
                        "message": {"vi": item.message.vi, "en": item.message.en},
                    }
                    for item in findings
                ]
            )
        return 0 if all(item.ok for item in findings) else DamagedError.exit_code


def examine(workspace: Workspace) -> list[Finding]:
    """Everything `doctor` looks at: catalog, index, and whether they agree."""
    try:
        with workspace.catalog() as catalog:
            problems = catalog.check()
            version = catalog.version
            ids = frozenset(catalog.ids())
    except CungcauError as error:
        return [Finding("catalog", False, error.message)]
    if problems:
        return [Finding("catalog", False, problem) for problem in problems]
    count = len(ids)
    good = Finding(
        "catalog",
        True,
        Bilingual(f"{count} bản ghi, phiên bản {version}", f"{count} records, version {version}"),
    )
    return [good, *_examine_index(workspace, version, ids)]


def _examine_index(workspace: Workspace, version: int, ids: frozenset[str]) -> list[Finding]:
    try:
        index = Index.open(workspace.index_path)
        index.verify()
    except DamagedError as error:
        return [Finding("index", False, error.message, mendable=True)]
    except RequestError as error:  # not made yet: nothing is lost
        return [Finding("index", True, error.message, mendable=True)]
    if index.catalog_version != version:
        behind = Bilingual(
            f"theo danh mục phiên bản {index.catalog_version}, danh mục đã là {version}: "
            "chạy `cungcau index`",
            f"made from catalog version {index.catalog_version}, the catalog is at {version}: "
            "run `cungcau index`",
        )
        return [Finding("index", True, behind, mendable=True)]
    indexed = frozenset(index.supply.ids) | frozenset(index.demand.ids)
    if indexed != ids:
        differ = len(indexed ^ ids)
        wrong = Bilingual(
            f"lệch {differ} bản ghi so với danh mục",
            f"differs from the catalog by {differ} records",
        )
        return [Finding("index", False, wrong, mendable=True)]
    encoder = index.encoder.name
    return [
        Finding(
            "index",
            True,
            Bilingual(
                f"{len(indexed)} bản ghi, bộ mã hoá {encoder}, mã kiểm khớp",
                f"{len(indexed)} records, encoder {encoder}, checksums match",
            ),
        )
    ]


def _line(item: Finding) -> Bilingual:
    mark = "✗" if not item.ok else "!" if item.mendable else "✓"
    names = {"catalog": Bilingual("Danh mục", "Catalog"), "index": Bilingual("Chỉ mục", "Index")}
    name = names[item.subject]
    return Bilingual(f"{mark} {name.vi}: {item.message.vi}", f"{mark} {name.en}: {item.message.en}")
