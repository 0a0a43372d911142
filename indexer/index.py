"""The index: vectors and terms derived from one version of the catalog, in a folder."""

import math
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

from indexer.checked import IndexFiles, open_files
from indexer.encoder import Encoder, FloatArray
from indexer.encoders.lsa import LSA_FILES
from indexer.encoders.stored import StoredEncoder
from indexer.errors import CungcauError, DamagedError, RequestError
from indexer.filtering.fieldtable import FIELD_FILE
from indexer.generations import current_generation
from indexer.manifest import NAME, Manifest, check_sizes, damaged, read_files
from indexer.records import Side
from indexer.remembered import Remembered
from indexer.sideindex import SideIndex
from indexer.vectors.vectors import VECTOR_FILE
from indexer.words.lexical import POSTING_FILES
from indexer.words.tokentable import TOKEN_FILES

_TRIES = 5
# What a search reads little of, checked where it is read.
_LATER = (*POSTING_FILES, VECTOR_FILE, FIELD_FILE)
_MOST_KNOWN = 200_000  # tokens whose rarity is remembered
_MOST_ANSWERS = 500  # of ten records each: some 15 MB


class Index:
    """One generation of the index, opened: later updates do not disturb it.

    `supply` and `demand` are its sides, `encoder` is what made their vectors, `generation` the
    folder it was read from, `files` what is in it.
    """

    def __init__(
        self,
        generation: Path,
        manifest: Manifest,
        sides: dict[Side, SideIndex],
        encoder: Encoder,
        files: IndexFiles | None = None,
    ) -> None:
        self.files = files or IndexFiles({})
        self.generation = generation
        self.manifest = manifest
        self.supply = sides[Side.SUPPLY]
        self.demand = sides[Side.DEMAND]
        self.encoder = encoder
        self._rarity: dict[str, float] = {}  # every search asks for the words of its answers
        # How crowded the place of an offer is, by its row: see `matcher.features`.
        self.crowds: dict[int, float] = {}
        # The answers to the last questions, see `Matcher.answer`.
        self.answers: Remembered[Hashable, Any] = Remembered(_MOST_ANSWERS)

    @classmethod
    def open(cls, folder: Path) -> "Index":
        """The index in service in `folder`.

        Raises:
            RequestError: there is none yet; names the command that makes it.
            DamagedError: a file is missing or is not the one the manifest describes; names the
                file and what to do.
        """
        for _ in range(_TRIES):
            generation = current_generation(folder)
            if generation is None:
                raise RequestError(
                    vi=f"Chưa có chỉ mục trong {folder}. Hãy tạo: cungcau index",
                    en=f"There is no index in {folder} yet. Make it: cungcau index",
                )
            try:
                return cls._read(generation)
            except FileNotFoundError as error:
                missing = error
            except OSError as error:
                raise RequestError(
                    vi=f"Không đọc được chỉ mục {generation}: {error.strerror}",
                    en=f"The index {generation} cannot be read: {error.strerror}",
                ) from error
            if current_generation(folder) == generation:
                break  # nobody replaced it meanwhile: the file is really gone
        raise _missing(missing) from missing

    @classmethod
    def _read(cls, generation: Path) -> "Index":
        manifest = Manifest.read(generation)
        unused = {f"{side}.{name}" for side in Side for name in TOKEN_FILES}
        check_sizes(generation, {n: e for n, e in manifest.files.items() if n in unused})
        needed = {n: e for n, e in manifest.files.items() if n not in unused}
        try:
            files = open_files(generation, needed, later=_LATER)
            sides = {
                side: SideIndex.load(
                    files, side, manifest.encoder.dimension, manifest.counts[side.value]
                )
                for side in Side
            }
        except (KeyError, ValueError) as error:
            raise damaged(
                generation / NAME,
                vi=f"không khớp với các tệp của chỉ mục ({error})",
                en=f"does not match the files of the index ({error})",
            ) from error
        model = {name: body for name, body in files.items() if name in LSA_FILES}
        encoder = StoredEncoder(manifest.encoder, generation, model)
        return cls(generation, manifest, sides, encoder, files)

    def check_more(self, most: int) -> int:
        """Checks so many blocks of 16 KiB that no question has used yet; how many there still were.

        Raises DamagedError naming the file that is not as it was written.
        """
        return self.files.check_more(most)

    def check_files(self) -> None:
        """Looks whether each file has its name and length still, those too that only updates read.

        Raises DamagedError naming the first that has not; none once another index is in service,
        for then the old one goes.
        """
        try:
            check_sizes(self.generation, self.manifest.files)
        except (FileNotFoundError, DamagedError) as error:
            if current_generation(self.generation.parent) != self.generation:
                return
            if isinstance(error, DamagedError):
                raise
            raise _missing(error) from error

    def verify(self) -> None:
        """Checks every file against the manifest, those too that only updates read.

        Raises DamagedError naming the first file that differs.
        """
        try:
            read_files(self.generation, self.manifest.files)
        except FileNotFoundError as error:
            raise _missing(error) from error

    @property
    def catalog_version(self) -> int:
        return self.manifest.catalog_version

    @property
    def background(self) -> float:
        """The cosine above which 95 of 100 random demand-supply pairs lie."""
        return self.manifest.background

    def side(self, side: Side) -> SideIndex:
        return self.supply if side is Side.SUPPLY else self.demand

    def encode(self, texts: Sequence[str], side: Side) -> FloatArray:
        """Vectors of texts as if they were records of that side, shape (n, dimension)."""
        return self.encoder.encode(texts, query=side is Side.DEMAND)

    def rarity(self, token: str) -> float:
        """The idf of a token (of `indexer.text.tokens`) over both sides, above 0."""
        known = self._rarity.get(token)
        if known is not None:
            return known
        texts = self.supply.lexical.documents + self.demand.lexical.documents
        found = sum(side.lexical.frequency(token) for side in (self.supply, self.demand))
        if len(self._rarity) >= _MOST_KNOWN:
            self._rarity.clear()
        value = self._rarity[token] = math.log1p((texts - found + 0.5) / (found + 0.5))
        return value


def _missing(error: FileNotFoundError) -> DamagedError:
    return damaged(Path(str(error.filename)), vi="không còn trên đĩa", en="is missing")


def index_made_of(folder: Path) -> tuple[int, str] | None:
    """Catalog version and encoder of the index in service; None where none can be read."""
    try:
        generation = current_generation(folder)
        if not generation:
            return None
        manifest = Manifest.read(generation)
        return manifest.catalog_version, manifest.encoder.name
    except (OSError, CungcauError):
        return None
