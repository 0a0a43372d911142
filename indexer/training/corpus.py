"""What the encoders learn from: pairs, needs with the offers that answer them, titled texts."""

import gzip
import hashlib
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from indexer.errors import RequestError
from indexer.text import normalise
from indexer.training.pairs import Pairs, read_pairs

_BODY = 700  # characters of a titled text
_LABELS = ("nv", "ne", "ov", "oe")
_TITLED = re.compile(r"(vi|en)_.*\.tsv\.gz")


@dataclass(frozen=True)
class Quad:
    """A need and an offer that answers it, each in both languages."""

    need_vi: str
    need_en: str
    offer_vi: str
    offer_en: str


@dataclass(frozen=True)
class Titled:
    """A title and the beginning of the text under it, in one language."""

    language: str
    title: str
    body: str


@dataclass(frozen=True)
class Corpus:
    pairs: Pairs
    quads: tuple[Quad, ...]
    titled: tuple[Titled, ...]

    @cached_property
    def fingerprint(self) -> str:
        """Changes whenever a text does."""
        texts = (self.pairs.english, self.pairs.vietnamese, self.quads, self.titled)
        return hashlib.sha256(repr(texts).encode("utf-8", "replace")).hexdigest()[:12]

    def english(self) -> list[str]:
        """Every English text, each once: what the teacher is asked for."""
        texts = [*self.pairs.english]
        texts += [text for t in self.titled if t.language == "en" for text in (t.title, t.body)]
        return list(dict.fromkeys(texts))

    def vietnamese(self) -> list[str]:
        """Every Vietnamese text, each once."""
        texts = [*self.pairs.vietnamese]
        texts += [text for t in self.titled if t.language == "vi" for text in (t.title, t.body)]
        return list(dict.fromkeys(texts))


def read_corpus(folders: Sequence[Path], titled: Sequence[Path], exclude: Sequence[str]) -> Corpus:
    """The corpus of these folders, see `read_pairs`; `titled` are folders of titled texts.

    Titled texts are files `vi_NAME.tsv.gz` and `en_NAME.tsv.gz` of lines `title<tab>body`.
    Raises RequestError naming the file, and the line, that cannot be used.
    """
    pairs = read_pairs(folders, exclude=exclude)  # type: ignore[arg-type]
    quads = tuple(
        q for folder in folders for p in sorted(folder.glob("*.quads.txt")) for q in _quads(p)
    )
    texts = (t for folder in titled for p in sorted(folder.glob("*.tsv.gz")) for t in _titled(p))
    return Corpus(pairs, quads, tuple(dict.fromkeys(texts)))


def _quads(path: Path) -> Iterator[Quad]:
    """The complete blocks of a file that `read_pairs` has read."""
    waiting: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8-sig").split("\n"):
        label, _, text = line.strip().partition(":")
        if label == _LABELS[0]:
            waiting = {}
        if label in _LABELS:
            waiting[label] = text.strip()
        if label == _LABELS[-1] and len(waiting) == len(_LABELS):
            yield Quad(*(waiting[name] for name in _LABELS))


def _titled(path: Path) -> Iterator[Titled]:
    named = _TITLED.fullmatch(path.name)
    if named is None:
        raise RequestError(
            vi=f"{path}: tên tệp phải bắt đầu bằng vi_ hoặc en_.",
            en=f"{path}: the name of the file must begin with vi_ or en_.",
        )
    try:
        lines = gzip.decompress(path.read_bytes()).decode("utf-8").split("\n")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise RequestError(
            vi=f"Không đọc được tệp “{path}”: {error}.",
            en=f"The file “{path}” cannot be read: {error}.",
        ) from error
    for line in lines:
        title, body = (normalise(part).strip() for part in line.partition("\t")[::2])
        if title and body:
            yield Titled(named[1], title, body[:_BODY])
