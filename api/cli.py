"""The command line: `cungcau COMMAND`, in Vietnamese or English."""

import gc
import os
import sys
from collections.abc import Sequence

from api.language import choose_language

INTERRUPTED = 130  # what shells report for Ctrl-C


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns 0 done, 1 something rejected or violated, 2 wrong request,
    3 damaged workspace, 130 interrupted with everything stored still whole."""
    args = list(sys.argv[1:] if argv is None else argv)
    language = choose_language(args, os.environ)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        # Loading the commands takes a while, in which Ctrl-C must answer as it does later.
        from api.application import run  # noqa: PLC0415

        return run(args, language)
    except KeyboardInterrupt:
        vi, en = "Đã dừng. Dữ liệu đã lưu vẫn nguyên vẹn.", "Stopped. What was stored is whole."
        print(vi if language == "vi" else en, file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone (`cungcau search … | head`): nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def entry() -> None:
    """The console script. A search lasts about a second, a quarter of which would go into
    collecting garbage and taking the interpreter apart."""
    short = sys.argv[1:2] == ["search"]
    if short:
        gc.disable()
    code = main()
    if short:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    entry()
