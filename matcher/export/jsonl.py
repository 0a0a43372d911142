"""match-list.jsonl: one line a match, for machines."""

import json
from collections.abc import Iterable
from pathlib import Path

from indexer.progress import Progress, silent
from matcher.match import Match

# Legal in JSON, yet line ends to many readers: escaped so that one line stays one match.
_LINE_ENDS = str.maketrans({"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def one_line(line: str) -> str:
    # Hardly any line has one, and to look takes a hundredth of the time of `translate`.
    found = "\x85" in line or "\u2028" in line or "\u2029" in line
    return line.translate(_LINE_ENDS) if found else line


def write_jsonl(matches: Iterable[Match], path: Path, progress: Progress = silent) -> None:
    """Writes `Match.to_json` line by line, UTF-8, in the order given."""
    with path.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
        encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
        done = 0
        for done, match in enumerate(matches, start=1):
            file.write(one_line(encode(match.to_json())) + "\n")
            if done % 1000 == 0:
                progress("export jsonl", done, 0)
        progress("export jsonl", done, done)
