"""`cungcau search`: one text in, the records that answer it out."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Annotated

import typer

from api.commands.common import choose, lang_option, open_workspace, workspace_option
from api.console import Console
from indexer.catalog import Catalog
from indexer.conditions import Condition, parse_condition
from indexer.encoder import encoder_asked
from indexer.errors import CungcauError, RequestError
from indexer.index import Index
from indexer.records import Side
from indexer.workspace import Workspace
from matcher.hit import Hit
from matcher.opening import open_matcher
from matcher.passages import sentence_encoder


def add(app: typer.Typer, console: Console) -> None:
    vi = console.language == "vi"
    example = 'cungcau search "xử lý nước thải dệt nhuộm" --where "trl>=6" -k 5'

    @app.command(
        "search",
        help=(
            f"Tìm công nghệ cho một nhu cầu (hoặc ngược lại).\n\nVí dụ: {example}"
            if vi
            else f"Find offers for a need (or the other way round).\n\nExample: {example}"
        ),
    )
    def search_command(
        text: Annotated[str, typer.Argument(metavar="TEXT")],
        want: Annotated[str, typer.Option(help="supply | demand")] = "supply",
        k: Annotated[int, typer.Option("-k", help="Số kết quả" if vi else "How many")] = 10,
        where: Annotated[
            list[str] | None,
            typer.Option(
                metavar="CONDITION",
                show_default=False,
                help='"trl>=5", "place=Hà Nội", "price<=2 tỷ"; lặp lại được'
                if vi
                else '"trl>=5", "place=Hà Nội", "price<=2 tỷ"; repeatable',
            ),
        ] = None,
        json: Annotated[bool, typer.Option("--json")] = False,
        workspace: Annotated[Path | None, workspace_option(vi)] = None,
        lang: Annotated[str | None, lang_option(vi)] = None,
    ) -> int:
        side = choose(Side, want, "--want") or Side.SUPPLY
        check_k(k)
        conditions = [parse_condition(item) for item in where or []]
        Thread(target=_warm, daemon=True).start()
        opened = open_workspace(workspace, console)
        with opened.catalog() as catalog:
            if opened.settings.store:
                hits = _from_store(opened, catalog, console, text, side, k, conditions)
            else:
                hits = _from_index(opened, catalog, console, text, side, k, conditions)
        if json:
            console.json([hit.to_json() for hit in hits])
        else:
            show(hits, console, side)
        return 0


def _from_index(
    opened: Workspace,
    catalog: Catalog,
    console: Console,
    text: str,
    want: Side,
    k: int,
    where: Sequence[Condition],
) -> list[Hit]:
    index = Index.open(opened.index_path)
    if index.catalog_version < catalog.version:
        console.say(
            "Chỉ mục cũ hơn danh mục: chạy `cungcau index` để thấy bản ghi mới nhất.",
            "The index is older than the catalog: run `cungcau index` to see the newest.",
        )
    asked, made = encoder_asked(opened.settings), index.encoder.name
    if asked not in (None, made):
        console.say(
            f"Chỉ mục được tạo bằng bộ mã hoá “{made}”, thiết lập encoder là “{asked}”: "
            "chạy `cungcau index` để dùng bộ mới.",
            f"The index was made with the encoder “{made}”, the setting encoder is "
            f"“{asked}”: run `cungcau index` to use it.",
        )
    return open_matcher(opened, index, catalog).search(text, want=want, k=k, where=where)


def _from_store(
    opened: Workspace,
    catalog: Catalog,
    console: Console,
    text: str,
    want: Side,
    k: int,
    where: Sequence[Condition],
) -> list[Hit]:
    from indexer.stores.opening import check_pairing, open_store, store_address  # noqa: PLC0415
    from matcher.opening import open_store_matcher  # noqa: PLC0415

    address = store_address(opened)
    store = open_store(opened, address)
    try:
        if not check_pairing(store, address, catalog):
            console.say(
                f"Kho {address.name} chưa theo kịp danh mục: chạy `cungcau index`.",
                f"The store {address.name} lags behind the catalog: run `cungcau index`.",
            )
        matcher = open_store_matcher(opened, store, store.encoder_name, catalog)
        return matcher.search(text, want=want, k=k, where=where)
    finally:
        store.close()


def _warm() -> None:
    """Reads the model of sentences while the index is read: less for a person to wait for. What
    is wrong with it is said where it is asked for."""
    with suppress(CungcauError):
        sentence_encoder()


def check_k(k: int) -> None:
    if not 1 <= k <= 1000:
        raise RequestError(
            vi=f"-k: không nhận giá trị {k}. Chấp nhận: 1 đến 1000.",
            en=f"-k: {k} is not accepted. Accepted: 1 to 1000.",
        )


def show(hits: list[Hit], console: Console, want: Side = Side.SUPPLY) -> None:
    """The answer for people: score, title, owner, the facing sentence and why."""
    if not hits:
        console.say("Không có kết quả phù hợp.", "Nothing fits.")
    for hit in hits:
        owner = f" — {hit.record.owner}" if hit.record.owner else ""
        console.print(
            f"{hit.match.rank:>2}. {hit.match.score:.2f}  {hit.record.heading()}{owner}"
            f"  [{hit.record.id}]"
        )
        for item in hit.match.evidence:
            facing = item.supply if want is Side.SUPPLY else item.demand
            console.print(f"      “{' '.join(facing.text.split())}”")
            console.print(f"      {item.why.say(console.language)}")
        for flag in hit.match.flags:
            console.print(f"      ! {flag.message.say(console.language)}")
