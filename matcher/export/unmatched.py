"""The sheet of records that found no partner, with the nearest one below the floor."""

from collections.abc import Iterator

from indexer.bilingual import Bilingual, Language
from indexer.records import Side
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
        yield cells
