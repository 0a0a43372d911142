"""What would help a record that found no partner: advice to its owner, from its own text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from indexer.bilingual import Bilingual
from indexer.records import Record, RecordType, Side, Visibility
from indexer.text import is_function_word, word_spans

_FEW_WORDS = 25
_VAGUE = 0.4  # of the rarity of an unheard word: half of the telling words are more common
_LEAST_ASKING = 3  # needs that state a readiness, before anything is said of what is usual
_MOST = 3
# What has a readiness to speak of; a fund or a course is not early or late.
_MATURING = frozenset(
    {RecordType.TECHNOLOGY, RecordType.PATENT, RecordType.PROTOTYPE, RecordType.STARTUP}
)


@dataclass(frozen=True, slots=True)
class Advice:
    """One piece of advice: its name for machines, its words for the owner."""

    name: str
    words: Bilingual


def usual_readiness(demands: Sequence[Record]) -> int | None:
    """The least readiness that half of the needs ask for; None where too few state one."""
    asked = [record.trl.low for record in demands if record.trl]
    return int(median(asked)) if len(asked) >= _LEAST_ASKING else None


def advise(
    record: Record, rarity: Callable[[str], float], usual: int | None = None
) -> tuple[Advice, ...]:
    """At most three pieces of advice, what matters most first; none where nothing stands out.

    `rarity` is that of `Index.rarity`, `usual` what `usual_readiness` gives.
    """
    found = (
        _early(record, usual),
        _short(record),
        _vague(record, rarity),
        _no_benefit(record),
        _closed(record),
    )
    return tuple(advice for advice in found if advice)[:_MOST]


def _early(record: Record, usual: int | None) -> Advice | None:
    if record.side is Side.DEMAND or record.type not in _MATURING:
        return None
    if record.trl is None or usual is None or record.trl.high >= usual:
        return None
    has = record.trl.high
    return Advice(
        "too-early",
        Bilingual(
            f"Còn sớm: TRL {has}, một nửa nhu cầu ở đây đòi từ TRL {usual}. Hãy nêu kết quả thử "
            "thực tế, hoặc chào mời cùng phát triển.",
            f"Early: TRL {has}, half of the needs here ask for TRL {usual} or more. Show a test in "
            "real use, or offer to develop it together.",
        ),
    )


def _short(record: Record) -> Advice | None:
    count = len(word_spans(record.text()))
    if count >= _FEW_WORDS:
        return None
    if record.side is Side.SUPPLY:
        vi, en = "làm được gì, cho ai, cần gì để chạy", "what it does, for whom, what it needs"
    else:
        vi, en = (
            "vướng ở đâu, quy mô bao nhiêu, đã thử gì",
            "what is wrong, how much, what was tried",
        )
    return Advice(
        "short",
        Bilingual(f"Chỉ có {count} từ: hãy viết rõ {vi}.", f"Only {count} words: say {en}."),
    )


def _vague(record: Record, rarity: Callable[[str], float]) -> Advice | None:
    telling = [
        rarity(token)
        for _, _, token in word_spans(record.text())
        if len(token) > 1 and not is_function_word(token)
    ]
    if not telling or median(telling) >= _VAGUE * rarity(""):
        return None
    return Advice(
        "vague",
        Bilingual(
            "Chữ nghĩa chung chung, hồ sơ nào cũng có: hãy gọi tên vật liệu, máy, phương pháp, "
            "con số.",
            "Mostly words that any record uses: name the material, the machine, the method, the "
            "figures.",
        ),
    )


def _no_benefit(record: Record) -> Advice | None:
    body = "\n".join(text for name, text in record.passages() if name != "title")
    if record.side is Side.DEMAND or any(letter.isdigit() for letter in body):
        return None
    return Advice(
        "benefit-unclear",
        Bilingual(
            "Lợi ích chưa rõ: không có con số nào. Hãy nêu tiết kiệm hay tăng được bao nhiêu, "
            "đã đo ở đâu.",
            "The benefit is unclear: the text has no figure. Say how much it saves or gains, and "
            "where that was measured.",
        ),
    )


def _closed(record: Record) -> Advice | None:
    if record.visibility is Visibility.PUBLIC:
        return None
    return Advice(
        "confidential",
        Bilingual(
            "Hồ sơ hạn chế chia sẻ: thêm một đoạn tóm tắt công khai để người khác thấy được.",
            "The record is confidential: add a summary that may be shown to others.",
        ),
    )
