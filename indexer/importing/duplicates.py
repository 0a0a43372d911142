"""Near-duplicates: the same offer or need handed in twice, spelt otherwise.

Compared is the core text (title, summary, description, requirements) without accents, case and
punctuation. Two ways lead to a pair worth comparing, so that not all pairs need be: the same
organisation, and equal bands of a MinHash signature over character 5-grams (Broder 1997). The
signatures of all records are computed in one numpy pass; datasketch does the same record by
record in Python and takes some twenty times as long.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache, reduce
from itertools import combinations
from operator import or_

import numpy as np
from numpy.typing import NDArray

from indexer.bilingual import Bilingual
from indexer.owners import owner_key, owners_alike
from indexer.records import Record
from indexer.text import fold

_CORE = ("title", "summary", "description", "requirements")
_LONGEST = 4000  # characters compared of each text
_GRAM = 5
_MOST = 200_000  # records compared beyond equality
_BANDS, _ROWS = 10, 3  # finds 99% of pairs of Jaccard 0.8, 91% of 0.6
_SEED = 20261122
_LARGEST_BUCKET = 40
_LARGEST_OWNER = 120  # records of one owner compared all with all
_OWNER_PAIRS = 200_000
_KEPT = 20_000  # texts whose words are kept at hand
_BITS = tuple(1 << bit for bit in range(1_024))  # of words
_WORD = re.compile(r"[^\W_]+")
_ASCII_WORDS = bytes(code if chr(code).isalnum() and code < 128 else 32 for code in range(256))
_FIGURE = re.compile(r"\d+")

# Of one organisation: half the words in common, or one text nearly held in the other.
_SAME_OWNER_JACCARD = 0.4
_SAME_OWNER_HELD = (0.28, 0.8)
_LEAST_JACCARD = 0.28  # with less in common two texts are different ones, whose ever they are
_LONG_ENOUGH = 20  # different words; "quản lý văn bản" and "quản lý tài sản" share half of theirs
# Of unknown or different organisations only nearly equal texts count.
_ANY_OWNER_JACCARD = 0.8
_SAME_ORGANISATION = 0.85


def near_duplicates(
    records: Sequence[Record], linked: Mapping[str, str] | None = None
) -> tuple[dict[str, str], list[Bilingual]]:
    """({id of the later record: id of the earlier one}, notices).

    linked: pairs already known as translations, which are not reported again. Equal texts of
    organisations known to be different are reported but not linked.
    """
    linked = linked or {}
    if len(records) > _MOST:
        return _equal_only(records, linked)
    texts = [_core(record) for record in records]
    owners = [owner_key(record.owner) for record in records]
    same: dict[str, str] = {}
    pairs: list[tuple[Record, Record]] = []
    strangers: list[tuple[Record, Record]] = []
    resembling = _resembling(records, texts, _candidates(records, texts, owners))
    for one, other, likeness in sorted(resembling):
        first, second = records[one], records[other]
        if first.side is not second.side or _known(first.id, second.id, linked, same):
            continue
        known = bool(owners[one] and owners[other])
        alike = not known or owners_alike(owners[one], owners[other]) >= _SAME_ORGANISATION
        if likeness is _Likeness.LOOSE and not (known and alike):
            continue
        (pairs if alike else strangers).append((first, second))
        if alike:
            same[second.id] = first.id
    return same, _notices(pairs, strangers)


def _core(record: Record) -> str:
    """The words compared, folded, one blank between them."""
    text = fold(" ".join(getattr(record, name) for name in _CORE)[:_LONGEST])
    if text.isascii():  # as folded text nearly always is
        return b" ".join(text.encode().translate(_ASCII_WORDS).split()).decode()
    return " ".join(_WORD.findall(text))


def _equal_only(
    records: Sequence[Record], linked: Mapping[str, str]
) -> tuple[dict[str, str], list[Bilingual]]:
    """For very large imports: only texts that are equal once folded, in little memory."""
    first: dict[int, str] = {}
    same = {}
    for record in records:
        body = hash((record.side, owner_key(record.owner), _core(record)))
        earlier = first.setdefault(body, record.id)
        if earlier != record.id and record.id not in linked:
            same[record.id] = earlier
    notice = Bilingual(
        vi=f"hơn {_MOST:,} bản ghi: chỉ tìm bản trùng nguyên văn ({len(same)} bản ghi).",
        en=f"more than {_MOST:,} records: only equal texts were looked for ({len(same)} records).",
    )
    return same, [notice]


def _known(one: str, other: str, linked: Mapping[str, str], same: Mapping[str, str]) -> bool:
    """Whether the pair, or the later record, is accounted for already."""
    return other in same or other in linked or linked.get(one) == other


class _Likeness(IntEnum):
    """How much of each other two texts repeat."""

    LOOSE = 1  # enough for two texts of one organisation
    CLOSE = 2  # enough for any two


def _resembling(
    records: Sequence[Record], texts: Sequence[str], pairs: Iterable[tuple[int, int]]
) -> Iterator[tuple[int, int, _Likeness]]:
    """The pairs of positions whose texts are one text spelt otherwise.

    Most pairs are neither: what is cheap to see is looked at first, whose records they are last.
    """

    @lru_cache(maxsize=_KEPT)
    def words(at: int) -> _Words:
        return _Words.of(texts[at])

    @lru_cache(maxsize=_KEPT)
    def figures(at: int) -> frozenset[str]:
        return frozenset(_FIGURE.findall(records[at].title))

    for one, other in pairs:
        if texts[one] == texts[other]:
            yield one, other, _Likeness.CLOSE
            continue
        likeness = _likeness(words(one), words(other))
        if likeness and not _different_figures(figures(one), figures(other)):
            yield one, other, likeness


@dataclass(frozen=True, slots=True)
class _Words:
    """The different words of a text, how many, and a bit for each: `spare` share theirs."""

    every: frozenset[str]
    count: int
    bits: int
    spare: int

    @classmethod
    def of(cls, text: str) -> "_Words":
        every = frozenset(text.split())
        bits = reduce(or_, [_BITS[hash(word) % len(_BITS)] for word in every], 0)
        return cls(every, len(every), bits, len(every) - bits.bit_count())


def _likeness(left: _Words, right: _Words) -> _Likeness | None:
    """How alike two texts are by their words, None where they are different ones."""
    # Nearly every pair is settled here, without looking at a word: so many are equal at the most.
    most, both = (left.bits & right.bits).bit_count() + left.spare, left.count + right.count
    if most < _LEAST_JACCARD * (both - most):
        return None
    common = len(left.every & right.every)
    fewer = min(left.count, right.count)
    jaccard = common / max(1, both - common)
    if jaccard >= _ANY_OWNER_JACCARD:
        return _Likeness.CLOSE
    if fewer < _LONG_ENOUGH:
        return None
    least, nearly = _SAME_OWNER_HELD
    held = jaccard >= least and common / fewer >= nearly
    return _Likeness.LOOSE if jaccard >= _SAME_OWNER_JACCARD or held else None


def _different_figures(left: frozenset[str], right: frozenset[str]) -> bool:
    """ "Máy sấy 100 kg" and "Máy sấy 200 kg" are two products, however equal their texts."""
    return bool(left - right) and bool(right - left)


def _candidates(
    records: Sequence[Record], texts: Sequence[str], owners: Sequence[str]
) -> set[tuple[int, int]]:
    """Pairs of positions, the earlier first, that share an owner or a signature band."""
    found: set[tuple[int, int]] = set()
    by_text: dict[tuple[str, str], list[int]] = defaultdict(list)
    for at, text in enumerate(texts):
        if text:
            by_text[records[at].side, text].append(at)
    for same in by_text.values():
        found.update((same[0], other) for other in same[1:])
    found.update(_owner_pairs(owners, texts))
    leaders = [positions[0] for positions in by_text.values()]
    found.update(_band_pairs(leaders, [texts[at] for at in leaders]))
    return found


def _owner_pairs(owners: Sequence[str], texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs of one organisation, small ones first, up to a fixed number of pairs."""
    groups: dict[str, list[int]] = defaultdict(list)
    for at, owner in enumerate(owners):
        if owner and texts[at]:
            groups[owner].append(at)
    for name, others in _renamed(groups).items():
        groups[name] = sorted(groups[name] + [at for other in others for at in groups[other]])
    spent = 0
    for positions in sorted(groups.values(), key=len):
        spent += len(positions) * (len(positions) - 1) // 2
        if len(positions) > _LARGEST_OWNER or spent > _OWNER_PAIRS:
            return
        yield from combinations(positions, 2)


def _renamed(groups: Mapping[str, list[int]]) -> dict[str, list[str]]:
    """Names spelt otherwise: "HTX nuôi tôm Rạch Sậy", "Hợp tác xã nuôi tôm Rạch Sậy"."""
    by_word: dict[str, list[str]] = defaultdict(list)
    for name in groups:
        for word in set(name.split()):
            by_word[word].append(name)
    found: dict[str, list[str]] = {}
    for name in groups:
        rarest = sorted(set(name.split()), key=lambda word: len(by_word[word]))[:2]
        near = {other for word in rarest if len(by_word[word]) <= 50 for other in by_word[word]}
        alike = [
            other
            for other in near
            if other > name and owners_alike(name, other) >= _SAME_ORGANISATION
        ]
        if alike:
            found[name] = alike
    return found


def _band_pairs(positions: Sequence[int], texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs whose signatures agree in a band; in a crowded bucket each with the first only."""
    signatures, kept = _signatures(texts)
    for band in range(_BANDS):
        number = np.zeros(len(kept), dtype=np.uint64)
        for column in range(band * _ROWS, (band + 1) * _ROWS):
            # Rows that agree so far have one number, which is below how many there are.
            pressed = number << np.uint64(32) | signatures[:, column]
            _, inverse, count = np.unique(pressed, return_inverse=True, return_counts=True)
            number = inverse.astype(np.uint64)
        buckets: dict[int, list[int]] = defaultdict(list)
        for row in np.flatnonzero(count[inverse] > 1).tolist():
            buckets[inverse[row]].append(positions[kept[row]])
        for bucket in buckets.values():
            yield from _bucket_pairs(bucket)


def _bucket_pairs(bucket: Sequence[int]) -> Iterable[tuple[int, int]]:
    if len(bucket) <= _LARGEST_BUCKET:
        return combinations(bucket, 2)
    return ((bucket[0], other) for other in bucket[1:])


def _signatures(texts: Sequence[str]) -> tuple[NDArray[np.uint32], list[int]]:
    """(MinHash signatures, positions of the texts long enough to have one)."""
    encoded = [text.encode() for text in texts]
    kept = [at for at, body in enumerate(encoded) if len(body) >= _GRAM]
    if not kept:
        return np.zeros((0, _BANDS * _ROWS), dtype=np.uint32), []
    random = np.random.default_rng(_SEED)
    factors = random.integers(1, 2**32, size=_BANDS * _ROWS, dtype=np.uint64) | np.uint64(1)
    offsets = random.integers(0, 2**63, size=_BANDS * _ROWS, dtype=np.uint64)
    signatures = np.empty((len(kept), _BANDS * _ROWS), dtype=np.uint32)
    for start in range(0, len(kept), 200):  # what a processor's cache holds
        part = [encoded[at] for at in kept[start : start + 200]]
        grams, starts = _grams(part)
        for column, (factor, offset) in enumerate(zip(factors, offsets, strict=True)):
            hashed = ((grams * factor + offset) >> np.uint64(32)).astype(np.uint32)
            signatures[start : start + len(part), column] = np.minimum.reduceat(hashed, starts)
    return signatures, kept


def _grams(bodies: Sequence[bytes]) -> tuple[NDArray[np.uint64], NDArray[np.intp]]:
    """(a 64-bit number for every 5-gram of every body, where each body's numbers begin)."""
    joined = np.frombuffer(b"".join(bodies), dtype=np.uint8).astype(np.uint64)
    size = len(joined) - _GRAM + 1
    grams = np.zeros(size, dtype=np.uint64)
    for step in range(_GRAM):
        grams = grams * np.uint64(257) + joined[step : step + size]
    grams *= np.uint64(0x9E3779B97F4A7C15)
    lengths = np.array([len(body) for body in bodies])
    ends = np.cumsum(lengths)
    inside = np.ones(size, dtype=bool)
    for step in range(1, _GRAM):  # grams that run over from one body into the next
        crossing = ends[:-1] - step
        inside[crossing] = False
    starts = np.concatenate(([0], np.cumsum(lengths - _GRAM + 1)[:-1]))
    return grams[inside], starts.astype(np.intp)


def _notices(
    pairs: Sequence[tuple[Record, Record]], strangers: Sequence[tuple[Record, Record]]
) -> list[Bilingual]:
    found = []
    if pairs:
        found.append(
            Bilingual(
                vi=f"{len(pairs)} bản ghi gần như trùng với bản ghi khác, đã được gắn với nhau: "
                f"{_listed(pairs, 'dòng')}.",
                en=f"{len(pairs)} records are near-duplicates of others and are linked to them: "
                f"{_listed(pairs, 'row')}.",
            )
        )
    if strangers:
        found.append(
            Bilingual(
                vi=f"{len(strangers)} bản ghi trùng nội dung nhưng của đơn vị khác nhau, "
                f"hãy kiểm tra: {_listed(strangers, 'dòng')}.",
                en=f"{len(strangers)} records have the same text but different organisations; "
                f"check: {_listed(strangers, 'row')}.",
            )
        )
    return found


def _listed(pairs: Sequence[tuple[Record, Record]], row: str) -> str:
    shown = [
        f"{second.id} ({row} {second.source.row}) ≈ {first.id} ({row} {first.source.row})"
        for first, second in pairs[:10]
    ]
    return "; ".join(shown) + ("; …" if len(pairs) > 10 else "")
