"""`cungcau doctor`: whether a workspace is whole, and mending what can be mended."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import lang_option, open_workspace, workspace_option
from api.commands.index import refresh
from api.console import Console
from indexer.bilingual import Bilingual
from indexer.errors import CungcauError, DamagedError, RequestError
from indexer.index import Index
from indexer.keeping.audit import Head, head, verify
from indexer.records import Side
from indexer.vectors.recall import LEAST_RECALL, sampled_recall
from indexer.workspace import Workspace

_SUBJECTS = {
    "catalog": Bilingual("Danh mục", "Catalog"),
    "audit": Bilingual("Nhật ký kiểm toán", "Audit"),
    "index": Bilingual("Chỉ mục", "Index"),
    "store": Bilingual("Kho", "Store"),
    "encoder": Bilingual("Bộ mã hoá", "Encoder"),
    "recall": Bilingual("Tìm theo nghĩa", "Search by meaning"),
}
_VIOLATED = 1  # nothing is damaged, but a bound is not kept


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: `ok`, or what is wrong; `mendable` by making the index again.

    `status` is the exit status where it is not ok, `figures` what was measured.
    """

    subject: str
    ok: bool
    message: Bilingual
    mendable: bool = False
    status: int = DamagedError.exit_code
    figures: Mapping[str, float | str] = field(default_factory=dict)


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
                        **item.figures,
                    }
                    for item in findings
                ]
            )
        return max((item.status for item in findings if not item.ok), default=0)


def examine(workspace: Workspace) -> list[Finding]:
    """Everything `doctor` looks at: catalog, index, whether they agree, and what is missed."""
    try:
        with workspace.catalog() as catalog:
            problems = catalog.check()
            with catalog.reading() as connection:
                trail, end = verify(connection), head(connection)
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
    searched = (
        [_examine_store(workspace, ids)]
        if workspace.settings.store
        else _examine_index(workspace, version, ids)
    )
    return [good, _audit(trail, end), *searched]


def _audit(problems: Sequence[Bilingual], end: Head) -> Finding:
    """Whether the chain of the audit is whole; the last digest, to be noted elsewhere."""
    if problems:
        return Finding("audit", False, problems[0])
    message = Bilingual(
        f"{end.count} dòng, chuỗi nguyên vẹn, mã dòng cuối {end.digest[:16]}",
        f"{end.count} lines, the chain is whole, last digest {end.digest[:16]}",
    )
    return Finding("audit", True, message, figures={"lines": end.count, "digest": end.digest})


def _examine_store(workspace: Workspace, ids: frozenset[str]) -> Finding:
    """Whether the store outside the workspace answers, is that of the catalog, and holds its
    records."""
    from indexer.stores.opening import (  # noqa: PLC0415 - only where one is set
        check_pairing,
        open_store,
        store_address,
    )

    try:
        address = store_address(workspace)
        store = open_store(workspace, address)
    except CungcauError as error:
        return Finding("store", False, error.message, status=RequestError.exit_code)
    try:
        with workspace.catalog() as catalog:
            level = check_pairing(store, address, catalog)
        stored = store.filter(Side.SUPPLY) | store.filter(Side.DEMAND)
    except CungcauError as error:
        return Finding("store", False, error.message, status=RequestError.exit_code)
    finally:
        store.close()
    if not level:
        behind = Bilingual(
            f"{address.name} chưa theo kịp danh mục: chạy `cungcau index`",
            f"{address.name} lags behind the catalog: run `cungcau index`",
        )
        return Finding("store", True, behind, mendable=True)
    if stored != ids:
        differ = len(stored ^ ids)
        wrong = Bilingual(
            f"{address.name} lệch {differ} bản ghi so với danh mục",
            f"{address.name} differs from the catalog by {differ} records",
        )
        return Finding("store", False, wrong, mendable=True)
    encoder = store.encoder_name
    return Finding(
        "store",
        True,
        Bilingual(
            f"{address.name}: {len(stored)} bản ghi, bộ mã hoá {encoder}, khớp danh mục",
            f"{address.name}: {len(stored)} records, encoder {encoder}, as the catalog",
        ),
    )


def _examine_index(workspace: Workspace, version: int, ids: frozenset[str]) -> list[Finding]:
    try:
        index = Index.open(workspace.index_path)
        index.verify()
    except DamagedError as error:
        return [Finding("index", False, error.message, mendable=True)]
    except RequestError as error:  # not made yet: nothing is lost
        return [Finding("index", True, error.message, mendable=True)]
    return [_agreement(index, version, ids), *_encoder(index), *_recall(index)]


def _agreement(index: Index, version: int, ids: frozenset[str]) -> Finding:
    """Whether the index holds the records of the catalog."""
    if index.catalog_version != version:
        behind = Bilingual(
            f"theo danh mục phiên bản {index.catalog_version}, danh mục đã là {version}: "
            "chạy `cungcau index`",
            f"made from catalog version {index.catalog_version}, the catalog is at {version}: "
            "run `cungcau index`",
        )
        return Finding("index", True, behind, mendable=True)
    indexed = frozenset(index.supply.ids) | frozenset(index.demand.ids)
    if indexed != ids:
        differ = len(indexed ^ ids)
        wrong = Bilingual(
            f"lệch {differ} bản ghi so với danh mục",
            f"differs from the catalog by {differ} records",
        )
        return Finding("index", False, wrong, mendable=True)
    encoder = index.encoder.name
    return Finding(
        "index",
        True,
        Bilingual(
            f"{len(indexed)} bản ghi, bộ mã hoá {encoder}, mã kiểm khớp",
            f"{len(indexed)} records, encoder {encoder}, checksums match",
        ),
    )


def _encoder(index: Index) -> Iterator[Finding]:
    """The encoder that made the index, where it is not there any more: nothing can be searched."""
    try:
        index.encode(["?"], Side.DEMAND)
    except CungcauError as error:
        yield Finding(
            "encoder",
            False,
            Bilingual(
                f"chỉ mục được tạo bằng bộ mã hoá “{index.encoder.name}”: {error.message.vi} "
                "Đổi bộ mã hoá: cungcau index --encoder contextual",
                f"the index was made with the encoder “{index.encoder.name}”: {error.message.en} "
                "Choose another: cungcau index --encoder contextual",
            ),
        )


def _recall(index: Index) -> Iterator[Finding]:
    """For each side, how much a search by meaning finds of what an exact one would."""
    for side in Side:
        vectors = index.side(side).vectors
        found = sampled_recall(vectors)
        figures = {"side": side.value, "recall@10": round(found, 4), "bound": LEAST_RECALL}
        name = Bilingual("cung", "supply") if side is Side.SUPPLY else Bilingual("cầu", "demand")
        if vectors.exact:
            message = Bilingual(
                f"phía {name.vi}: {len(vectors)} vectơ, tìm chính xác, không bỏ sót",
                f"{name.en}: {len(vectors)} vectors, exact search, nothing is missed",
            )
            yield Finding("recall", True, message, figures=figures)
            continue
        vi, least_vi = (f"{value:.1%}".replace(".", ",") for value in (found, LEAST_RECALL))
        en, least = (f"{value:.1%}" for value in (found, LEAST_RECALL))
        message = Bilingual(
            f"phía {name.vi}: {len(vectors)} vectơ, tìm gần đúng thấy {vi} trong số 10 bản ghi "
            f"gần nhất (phải từ {least_vi})",
            f"{name.en}: {len(vectors)} vectors, the approximate search finds {en} of the 10 "
            f"nearest (at least {least} are due)",
        )
        good = found >= LEAST_RECALL
        yield Finding("recall", good, message, not good, _VIOLATED, figures)


def _line(item: Finding) -> Bilingual:
    mark = "✗" if not item.ok else "!" if item.mendable else "✓"
    name = _SUBJECTS[item.subject]
    return Bilingual(f"{mark} {name.vi}: {item.message.vi}", f"{mark} {name.en}: {item.message.en}")
