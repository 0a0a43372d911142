"""An organiser's spreadsheet of judgements (need, offer, grade 0 to 3) as a collection.

Cells name records of the workspace's catalog, by code, title or whole text; then every active
offer of the catalog is a document. Or they hold the texts themselves; then the offers of the
sheet are all there is. Every need with a graded offer is a query; what nobody graded counts as
not relevant. The workbook `cungcau match` writes is such a sheet once its grades are filled in.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

from evaluation.collections import Collection
from evaluation.readers.gradecolumns import Role
from evaluation.readers.gradesheet import Graded, GradeSheet, read_grade_sheet
from evaluation.readers.naming import Names, TextNames
from indexer.bilingual import Bilingual
from indexer.catalog import Catalog
from indexer.owners import owner_key
from indexer.records import Record, Side

Judged = dict[str, dict[str, int]]


def judged_sheet(
    path: Path, catalog: Catalog | None = None, *, today: date | None = None
) -> Collection:
    """Read a spreadsheet of judgements; `today` decides which offers of the catalog are active.

    The catalog is used where any offer cell names one of its records. Raises RequestError,
    naming file and cell, as `read_grade_sheet` does and where a pair has two grades, a code or
    title is not in the catalog or belongs to several records, or codes are given without a
    catalog.
    """
    sheet = read_grade_sheet(path)
    if catalog is not None:
        needs, offers = (Names(side, catalog.records(side)) for side in (Side.DEMAND, Side.SUPPLY))
        if any(offers.find(row) for row in sheet.rows):
            active = catalog.ids(Side.SUPPLY, active_on=today or date.today())
            return _of_catalog(path, sheet, needs, offers, active)
        coded = next((row for row in sheet.rows if row.offer_code), None)
        if coded is not None:
            raise offers.unknown(coded)
    return _of_texts(path, sheet)


def _of_catalog(
    path: Path, sheet: GradeSheet, needs: Names, offers: Names, active: frozenset[str]
) -> Collection:
    own = TextNames(Side.DEMAND)
    pairs = []
    for row in sheet.rows:
        need = needs.find(row)
        if need is None:
            # A need in words that no record has is a need all the same; a code is a slip.
            if row.need_code or len(row.need.split()) < 3:
                raise needs.unknown(row)
            need = own.name(row)
        pairs.append((row, need, offers.named(row)))
    qrels, notices = gather(pairs)
    judged = {offer for grades in qrels.values() for offer in grades}
    documents = {one: offers.records[one].text() for one in sorted(active | judged)}
    texts = own.texts | {one: record.text() for one, record in needs.records.items()}
    if own.texts:
        notices.append(
            Bilingual(
                vi=f"{path.name}: {len(own.texts)} nhu cầu không có trong danh mục, dùng nguyên "
                "văn trong bảng.",
                en=f"{path.name}: {len(own.texts)} needs are not in the catalog; their text is "
                "taken from the sheet.",
            )
        )
    if expired := judged - active:
        some = ", ".join(sorted(expired)[:5])
        notices.append(
            Bilingual(
                vi=f"{path.name}: {len(expired)} nguồn cung đã đánh giá nay hết hạn, vẫn được "
                f"tính: {some}.",
                en=f"{path.name}: {len(expired)} judged offers have expired since and still "
                f"count: {some}.",
            )
        )
    return assemble(
        path.stem,
        {need: texts[need] for need in qrels},
        documents,
        qrels,
        records=[*needs.records.values(), *offers.records.values()],
        notices=[*sheet.notices, *notices, *_unjudged(path, qrels, len(documents))],
    )


def _of_texts(path: Path, sheet: GradeSheet) -> Collection:
    needs, offers = TextNames(Side.DEMAND), TextNames(Side.SUPPLY)
    pairs = [(row, needs.name(row), offers.name(row)) for row in sheet.rows]
    sides: tuple[tuple[TextNames, Role], ...] = ((needs, "need"), (offers, "offer"))
    for names, role in sides:
        if all(len(text.split()) < 2 for text in names.texts.values()):
            raise sheet.rows[0].error(
                role,
                "các ô chỉ có mã, không có nội dung; hãy nêu không gian làm việc chứa các mã này "
                "(--workspace)",
                "the cells hold codes and no texts; name the workspace that has these codes "
                "(--workspace)",
            )
    qrels, notices = gather(pairs)
    few = Bilingual(
        vi=f"{path.name}: chỉ so với {len(offers.texts)} sản phẩm có trong bảng; kết quả đẹp hơn "
        "khi so với toàn bộ danh mục.",
        en=f"{path.name}: only the {len(offers.texts)} offers of the sheet are searched; figures "
        "look better than over a whole catalog.",
    )
    return assemble(
        path.stem,
        needs.texts,
        offers.texts,
        qrels,
        notices=[*sheet.notices, *notices, few, *_unjudged(path, qrels, len(offers.texts))],
    )


def gather(pairs: Iterable[tuple[Graded, str, str]]) -> tuple[Judged, list[Bilingual]]:
    """Need id to {offer id: grade}; a pair graded twice alike counts once, and a notice says so.

    Raises RequestError, naming both cells, where a pair has two grades.
    """
    qrels: Judged = {}
    first: dict[tuple[str, str], Graded] = {}
    repeated: list[Graded] = []
    for row, need, offer in pairs:
        before = first.setdefault((need, offer), row)
        if before.grade != row.grade:
            there = before.where("grade")
            raise row.error(
                "grade",
                f"cặp {need} – {offer} đã có mức {before.grade} ({there.vi}), nay lại là "
                f"{row.grade}",
                f"the pair {need} – {offer} has the grade {before.grade} already ({there.en}), "
                f"now {row.grade}",
            )
        if before is not row:
            repeated.append(row)
        qrels.setdefault(need, {})[offer] = row.grade
    if not repeated:
        return qrels, []
    place = repeated[0].where("grade")
    notice = Bilingual(
        vi=f"{len(repeated)} đánh giá lặp lại với cùng mức, tính một lần (đầu tiên: {place.vi}).",
        en=f"{len(repeated)} judgements are repeated with the same grade and count once (first: "
        f"{place.en}).",
    )
    return qrels, [notice]


def assemble(
    name: str,
    needs: Mapping[str, str],
    offers: Mapping[str, str],
    qrels: Judged,
    *,
    records: Iterable[Record] = (),
    unanswerable: Sequence[str] = (),
    notices: Sequence[Bilingual] = (),
) -> Collection:
    """The collection of these texts; `records` tell owners (spellings of one name as one), fields
    and all else."""
    owners: dict[str, str] = {}
    fields: dict[str, str] = {}
    spelled: dict[str, str] = {}
    known: dict[str, Record] = {}
    for record in records:
        if record.id in offers or record.id in needs:
            known[record.id] = record
        if record.id in offers and record.owner.strip():
            owners[record.id] = spelled.setdefault(owner_key(record.owner), record.owner)
        if record.id in needs and record.field.strip():
            fields[record.id] = record.field
    ids = tuple(sorted(offers, reverse=True))
    return Collection(
        name=name,
        document_ids=ids,
        documents=tuple(offers[one] for one in ids),
        query_ids=tuple(needs),
        queries=tuple(needs.values()),
        qrels=qrels,
        itself={},
        unanswerable=tuple(unanswerable),
        owners=owners,
        fields=fields,
        records=known,
        notices=tuple(notices),
    )


def _unjudged(path: Path, qrels: Judged, offers: int) -> Iterable[Bilingual]:
    judged, pairs = sum(map(len, qrels.values())), len(qrels) * offers
    if judged < pairs:
        yield Bilingual(
            vi=f"{path.name}: {judged} cặp đã đánh giá trên {pairs}; cặp chưa đánh giá tính là "
            "không phù hợp.",
            en=f"{path.name}: {judged} of {pairs} pairs are judged; those that are not count as "
            "not relevant.",
        )
    hopeless = sum(max(grades.values()) < 1 for grades in qrels.values())
    if hopeless:
        yield Bilingual(
            vi=f"{path.name}: {hopeless} nhu cầu không có sản phẩm nào phù hợp, tính là 0.",
            en=f"{path.name}: {hopeless} needs have no relevant offer and count 0.",
        )
