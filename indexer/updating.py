"""How an index follows its catalog: what to keep, what to encode, and writing the result."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from indexer.background import background_cosine
from indexer.catalog import Catalog
from indexer.encoder import (
    DEFAULT_ENCODER,
    LSA,
    STATIC,
    Encoder,
    FloatArray,
    Hardware,
    check_encoder_name,
    load_encoder,
)
from indexer.encoders.cache import CachedEncoder
from indexer.encoders.lsa import BLOCK as LSA_BLOCK
from indexer.encoders.lsa import LsaEncoder, fit_lsa
from indexer.encoders.stored import StoredEncoder
from indexer.generations import publish, remove_others
from indexer.manifest import EncoderEntry, Manifest, entries, read_files
from indexer.progress import Progress
from indexer.records import Side
from indexer.sideindex import SideIndex, digest, empty_side, merge
from indexer.words.tokentable import TOKEN_FILES, TokenTable

if TYPE_CHECKING:
    from indexer.index import Index

_BLOCK = 4096  # texts encoded between two reports of progress

Texts = dict[Side, dict[str, str]]


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What an update did: counts of records, and the catalog version the index now has."""

    version: int
    encoded: int
    reused: int
    removed: int
    seconds: float


@dataclass(frozen=True)
class _Plan:
    """The texts to put in, by side and id, and the ids to take out; `version` follows."""

    old: "Index | None"
    texts: Texts
    dropped: frozenset[str]
    version: int

    @cached_property
    def tables(self) -> dict[Side, TokenTable]:
        """The tokens of the texts, in their order."""
        return {side: TokenTable.of(texts.values()) for side, texts in self.texts.items()}


def update(
    catalog: Catalog,
    folder: Path,
    old: "Index | None",
    encoder_name: str | None,
    full: bool,
    cache: Path | None,
    hardware: Hardware,
    progress: Progress,
) -> IndexReport:
    """See `indexer.index.update_index`; `old` is the index in service, if it can be read."""
    started = time.perf_counter()
    name = check_encoder_name(encoder_name or (old.encoder.name if old else DEFAULT_ENCODER))
    before = frozenset((*old.supply.ids, *old.demand.ids)) if old else frozenset()
    encoder = None if name == LSA else _encoder(name, cache, hardware)
    kept = None if full or not _serves(old, catalog, name, encoder) else old
    plan = _changes(catalog, kept) if kept else None
    if plan is None:
        plan = _everything(catalog)
    elif kept and plan.version == kept.catalog_version:
        remove_others(folder, kept.generation.name)  # what a killed update may have left
        return IndexReport(plan.version, 0, len(before), 0, time.perf_counter() - started)
    if encoder is None:
        encoder = _lsa(plan, progress)

    sides, tables, encoded = {}, {}, 0
    for side in Side:
        sides[side], tables[side], fresh = _side(plan, side, encoder, progress)
        encoded += fresh
    _write(folder, catalog.identity, plan.version, encoder, sides, tables, progress)
    after = {i for side in sides.values() for i in side.ids}
    return IndexReport(
        version=plan.version,
        encoded=encoded,
        reused=len(after) - encoded,
        removed=len(before - after),
        seconds=time.perf_counter() - started,
    )


def _encoder(name: str, cache: Path | None, hardware: Hardware) -> Encoder:
    encoder = load_encoder(name, hardware=hardware)
    # The static encoder is faster than a look into the cache.
    quick = name.split("@", maxsplit=1)[0] == STATIC
    return CachedEncoder(encoder, cache) if cache and not quick else encoder


def _serves(old: "Index | None", catalog: Catalog, name: str, encoder: Encoder | None) -> bool:
    """Whether rows of the index in service can be kept."""
    if old is None or old.encoder.name != name or old.manifest.catalog != catalog.identity:
        return False
    if encoder is not None:
        return old.encoder.fingerprint == encoder.fingerprint
    fitted, now = old.manifest.encoder.fitted_on or 0, len(catalog.ids())
    return old.catalog_version <= catalog.version and fitted <= 2 * now and now <= 2 * fitted


def _changes(catalog: Catalog, old: "Index") -> _Plan | None:
    """What changed since the index was made; None where the two do not fit together."""
    if old.catalog_version > catalog.version:
        return None
    changes, there = catalog.changes_since(old.catalog_version), catalog.ids()
    dropped = frozenset((*changes.upserted, *changes.deleted))
    kept = {i for side in (old.supply, old.demand) for i in side.ids} - dropped
    if kept.union(changes.upserted) != there and catalog.version == changes.version:
        return None
    # What changes while it is read is read again by the next update; what is gone is left out.
    return _Plan(old, _texts(catalog, changes.upserted), dropped, changes.version)


def _everything(catalog: Catalog) -> _Plan:
    # The version first: what changes while reading is then read again next time.
    version = catalog.version
    return _Plan(None, _texts(catalog, None), frozenset(), version)


def _texts(catalog: Catalog, ids: Sequence[str] | None) -> Texts:
    found: Texts = {side: {} for side in Side}
    for record in catalog.records(ids=ids):
        found[record.side][record.id] = record.text()
    return found


def _lsa(plan: _Plan, progress: Progress) -> LsaEncoder:
    """The fitted encoder of the index in service, else one fitted on all texts."""
    if plan.old is not None:
        stored = plan.old.encoder
        loaded = stored.loaded() if isinstance(stored, StoredEncoder) else stored
        if isinstance(loaded, LsaEncoder):
            return loaded
    texts = [text for side in Side for text in plan.texts[side].values()]
    progress("fit", 0, 0)
    first, second = (plan.tables[side] for side in Side)
    picks = [(False, i) for i in range(len(first))] + [(True, i) for i in range(len(second))]
    return fit_lsa(texts, first.merged(second, picks))


def _side(
    plan: _Plan, side: Side, encoder: Encoder, progress: Progress
) -> tuple[SideIndex, TokenTable, int]:
    """(the side, its tokens, how many texts were encoded) after the plan."""
    old, table = empty_side(encoder.dimension)
    if plan.old is not None:
        old = plan.old.side(side)
        prefix = f"{side}."
        names = [prefix + name for name in TOKEN_FILES]
        known = {name: plan.old.manifest.files[name] for name in names}
        table = TokenTable.load(read_files(plan.old.generation, known), prefix)
    new = plan.texts[side]
    if not new and plan.dropped.isdisjoint(old.ids):
        return old, table, 0
    vectors, encoded = _vectors(old, new, plan.tables[side], encoder, side, progress)
    progress("terms", 0, 0)
    tokens_of = plan.tables[side]
    merged, tokens = merge(old, table, plan.dropped, new, tokens_of, vectors, progress)
    return merged, tokens, encoded


def _vectors(
    old: SideIndex,
    new: Mapping[str, str],
    table: TokenTable,
    encoder: Encoder,
    side: Side,
    progress: Progress,
) -> tuple[FloatArray, int]:
    """Vectors of the new texts, in order, and how many had to be encoded.

    A record may change in a field that is not matched: its text then has its vector already.
    """
    row_of = {name: row for row, name in enumerate(old.digests)}
    texts = list(new.values())
    known = [row_of.get(digest(text), -1) for text in texts]
    missing = [i for i, row in enumerate(known) if row < 0]
    vectors = np.zeros((len(texts), encoder.dimension), dtype=np.float32)
    found = [i for i, row in enumerate(known) if row >= 0]
    vectors[found] = old.vectors.rows([known[i] for i in found])
    size = LSA_BLOCK if isinstance(encoder, LsaEncoder) else _BLOCK
    for start in range(0, len(missing), size):
        block = missing[start : start + size]
        if isinstance(encoder, LsaEncoder):
            vectors[block] = encoder.encode_table(table.taken(block))
        else:
            asked = side is Side.DEMAND
            vectors[block] = encoder.encode([texts[i] for i in block], query=asked)
        progress("encode", start + len(block), len(missing))
    return vectors, len(missing)


def _write(
    folder: Path,
    catalog: str,
    version: int,
    encoder: Encoder,
    sides: Mapping[Side, SideIndex],
    tables: Mapping[Side, TokenTable],
    progress: Progress,
) -> None:
    background = background_cosine(sides[Side.DEMAND].vectors, sides[Side.SUPPLY].vectors)
    entry = EncoderEntry(
        name=encoder.name,
        fingerprint=encoder.fingerprint,
        dimension=encoder.dimension,
        fitted_on=encoder.fitted_on if isinstance(encoder, LsaEncoder) else None,
    )

    def write(draft: Path) -> None:
        names: list[str] = []
        if isinstance(encoder, LsaEncoder):
            names.extend(encoder.save(draft))
        for side in Side:
            names.extend(sides[side].save(draft, side))
            names.extend(tables[side].save(draft, f"{side}."))
        Manifest(
            catalog=catalog,
            catalog_version=version,
            encoder=entry,
            background=background,
            counts={side.value: len(sides[side]) for side in Side},
            files=entries(draft, names),
        ).write(draft)

    progress("write", 0, 0)
    publish(folder, version, write)
