"""Graded rows of a spreadsheet: who needs what, what is offered, and the grade a person gave."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from evaluation.readers.answers import ACCEPTED as WORDS
from evaluation.readers.answers import answer
from evaluation.readers.gradecolumns import ACCEPTED, HEADER_ROWS, GradeColumns, Role, find_columns
from indexer.bilingual import Bilingual
from indexer.errors import RequestError
from indexer.importing.cells import cell_text
from indexer.importing.headings import key
from indexer.judgements import ANSWERS, GRADE
from indexer.readers import Cell, Table, is_blank, read_tables

HIGHEST = 3
_MOST = 5  # wrong grades named in one error

# Who did not come said nothing of the pair.
_UNGRADED = frozenset({"", "-", "–", "—", "?", "n/a", "no-show", "vắng", "vắng mặt", "không đến"})
# A bare grade, or one with words after it: "3", "2.0", "3 – nên gặp", "1 (only if free)".
_GRADE = re.compile(rf"([0-{HIGHEST}])(?:[.,]0+)?(?:(?:\s+|\s*[-–—:(.)]\s*)[^\W\d_].*)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Graded:
    """One graded row; the code or the text of a side may be "", not both.

    `answer` is how the grade was given, see `indexer.judgements.ANSWERS`.
    """

    table: Table
    columns: GradeColumns
    number: int
    need_code: str
    need: str
    offer_code: str
    offer: str
    grade: int
    answer: str = GRADE

    def where(self, role: Role) -> Bilingual:
        """The cell as people find it: file, sheet, column letter and row number."""
        return _where(self.table, self.columns, self.number, role)

    def cell(self, role: Role) -> str:
        """The cell of that role as spreadsheet programs call it: "C7"."""
        return _cell(self.columns, self.number, role)

    def error(self, role: Role, vi: str, en: str) -> RequestError:
        place = self.where(role)
        return RequestError(vi=f"{place.vi}: {vi}.", en=f"{place.en}: {en}.")


@dataclass(frozen=True, slots=True)
class GradeSheet:
    """The graded rows of a file in its order, and what was odd in it."""

    rows: tuple[Graded, ...]
    notices: tuple[Bilingual, ...] = ()


def read_grade_sheet(path: Path) -> GradeSheet:
    """Every row with a grade, of all visible sheets whose headings name need, offer and grade.

    Rows without a grade were not judged and are left out. Raises RequestError, naming file and
    cell: the file cannot be read, has no such columns or no grade; a grade is not a whole number
    from 0 to 3 nor an answer in words (`evaluation.readers.answers`); a graded row lacks its need
    or its offer.
    """
    tables = [table for table in read_tables(path) if not table.hidden]
    found = [(table, columns) for table in tables if (columns := find_columns(table))]
    if not found:
        raise _not_understood(path, tables)
    notices = [notice for table, _ in found for notice in table.notices]
    rows: list[Graded] = []
    ungraded = 0
    for table, columns in found:
        for fault in table.faults:
            raise RequestError(
                vi=f"{table.where()}, dòng {fault.row}: {fault.reason.vi}; "
                f"cần {fault.accepted.vi}.",
                en=f"{table.where()}, row {fault.row}: {fault.reason.en}; "
                f"accepted: {fault.accepted.en}.",
            )
        for row in _rows(table, columns):
            if isinstance(row, Graded):
                rows.append(row)
            else:
                ungraded += 1
    if not rows:
        raise RequestError(
            vi=f"{path}: chưa có dòng nào được đánh giá; hãy điền 0 đến {HIGHEST} vào cột "
            "“Đánh giá”.",
            en=f"{path}: no row is graded yet; fill 0 to {HIGHEST} into the column “Grade”.",
        )
    if ungraded:
        notices.append(
            Bilingual(
                vi=f"{path.name}: bỏ qua {ungraded} dòng chưa đánh giá.",
                en=f"{path.name}: {ungraded} rows without a grade are left out.",
            )
        )
    return GradeSheet(tuple(rows), tuple(notices))


def _rows(table: Table, columns: GradeColumns) -> Iterator[Graded | None]:
    """The graded rows, and None for each that names a pair without grading it."""
    heading = key(cell_text(columns.cell(table.rows[columns.header], "grade")))
    wrong: list[tuple[Graded, str]] = []
    for number, row in table.numbered(columns.header + 1):
        if is_blank(row):
            continue
        need_code, need, offer_code, offer = (
            _text(columns.cell(row, role)) for role in ("need code", "need", "offer code", "offer")
        )
        written = columns.cell(row, "grade")
        text = cell_text(written)
        if text.casefold() in _UNGRADED:
            if (need_code or need) and (offer_code or offer):
                yield None
            continue
        if key(text) == heading:  # the headings once more, as a long list repeats them
            continue
        worded = answer(text) if isinstance(written, str) else None
        grade = _grade(written) if worded is None else ANSWERS[worded]
        graded = Graded(
            *(table, columns, number, need_code, need, offer_code, offer, grade or 0),
            answer=worded or GRADE,
        )
        if grade is None:
            wrong.append((graded, text[:60]))
            continue
        if not (need_code or need):
            raise graded.error(
                "need",
                "dòng có đánh giá nhưng thiếu nhu cầu",
                "the row is graded but its need is missing",
            )
        if not (offer_code or offer):
            raise graded.error(
                "offer",
                "dòng có đánh giá nhưng thiếu sản phẩm chào bán",
                "the row is graded but its offer is missing",
            )
        yield graded
    if wrong:
        raise _wrong_grades(wrong)


def _wrong_grades(wrong: list[tuple[Graded, str]]) -> RequestError:
    """The first wrong grade of a sheet with its place, then the cells of some others."""
    (first, text), others = wrong[0], wrong[1:]
    some = ", ".join(f"{row.cell('grade')} “{said}”" for row, said in others[: _MOST - 1])
    more = len(others) - (_MOST - 1)
    vi = f" (cũng vậy: {some}" + (f" và {more} ô nữa)" if more > 0 else ")") if some else ""
    en = f" (nor are {some}" + (f" and {more} more)" if more > 0 else ")") if some else ""
    return first.error(
        "grade",
        f"mức đánh giá “{text}” không hợp lệ{vi}; cần số nguyên từ 0 đến {HIGHEST} hoặc {WORDS.vi}",
        f"the grade “{text}” is not accepted{en}; give a whole number from 0 to {HIGHEST} "
        f"or {WORDS.en}",
    )


def _text(cell: Cell) -> str:
    """The cell as text; the apostrophe our own export puts before a formula's sign is dropped."""
    text = cell_text(cell)
    return text[1:] if re.match(r"'[=+\-@＝＋－＠]", text) else text


def _grade(cell: Cell) -> int | None:
    if isinstance(cell, bool):
        return None
    written = _GRADE.fullmatch(cell_text(cell))
    return int(written[1]) if written else None


def _where(table: Table, columns: GradeColumns, number: int, role: Role) -> Bilingual:
    cell = _cell(columns, number, role)
    return Bilingual(vi=f"{table.where()}, ô {cell}", en=f"{table.where()}, cell {cell}")


def _cell(columns: GradeColumns, number: int, role: Role) -> str:
    side: Role = "need" if role.startswith("need") else "offer"
    of_side: tuple[Role, ...] = (f"{side} code", side)  # type: ignore[assignment]
    index = next(columns.at[one] for one in (role, *of_side) if one in columns.at)
    return f"{_letters(index)}{number}"


def _letters(index: int) -> str:
    """0 -> A, 26 -> AA: the column as spreadsheet programs call it."""
    letters = ""
    while index >= 0:
        letters = chr(65 + index % 26) + letters
        index = index // 26 - 1
    return letters


def _not_understood(path: Path, tables: list[Table]) -> RequestError:
    rows = [row for table in tables for row in table.rows[:HEADER_ROWS] if not is_blank(row)]
    widest = max(rows, key=lambda row: sum(cell != "" for cell in row), default=())
    seen = ", ".join(f"“{cell_text(cell)[:40]}”" for cell in widest[:12] if cell != "")
    if not seen:
        return RequestError(
            vi=f"{path}: không có dữ liệu nào trong tệp.",
            en=f"{path}: there is nothing in the file.",
        )
    return RequestError(
        vi=f"{path}: không nhận ra các cột đánh giá trong {HEADER_ROWS} dòng đầu (thấy: {seen}). "
        f"Cần: {ACCEPTED.vi}.",
        en=f"{path}: the columns of judgements are not recognised in the first {HEADER_ROWS} rows "
        f"(found: {seen}). Needed: {ACCEPTED.en}.",
    )
