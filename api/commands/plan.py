"""`cungcau plan`: who meets whom, when and at which table; and its repair on the day."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import isfinite
from pathlib import Path
from time import monotonic
from typing import Annotated

import typer

from api.commands.check import tell_violations
from api.commands.common import (
    embedded_only,
    lang_option,
    open_workspace,
    workspace_option,
    workspace_path,
)
from api.commands.index import refresh_if_behind
from api.console import Console
from indexer.catalog import Catalog
from indexer.errors import RequestError
from indexer.index import Index
from indexer.owners import owner_key
from indexer.records import Visibility
from indexer.workspace import Workspace
from matcher.matcher import Matcher
from matcher.opening import open_matcher
from matcher.planning.changes import Changes, applied, read_changes
from matcher.planning.check import check
from matcher.planning.event import Event
from matcher.planning.eventfile import read_event
from matcher.planning.eventnames import check_names
from matcher.planning.instance import Infeasible
from matcher.planning.plan import Pair, Plan, read_plan
from matcher.planning.whyfew import why_none

_SEED, _SECONDS, _REPAIR = 0, 10.0, 3.0


def add(app: typer.Typer, console: Console) -> None:
    vi = console.language == "vi"

    @app.command(
        "plan",
        help=(
            "Lập lịch gặp: ai gặp ai, lúc nào, bàn nào; hoặc sửa lịch trong ngày.\n\n"
            "Ví dụ: cungcau plan --event event.toml --out ke-hoach\n\n"
            "cungcau plan --replan ke-hoach/plan.json --changes thay-doi.toml --out ke-hoach-2"
            if vi
            else "Plan the meetings: who meets whom, when, at which table; or repair a plan.\n\n"
            "Example: cungcau plan --event event.toml --out plan\n\n"
            "cungcau plan --replan plan/plan.json --changes changes.toml --out plan-2"
        ),
    )
    def plan_command(
        out: Annotated[Path, typer.Option(help="Thư mục kết quả" if vi else "Where to write")],
        event: Annotated[
            Path | None,
            typer.Option(
                show_default=False,
                help="Tệp sự kiện (TOML, YAML, XLSX)" if vi else "Event file (TOML, YAML, XLSX)",
            ),
        ] = None,
        seed: Annotated[
            int,
            typer.Option(min=0, help="Số gieo ngẫu nhiên" if vi else "Seed of all random choices"),
        ] = _SEED,
        seconds: Annotated[
            float | None,
            typer.Option(
                min=0.1,
                show_default=False,
                help="Thời gian tính nhiều nhất (10; sửa lịch: 3)"
                if vi
                else "Longest time to search (10; repairs: 3)",
            ),
        ] = None,
        replan: Annotated[
            Path | None,
            typer.Option(
                show_default=False,
                help="plan.json cần sửa" if vi else "The plan.json to repair",
            ),
        ] = None,
        changes: Annotated[
            Path | None,
            typer.Option(
                show_default=False,
                help="Tệp thay đổi (TOML)" if vi else "What changed (TOML)",
            ),
        ] = None,
        json: Annotated[bool, typer.Option("--json")] = False,
        workspace: Annotated[Path | None, workspace_option(vi)] = None,
        lang: Annotated[str | None, lang_option(vi)] = None,
    ) -> int:
        _check_options(event, replan, changes, seconds)
        if replan and changes:
            folder = workspace_path(workspace)
            opened = open_workspace(workspace, console) if folder.is_dir() else None
            before = read_plan(replan)
            found = _repaired(before, read_changes(changes), opened, seconds or _REPAIR, console)
        else:
            assert event is not None
            opened, before = open_workspace(workspace, console), None
            found = _planned(read_event(event), opened, seed, seconds or _SECONDS, console)
        return _write(found, before, opened, out, console, json=json)


def _check_options(
    event: Path | None, replan: Path | None, changes: Path | None, seconds: float | None
) -> None:
    if seconds is not None and not isfinite(seconds):
        raise RequestError(
            vi=f"--seconds: không nhận “{seconds}”. Chấp nhận: số giây từ 0,1.",
            en=f"--seconds: “{seconds}” is not accepted. Accepted: a number of seconds from 0.1.",
        )
    if (replan is None) != (changes is None):
        raise RequestError(
            vi="--replan và --changes đi cùng nhau: kế hoạch cần sửa và những gì đã thay đổi.",
            en="--replan and --changes go together: the plan to repair and what changed.",
        )
    if (event is None) == (replan is None):
        raise RequestError(
            vi="Cần --event TỆP để lập kế hoạch, hoặc --replan PLAN.json --changes TỆP để sửa.",
            en="Give --event FILE to plan, or --replan PLAN.json --changes FILE to repair.",
        )


def _planned(
    event: Event, workspace: Workspace, seed: int, seconds: float, console: Console
) -> Plan:
    from matcher.planning.planner import plan  # noqa: PLC0415 - slow to import, only used here

    pairs = _candidates(event, workspace, console)
    until = monotonic() + seconds
    try:
        with console.progress() as progress:
            return plan(event, pairs, seed=seed, seconds=seconds, progress=progress)
    except Infeasible:
        _tell_remedies(event, pairs, seed, max(1.0, until - monotonic()), console)
        raise


def _tell_remedies(
    event: Event, pairs: Sequence[Pair], seed: int, seconds: float, console: Console
) -> None:
    """What would have to give way for the event to be possible, the least first."""
    from matcher.planning.whynot import why_not  # noqa: PLC0415 - only used here

    remedies = why_not(event, pairs, seconds=seconds, seed=seed)
    if remedies:
        console.say("Không lập được lịch. Sẽ được nếu:", "No plan is possible. It would be with:")
    for remedy in remedies:
        changes = [change.message for change in remedy.changes]
        console.say(
            "  - " + " và ".join(message.vi for message in changes),
            "  - " + " and ".join(message.en for message in changes),
        )


def _repaired(
    before: Plan, changes: Changes, workspace: Workspace | None, seconds: float, console: Console
) -> Plan:
    from matcher.planning.replan import replan  # noqa: PLC0415 - only used here

    known = {owner_key(n) for p in changes.pairs for n in (p.demand_owner, p.supply_owner)}
    fresh = {owner_key(item.owner) for item in changes.added} - known
    if fresh and workspace is not None:
        event, _ = applied(before, changes)
        found = [
            pair
            for pair in _candidates(event, workspace, console)
            if fresh & {owner_key(pair.demand_owner), owner_key(pair.supply_owner)}
        ]
        changes = changes.model_copy(update={"pairs": (*changes.pairs, *found)})
    return replan(before, changes, seconds)


def _candidates(event: Event, workspace: Workspace, console: Console) -> tuple[Pair, ...]:
    """The owners who could meet, by the workspace's records; the index is brought up to them."""
    with workspace.catalog() as catalog:
        check_names(event, catalog.records())
    embedded_only(workspace, "plan")
    refresh_if_behind(workspace, console)
    with _matcher(workspace) as matcher, console.progress() as progress:
        return matcher.owner_pairs(event, progress)


@contextmanager
def _matcher(workspace: Workspace) -> Iterator[Matcher]:
    with workspace.catalog() as catalog:
        yield open_matcher(workspace, Index.open(workspace.index_path), catalog)


def _write(
    plan: Plan,
    before: Plan | None,
    workspace: Workspace | None,
    out: Path,
    console: Console,
    *,
    json: bool,
) -> int:
    """Checks the plan, and only then writes it; a plan that fails is a fault of ours."""
    from matcher.export.atomic import sweep  # noqa: PLC0415 - only used here
    from matcher.export.plan_files import write_plan  # noqa: PLC0415 - slow to import

    violations = check(plan)
    if violations:
        tell_violations(violations, console)
        console.say(
            "Kế hoạch vi phạm ràng buộc nên không được ghi ra.",
            "The plan breaks rules and has not been written.",
        )
        return 1
    sweep(out)
    with console.progress() as progress:
        paths = write_plan(
            plan,
            out,
            titles=_titles(plan, workspace),
            before=before,
            language=console.language,
            progress=progress,
        )
    _tell(plan, before, console)
    shown = [path for path in paths if path.suffix != ".ics"]
    for path in shown:
        console.tell_path(path)
    calendars = len(paths) - len(shown)
    console.say(f"  và {calendars} lịch .ics", f"  and {calendars} .ics calendars")
    if json:
        console.json(_summary(plan, paths))
    return 0


def _titles(plan: Plan, workspace: Workspace | None) -> Mapping[str, str]:
    """The titles participants may read: of public records only."""
    if workspace is None:
        return {}
    ids = sorted({i for m in plan.meetings for i in (m.demand, m.supply) if i})
    with workspace.catalog() as catalog:
        return _public(catalog, ids)


def _public(catalog: Catalog, ids: Sequence[str]) -> Mapping[str, str]:
    return {
        record.id: record.heading()
        for record in catalog.records(ids=ids)
        if record.visibility is Visibility.PUBLIC
    }


def _tell(plan: Plan, before: Plan | None, console: Console) -> None:
    proof = plan.certificate
    gap = f"{proof.gap * 100:.2f}"
    console.say(
        f"{len(plan.meetings)} cuộc gặp, giá trị {proof.objective:.2f} "
        f"(không kế hoạch nào quá {proof.bound:.2f}; cách {gap}%), ".replace(".", ",")
        + f"tính trong {proof.seconds:.2f} giây; đã kiểm tra mọi ràng buộc.".replace(".", ",", 1),
        f"{len(plan.meetings)} meetings, worth {proof.objective:.2f} "
        f"(no plan is worth more than {proof.bound:.2f}; gap {gap}%), "
        f"found in {proof.seconds:.2f} s; every rule checked.",
    )
    if not plan.meetings:
        console.tell(why_none(plan))
    if before is not None:
        from matcher.planning.replan import compare  # noqa: PLC0415 - only used here

        found = compare(before, plan)
        console.say(
            f"Giữ nguyên {len(found.kept)} cuộc gặp, đổi {len(found.moved)}, "
            f"huỷ {len(found.dropped)}, thêm {len(found.added)}; "
            f"phát lại lịch cho {len(found.owners)} đơn vị.",
            f"{len(found.kept)} meetings kept, {len(found.moved)} moved, "
            f"{len(found.dropped)} cancelled, {len(found.added)} added; "
            f"{len(found.owners)} agendas to hand out again.",
        )


def _summary(plan: Plan, paths: Sequence[Path]) -> dict[str, object]:
    return {
        "meetings": len(plan.meetings),
        "unplaced": len(plan.unplaced),
        "certificate": plan.certificate.model_dump(exclude={"per_party"}),
        "files": [str(path) for path in paths],
    }
