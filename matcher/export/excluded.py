"""The pairs that rules kept off the lists: a sheet of the workbook, and excluded.jsonl."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from indexer.bilingual import Bilingual, Language
from indexer.records import Side
from matcher.export.cells import safe_cell
from matcher.export.jsonl import one_line
from matcher.export.labels import SIDES
from matcher.export.sheets import Cell, Column
from matcher.matchlist import MatchList
from matcher.ruling.exclusion import Exclusion


def excluded_columns() -> tuple[Column, ...]:
    need, offer = SIDES[Side.DEMAND], SIDES[Side.SUPPLY]
    return (
        Column(Bilingual("Mã nhu cầu", "Need code"), 12, "own"),
        Column(need, 34, "own"),
        Column(Bilingual("Đơn vị có nhu cầu", "Organisation in need"), 24, "own"),
        Column(Bilingual("Mã nguồn cung", "Offer code"), 12, "text"),
        Column(offer, 34, "text"),
        Column(Bilingual("Đơn vị cung cấp", "Offering organisation"), 24, "text"),
        Column(Bilingual("Điểm", "Score"), 9, "score"),
        Column(Bilingual("Luật", "Rule"), 30, "text"),
        Column(Bilingual("Vì sao bị loại", "Why excluded"), 60, "text"),
    )


def excluded_rows(match_list: MatchList, language: Language) -> Iterator[list[Cell]]:
    """By need, best first."""
    for item in match_list.excluded:
        cells: list[Cell] = []
        for record_id in (item.demand, item.supply):
            record = match_list.records[record_id]
            texts = record.id, record.heading(), record.owner
            cells += [safe_cell(text, language) for text in texts]
        cells.append(round(item.score, 4))
        cells += [safe_cell(words.say(language), language) for words in (item.rule, item.why)]
        yield cells


def write_excluded(excluded: Iterable[Exclusion], path: Path) -> None:
    """Writes `Exclusion.to_json` line by line, UTF-8, in the order given."""
    with path.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
        for item in excluded:
            line = json.dumps(item.to_json(), ensure_ascii=False, separators=(",", ":"))
            file.write(one_line(line) + "\n")
