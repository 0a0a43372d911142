"""The texts as numbers, and which of them each step of training takes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from indexer.text import fold
from indexer.training.corpus import Corpus
from indexer.training.pairs import Pairs

LONGEST = 96  # word pieces of a text in training
_SPREAD = 16  # a batch is the stretch of like length from this many times its size
_SHORT = 2  # words; so short a pair of running text teaches less
_SHORT_SHARE = 0.4
_ASIDE = 6  # word pieces; how loosely a batch is sorted by length

Ids = Sequence[Sequence[int]]
Numbers = npt.NDArray[np.int64]
Random = np.random.Generator


@dataclass(frozen=True)
class Lessons:
    """Every text as piece numbers; `*_bare` without accents, as somebody types who has none.

    `taught` and its kin point into the teacher's rows, see `Corpus.english`.
    """

    english: Ids
    vietnamese: Ids
    bare: Ids
    taught: Numbers
    share: npt.NDArray[np.float64]
    lengths: Numbers
    quads: dict[str, Ids]
    quads_taught: dict[str, Numbers]
    titled: dict[str, tuple[Ids, Ids, Ids]]

    def pairs(self, random: Random, size: int) -> Numbers:
        """Pairs of like length, drawn by their share."""
        many = min(size * _SPREAD, len(self.share))
        drawn = random.choice(len(self.share), many, replace=False, p=self.share)
        loose = self.lengths[drawn] + random.integers(0, _ASIDE, many)
        drawn = drawn[np.argsort(loose, kind="stable")]
        start = size * int(random.integers(max(many // size, 1)))
        return drawn[start : start + size]


def prepare(corpus: Corpus, tokenizer: Tokenizer) -> Lessons:
    """The lessons of a corpus."""
    tokenizer.enable_truncation(LONGEST)

    def ids(texts: Sequence[str]) -> Ids:
        return [each.ids for each in tokenizer.encode_batch_fast(list(texts))]

    row = {text: i for i, text in enumerate(corpus.english())}
    pairs, quads = corpus.pairs, corpus.quads
    english, vietnamese = ids(pairs.english), ids(pairs.vietnamese)
    fields = ("need_vi", "need_en", "offer_vi", "offer_en")
    texts = {name: [getattr(quad, name) for quad in quads] for name in fields}
    titled = {}
    for language in ("vi", "en"):
        found = [t for t in corpus.titled if t.language == language]
        titles, bodies = [t.title for t in found], [t.body for t in found]
        if found:
            titled[language] = (ids(titles), ids(bodies), ids(list(map(fold, titles))))
    return Lessons(
        english=english,
        vietnamese=vietnamese,
        bare=ids(list(map(fold, pairs.vietnamese))),
        taught=np.asarray([row[text] for text in pairs.english]),
        share=_shares(pairs),
        lengths=np.asarray([len(a) + len(b) for a, b in zip(english, vietnamese, strict=True)]),
        quads={name: ids(texts[name]) for name in fields}
        | {f"{name}_bare": ids(list(map(fold, texts[name]))) for name in fields[::2]},
        quads_taught={name: np.asarray([row[t] for t in texts[name]]) for name in fields[1::2]},
        titled=titled,
    )


def _shares(pairs: Pairs) -> npt.NDArray[np.float64]:
    """How likely each pair is drawn: by its source, short running text less."""
    each = np.asarray([pairs.sources[name].drawn for name in pairs.names])[pairs.source]
    short = np.asarray([len(text.split()) <= _SHORT for text in pairs.english])
    share = each * np.where(short & ~pairs.terms, _SHORT_SHARE, 1.0)
    found: npt.NDArray[np.float64] = share / share.sum()
    return found
