"""Which columns of a spreadsheet of judgements hold the need, the offer and the grade."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from indexer.bilingual import Bilingual
from indexer.importing.cells import cell_text
from indexer.importing.headings import key
from indexer.readers import Cell, Table

Role = Literal["need code", "need", "offer code", "offer", "grade"]

HEADER_ROWS = 20
_LONGEST_HEADING = 80

ACCEPTED = Bilingual(
    vi="“Nhu cầu” hoặc “Mã nhu cầu”, “Sản phẩm”, “Nguồn cung” hoặc “Mã nguồn cung”, và “Đánh giá”",
    en="“Need” or “Need code”, “Offer” or “Offer code”, and “Grade”",
)

# Folded, as `indexer.importing.headings.key` gives them.
_HEADINGS: dict[Role, str] = {
    "need code": """ma nhu cau | ma so nhu cau | ma cau | ma bai toan | ma ho so nhu cau |
        ma ben cau | need code | need id | demand | demand id | demand code | query id""",
    "need": """nhu cau | ten nhu cau | noi dung nhu cau | mo ta nhu cau | tieu de nhu cau |
        nhu cau cong nghe | nhu cau doanh nghiep | bai toan | ben cau | need | needs |
        need title | need text | query | request | challenge""",
    "offer code": """ma nguon cung | ma chao ban | ma san pham | ma san pham chao ban | ma cung |
        ma cong nghe | ma giai phap | ma thiet bi | ma ben cung | ma ho so chao ban | offer code |
        offer id | supply | supply id | supply code | product code | corpus id | document id""",
    "offer": """nguon cung | chao ban | san pham | san pham chao ban | ten san pham | cong nghe |
        ten cong nghe | giai phap | ten giai phap | thiet bi | ben cung | de xuat |
        cong nghe chao ban | offer | offers | offer title | offer text | product | solution |
        technology | document""",
    "grade": """danh gia | muc danh gia | diem danh gia | muc phu hop |
        muc do phu hop | do phu hop | xep loai | cham diem | ket qua danh gia | ket qua gap |
        quyet dinh | phan hoi | grade | grades | relevance | rating | judgement | judgment |
        label | decision | outcome | answer | feedback""",
}
# What also heads the score that a program gave, or an item: the grade only where no better
# heading is there.
_DOUBTFUL = frozenset({"diem", "diem so", "score", "muc", "muc do"})
_SURE = 0.8
_FRACTION = re.compile(r"\d*[.,]0*[1-9]\d*")


@dataclass(frozen=True, slots=True)
class GradeColumns:
    """Where the headings stand (row index) and the column index of each role found there."""

    header: int
    at: dict[Role, int]

    @property
    def whole(self) -> bool:
        """True where need, offer and grade are all there."""
        sides = all({side, f"{side} code"} & self.at.keys() for side in ("need", "offer"))
        return sides and "grade" in self.at

    def cell(self, row: Sequence[Cell], role: Role) -> Cell:
        """The cell of that role, "" where there is none."""
        index = self.at.get(role)
        return row[index] if index is not None and index < len(row) else ""


def find_columns(table: Table) -> GradeColumns | None:
    """The first row of headings that names need, offer and grade; None where there is none."""
    for header, row in enumerate(table.rows[:HEADER_ROWS]):
        surest: dict[Role, tuple[float, int]] = {}
        for index, cell in enumerate(row):
            role, surety = recognise(cell_text(cell)) if isinstance(cell, str) else (None, 0.0)
            if role is not None and surety > surest.get(role, (0.0, 0))[0]:
                surest[role] = surety, index
        surety, index = surest.get("grade", (1.0, 0))
        if surety < _SURE and _is_score(table, header, index):
            del surest["grade"]
        found = GradeColumns(header, {role: index for role, (_, index) in surest.items()})
        if found.whole:
            return found
    return None


def _is_score(table: Table, header: int, index: int) -> bool:
    """Whether at least half of what stands below the heading are fractions: grades are whole."""
    below = (cell_text(row[index]) for row in table.rows[header + 1 :] if index < len(row))
    filled = [text for text in below if text]
    fractions = sum(_FRACTION.fullmatch(text) is not None for text in filled)
    return 0 < len(filled) <= 2 * fractions


@lru_cache(maxsize=1024)
def recognise(heading: str) -> tuple[Role | None, float]:
    """(role, surety 0..1) of a heading; (None, 0.0) for one that is not understood."""
    if not heading or len(heading) > _LONGEST_HEADING:
        return None, 0.0
    variants = _variants(heading)
    for variant in variants:
        if role := _known().get(variant):
            return role, 1.0
    for variant in variants:
        if role := _misspelt(variant):
            return role, 0.8
    return ("grade", 0.5) if _DOUBTFUL & set(variants) else (None, 0.0)


@cache
def _known() -> dict[str, Role]:
    return {
        " ".join(phrase.split()): role
        for role, text in _HEADINGS.items()
        for phrase in text.split("|")
    }


def _variants(heading: str) -> list[str]:
    """The heading whole, without parentheses, and the halves of "Nhu cầu / Need"."""
    bare = re.sub(r"[(\[（].*?[)\]）]", " ", heading)
    halves = re.split(r"[/|\n:;]|\s[-–—]\s", bare)
    return [part for part in dict.fromkeys(map(key, (heading, bare, *halves))) if part]


def _misspelt(variant: str) -> Role | None:
    """The role of the known heading that is a slip or two of the keyboard away."""
    from rapidfuzz import process  # noqa: PLC0415 - not on the search path
    from rapidfuzz.distance import OSA  # noqa: PLC0415

    size = len(variant)
    if size < 5:
        return None
    choices = [one for one in _known() if one[0] == variant[0] and len(one) >= 5]
    slips = 1 if size < 9 else 2
    best = process.extractOne(variant, choices, scorer=OSA.distance, score_cutoff=slips)
    return _known()[best[0]] if best else None
