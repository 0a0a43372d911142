"""The command line: `cungcau COMMAND`, in Vietnamese or English."""

import gc
import os
import sys
from collections.abc import Sequence

from api.language import LANGUAGES, asked_language, choose_language
from indexer.collecting import put_off

INTERRUPTED = 130  # what shells report for Ctrl-C


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns 0 done, 1 something rejected or violated, 2 wrong request,
    3 damaged workspace, 130 interrupted with everything stored still whole."""
    args = list(sys.argv[1:] if argv is None else argv)
    asked = asked_language(args, os.environ)
    if asked and asked not in LANGUAGES:
        accepted = ", ".join(LANGUAGES)
        print(f"“{asked}”: ngôn ngữ / language: {accepted}.", file=sys.stderr)  # noqa: T201
        return 2
    language = choose_language(args, os.environ)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        # Loading the commands takes a while, in which Ctrl-C must answer as it does later.
        with put_off():
            from api.application import run  # noqa: PLC0415

        code = run(args, language, asked_language=bool(asked))
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        vi, en = "Đã dừng. Dữ liệu đã lưu vẫn nguyên vẹn.", "Stopped. What was stored is whole."
        print(vi if language == "vi" else en, file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone (`cungcau search … | head`): nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        # What we could not say on stdout (`> /dev/full`) we may still say on stderr.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        vi, en = "Không ghi được kết quả", "The output cannot be written"
        print(f"{vi if language == 'vi' else en}: {error.strerror}", file=sys.stderr)  # noqa: T201
        return 2


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
