"""Whether a table holds offers or needs, from the words over it."""

import re
from collections.abc import Iterator
from pathlib import Path

from indexer.importing.columns import Layout
from indexer.importing.headings import key
from indexer.readers import Table
from indexer.records import Side

# A demand word outweighs any supply word beside it: "Nhu cầu công nghệ" is a need.
_DEMAND = re.compile(
    r"\b(?:nhu cau|can tim|can mua|tim mua|dat hang|bai toan|mong muon|tim kiem cong nghe|"
    r"thach thuc|ben cau|ben mua|needs?|demands?|challenges?|requests?|wanted|seeking|sought|"
    r"procurement|tenders?|buyers?|requirements?)\b"
)
_SUPPLY = re.compile(
    r"\b(?:cong nghe|giai phap|chao ban|chao gia|thiet bi|sang che|san pham|ket qua nghien cuu|"
    r"ben cung|ben ban|nguon cung|chuyen giao|"
    r"offers?|solutions?|technolog(?:y|ies)|suppl(?:y|ies|iers?)|"
    r"inventions?|patents?|products?)\b"
)
_DEMAND_ALONE, _SUPPLY_ALONE = re.compile(r"^cau\b|\bcau$"), re.compile(r"^cung\b|\bcung$")
_DEMAND_HEADINGS = re.compile(
    r"\b(?:nhu cau|yeu cau ky thuat|yeu cau cong nghe|yeu cau mong muon|kinh phi du kien|ngan sach|"
    r"needs?|requirements?|budget|partnership sought|trl toi thieu|minimum trl)\b"
)
_SUPPLY_HEADINGS = re.compile(
    r"\b(?:uu diem|tinh moi|chao gia|gia ban|hinh thuc chuyen giao|so huu tri tue|sang che|"
    r"khach hang muc tieu|chu so huu|target (?:clients?|customers?|market)|advantages|"
    r"licens(?:e|ing)|inventors?|patent)\b"
)


def infer_side(table: Table, layout: Layout) -> Side | None:
    """The side the words point to, asking the most telling place first; None where none tells."""
    for text in _places(table, layout):
        words = key(text)
        if _DEMAND.search(words) or _DEMAND_ALONE.search(words):
            return Side.DEMAND
        if _SUPPLY.search(words) or _SUPPLY_ALONE.search(words):
            return Side.SUPPLY
    headings = " | ".join(key(column.heading) for column in layout.columns)
    if _DEMAND_HEADINGS.search(headings) or layout.means("requirements"):
        return Side.DEMAND
    if _SUPPLY_HEADINGS.search(headings) or layout.means("advantages"):
        return Side.SUPPLY
    name = key(re.sub(r"(?<=[a-zà-ỹ])(?=[A-ZĐ])", " ", Path(table.file).stem))
    if _DEMAND.search(name) or _DEMAND_ALONE.search(name):
        return Side.DEMAND
    return Side.SUPPLY if _SUPPLY.search(name) or _SUPPLY_ALONE.search(name) else None


def _places(table: Table, layout: Layout) -> Iterator[str]:
    """The title column's heading, the id column's, the sheet's name, the lines above the table."""
    for meaning in ("title", "id", "type"):
        for column in layout.means(meaning):
            yield column.heading
    yield table.sheet
    for row in table.rows[: layout.header]:
        yield " ".join(str(cell) for cell in row if isinstance(cell, str))
