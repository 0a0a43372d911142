"""First word vectors of the student: the teacher's, and Vietnamese ones made of them.

A Vietnamese syllable begins as the mean of the English words it is aligned with, as WECHSEL
does with whole models (Minixhofer, Paischer, Rekabsaz, NAACL 2022); an unaccented one as the
mean of the syllables it may stand for.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from indexer.progress import Progress
from indexer.text import fold, spelled_words, token_of
from indexer.training.alignment import Texts, align
from indexer.training.pairs import Pairs
from indexer.training.vocabulary import Vocabulary
from indexer.words.tokentable import TokenTable

FloatArray = npt.NDArray[np.float32]

_SHARE = 0.02  # of a syllable's alignments; fewer are noise
_SPREAD = 0.02  # of the vector of a syllable nothing is known of
_COMMON = slice(1_000, 20_000)  # the teacher's whole words: what a usual vector is
_SEED = 20261122


def first_vectors(
    vocabulary: Vocabulary,
    teacher: Tokenizer,
    table: FloatArray,
    pairs: Pairs,
    progress: Progress,
) -> FloatArray:
    """One vector a piece, shape (pieces, width); `table` holds the teacher's, by its numbers."""
    usual = table[_COMMON].mean(axis=0)
    length = float(np.linalg.norm(table[_COMMON] - usual, axis=1).mean())
    known = _syllables(teacher, table, pairs, progress)
    standing: dict[str, list[str]] = defaultdict(list)
    for word in vocabulary.accented:
        standing[fold(word)].append(word)
    random = np.random.default_rng(_SEED)
    rows = np.zeros((len(vocabulary.pieces), table.shape[1]), dtype=np.float32)
    rows[: vocabulary.inherited] = table[list(vocabulary.teacher_ids)]
    for i, piece in enumerate(vocabulary.pieces[vocabulary.inherited :], vocabulary.inherited):
        noise = random.normal(0, _SPREAD, table.shape[1])
        names = [piece] if not piece.isascii() else standing[piece]
        parts = [
            (vocabulary.accented[n], known[token_of(n)]) for n in names if token_of(n) in known
        ]
        found = sum(count * row for count, row in parts) if parts else 0.0
        away = found / max(sum(count for count, _ in parts), 1) - usual if parts else noise
        rows[i] = usual + away * (length / max(float(np.linalg.norm(away)), 1e-6))
    return rows


def without_transplant(rows: FloatArray, inherited: int) -> FloatArray:
    """The same, but added pieces drawn at random around the usual vector: a peer to measure."""
    random = np.random.default_rng(_SEED)
    own = rows[:inherited]
    drawn = random.normal(own.mean(axis=0), own.std(axis=0), (len(rows) - inherited, own.shape[1]))
    return np.concatenate([own, drawn.astype(np.float32)])


def _syllables(
    teacher: Tokenizer, table: FloatArray, pairs: Pairs, progress: Progress
) -> dict[str, FloatArray]:
    """The mean teacher's vector of the words each Vietnamese token is aligned with."""
    vietnamese, english = TokenTable.of(pairs.vietnamese), TokenTable.of(pairs.english)
    counts = align(_texts(vietnamese), _texts(english), pairs.weights, progress)
    words = _word_vectors(teacher, table, english.words, pairs.english)
    seen = np.bincount(counts.left, counts.count, minlength=len(vietnamese.words))
    share = counts.count / np.maximum(seen[counts.left], 1e-9)
    good = share >= _SHARE
    rows = np.zeros((len(vietnamese.words), table.shape[1]))
    total = np.bincount(counts.left[good], share[good], minlength=len(rows))
    np.add.at(rows, counts.left[good], share[good, None] * words[counts.right[good]])
    return {
        word: (rows[i] / total[i]).astype(np.float32)
        for i, word in enumerate(vietnamese.words)
        if total[i] > 0
    }


def _texts(table: TokenTable) -> Texts:
    return Texts(table.ids.astype(np.int64), table.text_of.astype(np.int64), len(table.words))


def _word_vectors(
    teacher: Tokenizer, table: FloatArray, tokens: Sequence[str], texts: Sequence[str]
) -> FloatArray:
    """The teacher's vector of each token: the mean of the pieces of its commonest spelling."""
    spelled: dict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        for word in spelled_words(text):
            spelled[token_of(word)][word] += 1
    forms = [
        min(spelled[t].items(), key=lambda item: (-item[1], item[0]))[0] if t in spelled else t
        for t in tokens
    ]
    found = teacher.encode_batch(forms, add_special_tokens=False)
    unknown = [teacher.get_vocab()["[UNK]"]]
    return np.stack([table[each.ids or unknown].mean(axis=0) for each in found])
