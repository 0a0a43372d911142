"""What holds of a match list as a whole: its counts, how it was made, who may see it."""

import re
from collections.abc import Iterator
from datetime import datetime

from indexer.bilingual import Bilingual
from indexer.records import Visibility
from matcher.export.clean import clean
from matcher.export.labels import setting_label
from matcher.export.wording import say_count, say_moment
from matcher.matchlist import MatchList

# user:password@ in a database address
_CREDENTIALS = re.compile(r"://[^/@\s]*@")

_BARRED = Bilingual("loại", "bars")
_DID = {"prefer": Bilingual("xếp lại", "moves"), "pin": Bilingual("ghim", "pins")}


def count_lines(match_list: MatchList) -> Iterator[tuple[Bilingual, int]]:
    """How many records found a partner, how many did not, and how many matches stand here."""
    needs, offers = len(match_list.by_demand), len(match_list.by_supply)
    yield Bilingual("Nhu cầu có kết quả", "Needs with a match"), needs
    yield (
        Bilingual("Nhu cầu chưa có kết quả", "Needs without a match"),
        len(match_list.unmatched_demands),
    )
    yield Bilingual("Nguồn cung có kết quả", "Offers with a match"), offers
    yield (
        Bilingual("Nguồn cung chưa có kết quả", "Offers without a match"),
        len(match_list.unmatched_supplies),
    )
    yield (
        Bilingual("Ghép nối theo nhu cầu", "Matches by need"),
        sum(map(len, match_list.by_demand.values())),
    )
    yield (
        Bilingual("Ghép nối theo nguồn cung", "Matches by offer"),
        sum(map(len, match_list.by_supply.values())),
    )


def setting_lines(
    match_list: MatchList, created: datetime
) -> Iterator[tuple[Bilingual, Bilingual]]:
    """(name, value) of everything that shaped the list; passwords in addresses are left out."""
    yield Bilingual("Thời điểm lập", "Made at"), say_moment(created)
    version = str(match_list.catalog_version)
    yield Bilingual("Phiên bản danh mục", "Catalog version"), Bilingual(version, version)
    for label, number in count_lines(match_list):
        yield label, say_count(number)
    for key, value in match_list.settings.items():
        shown = clean(_CREDENTIALS.sub("://…@", value))
        yield setting_label(key), Bilingual(shown, shown)
    for count in match_list.rule_counts:
        vi, en = clean(count.rule.vi), clean(count.rule.en)
        pairs, did = say_count(count.pairs), _DID.get(count.kind, _BARRED)
        yield (
            Bilingual(f"Luật: {vi}", f"Rule: {en}"),
            Bilingual(f"{did.vi} {pairs.vi} cặp", f"{did.en} {pairs.en} pairs"),
        )


def holds_restricted(match_list: MatchList) -> bool:
    """True when any record of the list is restricted or private."""
    records = match_list.records.values()
    return any(record.visibility is not Visibility.PUBLIC for record in records)
