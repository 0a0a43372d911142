"""The sheet of records that found no partner: the nearest one, what it lacks, other ways."""

from collections.abc import Iterator, Mapping, Sequence

from indexer.bilingual import Bilingual, Language
from indexer.records import Record, Side
from matcher.export.cells import safe_cell
from matcher.export.clean import shorten
from matcher.export.labels import SIDES
from matcher.export.sheets import Cell, Column
from matcher.matchlist import MatchList

_TEXT_LENGTH = 500


def unmatched_columns() -> tuple[Column, ...]:
    return (
        Column(Bilingual("Bên", "Side"), 12, "text"),
        Column(Bilingual("Mã", "Code"), 12, "text"),
        Column(Bilingual("Tên", "Title"), 34, "text"),
        Column(Bilingual("Đơn vị", "Organisation"), 24, "text"),
        Column(Bilingual("Nội dung", "Text"), 60, "text"),
        Column(Bilingual("Gần nhất: mã", "Nearest: code"), 12, "text"),
        Column(Bilingual("Gần nhất: tên", "Nearest: title"), 34, "text"),
        Column(Bilingual("Gần nhất: đơn vị", "Nearest: organisation"), 24, "text"),
        Column(Bilingual("Gần nhất: điểm", "Nearest: score"), 9, "score"),
        Column(Bilingual("Còn thiếu gì", "What is missing"), 44, "text"),
        Column(Bilingual("Hướng khác", "Other ways"), 44, "text"),
        Column(Bilingual("Nên làm gì", "Advice to the owner"), 44, "text"),
    )


def unmatched_rows(match_list: MatchList, language: Language) -> Iterator[list[Cell]]:
    """Needs first, then offers, in the order of the list."""
    for record_id in (*match_list.unmatched_demands, *match_list.unmatched_supplies):
        record = match_list.records[record_id]
        cells: list[Cell] = [
            SIDES[record.side].say(language),
            safe_cell(record.id, language),
            safe_cell(record.heading(), language),
            safe_cell(record.owner, language),
            safe_cell(shorten(record.text(), _TEXT_LENGTH), language),
        ]
        nearest = match_list.nearest.get(record_id)
        if nearest is None:
            cells += ["", "", "", None]
        else:
            partner = nearest.supply if record.side is Side.DEMAND else nearest.demand
            other = match_list.records[partner]
            cells += [
                safe_cell(other.id, language),
                safe_cell(other.heading(), language),
                safe_cell(other.owner, language),
                round(nearest.score, 4),
            ]
        lines = unmatched_lines(match_list, record_id)
        cells += [
            safe_cell("\n".join(line.say(language) for line in part), language) for part in lines
        ]
        yield cells


def unmatched_lines(
    match_list: MatchList, record_id: str
) -> tuple[list[Bilingual], list[Bilingual], list[Bilingual]]:
    """What the nearest pair lacks, where else to turn, and advice to the owner, in sentences."""
    missing = match_list.missing.get(record_id)
    if missing is None:
        return [], [], []
    side = match_list.records[record_id].side
    ways = [
        *_ways(_NEXT[side], missing.others, match_list.records),
        *_ways(Bilingual("Chuyên gia", "Experts"), missing.experts, match_list.records),
    ]
    if missing.fields:
        listed = ", ".join(missing.fields)
        ways.append(Bilingual(f"Lĩnh vực gần: {listed}", f"Fields nearby: {listed}"))
    return list(missing.lacks()), ways, [advice.words for advice in missing.advice]


_NEXT = {
    Side.DEMAND: Bilingual("Nguồn cung gần kế tiếp", "Next nearest offers"),
    Side.SUPPLY: Bilingual("Nhu cầu gần kế tiếp", "Next nearest needs"),
}


def _ways(
    name: Bilingual, ids: Sequence[str], records: Mapping[str, Record]
) -> Iterator[Bilingual]:
    if ids:
        listed = "; ".join(f"{records[one].heading()} ({one})" for one in ids)
        yield Bilingual(f"{name.vi}: {listed}", f"{name.en}: {listed}")
