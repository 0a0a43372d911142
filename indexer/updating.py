"""How an index follows its catalog: what to keep, what to encode, and writing the result."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.background import background_cosine
from indexer.catalog import Catalog
from indexer.checked import write_sums
from indexer.collecting import put_off
from indexer.encoder import DEFAULT_ENCODER, LSA, STATIC, Encoder, Hardware, check_encoder_name
from indexer.encoders.cache import BATCH, CachedEncoder
from indexer.encoders.loading import load_encoder
from indexer.encoders.lsa import BLOCK as LSA_BLOCK
from indexer.encoders.lsa import LsaEncoder, fit_table
from indexer.encoders.stored import StoredEncoder
from indexer.errors import CungcauError, DamagedError, RequestError
from indexer.filtering.reading import read_fields
from indexer.gathering import Gathered, gather, vectors_of
from indexer.generations import newest_generation, publish, remove_others
from indexer.index import Index
from indexer.manifest import EncoderEntry, Manifest, encoder_named, entries, read_files
from indexer.merging import merge
from indexer.progress import Progress, silent
from indexer.records import Side
from indexer.sideindex import SideIndex, empty_side
from indexer.vectors.storage import HalfArray, half
from indexer.words.tokentable import TOKEN_FILES, TokenTable

if TYPE_CHECKING:
    from indexer.encoders.spread import SpreadEncoder

# Where many workers encode: what makes such an encoder of one.
Spread = Callable[[Encoder, Hardware], "SpreadEncoder"]


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
    """The ids of the records to put in, None for all there are, and the ids to take out; `version`
    follows."""

    old: Index | None
    ids: Sequence[str] | None
    dropped: frozenset[str]
    version: int


def update_index(
    catalog: Catalog,
    folder: Path,
    *,
    encoder_name: str | None = None,
    full: bool = False,
    cache: Path | None = None,
    hardware: Hardware | None = None,
    spread: Spread | None = None,
    progress: Progress = silent,
) -> IndexReport:
    """Brings the index in `folder` up to the catalog; only changed texts are encoded.

    `encoder_name` is described at `load_encoder`; None keeps the one in use, damaged or not, at
    first "contextual".
    `full` starts from nothing, as does another encoder, another catalog or a damaged index;
    the lsa encoder is then fitted anew, and also when the catalog has more than doubled or less
    than halved since. `cache` is a folder for vectors that cost much to make; `hardware` is
    for transformers; `spread` makes of the encoder one that many workers run, see
    `indexer.encoders.spread`. The old index stays
    in service until the new one is complete; one writer at a time is the caller's promise.

    Raises RequestError: the encoder is not known or cannot be loaded, the folder cannot be
    written.
    """
    hardware = hardware or Hardware()
    try:
        old = Index.open(folder)
    except CungcauError:
        old = None  # none yet, or damaged: all of it can be made again
    named = encoder_name or (old.encoder.name if old else _named_before(folder))
    try:
        try:
            return _update(catalog, folder, old, named, full, cache, hardware, spread, progress)
        except DamagedError:
            # What only an update reads of the old index is damaged, else this raises it again.
            return _update(catalog, folder, None, named, True, cache, hardware, spread, progress)
    except OSError as error:
        raise RequestError(
            vi=f"Không ghi được chỉ mục vào {folder}: {error.strerror or error}. "
            "Chỉ mục cũ vẫn dùng được.",
            en=f"The index cannot be written to {folder}: {error.strerror or error}. "
            "The old one stays in service.",
        ) from error


def _named_before(folder: Path) -> str:
    """The encoder of an index that cannot be opened, or the default where there was none."""
    generation = newest_generation(folder)
    return (encoder_named(generation) if generation else None) or DEFAULT_ENCODER


@put_off()
def _update(
    catalog: Catalog,
    folder: Path,
    old: Index | None,
    encoder_name: str,
    full: bool,
    cache: Path | None,
    hardware: Hardware,
    spread: Spread | None,
    progress: Progress,
) -> IndexReport:
    """See `update_index`; `old` is the index in service, if it can be read."""
    started = time.perf_counter()
    name = check_encoder_name(encoder_name)
    before = frozenset((*old.supply.ids, *old.demand.ids)) if old else frozenset()
    encoder = None if name == LSA else _encoder(name, cache, hardware, spread)
    if encoder is None and spread:
        raise RequestError(
            vi="--on: bộ mã hoá lsa được tính từ chính danh mục, không chia cho nhiều tiến trình. "
            "Hãy bỏ --on hoặc chọn contextual, static.",
            en="--on: the lsa encoder is fitted on the catalog itself and not spread over workers. "
            "Leave --on off, or choose contextual or static.",
        )
    kept = None if full or not _serves(old, catalog, name, encoder) else old
    plan = _changes(catalog, kept) if kept else None
    if plan is None:
        plan = _everything(catalog)
    elif kept and plan.version == kept.catalog_version:
        remove_others(folder, kept.generation.name)  # what a killed update may have left
        return IndexReport(plan.version, 0, len(before), 0, time.perf_counter() - started)
    done: list[tuple[frozenset[str], int]] = []

    def write(draft: Path) -> None:
        made = _made(catalog, plan, encoder, draft, progress)
        _write(draft, catalog.identity, plan.version, made, progress)
        done.append((frozenset(i for side in made.sides.values() for i in side.ids), made.encoded))

    publish(folder, plan.version, write)
    [(after, encoded)] = done
    return IndexReport(
        version=plan.version,
        encoded=encoded,
        reused=len(after) - encoded,
        removed=len(before - after),
        seconds=time.perf_counter() - started,
    )


def _encoder(name: str, cache: Path | None, hardware: Hardware, spread: Spread | None) -> Encoder:
    encoder = load_encoder(name, hardware=hardware)
    batch = BATCH
    if spread is not None:
        encoder = spread(encoder, hardware)
        batch = encoder.batch
    # The static encoder is faster than a look into the cache.
    quick = name.split("@", maxsplit=1)[0] == STATIC
    return CachedEncoder(encoder, cache, batch) if cache and not quick else encoder


def _serves(old: Index | None, catalog: Catalog, name: str, encoder: Encoder | None) -> bool:
    """Whether rows of the index in service can be kept."""
    if old is None or old.encoder.name != name or old.manifest.catalog != catalog.identity:
        return False
    if encoder is not None:
        return old.encoder.fingerprint == encoder.fingerprint
    fitted, now = old.manifest.encoder.fitted_on or 0, len(catalog.ids())
    return old.catalog_version <= catalog.version and fitted <= 2 * now and now <= 2 * fitted


def _changes(catalog: Catalog, old: Index) -> _Plan | None:
    """What changed since the index was made; None where the two do not fit together."""
    if old.catalog_version > catalog.version:
        return None
    changes, there = catalog.changes_since(old.catalog_version), catalog.ids()
    dropped = frozenset((*changes.upserted, *changes.deleted))
    kept = {i for side in (old.supply, old.demand) for i in side.ids} - dropped
    if kept.union(changes.upserted) != there and catalog.version == changes.version:
        return None
    # What changes while it is read is read again by the next update; what is gone is left out.
    return _Plan(old, changes.upserted, dropped, changes.version)


def _everything(catalog: Catalog) -> _Plan:
    # The version first: what changes while reading is then read again next time.
    return _Plan(None, None, frozenset(), catalog.version)


@dataclass(frozen=True)
class _Made:
    """What an index holds: both sides and their tokens, and what made the vectors."""

    encoder: Encoder
    sides: Mapping[Side, SideIndex]
    tables: Mapping[Side, TokenTable]
    encoded: int


def _made(
    catalog: Catalog, plan: _Plan, encoder: Encoder | None, draft: Path, progress: Progress
) -> _Made:
    """The index after the plan; `encoder` is None for one that is fitted on the catalog. Postings
    are written into `draft`."""
    old = {side: _old(plan, side) for side in Side}
    total = len(catalog.ids()) if plan.ids is None else len(plan.ids)
    gathered = gather(
        catalog.records(ids=plan.ids),
        total,
        {side: own for side, (own, _) in old.items()},
        encoder,
        progress,
    )
    fitted = None
    if encoder is None:
        encoder = fitted = _lsa(plan, gathered, progress)
    sides, tables, encoded = {}, {}, 0
    for side in Side:
        new, (before, table) = gathered.pop(side), old.pop(side)
        vectors, fresh = new.vectors, new.encoded
        if vectors is None and fitted is not None:
            vectors, fresh = _encoded(new, before, fitted, progress)
        if before is None:
            before, _ = empty_side(encoder.dimension)
        encoded += fresh
        if not new.ids and plan.dropped.isdisjoint(before.ids):
            sides[side], tables[side] = before, table
            continue
        since = plan.old.catalog_version if plan.old is not None else None
        fields = read_fields(catalog, side, new.ids, since)
        assert vectors is not None
        sides[side], tables[side] = merge(
            before, table, plan.dropped, new, vectors, fields, draft, progress
        )
    return _Made(encoder, sides, tables, encoded)


def _old(plan: _Plan, side: Side) -> tuple[SideIndex | None, TokenTable]:
    """The side and its tokens in the index in service."""
    if plan.old is None:
        return None, TokenTable.of(())
    prefix = f"{side}."
    known = {prefix + name: plan.old.manifest.files[prefix + name] for name in TOKEN_FILES}
    table = TokenTable.load(read_files(plan.old.generation, known), prefix)
    return plan.old.side(side), table


def _lsa(plan: _Plan, gathered: Mapping[Side, Gathered], progress: Progress) -> LsaEncoder:
    """The fitted encoder of the index in service, else one fitted on all texts."""
    if plan.old is not None:
        stored = plan.old.encoder
        loaded = stored.loaded() if isinstance(stored, StoredEncoder) else stored
        if isinstance(loaded, LsaEncoder):
            return loaded
    progress("fit", 0, 0)
    table = TokenTable.joined([gathered[side].table for side in Side])
    return fit_table(table, [name for side in Side for name in gathered[side].names.tolist()])


def _encoded(
    new: Gathered, old: SideIndex | None, encoder: LsaEncoder, progress: Progress
) -> tuple[HalfArray, int]:
    """The vectors of the records, and how many were not known before."""
    vectors, missing = vectors_of(new.names, old, encoder.dimension)
    for start in range(0, len(missing), LSA_BLOCK):
        block = missing[start : start + LSA_BLOCK]
        vectors[block] = half(encoder.encode_table(new.table.taken(block)))
        progress("encode", start + len(block), len(missing))
    return vectors, len(missing)


def _write(draft: Path, catalog: str, version: int, made: _Made, progress: Progress) -> None:
    sides, encoder = made.sides, made.encoder
    progress("write", 0, 0)
    background = background_cosine(sides[Side.DEMAND].vectors, sides[Side.SUPPLY].vectors)
    entry = EncoderEntry(
        name=encoder.name,
        fingerprint=encoder.fingerprint,
        dimension=encoder.dimension,
        fitted_on=encoder.fitted_on if isinstance(encoder, LsaEncoder) else None,
    )
    names: list[str] = []
    if isinstance(encoder, LsaEncoder):
        names.extend(encoder.save(draft))
    for side in Side:
        names.extend(sides[side].save(draft, side))
        names.extend(made.tables[side].save(draft, f"{side}."))
    names.append(write_sums(draft, names))
    Manifest(
        catalog=catalog,
        catalog_version=version,
        encoder=entry,
        background=background,
        counts={side.value: len(sides[side]) for side in Side},
        files=entries(draft, names),
    ).write(draft)
