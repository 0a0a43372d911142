"""The tables of docs/learning.md, from the figures of `evaluation.benchmarks.learning`.

python -m evaluation.benchmarks.learningpage
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from evaluation.benchmarks.markdown import table
from evaluation.benchmarks.output import say

Document = Mapping[str, Any]

PAGE = Path("docs/learning.md")
FIGURES = Path("docs/benchmarks/learning.json")
BEGIN = "<!-- written by `python -m evaluation.benchmarks.learningpage`; do not edit -->"
END = "<!-- end of what is written -->"
_ORDER, _LIKELY = "nDCG@10", "log-likelihood"


def rewritten(page: str, document: Document) -> str:
    """The page with these figures between its two marks. Raises ValueError where a mark is
    missing."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE} has no {BEGIN!r} … {END!r}")
    return f"{before}{BEGIN}\n\n{tables(document)}\n{END}{after}"


def tables(document: Document) -> str:
    """What learning changes, what more or chosen judgements do, what fusion would add."""
    results: Sequence[Document] = document["results"]
    first = [one for one in results if one["judged"] == 50 and one["chosen"] == "random"]
    rest = [one for one in results if one not in first]
    return "\n".join(
        (
            table(
                ("event", _ORDER, "change", "worst draw", _LIKELY, "change"),
                [_learned(one) for one in first],
            ),
            "More judgements, or those that `--suggest` asks for:\n",
            table(
                ("event", "judged", f"{_ORDER}, change", f"{_LIKELY}, change"),
                [
                    (
                        one["event"],
                        f"{one['judged']} {one['chosen']}",
                        *(_gain(one[measure]["kept"]) for measure in (_ORDER, _LIKELY)),
                    )
                    for one in rest
                ],
            ),
            *_fusion(first),
        )
    )


def _learned(one: Document) -> tuple[str, ...]:
    order, likely = one[_ORDER], one[_LIKELY]
    return (
        one["event"],
        f"{order['before']:.3f}",
        _gain(order["kept"]),
        _signed(order["kept"]["worst"]),
        f"{_signed(likely['before'], 3)}",
        _gain(likely["kept"]),
    )


def _fusion(results: Sequence[Document]) -> Iterator[str]:
    yield "The share of words in the similarity, learned as well (50 random judgements):\n"
    yield table(
        (
            "event",
            f"{_ORDER}, beyond the weights",
            "worst draw",
            "if the best share were known",
        ),
        [
            (
                one["event"],
                _gain(one[_ORDER]["fusion"]),
                _signed(one[_ORDER]["fusion"]["worst"]),
                _gain(one[_ORDER]["fusion_best"]),
            )
            for one in results
        ],
    )


def _gain(found: Document) -> str:
    low, high = found["interval"]
    return f"{_signed(found['gain'])} ({_signed(low)} to {_signed(high)})"


def _signed(value: float, digits: int = 4) -> str:
    return f"{round(value, digits) + 0.0:+.{digits}f}".replace("-", "−")


def main() -> None:
    """Write the tables anew from the figures saved."""
    document = json.loads(FIGURES.read_text("utf-8"))
    PAGE.write_text(rewritten(PAGE.read_text("utf-8"), document), "utf-8", newline="\n")
    say(f"saved {PAGE}")


if __name__ == "__main__":
    typer.run(main)
