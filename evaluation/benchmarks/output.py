"""One JSON document on stdout, words on stderr."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def say(words: str) -> None:
    sys.stderr.write(words + "\n")
    sys.stderr.flush()


def emit(document: Mapping[str, Any], out: Path | None) -> None:
    """Print the document, and save it where `out` says."""
    body = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(body, encoding="utf-8", newline="\n")
        say(f"saved {out}")
    sys.stdout.write(body)
