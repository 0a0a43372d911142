"""report.html: one file to read and print, offline and without JavaScript."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.resources import files
from pathlib import Path

from markupsafe import Markup, escape

from evaluation.page import wording
from evaluation.page.cells import board
from evaluation.page.sections import Section, section
from evaluation.page.standings import Contest, contests, wholes
from evaluation.page.summary import summary
from evaluation.run import Result
from indexer.bilingual import Bilingual, Language
from indexer.text import language_of
from matcher.export.clean import clean
from matcher.export.wording import say_count, say_moment

# What each measure asks, for readers who never met its name.
MEASURE_NAMES: Mapping[str, Bilingual] = {
    "nDCG@10": Bilingual(
        "Kết quả tốt có đứng cao trong 10 kết quả đầu không; 1 là thứ tự lý tưởng.",
        "Do good offers stand high among the first ten; 1 is the ideal order.",
    ),
    "RR@10": Bilingual(
        "1 chia cho thứ hạng của kết quả phù hợp đầu tiên; 0 nếu không có trong 10 kết quả đầu.",
        "One over the rank of the first relevant offer; 0 where the first ten hold none.",
    ),
    "R@100": Bilingual(
        "Phần nguồn cung phù hợp có trong 100 kết quả đầu.",
        "The share of the relevant offers found among the first hundred.",
    ),
    "AP": Bilingual(
        "Độ chính xác trung bình tại mỗi nguồn cung phù hợp.",
        "Precision at each relevant offer, averaged.",
    ),
    "R@10": Bilingual(
        "Phần nguồn cung phù hợp có trong 10 kết quả đầu.",
        "The share of the relevant offers found among the first ten.",
    ),
    "Success@1": Bilingual(
        "Kết quả đầu tiên có phù hợp không.", "Is the very first result relevant."
    ),
    "Success@10": Bilingual(
        "10 kết quả đầu có kết quả phù hợp nào không.",
        "Do the first ten results hold a relevant one.",
    ),
}


def page(results: Sequence[Result], *, language: Language, created: datetime) -> str:
    """The page of these results; `language` is the one it opens in, it holds both.

    Everything from collections goes through Jinja's autoescaping and loses its control
    characters; besides, a content security policy lets the browser run no script and load
    nothing. `results` holds one at least.
    """
    import jinja2  # noqa: PLC0415 - importing `evaluation` stays light

    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.filters |= {
        "both": _both,
        "tspans": _tspans,
        "count": say_count,
        "number": wording.number,
        "points": _points,
        "spoken": _spoken,
    }
    found = contests(results)
    told = _sections(found)
    anchors = {id(each.contest): each.anchor for each in told}
    events = {each.contest.collection.name: each.anchor for each in told}
    template = environment.from_string(_asset("report.html"))
    shown = template.render(
        language=language,
        title=Bilingual("Chất lượng ghép nối", "Match quality"),
        moment=say_moment(created),
        style=Markup(_asset("report.css")),
        summary=summary(found),
        board=board(found, [anchors.get(id(e)) or events.get(e.whole, "") for e in found]),
        compared=any(len(each.standings) > 1 for each in found),
        sections=told,
        measures={n: MEASURE_NAMES[n] for n in results[0].metrics if n in MEASURE_NAMES},
        notices=[(e.collection.name, e.collection.notices) for e in found if e.collection.notices],
    )
    return clean(shown)


def write_page(
    results: Sequence[Result], path: Path, *, language: Language, created: datetime
) -> None:
    """Write `page`. Raises OSError where the disk does not take it."""
    text = page(results, language=language, created=created)
    path.write_text(text, encoding="utf-8", newline="\n")


def _sections(found: Sequence[Contest]) -> list[Section]:
    """One for every collection but the directions of an event that is there as a whole."""
    told: list[Section] = []
    cut: set[str] = set()
    for each in wholes(found):
        siblings = [one for one in found if one.direction is not None and one.whole == each.whole]
        shown = [] if each.whole in cut else siblings
        cut.add(each.whole)
        told.append(section(each, shown, f"c{len(told) + 1}"))
    return told


def _both(words: Bilingual) -> Markup:
    """The words in both languages; the style sheet shows the one chosen."""
    if words.vi == words.en:
        return escape(words.vi)
    vi, en = escape(words.vi), escape(words.en)
    return Markup(f'<span lang="vi">{vi}</span><span lang="en">{en}</span>')


def _tspans(words: Bilingual) -> Markup:
    if words.vi == words.en:
        return escape(words.vi)
    vi, en = escape(words.vi), escape(words.en)
    return Markup(f'<tspan lang="vi">{vi}</tspan><tspan lang="en">{en}</tspan>')


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


def _spoken(text: str) -> str:
    """What a browser reads a text aloud in; of two languages the first has the say."""
    return "en" if language_of(text) == "en" else "vi"


def _asset(name: str) -> str:
    return files("evaluation.page").joinpath(name).read_text(encoding="utf-8")
