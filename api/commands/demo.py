"""`cungcau demo`: the main job on the sample event that comes with the program."""

import sysconfig
from importlib.metadata import PackageNotFoundError
from importlib.metadata import files as installed_files
from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import lang_option, workspace_option
from api.commands.import_ import import_files
from api.commands.index import refresh
from api.commands.match import write_matches
from api.console import Console
from indexer.errors import RequestError
from indexer.workspace import Workspace
from matcher.planning.eventfile import read_event

_SAMPLE = Path("techmart-demo")
_OFFERS, _NEEDS, _EVENT = "offers.xlsx", "needs.xlsx", "event.toml"


def add(app: typer.Typer, console: Console) -> None:
    vi = console.language == "vi"

    @app.command(
        "demo",
        help=(
            "Chạy thử với chợ công nghệ mẫu: đọc hai bảng tính, ghép nối, ghi kết quả.\n\n"
            "Ví dụ: cungcau demo --out demo-out"
            if vi
            else "Run the sample technology market: read two spreadsheets, match, write the list."
            "\n\nExample: cungcau demo --out demo-out"
        ),
    )
    def demo_command(
        out: Annotated[
            Path, typer.Option(help="Thư mục kết quả" if vi else "Where to write")
        ] = Path("demo-out"),
        workspace: Annotated[Path | None, workspace_option(vi)] = None,
        lang: Annotated[str | None, lang_option(vi)] = None,
    ) -> int:
        sample = sample_folder()
        folder = workspace or out / "workspace"
        files = [sample / _OFFERS, sample / _NEEDS]
        import_files(folder, files, console, rejects=out / "rejects.csv")
        opened = Workspace.open(folder)
        refresh(opened, console)
        write_matches(opened, console, out, k=10, event=read_event(sample / _EVENT))
        page = (out / "match-list.html").resolve()
        console.say(f"Mở {page} bằng trình duyệt.", f"Open {page} in a browser.")
        return 0


def sample_folder() -> Path:
    """The sample event: beside the source code, or where the wheel installed it."""
    places = [
        Path(__file__).parents[2] / "datasets" / _SAMPLE,
        Path(sysconfig.get_path("data")) / "share" / "cungcau" / _SAMPLE,
        *_installed(),
    ]
    for place in places:
        if (place / _OFFERS).is_file():
            return place
    looked = ", ".join(str(place) for place in places)
    raise RequestError(
        vi=f"Không tìm thấy dữ liệu mẫu ở: {looked}. Cài lại: pip install --force-reinstall .",
        en=f"The sample data is not in: {looked}. Reinstall: pip install --force-reinstall .",
    )


def _installed() -> list[Path]:
    """Where the package manager says it put the sample (other schemes than the default)."""
    try:
        known = installed_files("cungcau") or []
    except PackageNotFoundError:
        return []
    return [Path(str(item.locate())).resolve().parent for item in known if item.name == _OFFERS]
