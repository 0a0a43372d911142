"""What people see: words and progress on stderr, machine-readable output alone on stdout."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from indexer.bilingual import Bilingual, Language
from indexer.progress import Progress

_STAGES = {
    "read": Bilingual("Đọc tệp", "Reading files"),
    "store": Bilingual("Ghi danh mục", "Storing records"),
    "encode": Bilingual("Mã hoá văn bản", "Encoding texts"),
    "fit": Bilingual("Học bộ mã hoá", "Fitting the encoder"),
    "terms": Bilingual("Lập chỉ mục từ", "Indexing words"),
    "centres": Bilingual("Chọn tâm các nhóm vectơ", "Choosing centres of the vectors"),
    "vectors": Bilingual("Xếp vectơ theo nhóm", "Sorting the vectors"),
    "write": Bilingual("Ghi chỉ mục", "Writing the index"),
    "match": Bilingual("So khớp mọi cặp", "Scoring all pairs"),
    "meet": Bilingual("Gộp kết quả các phần", "Joining the shards"),
    "lists": Bilingual("Ghi danh sách Parquet", "Writing the lists"),
    "rank-demands": Bilingual("Xếp hạng theo nhu cầu", "Ranking for each need"),
    "rank-supplies": Bilingual("Xếp hạng theo công nghệ", "Ranking for each offer"),
    "explain": Bilingual("Tìm dẫn chứng", "Finding the evidence"),
    "export xlsx": Bilingual("Ghi bảng tính", "Writing the spreadsheet"),
    "export jsonl": Bilingual("Ghi JSON lines", "Writing JSON lines"),
    "export html": Bilingual("Ghi trang HTML", "Writing the page"),
    "score": Bilingual("Tính xác suất phù hợp", "Scoring the candidates"),
    "pairing": Bilingual("Chọn cặp gặp nhau", "Choosing who meets whom"),
    "timetable": Bilingual("Xếp giờ", "Making the timetable"),
    "export agendas": Bilingual("Ghi lịch từng đơn vị", "Writing the agendas"),
    "export ics": Bilingual("Ghi tệp lịch .ics", "Writing the calendars"),
    "records": Bilingual("Đọc bản ghi", "Reading records"),
    "duplicates": Bilingual("Tìm bản ghi trùng", "Looking for duplicates"),
    "evaluate": Bilingual("Đánh giá", "Evaluating"),
}


class Console:
    """One reader at one terminal."""

    def __init__(self, language: Language, *, asked: bool = False) -> None:
        """`asked`: the reader chose the language, which no setting overrides then."""
        self.language: Language = language
        self._asked = asked

    def prefer(self, language: Language | Literal[""]) -> None:
        """The language the workspace is set to, where the reader chose none."""
        if language and not self._asked:
            self.language = language

    def say(self, vi: str, en: str) -> None:
        self.tell(Bilingual(vi, en))

    def tell(self, message: Bilingual) -> None:
        print(message.say(self.language), file=sys.stderr, flush=True)  # noqa: T201

    def tell_path(self, path: Path) -> None:
        """A file that was written."""
        print(f"  {path}", file=sys.stderr, flush=True)  # noqa: T201

    def json(self, document: Any) -> None:  # noqa: ANN401 - whatever JSON can hold
        """One JSON document on stdout."""
        print(json.dumps(document, ensure_ascii=False), flush=True)  # noqa: T201

    def print(self, text: str) -> None:
        """A line of the answer itself, on stdout."""
        print(text, flush=True)  # noqa: T201

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """A progress callback: a bar on a terminal, one line a stage elsewhere."""
        if sys.stderr.isatty():
            with self._bar() as report:
                yield report
        else:
            lines = _Lines(self)
            yield lines.report
            lines.close()

    @contextmanager
    def _bar(self) -> Iterator[Progress]:
        from rich.console import Console as RichConsole  # noqa: PLC0415 - slow to import
        from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn  # noqa: PLC0415
        from rich.progress import Progress as RichProgress  # noqa: PLC0415

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total}"),
            TimeElapsedColumn(),
        )
        with RichProgress(*columns, console=RichConsole(stderr=True)) as bars:
            tasks: dict[str, TaskID] = {}

            def report(stage: str, done: int, total: int) -> None:
                if stage not in tasks:
                    tasks[stage] = bars.add_task(self.stage(stage), total=total or None)
                bars.update(tasks[stage], completed=done, total=total or None)

            yield report

    def stage(self, stage: str) -> str:
        known = _STAGES.get(stage)
        return known.say(self.language) if known else stage


class _Lines:
    """Progress where nobody watches a bar: a line when a stage ends, with its time."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._stage = ""
        self._done = 0
        self._since = time.perf_counter()

    def report(self, stage: str, done: int, total: int) -> None:
        if stage != self._stage:
            self.close()
            self._stage, self._since = stage, time.perf_counter()
        self._done = done

    def close(self) -> None:
        if self._stage:
            seconds = time.perf_counter() - self._since
            name = self._console.stage(self._stage)
            count = f" {self._done}" if self._done else ""
            self._console.say(
                f"{name}:{count} (" + f"{seconds:.1f}".replace(".", ",") + " giây)",
                f"{name}:{count} ({seconds:.1f} s)",
            )
            self._stage = ""
