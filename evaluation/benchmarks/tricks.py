"""Tricks an owner may try with the text of an offer to stand higher in a need's list."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from indexer.importing.cells import clean
from indexer.records import TEXT_FIELDS, Record
from indexer.text import is_function_word, spelled_words, token_of

COPIES = 20
_PHRASES = 6
_SUPERLATIVES = (
    "Giải pháp số 1 Việt Nam, hàng đầu thế giới, đột phá, hiện đại nhất, tốt nhất, uy tín nhất, "
    "chất lượng vượt trội, giá rẻ nhất, đáp ứng mọi nhu cầu của mọi khách hàng. World-class, "
    "best-in-class, cutting-edge, revolutionary, number one, award-winning, leading innovative "
    "solution for every customer and every problem."
)
_DISGUISE = str.maketrans("aeopcyxi", "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456")


@dataclass(frozen=True)
class Case:
    """A need, an offer that does not answer it, and the fields of the whole event."""

    need: Record
    offer: Record
    fields: tuple[str, ...]
    rarity: Callable[[str], float]

    def keywords(self) -> str:
        """The telling phrases of the need, the rarest first."""
        found = spelled_words(self.need.text())
        telling = [not is_function_word(token_of(word)) and not word.isdigit() for word in found]
        pairs = {
            f"{one} {other}": self.rarity(token_of(one)) + self.rarity(token_of(other))
            for (one, first), (other, second) in pairwise(zip(found, telling, strict=True))
            if first and second
        }
        return ", ".join(sorted(pairs, key=lambda pair: (-pairs[pair], pair))[:_PHRASES])


Trick = Callable[[Case], Sequence[Record]]


def _with(case: Case, text: str, field: str = "description") -> Record:
    before = getattr(case.offer, field)
    return case.offer.model_copy(update={field: f"{before}\n{text}" if before else text})


def _keywords(times: int, field: str = "description") -> Trick:
    return lambda case: [_with(case, ", ".join([case.keywords()] * times), field)]


def _shuffled(case: Case) -> list[Record]:
    draw, phrases = random.Random(case.need.id), case.keywords().split(", ") * 5
    draw.shuffle(phrases)
    return [_with(case, " ".join(phrases))]


def _hidden(case: Case) -> list[Record]:
    """Keywords with unseen characters inside, a turned text, and the need in tag characters."""
    laced = "\u200b".join(", ".join([case.keywords()] * 5))
    tagged = "".join(chr(0xE0000 + ord(c)) for c in case.need.text() if 32 <= ord(c) < 127)
    return [_with(case, f"\u202e{laced}\u202c{tagged}")]


def _copied(case: Case) -> list[Record]:
    return [_with(case, case.need.text())]


def _half(case: Case) -> list[Record]:
    words = case.need.text().split()
    return [_with(case, " ".join(words[: -(-len(words) // 2)]))]


def _disguised(case: Case) -> list[Record]:
    return [_with(case, case.need.text().translate(_DISGUISE))]


def _laced(case: Case) -> list[Record]:
    return [_with(case, "\u200d".join(case.need.text()))]


def _padded(case: Case) -> list[Record]:
    blanks = "\u00a0\u3000 \u2009" * 500
    return [
        case.offer.model_copy(update={"description": case.offer.description.replace(" ", blanks)})
    ]


def _flood(owners: int) -> Trick:
    """Copies under this many owners, each with a few words changed."""

    def copies(case: Case) -> list[Record]:
        return [case.offer, *(_copy(case.offer, i, f"Công ty {i % owners}") for i in range(COPIES))]

    return copies


def _copy(offer: Record, number: int, owner: str) -> Record:
    changed = {"id": f"{offer.id}-copy-{number}", "owner": owner}
    words = offer.description.split()
    left_out = number % max(len(words), 1)
    said = " ".join(word for at, word in enumerate(words) if at != left_out)
    return offer.model_copy(update=changed | {"description": said})


def _one_owner(case: Case) -> list[Record]:
    return [case.offer, *(_copy(case.offer, i, case.offer.owner) for i in range(COPIES))]


TRICKS: Mapping[str, Trick] = {
    "keywords once": _keywords(1),
    "keywords x 5": _keywords(5),
    "keywords x 50": _keywords(50),
    "keywords x 5 in the field for them": _keywords(5, "keywords"),
    "keywords x 5, shuffled": _shuffled,
    "hidden Unicode": _hidden,
    "superlatives": lambda case: [_with(case, _SUPERLATIVES)],
    "every field": lambda case: [case.offer.model_copy(update={"field": ", ".join(case.fields)})],
    "white padding": _padded,
    "20 copies, one owner": _one_owner,
    "20 copies, 20 owners": _flood(COPIES),
    "need copied": _copied,
    "half of the need copied": _half,
    "need copied in look-alike letters": _disguised,
    "need copied with unseen characters": _laced,
}


def handed_in(record: Record) -> Record:
    """The record after the cleaning of an import."""
    return record.model_copy(update={name: clean(getattr(record, name)) for name in TEXT_FIELDS})
