"""Under which terms the few texts of a segment stand: what was found is kept when others come."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indexer.words.languages import languages
from indexer.words.lexical import LexicalIndex
from indexer.words.lexicon import shipped_lexicon
from indexer.words.names import Names
from indexer.words.namespaces import FOLDED, occurrences
from indexer.words.tokentable import IntArray, Numbers, TokenTable


@dataclass(frozen=True, eq=False)
class FreshTerms:
    """The texts of `table`: the term in column `columns[i]` stands in text `texts[i]`, once for
    every time it does.

    Columns are those of the index the texts are searched with, and behind them those of `names`,
    terms that it does not have. `languages` (n,) are described in `indexer.words.languages`.
    """

    table: TokenTable
    columns: IntArray
    texts: Numbers
    names: tuple[str, ...]
    languages: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, base: LexicalIndex, table: TokenTable) -> "FreshTerms":
        """The terms of these texts, beside those of `base`."""
        known = _Known(base)
        if base.documents:
            pairs = table.spelled(table.words), table.spelled(table.plain)
            known.ask([*table.words, *pairs[0]])
            known.ask([FOLDED + name for name in (*table.plain, *pairs[1])])
        found = occurrences(table, shipped_lexicon().pairs, known if base.documents else None)
        known.ask(found.names)
        columns = [known[name] for name in found.names]
        new = [i for i, column in enumerate(columns) if column < 0]
        for place, i in enumerate(new, len(base.idf)):
            columns[i] = place
        numbers = np.asarray(columns, dtype=np.int64)
        names = tuple(found.names[i] for i in new)
        return cls(table, numbers[found.term], found.text, names, languages(table))

    def changed(
        self, base: LexicalIndex, new: "FreshTerms", rows: IntArray, table: TokenTable
    ) -> "FreshTerms":
        """Those of `table`, whose text i is text `rows[i]` of these and then of `new`; all of
        `new` are there. They are what `of` gives, but for the order of `names`."""
        many = len(self.table) + len(new.table)
        if not base.documents or self._depends_on(new, gone=len(rows) < many):
            return FreshTerms.of(base, table)
        first = len(base.idf)
        place = {name: i for i, name in enumerate(self.names, first)}
        moved = [place.setdefault(name, first + len(place)) for name in new.names]
        columns = np.concatenate([self.columns, _renumbered(new.columns, first, moved)])
        where: Numbers = np.full(many, -1, dtype=np.int32)
        where[rows] = np.arange(len(rows), dtype=np.int32)
        texts = where[np.concatenate([self.texts, new.texts + np.int32(len(self.table))])]
        if len(rows) < many:
            there = texts >= 0
            columns, texts = columns[there], texts[there]
        used = np.unique(columns[columns >= first])
        last = np.zeros(len(place), dtype=np.int64)
        last[used - first] = np.arange(first, first + len(used))
        names = list(place)
        return FreshTerms(
            table,
            _renumbered(columns, first, last),
            texts,
            tuple(names[i] for i in (used - first).tolist()),
            np.concatenate([self.languages, new.languages])[rows],
        )

    def _depends_on(self, new: "FreshTerms", gone: bool) -> bool:
        """Whether texts of either may stand under a term only because of texts of the other, or of
        those that are `gone`: an unaccented form, since somewhere it is written with accents."""
        mine, theirs = _opened(self.names), _opened(new.names)
        if gone and mine:
            return True
        return _may_hold(self.table, theirs - mine) or _may_hold(new.table, mine - theirs)


class _Known(dict[str, int]):
    """The columns of the names asked for, -1 for those that the index does not have."""

    def __init__(self, base: LexicalIndex) -> None:
        names = base.column
        assert isinstance(names, Names)
        self._names = names

    def ask(self, names: Iterable[str]) -> None:
        """Looks these names up, all at once."""
        known = self.keys()
        new = [name for name in dict.fromkeys(names) if name not in known]
        self.update(zip(new, self._names.places(new).tolist(), strict=True))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self[name] >= 0


def _renumbered(columns: IntArray, first: int, moved: "list[int] | IntArray") -> IntArray:
    """The columns, of which `first + i` is now `moved[i]`."""
    found = columns.copy()
    new = np.flatnonzero(columns >= first)
    found[new] = np.asarray(moved, dtype=np.int64)[columns[new] - first]
    return found


def _opened(names: Iterable[str]) -> frozenset[str]:
    """The unaccented forms among these names."""
    return frozenset(name[len(FOLDED) :] for name in names if name.startswith(FOLDED))


def _may_hold(table: TokenTable, forms: Iterable[str]) -> bool:
    """Whether all words of one of these forms stand somewhere in the texts."""
    plain = frozenset(table.plain)
    return any(plain.issuperset(form.split(" ")) for form in forms)
