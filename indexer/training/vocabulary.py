"""The word pieces of the student: the teacher's English ones and Vietnamese syllables."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from indexer.text import fold

SIGNS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")

_COMMON = 20_000  # the teacher's first pieces, by frequency, are kept whether seen or not
_SEEN = 2  # times, for a piece or a syllable to be kept
_BARE_SEEN = 5
_LONGEST = 7  # letters of a Vietnamese syllable
_WORD = re.compile(r"[^\W\d_]+")
_VIETNAMESE = re.compile(rf"[a-zà-ỹđ]{{1,{_LONGEST}}}")
_LETTERS = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"


@dataclass(frozen=True)
class Vocabulary:
    """The pieces by number: first the teacher's, then syllables, then unaccented ones.

    `teacher_ids[i]` is the teacher's number of piece i; `accented` are the syllables by
    frequency, which the unaccented ones stand for.
    """

    pieces: tuple[str, ...]
    teacher_ids: tuple[int, ...]
    accented: Counter[str]

    @property
    def inherited(self) -> int:
        """How many pieces are the teacher's."""
        return len(self.teacher_ids)


def build_vocabulary(
    teacher: Tokenizer, english: Sequence[str], vietnamese: Iterable[str]
) -> Vocabulary:
    """The pieces these texts need."""
    seen: Counter[str] = Counter()
    for found in teacher.encode_batch(list(english), add_special_tokens=False):
        seen.update(found.tokens)
    by_number = sorted(teacher.get_vocab().items(), key=lambda item: item[1])
    kept = [(piece, number) for piece, number in by_number if _is_kept(piece, number, seen)]
    inherited = {piece for piece, _ in kept}
    words: Counter[str] = Counter()
    for text in vietnamese:
        words.update(_WORD.findall(text.lower()))
    accented = Counter({w: n for w, n in words.items() if n >= _SEEN and _is_accented(w)})
    bare: Counter[str] = Counter()
    for word, count in accented.items():
        bare[fold(word)] += count
    syllables = {*accented, *_LETTERS, *(f"##{letter}" for letter in _LETTERS)} - inherited
    plain = {w for w, n in bare.items() if n >= _BARE_SEEN} - inherited - syllables
    return Vocabulary(
        (*(piece for piece, _ in kept), *sorted(syllables), *sorted(plain)),
        tuple(number for _, number in kept),
        accented,
    )


def build_tokenizer(vocabulary: Vocabulary) -> Tokenizer:
    """Lower case, accents kept, words and signs apart, the longest known pieces of each word."""
    numbers = {piece: i for i, piece in enumerate(vocabulary.pieces)}
    tokenizer = Tokenizer(models.WordPiece(numbers, unk_token="[UNK]", max_input_chars_per_word=60))
    lower = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=False, lowercase=True
    )
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), lower])
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        special_tokens=[(sign, numbers[sign]) for sign in ("[CLS]", "[SEP]")],
    )
    return tokenizer


def _is_kept(piece: str, number: int, seen: Counter[str]) -> bool:
    if piece in SIGNS:
        return True
    if piece.startswith("[unused"):
        return False
    core = piece.removeprefix("##")
    if not core.isascii():
        return len(core) == 1 and seen[piece] >= _SEEN
    return number < _COMMON or seen[piece] >= _SEEN


def _is_accented(word: str) -> bool:
    return not word.isascii() and _VIETNAMESE.fullmatch(word) is not None
