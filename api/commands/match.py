"""`cungcau match`: the match list of everything in the workspace."""

from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import embedded_only, lang_option, open_workspace, workspace_option
from api.commands.index import refresh
from api.commands.search import check_k
from api.console import Console
from indexer.encoder import encoder_asked
from indexer.index import Index, index_made_of
from indexer.workspace import Workspace
from matcher.matchlist import MatchList
from matcher.opening import open_matcher
from matcher.planning.event import Event
from matcher.planning.eventfile import read_event
from matcher.planning.eventnames import check_names


def add(app: typer.Typer, console: Console) -> None:
    vi = console.language == "vi"
    example = "cungcau match --event event.toml -k 10 --out ket-qua"

    @app.command(
        "match",
        help=(
            "Lập danh sách ghép nối cung – cầu: XLSX, HTML, JSON lines.\n\nVí dụ: " + example
            if vi
            else "Make the match list: XLSX, HTML, JSON lines.\n\nExample: " + example
        ),
    )
    def match_command(
        out: Annotated[Path, typer.Option(help="Thư mục kết quả" if vi else "Where to write")],
        event: Annotated[
            Path | None,
            typer.Option(
                show_default=False,
                help="Tệp sự kiện (TOML, YAML, XLSX): chỉ ghép các đơn vị tham gia"
                if vi
                else "Event file (TOML, YAML, XLSX): match its participants only",
            ),
        ] = None,
        k: Annotated[int, typer.Option("-k", help="Số ghép nối" if vi else "How many")] = 10,
        json: Annotated[bool, typer.Option("--json")] = False,
        workspace: Annotated[Path | None, workspace_option(vi)] = None,
        lang: Annotated[str | None, lang_option(vi)] = None,
    ) -> int:
        check_k(k)
        plan = read_event(event) if event else None
        result, paths = write_matches(
            open_workspace(workspace, console), console, out, k=k, event=plan
        )
        if json:
            console.json(
                {
                    "demands": len(result.by_demand),
                    "supplies": len(result.by_supply),
                    "matches": sum(1 for _ in result.lines()),
                    "unmatched_demands": len(result.unmatched_demands),
                    "unmatched_supplies": len(result.unmatched_supplies),
                    "files": [str(path) for path in paths],
                }
            )
        return 0


def write_matches(
    workspace: Workspace, console: Console, out: Path, *, k: int, event: Event | None = None
) -> tuple[MatchList, tuple[Path, ...]]:
    """Makes and writes the match list; brings the index up to the catalog first if it lags."""
    from matcher.export import write_match_list  # noqa: PLC0415 - slow to import, only used here

    embedded_only(workspace, "match")
    with workspace.catalog() as catalog:
        made_of = index_made_of(workspace.index_path)
        asked = encoder_asked(workspace.settings)
        behind = made_of is None or made_of != (catalog.version, asked or made_of[1])
        if event is not None:
            check_names(event, catalog.records())
    if behind:
        refresh(workspace, console)
    with workspace.catalog() as catalog, console.progress() as progress:
        matcher = open_matcher(workspace, Index.open(workspace.index_path), catalog)
        result = matcher.match(k=k, event=event, progress=progress)
        paths = write_match_list(result, out, language=console.language, progress=progress)
    pairs = sum(1 for _ in result.lines())
    console.say(
        f"{pairs} ghép nối cho {len(result.by_demand)} nhu cầu; "
        f"{len(result.unmatched_demands)} nhu cầu và {len(result.unmatched_supplies)} công nghệ "
        "chưa có ghép nối.",
        f"{pairs} matches for {len(result.by_demand)} needs; "
        f"{len(result.unmatched_demands)} needs and {len(result.unmatched_supplies)} offers "
        "without a match.",
    )
    for path in paths:
        console.tell_path(path)
    return result, paths
