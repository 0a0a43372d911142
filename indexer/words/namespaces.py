"""Under which terms a text is indexed: as typed, as compounds, and without accents."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indexer.words.compounds import compound_mask
from indexer.words.tokentable import Numbers, TokenTable

# "~nuoc" stands in every text that writes "nước" or "nuoc" where the catalog knows an accented
# form; "-nuoc" only in texts typed wholly without accents. Tokens hold neither sign.
FOLDED, BARE = "~", "-"


@dataclass(frozen=True)
class Occurrences:
    """Every occurrence of a term in a text: `names[term[i]]` stands in `text[i]`."""

    names: tuple[str, ...]
    term: Numbers
    text: Numbers


def occurrences(
    table: TokenTable, units: Container[str] = (), terms: Container[str] | None = None
) -> Occurrences:
    """The terms of every text, in all namespaces; a compound is its two tokens and a space.

    Which two tokens are compounds the texts tell, beside `units`. Few texts that are added to
    many do not: `terms` are then those of the many, and tell it.
    """
    pairs = table.pairs
    every_word = np.ones(len(table.words), dtype=np.bool_)
    words = _Named(table.words, table.plain, every_word, table.ids, table.text_of)
    spelled = table.spelled(table.words)
    known = np.fromiter((name in units for name in spelled), np.bool_, len(spelled))
    if terms is None:
        counted = compound_mask(table) | known
    else:
        counted = np.fromiter((name in terms for name in spelled), np.bool_, len(spelled)) | known
    compounds = _Named(spelled, table.spelled(table.plain), counted, pairs.number, pairs.text)
    return _joined(
        [part for kind in (words, compounds) for part in _spaces(kind, table.bare, terms or ())]
    )


@dataclass(frozen=True)
class _Named:
    """Things that occur: their names, names without accents, which count, and where they are."""

    names: Sequence[str]
    plain: Sequence[str]
    counted: npt.NDArray[np.bool_]
    number: Numbers
    text: Numbers


def _spaces(
    kind: _Named, bare: npt.NDArray[np.bool_], terms: Container[str]
) -> Iterator[Occurrences]:
    """The occurrences as written, under their unaccented form, and those in bare texts."""
    yield _under("", kind.names, kind.counted, kind.number, kind.text)
    accented = zip(kind.names, kind.plain, kind.counted.tolist(), strict=True)
    opened = {plain for name, plain, counted in accented if counted and name != plain}
    folded = (plain in opened or FOLDED + plain in terms for plain in kind.plain)
    wanted = np.fromiter(folded, np.bool_, len(kind.plain))
    yield _under(FOLDED, kind.plain, wanted, kind.number, kind.text)
    inside = bare[kind.text]
    wanted |= kind.counted
    yield _under(BARE, kind.plain, wanted, kind.number[inside], kind.text[inside])


def _under(
    prefix: str,
    forms: Sequence[str],
    wanted: npt.NDArray[np.bool_],
    number: Numbers,
    text: Numbers,
) -> Occurrences:
    """Occurrences under prefix + form, of the wanted forms; several may share one name."""
    kept = wanted[number]
    number, text = number[kept], text[kept]
    used = np.flatnonzero(np.bincount(number, minlength=len(forms))).tolist()
    names = sorted({forms[i] for i in used})
    place = {name: i for i, name in enumerate(names)}
    renumber = np.zeros(len(forms), dtype=np.int32)
    for i in used:
        renumber[i] = place[forms[i]]
    return Occurrences(tuple(prefix + name for name in names), renumber[number], text)


def _joined(parts: list[Occurrences]) -> Occurrences:
    names: list[str] = []
    terms = []
    for part in parts:
        terms.append(part.term + len(names))
        names.extend(part.names)
    text = np.concatenate([part.text for part in parts])
    return Occurrences(tuple(names), np.concatenate(terms), text)
