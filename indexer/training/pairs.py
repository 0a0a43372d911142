"""Training pairs: English and Vietnamese texts that translate each other, and where from."""

import gzip
import tomllib
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from indexer.errors import RequestError

SOURCES = Path(__file__).with_name("sources.toml")
GLOSSARY, QUADS = "techmart_glossary", "techmart_quads"

Openness = Literal["permissive", "copyleft", "unclear", "closed"]

_CLOSED: frozenset[Openness] = frozenset({"closed"})


class Source(BaseModel):
    """What is known of one source, see `sources.toml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    licence: str
    openness: Openness
    kind: Literal["text", "terms"] = "text"
    weight: float = Field(1.0, gt=0)
    drawn: float = Field(0.6, ge=0)


@dataclass(frozen=True)
class Pairs:
    """n pairs; pair i is `english[i]` and `vietnamese[i]`, of the source `names[source[i]]`."""

    english: tuple[str, ...]
    vietnamese: tuple[str, ...]
    source: npt.NDArray[np.int16]
    names: tuple[str, ...]
    sources: Mapping[str, Source]

    def __len__(self) -> int:
        return len(self.english)

    @property
    def weights(self) -> npt.NDArray[np.float32]:
        """What each pair counts, shape (n,)."""
        each = [self.sources[name].weight for name in self.names]
        return np.asarray(each, dtype=np.float32)[self.source]

    @property
    def terms(self) -> npt.NDArray[np.bool_]:
        """Which pairs are dictionary entries, shape (n,)."""
        each = [self.sources[name].kind == "terms" for name in self.names]
        return np.asarray(each, dtype=np.bool_)[self.source]


def read_sources(path: Path = SOURCES) -> dict[str, Source]:
    """The sources of a file like `sources.toml`."""
    return {name: Source(**entry) for name, entry in tomllib.loads(path.read_text("utf-8")).items()}


def read_pairs(
    folders: Sequence[Path],
    *,
    exclude: Collection[Openness] = (),
    sources: Mapping[str, Source] | None = None,
) -> Pairs:
    """The pairs of all files of the folders, in order of source; each pair once a source.

    Files are `NAME.tsv.gz` (`en<tab>vi`), and of our own text `*.gloss.txt` (`vi = en`) and
    `*.quads.txt` (blocks of `nv:`, `ne:`, `ov:`, `oe:`). Sources whose openness is in `exclude`
    are left out, closed ones always.

    Raises RequestError: a folder is not there or holds no pairs, a file cannot be read, is of no
    known source, or has a line of another form; names the file and the line.
    """
    known = read_sources() if sources is None else sources
    found: dict[str, dict[tuple[str, str], None]] = {}
    for path in _files(folders):
        name = _source_of(path)
        if name not in known:
            raise RequestError(
                vi=f"{path}: nguồn “{name}” chưa có giấy phép trong sources.toml.",
                en=f"{path}: the source “{name}” has no licence in sources.toml.",
            )
        if known[name].openness not in _CLOSED | frozenset(exclude):
            found.setdefault(name, {}).update(dict.fromkeys(_read(path)))
    names = tuple(sorted(found))
    pairs = [pair for name in names for pair in found[name]]
    counts = [len(found[name]) for name in names]
    if not pairs:
        raise RequestError(
            vi=f"Không có cặp câu nào trong: {_listed(folders)}.",
            en=f"There are no pairs in: {_listed(folders)}.",
        )
    return Pairs(
        tuple(en for en, _ in pairs),
        tuple(vi for _, vi in pairs),
        np.repeat(np.arange(len(names), dtype=np.int16), counts),
        names,
        {name: known[name] for name in names},
    )


def _files(folders: Sequence[Path]) -> Iterator[Path]:
    for folder in folders:
        if not folder.is_dir():
            raise RequestError(
                vi=f"Không có thư mục “{folder}”.", en=f"There is no folder “{folder}”."
            )
        for pattern in ("*.tsv.gz", "*.gloss.txt", "*.quads.txt"):
            yield from sorted(folder.glob(pattern))


def _source_of(path: Path) -> str:
    if path.name.endswith(".gloss.txt"):
        return GLOSSARY
    if path.name.endswith(".quads.txt"):
        return QUADS
    return path.name.removesuffix(".tsv.gz")


def _read(path: Path) -> Iterator[tuple[str, str]]:
    """(English, Vietnamese) of one file."""
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise RequestError(
            vi=f"Không đọc được tệp “{path}”: {error}.",
            en=f"The file “{path}” cannot be read: {error}.",
        ) from error
    lines = [(number, line.strip()) for number, line in enumerate(text.split("\n"), start=1)]
    written = [(number, line) for number, line in lines if line]
    if path.name.endswith(".quads.txt"):
        yield from _quads(path, written)
        return
    glossary = path.name.endswith(".gloss.txt")
    for number, line in written:
        left, sign, right = line.partition(" = " if glossary else "\t")
        if not (left.strip() and right.strip()):
            form = "vi = en" if glossary else "en<tab>vi"
            raise _wrong(path, number, form)
        yield (right.strip(), left.strip()) if sign == " = " else (left.strip(), right.strip())


def _quads(path: Path, lines: Sequence[tuple[int, str]]) -> Iterator[tuple[str, str]]:
    """A need and an offer, each in both languages."""
    waiting: dict[str, str] = {}
    for number, line in lines:
        label, _, text = line.partition(":")
        if label not in {"nv", "ne", "ov", "oe"} or not text.strip():
            raise _wrong(path, number, "nv: | ne: | ov: | oe:")
        waiting[label] = text.strip()
        if label in {"ne", "oe"} and (vietnamese := waiting.pop(f"{label[0]}v", "")):
            yield waiting.pop(label), vietnamese


def _wrong(path: Path, number: int, form: str) -> RequestError:
    return RequestError(
        vi=f"{path}, dòng {number}: cần dạng “{form}”.",
        en=f"{path}, line {number}: the form is “{form}”.",
    )


def _listed(folders: Sequence[Path]) -> str:
    return ", ".join(map(str, folders))
