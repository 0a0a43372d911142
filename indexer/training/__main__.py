"""`python -m indexer.training FOLDER…`: makes the lexicon and the encoders that ship.

One command for all of it, deterministic on one machine, planned for an hour on two cores. It can be
stopped and run again: what is in the work folder is not done twice.
"""

import argparse
import sys
import time
from pathlib import Path

from indexer.encoder import CONTEXTUAL, STATIC
from indexer.encoders.bundled import MODELS
from indexer.errors import CungcauError
from indexer.progress import Progress
from indexer.training.corpus import read_corpus
from indexer.training.lexicon import train_lexicon
from indexer.training.making import NAMES, STATIC_STEPS, STEPS, Making
from indexer.training.pairs import read_pairs

_OPENNESS = ("permissive", "copyleft", "unclear")
_EVERY = 10.0  # seconds between two lines of progress


def main() -> int:
    options = _options().parse_args()
    started = time.perf_counter()
    progress = _reporter(started)
    try:
        options.work.mkdir(parents=True, exist_ok=True)
        corpus = read_corpus(options.pairs, options.titled, options.without)
        making = Making(corpus, options.work, progress)
        if "lexicon" in options.make:
            left_out = {*options.without, *options.lexicon_without}
            pairs = read_pairs(options.pairs, exclude=left_out)
            train_lexicon(pairs, progress).save(options.out / "lexicon.npz")
        if CONTEXTUAL in options.make:
            making.contextual(options.out / CONTEXTUAL, options.steps)
        if STATIC in options.make:
            making.static(options.out / STATIC, options.out / CONTEXTUAL, options.static_steps)
    except CungcauError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command of its own
        return error.exit_code
    except KeyboardInterrupt:
        print(f"Stopped; run it again to go on from {options.work}.", file=sys.stderr)  # noqa: T201
        return 130
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m indexer.training", description=__doc__)
    parser.add_argument("pairs", nargs="+", type=Path, help="folders of pairs")
    parser.add_argument(
        "--titled", action="append", default=[], type=Path, help="folders of titled texts"
    )
    parser.add_argument("--out", default=MODELS, type=Path, help="where the models go")
    parser.add_argument("--work", default=Path("training-work"), type=Path, help="to go on from")
    parser.add_argument("--make", nargs="+", choices=NAMES, default=list(NAMES))
    parser.add_argument(
        "--without",
        nargs="+",
        choices=_OPENNESS,
        default=[],
        help="licences whose sources are left out",
    )
    parser.add_argument(
        "--lexicon-without",
        nargs="*",
        choices=_OPENNESS,
        default=["copyleft", "unclear"],
        help="left out of the lexicon besides: a table of a dictionary is much of the dictionary",
    )
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--static-steps", type=int, default=STATIC_STEPS)
    return parser


def _reporter(started: float) -> Progress:
    """A line now and then, on stderr."""
    last: dict[str, float] = {}

    def report(step: str, done: int, total: int) -> None:
        now = time.perf_counter()
        if step in last and done != total and now - last[step] < _EVERY:
            return
        last[step] = now
        share = f" {done}/{total}" if total else ""
        print(f"{now - started:7.0f} s  {step}{share}", file=sys.stderr, flush=True)  # noqa: T201

    return report


if __name__ == "__main__":
    sys.exit(main())
