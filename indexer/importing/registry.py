"""The records of one import by id: one code, one record."""

from dataclasses import dataclass, field

from indexer.bilingual import Bilingual
from indexer.importing.identity import id_from_everything
from indexer.importing.rejects import Reject
from indexer.importing.rows import Draft
from indexer.records import Record

_OTHER_CODE = Bilingual(vi="một mã chưa dùng, hoặc để trống ô mã", en="an unused code, or none")


@dataclass(slots=True)
class Registry:
    """Accepts drafts one by one and keeps their ids unique.

    A code met a second time is rejected, unless it stands for something else: on the other
    side, or for the same record on a sheet in another language. A row without code that
    repeats another word for word is passed over, or rejected where its other fields differ.
    """

    rejects: list[Reject] = field(default_factory=list)
    repeats: list[tuple[Record, Record]] = field(default_factory=list)
    _by_id: dict[str, Record] = field(default_factory=dict)
    _renamed: list[tuple[str, str]] = field(default_factory=list)

    @property
    def records(self) -> tuple[Record, ...]:
        return tuple(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def add(self, draft: Draft) -> None:
        record = draft.record
        first = self._by_id.get(record.id)
        if first is None:
            self._by_id[record.id] = record
            return
        if not draft.code:
            self._add_repeat(first, record)
            return
        other = _other_id(first, record, draft.code)
        if other and other not in self._by_id:
            if first.side is not record.side:
                self._renamed.append((draft.code, other))
            self._by_id[other] = record.model_copy(update={"id": other})
            return
        self._reject(
            record,
            draft.code,
            Bilingual(
                vi=f"mã “{draft.code}” đã dùng ở {_place_vi(first)}",
                en=f"the code “{draft.code}” is already used in {_place_en(first)}",
            ),
        )

    def _add_repeat(self, first: Record, record: Record) -> None:
        if record.text() != first.text():
            # Another text under the same title and owner is another record, met before or not.
            own = id_from_everything(record.side, record.title, record.owner, record.text())
            record = record.model_copy(update={"id": own})
            first = self._by_id.setdefault(own, record)
            if first is record:
                return
        same = record.model_copy(update={"source": first.source})
        if same == first:
            self.repeats.append((first, record))
            return
        differing = ", ".join(
            name for name in Record.model_fields if getattr(same, name) != getattr(first, name)
        )
        self._reject(
            record,
            "",
            Bilingual(
                vi=f"tên và nội dung trùng từng chữ với {_place_vi(first)} nhưng khác: {differing}",
                en=f"title and text repeat {_place_en(first)} word for word, but differ in: "
                f"{differing}",
            ),
        )

    def _reject(self, record: Record, value: str, reason: Bilingual) -> None:
        source = record.source
        self.rejects.append(
            Reject(source.file, source.sheet, source.row, "", value, reason, _OTHER_CODE)
        )

    def notices(self) -> list[Bilingual]:
        found = []
        if self.repeats:
            pairs = [f"{b.source.row} = {a.source.row}" for a, b in self.repeats[:10]]
            listed = ", ".join(pairs) + (", …" if len(self.repeats) > 10 else "")
            found.append(
                Bilingual(
                    vi=f"bỏ qua {len(self.repeats)} dòng lặp lại nguyên văn dòng khác ({listed}).",
                    en=f"{len(self.repeats)} rows repeat another row word for word and are passed "
                    f"over ({listed}).",
                )
            )
        if self._renamed:
            listed = ", ".join(f"{code} → {new}" for code, new in self._renamed[:10])
            found.append(
                Bilingual(
                    vi=f"{len(self._renamed)} mã dùng cho cả cung lẫn cầu; phía sau đổi "
                    f"thành: {listed}.",
                    en=f"{len(self._renamed)} codes are used for offers and needs alike; the later "
                    f"ones became: {listed}.",
                )
            )
        return found


def _other_id(first: Record, record: Record, code: str) -> str:
    """Another id for the same code, where it stands for something else; "" where it does not."""
    if first.side is not record.side:
        return f"{record.side.value}-{code}"
    same_book = first.source.file == record.source.file
    if (
        same_book
        and first.source.sheet != record.source.sheet
        and first.language != record.language
    ):
        return f"{record.id}.{record.language}"
    return ""


def _place_vi(record: Record) -> str:
    source = record.source
    sheet = f" [{source.sheet}]" if source.sheet else ""
    return f"{source.file}{sheet} dòng {source.row}"


def _place_en(record: Record) -> str:
    source = record.source
    sheet = f" [{source.sheet}]" if source.sheet else ""
    return f"{source.file}{sheet} row {source.row}"
