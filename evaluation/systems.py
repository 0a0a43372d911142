"""The systems that can be evaluated, by name: ours, made of the matcher's parts, and peers.

A name may say more: `NAME[:ENCODER][,weight=W]`, as in "dense:static" or
"hybrid:contextual@128,weight=0.5". The weight is the share of words in a score, 0 to 1 or auto.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal, NamedTuple

from evaluation.parts import Part, Parts, System, encoder_part
from evaluation.peers import PEERS, Peer
from evaluation.runs import Scores
from indexer.encoder import check_encoder_name
from indexer.errors import RequestError
from matcher.fusion import BY_DIRECTION, WordShare, word_shares
from matcher.similarity import dense_similarity, fuse, lexical_similarity

# The parts themselves are imported where they are built: importing `evaluation` stays light.
if TYPE_CHECKING:
    from indexer.encoder import Encoder
    from indexer.vectors.vectors import Vectors
    from indexer.words.lexical import LexicalIndex

__all__ = ["DEFAULT_SYSTEMS", "LEXICAL", "SYSTEMS", "Parts", "System", "dense_part", "named"]

_BACKGROUND_QUERIES = 256  # enough for a percentile of cosines, few enough for slow encoders
_OPTION = re.compile(r"(?P<head>.*),(?P<key>\w+)=(?P<value>[^,=]*)", re.DOTALL)


class Dense(NamedTuple):
    """The dense half of an index; `background` is described in `indexer.background`."""

    encoder: "Encoder"
    vectors: "Vectors"
    background: float


def _lexical(parts: Parts, _: str) -> "LexicalIndex":
    from indexer.words.lexical import LexicalIndex  # noqa: PLC0415
    from indexer.words.tokentable import TokenTable  # noqa: PLC0415

    return LexicalIndex.build(TokenTable.of(parts.documents))


def _vectors(parts: Parts, name: str) -> Dense:
    from indexer.background import background_cosine  # noqa: PLC0415
    from indexer.encoder import LSA  # noqa: PLC0415
    from indexer.encoders.lsa import fit_lsa  # noqa: PLC0415
    from indexer.vectors.vectors import Vectors  # noqa: PLC0415

    # Fitted on the documents alone: a query is as new to it as a visitor's need is.
    encoder: Encoder = fit_lsa(parts.documents) if name == LSA else parts[encoder_part(name)]
    vectors = Vectors(parts.encoded(encoder))
    step = -(-len(parts.queries) // _BACKGROUND_QUERIES) or 1
    asked = encoder.encode(parts.queries[::step], query=True)
    return Dense(encoder, vectors, background_cosine(asked, vectors))


LEXICAL = Part("lexical", _lexical, stage="terms")


def dense_part(encoder: str = "") -> Part[Dense]:
    """Vectors of this encoder; "" is the default of the evaluation."""
    return Part("dense", _vectors, encoder)


def _by_words(parts: Parts, queries: Sequence[str], *, translate: bool) -> Scores:
    words = parts[LEXICAL]
    return words.scores(words.queries(queries, translate=translate))


def _by_meaning(parts: Parts, queries: Sequence[str], *, part: Part[Dense]) -> Scores:
    dense = parts[part]
    return dense.vectors.similarities(dense.encoder.encode(queries, query=True))


def _by_both(
    parts: Parts, queries: Sequence[str], *, part: Part[Dense], weight: WordShare
) -> Scores:
    """What the matcher ranks by: its normalised similarities under a weight."""
    index = parts[LEXICAL]
    words = index.queries(queries)
    lexical = lexical_similarity(index.scores(words), index.ceiling(words))
    dense = dense_similarity(_by_meaning(parts, queries, part=part), parts[part].background)
    return fuse(lexical, dense, word_shares(words.asked, index.languages, weight))


def _words(*, translate: bool) -> System:
    from indexer.words.lexicon import shipped_lexicon  # noqa: PLC0415

    shipped_lexicon()  # read once a process, which is not the time of an index
    return System((LEXICAL,), partial(_by_words, translate=translate))


def _dense(encoder: str) -> System:
    part = dense_part(encoder)
    return System((part,), partial(_by_meaning, part=part))


def _hybrid(encoder: str, weight: WordShare | None) -> System:
    part = dense_part(encoder)
    return System((LEXICAL, part), partial(_by_both, part=part, weight=_share(weight)))


def _match(encoder: str, weight: WordShare | None) -> System:
    from evaluation.matching import by_match, match_part  # noqa: PLC0415

    part = match_part(encoder)
    return System((part,), partial(by_match, part=part, weight=_share(weight)))


def _share(weight: WordShare | None) -> WordShare:
    from indexer.settings import Settings  # noqa: PLC0415

    default: WordShare = Settings.model_fields["lexical_weight"].default
    return default if weight is None else weight


@dataclass(frozen=True)
class Kind:
    """A system before it is told its options: which it takes, and what makes it of them."""

    make: Callable[[str, WordShare | None], System]
    encoder: Literal["none", "optional", "needed"] = "none"
    weighted: bool = False

    def usage(self, name: str) -> str:
        """The name with the options it takes, as `NAME[:ENCODER]`."""
        encoder = {"none": "", "optional": "[:ENCODER]", "needed": ":MODEL"}[self.encoder]
        return name + encoder + ("[,weight=W]" if self.weighted else "")


def _peer(peer: Peer) -> Kind:
    return Kind(lambda encoder, weight: peer.load(encoder), peer.encoder)


SYSTEMS: dict[str, Kind] = {
    # Words alone: without the lexicon, to see what it adds.
    "bm25": Kind(lambda encoder, weight: _words(translate=False)),
    "lexicon": Kind(lambda encoder, weight: _words(translate=True)),
    "dense": Kind(lambda encoder, weight: _dense(encoder), "optional"),
    "hybrid": Kind(_hybrid, "optional", weighted=True),
    # What a match list is made of: the hybrid's candidates by the probability of all features.
    "match": Kind(_match, "optional", weighted=True),
    **{name: _peer(peer) for name, peer in PEERS.items()},
}
DEFAULT_SYSTEMS = ("bm25", "lexicon", "dense", "hybrid")


def named(name: str) -> System:
    """The system asked for by this name, see the grammar above.

    Raises RequestError, saying what is accepted: the name, an option or its value is unknown,
    nothing could answer to the encoder's name, or the library of a peer is not installed.
    """
    head, options = _options(name)
    base, colon, encoder = head.partition(":")
    kind = SYSTEMS.get(base)
    if kind is None:
        choices = ", ".join(each.usage(one) for one, each in SYSTEMS.items())
        raise RequestError(
            vi=f"Không có hệ thống “{name}”; các hệ thống: {choices}.",
            en=f"There is no system “{name}”; choose from: {choices}.",
        )
    wrong = [key for key in options if key != "weight" or not kind.weighted]
    if wrong or (colon and (not encoder or kind.encoder == "none")):
        raise _misused(name, kind.usage(base))
    if kind.encoder == "needed" and not encoder:
        raise _misused(name, kind.usage(base))
    weight = _weight(name, options["weight"]) if options else None
    return kind.make(check_encoder_name(encoder) if encoder else "", weight)


def _options(name: str) -> tuple[str, Mapping[str, str]]:
    """("hybrid:static", {"weight": "0.5"}) of "hybrid:static,weight=0.5"."""
    head, options = name, dict[str, str]()
    while found := _OPTION.fullmatch(head):
        head, key = found["head"], found["key"]
        if key in options:
            raise RequestError(
                vi=f"Hệ thống “{name}”: “{key}” được nêu hai lần.",
                en=f"The system “{name}”: “{key}” is given twice.",
            )
        options[key] = found["value"]
    return head, options


def _misused(name: str, usage: str) -> RequestError:
    return RequestError(
        vi=f"Hệ thống “{name}” không đúng cách viết; cách viết được nhận: {usage}.",
        en=f"The system “{name}” is not written in a way that is understood; accepted: {usage}.",
    )


def _weight(name: str, written: str) -> WordShare:
    if written == BY_DIRECTION:
        return BY_DIRECTION
    if re.fullmatch(r"0|1|[01]?\.[0-9]+", written) and float(written) <= 1:
        return float(written)
    raise RequestError(
        vi=f"Hệ thống “{name}”: weight không nhận “{written}”; được nhận: một số từ 0 đến 1 "
        "hoặc auto.",
        en=f"The system “{name}”: weight does not take “{written}”; accepted: a number from 0 to "
        "1, or auto.",
    )
