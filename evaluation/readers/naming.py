"""What the cells of a spreadsheet of judgements name: records of a catalog, or texts."""

from collections.abc import Iterable

from evaluation.readers.gradecolumns import Role
from evaluation.readers.gradesheet import Graded
from indexer.errors import RequestError
from indexer.importing.identity import id_from_code
from indexer.records import Record, Side
from indexer.text import normalise

_ROLE: dict[Side, Role] = {Side.DEMAND: "need", Side.SUPPLY: "offer"}
_CODE: dict[Side, Role] = {Side.DEMAND: "need code", Side.SUPPLY: "offer code"}
_KIND = {Side.DEMAND: ("nhu cầu", "need"), Side.SUPPLY: ("nguồn cung", "offer")}


class Names:
    """The records of one side, found by code, title or text as people write them."""

    def __init__(self, side: Side, records: Iterable[Record]) -> None:
        self.side = side
        self.records = {record.id: record for record in records}
        self._by_key: dict[str, set[str]] = {}
        for record in self.records.values():
            for text in (record.id, record.heading(), record.description, record.text()):
                if text:
                    self._by_key.setdefault(key_of(text), set()).add(record.id)

    def find(self, row: Graded) -> str | None:
        """The id of the record the row names on this side, None where there is none.

        A code decides where one is given. Raises RequestError where several records fit.
        """
        code, text = cells_of(row, self.side)
        name = code or text
        for one in (name, id_from_code(self.side, name), f"{self.side.value}-{name}"):
            if one in self.records:
                return one
        found = sorted(self._by_key.get(key_of(name), ()))
        if len(found) > 1:
            listed = ", ".join(found[:5])
            raise row.error(
                _ROLE[self.side],
                f"“{name[:60]}” là của {len(found)} hồ sơ ({listed}); hãy ghi mã",
                f"“{name[:60]}” belongs to {len(found)} records ({listed}); give the code",
            )
        return found[0] if found else None

    def named(self, row: Graded) -> str:
        """As `find`; raises RequestError where there is none."""
        found = self.find(row)
        if found is None:
            raise self.unknown(row)
        return found

    def unknown(self, row: Graded) -> RequestError:
        """The error of a cell that names no record of this side."""
        code, text = cells_of(row, self.side)
        name, (vi, en) = (code or text)[:60], _KIND[self.side]
        return row.error(
            _CODE[self.side] if code else _ROLE[self.side],
            f"“{name}” không có trong danh mục; cần mã hoặc tên của một {vi} đã nhập",
            f"“{name}” is not in the catalog; give the code or title of an imported {en}",
        )


class TextNames:
    """Ids for texts no record has: the code beside them, else a number by first appearance."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self.texts: dict[str, str] = {}
        self._ids: dict[str, str] = {}

    def name(self, row: Graded) -> str:
        """The id of the row's text on this side.

        Raises RequestError where a code stands beside two texts.
        """
        code, text = cells_of(row, self.side)
        text = text or code
        key = key_of(code or text)
        if key not in self._ids:
            self._ids[key] = code or f"{_KIND[self.side][1]}-{len(self._ids) + 1:04d}"
            self.texts[self._ids[key]] = text
        name = self._ids[key]
        if key_of(self.texts[name]) != key_of(text):
            raise row.error(
                _ROLE[self.side],
                f"mã {name} đã đi với nội dung khác",
                f"the code {name} stands beside another text already",
            )
        return name


def cells_of(row: Graded, side: Side) -> tuple[str, str]:
    """(code, text) of one side of a row."""
    return (row.need_code, row.need) if side is Side.DEMAND else (row.offer_code, row.offer)


def key_of(text: str) -> str:
    """A text as it is compared: case and blanks aside."""
    return " ".join(normalise(text).casefold().split())
