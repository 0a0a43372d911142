"""match-list.html: one file to read, filter and print, offline and without JavaScript too."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from indexer.bilingual import Bilingual, Language
from indexer.progress import Progress, silent
from indexer.records import Side
from matcher.export import labels
from matcher.export.chart import draw
from matcher.export.distribution import distribution
from matcher.export.facts import count_lines, holds_restricted, setting_lines
from matcher.export.selection import select
from matcher.export.views import Group, Views
from matcher.export.wording import say_count, say_moment, say_score
from matcher.matchlist import MatchList

# Runs before the body is read, so that nothing flickers: styles know that scripts work here.
_EARLY = "document.documentElement.classList.add('js')"
_ALWAYS_SHOWN = 3  # matches of a record; the rest is one click away

_MOST_LONELY = 2_000  # unmatched records of one side
_MOST_EXCLUDED = 1_000  # pairs that rules kept off the lists


def write_page(
    match_list: MatchList,
    path: Path,
    *,
    language: Language,
    created: datetime,
    progress: Progress = silent,
) -> None:
    """Writes the page piece by piece. `language` is the one it opens in; it holds both.

    Everything from records goes through Jinja's autoescaping; besides, a content security
    policy lets the browser run no script but the page's own.
    """
    parts = _template().generate(**_content(match_list, language, created, progress))
    with path.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
        file.writelines(parts)


def _content(
    match_list: MatchList, language: Language, created: datetime, progress: Progress
) -> dict[str, object]:
    shown = select(match_list)
    anchors = {record_id: f"n{place}" for place, record_id in enumerate(shown.by_demand, 1)}
    anchors |= {record_id: f"o{place}" for place, record_id in enumerate(shown.by_supply, 1)}
    views = Views(match_list.records, anchors)
    bins = distribution(match_list.by_demand)
    script = _asset("page.js")
    by_need = views.groups(shown.by_demand, Side.DEMAND)
    by_offer = views.groups(shown.by_supply, Side.SUPPLY)
    needs, offers = len(shown.by_demand), len(shown.by_supply)
    return {
        "language": language,
        "title": labels.TITLE,
        "labels": labels,
        "moment": say_moment(created),
        "early": Markup(_EARLY),
        "script": Markup(script),
        "style": Markup(_asset("page.css")),
        "script_hashes": " ".join(f"'{_hash(code)}'" for code in (_EARLY, script)),
        "selection": shown,
        "restricted": holds_restricted(match_list),
        "counts": list(count_lines(match_list)),
        "settings": list(setting_lines(match_list, created)),
        "bins": bins,
        "chart": draw(bins) if any(bin_.total for bin_ in bins) else None,
        "needs": needs,
        "offers": offers,
        "by_need": _told(by_need, progress, 0, needs + offers),
        "by_offer": _told(by_offer, progress, needs, needs + offers),
        "lonely": [
            (side, views.lonely(ids[:_MOST_LONELY], match_list), len(ids))
            for side, ids in (
                (labels.SIDES[Side.DEMAND], match_list.unmatched_demands),
                (labels.SIDES[Side.SUPPLY], match_list.unmatched_supplies),
            )
        ],
        "most_lonely": _MOST_LONELY,
        "excluded": len(match_list.excluded),
        "barred": views.barred(match_list.excluded[:_MOST_EXCLUDED]),
        "most_excluded": _MOST_EXCLUDED,
        "always_shown": _ALWAYS_SHOWN,
    }


def _told(groups: Iterator[Group], progress: Progress, done: int, total: int) -> Iterator[Group]:
    for place, group in enumerate(groups, start=done + 1):
        yield group
        if place % 100 == 0 or place == total:
            progress("export html", place, total)


def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.filters |= {
        "both": _both,
        "count": say_count,
        "lang": _lang,
        "score": say_score,
    }
    return environment.from_string(_asset("page.html"))


@lru_cache(maxsize=4_096)  # the names of sides and fields stand beside every sentence
def _both(words: Bilingual) -> Markup:
    """The words in both languages; the style sheet shows the one chosen."""
    if words.vi == words.en:
        return escape(words.vi)
    vi, en = escape(words.vi), escape(words.en)
    return Markup(f'<span lang="vi">{vi}</span><span lang="en">{en}</span>')


@lru_cache(maxsize=16)
def _lang(language: str) -> Markup:
    """The attribute that names the language of an element; nothing where it is not known."""
    return Markup(f' lang="{escape(language)}"') if language else Markup("")


def _asset(name: str) -> str:
    return files("matcher.export").joinpath(name).read_text(encoding="utf-8")


def _hash(code: str) -> str:
    return "sha256-" + b64encode(sha256(code.encode()).digest()).decode()
