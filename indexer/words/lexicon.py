"""The lexicon: which words of Vietnamese and English translate each other, and how surely.

The table ships with the package and is made by `indexer.training`. Its Vietnamese side holds
syllables and units of two to four syllables, its English side stems, both as `indexer.text`
gives them. A share p(e|v) is how often v was translated by e.
"""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.errors import DamagedError
from indexer.words.tokentable import folded

LEXICON = Path(__file__).parents[1] / "models" / "lexicon.npz"

Shares = tuple[tuple[str, float], ...]

_MOST_MEANINGS = 12  # of a unit typed without accents
_LEAST_SHARE = 0.02


@dataclass(frozen=True)
class Translations:
    """Row i is translated by `targets[starts[i]:starts[i + 1]]` with these `shares`."""

    starts: npt.NDArray[np.int64]
    targets: npt.NDArray[np.int32]
    shares: npt.NDArray[np.float32]

    def of(self, row: int, names: Sequence[str]) -> Shares:
        """The translations of one row, likeliest first."""
        inside = slice(self.starts[row], self.starts[row + 1])
        found = zip(self.targets[inside].tolist(), self.shares[inside].tolist(), strict=True)
        return tuple((names[target], share) for target, share in found)


class Lexicon:
    """A translation table in both directions.

    `vietnamese` are units, those of several syllables in order of how firmly they hold
    together; `counts` tells how often each was seen.
    """

    def __init__(
        self,
        vietnamese: Sequence[str],
        english: Sequence[str],
        counts: npt.NDArray[np.float32],
        forward: Translations,
        back: Translations,
    ) -> None:
        self.vietnamese = tuple(vietnamese)
        self.english = tuple(english)
        self.counts = counts
        self.forward = forward
        self.back = back
        self._rows = {unit: row for row, unit in enumerate(self.vietnamese)}
        self._english_rows = {word: row for row, word in enumerate(self.english)}
        self._known: dict[tuple[str, bool], Shares] = {}

    def units(self, tokens: Sequence[str], *, bare: bool = False) -> list[str]:
        """The tokens with those joined that are one unit of meaning; `bare`: without accents."""
        ranks = self._bare_ranks if bare else self._rows
        once = _joined(tokens, ranks)
        return _joined(once, ranks) if len(once) < len(tokens) else once

    def holds(self, unit: str, *, bare: bool = False) -> bool:
        """Whether a Vietnamese unit is in the table."""
        return unit in (self._folded if bare else self._rows)

    def to_english(self, unit: str, *, bare: bool = False) -> Shares:
        """English stems for a Vietnamese unit; a name nobody knows stays what it is."""
        key = (unit, bare)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._bare(unit) if bare else self._accented(unit)
        return found

    def to_vietnamese(self, word: str) -> Shares:
        """Vietnamese syllables and pairs of them for an English stem; an unknown one stays."""
        row = self._english_rows.get(word)
        return self.back.of(row, self.vietnamese) if row is not None else ((word, 1.0),)

    def _accented(self, unit: str) -> Shares:
        row = self._rows.get(unit)
        if row is None:
            return ((folded(unit), 1.0),)
        return self.forward.of(row, self.english)

    def _bare(self, unit: str) -> Shares:
        """The translations of all units this may stand for, by how often each was seen."""
        rows = self._folded.get(unit)
        if rows is None:
            return ((unit, 1.0),)
        total = float(self.counts[rows].sum())
        meanings: dict[str, float] = {}
        for row in rows:
            weight = float(self.counts[row]) / total
            for word, share in self.forward.of(row, self.english):
                meanings[word] = meanings.get(word, 0.0) + weight * share
        ranked = sorted(meanings.items(), key=lambda item: (-item[1], item[0]))
        return tuple(item for item in ranked[:_MOST_MEANINGS] if item[1] >= _LEAST_SHARE)

    @cached_property
    def _folded(self) -> dict[str, list[int]]:
        """Units by what somebody types who has no accents, in order of their best unit."""
        syllables = set(" ".join(self.vietnamese).split(" "))
        plain = dict(zip(syllables, map(folded, syllables), strict=True))
        rows: dict[str, list[int]] = {}
        for row, unit in enumerate(self.vietnamese):
            name = " ".join([plain[syllable] for syllable in unit.split(" ")])
            if name in rows:
                rows[name].append(row)
            else:
                rows[name] = [row]
        return rows

    @cached_property
    def _bare_ranks(self) -> dict[str, int]:
        return {unit: rows[0] for unit, rows in self._folded.items()}

    @cached_property
    def pairs(self) -> frozenset[str]:
        """The units of two syllables, which documents are indexed under."""
        return frozenset(unit for unit in self.vietnamese if unit.count(" ") == 1)

    def save(self, path: Path) -> None:
        """Writes the file `load` reads; equal lexicons give equal bytes."""
        arrays: dict[str, npt.NDArray[Any]] = {
            "vietnamese": _blob(self.vietnamese),
            "english": _blob(self.english),
            "counts": np.minimum(self.counts, 60_000).astype(np.float16),
        }
        for name, table in (("forward", self.forward), ("back", self.back)):
            most = int(table.targets.max(initial=0))
            arrays[f"{name}_sizes"] = np.diff(table.starts).astype(np.uint8)
            arrays[f"{name}_targets"] = table.targets.astype(_number(most))
            # The root spends the eight bits on the small shares, where they matter.
            arrays[f"{name}_shares"] = np.rint(255 * np.sqrt(table.shares)).astype(np.uint8)
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, array in arrays.items():
                body = io.BytesIO()
                np.save(body, array, allow_pickle=False)
                entry = zipfile.ZipInfo(f"{name}.npy")  # of a fixed date
                archive.writestr(entry, body.getvalue(), zipfile.ZIP_DEFLATED)

    @classmethod
    def load(cls, path: Path) -> "Lexicon":
        """The lexicon in a file. Raises DamagedError naming the file."""
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
                return _read(file)
        except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise DamagedError(
                vi=f"Từ điển dịch {path} bị hỏng hoặc thiếu ({error}). Hãy cài lại cungcau.",
                en=f"The lexicon {path} is damaged or missing ({error}). Install cungcau again.",
            ) from error


@cache
def shipped_lexicon() -> Lexicon:
    """The lexicon of the package, loaded once. Raises DamagedError."""
    return Lexicon.load(LEXICON)


def _read(file: Mapping[str, npt.NDArray[Any]]) -> Lexicon:
    vietnamese, english = _lines(file["vietnamese"]), _lines(file["english"])
    tables = [
        _table(file[f"{name}_sizes"], file[f"{name}_targets"], file[f"{name}_shares"], rows, names)
        for name, rows, names in (("forward", vietnamese, english), ("back", english, vietnamese))
    ]
    counts = file["counts"].astype(np.float32)
    if len(counts) != len(vietnamese):
        raise ValueError("counts and units do not agree")
    return Lexicon(vietnamese, english, counts, *tables)


def _table(
    sizes: npt.NDArray[Any],
    targets: npt.NDArray[Any],
    shares: npt.NDArray[Any],
    rows: Sequence[str],
    names: Sequence[str],
) -> Translations:
    starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
    if len(sizes) != len(rows) or starts[-1] != len(targets) or len(targets) != len(shares):
        raise ValueError("words and translations do not agree")
    if len(targets) and int(targets.max()) >= len(names):
        raise ValueError("a translation is not in the table")
    share = (shares.astype(np.float32) / 255) ** 2
    return Translations(starts, targets.astype(np.int32), share.astype(np.float32))


def _blob(words: Sequence[str]) -> npt.NDArray[np.uint8]:
    return np.frombuffer("\n".join(words).encode(), dtype=np.uint8)


def _lines(blob: npt.NDArray[np.uint8]) -> list[str]:
    return blob.tobytes().decode().split("\n")


def _number(most: int) -> type[np.unsignedinteger[Any]]:
    return np.uint16 if most < 2**16 else np.uint32


def _joined(tokens: Sequence[str], ranks: Mapping[str, int]) -> list[str]:
    """Neighbours joined where both together are a unit, the firmest first, then the leftmost."""
    found = []
    for i, (left, right) in enumerate(pairwise(tokens)):
        rank = ranks.get(f"{left} {right}")
        if rank is not None:
            found.append((rank, i))
    if not found:
        return list(tokens)
    taken = bytearray(len(tokens))  # 1: a part of a unit, 2: the first of it
    for _, i in sorted(found):
        if not taken[i] and not taken[i + 1]:
            taken[i], taken[i + 1] = 2, 1
    joined: list[str] = []
    for i, token in enumerate(tokens):
        if taken[i] == 2:
            joined.append(f"{token} {tokens[i + 1]}")
        elif not taken[i]:
            joined.append(token)
    return joined
