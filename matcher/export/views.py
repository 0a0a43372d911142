"""Records and matches as the page shows them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from indexer.bilingual import Bilingual
from indexer.records import Record, Side, Visibility
from matcher.amounts import say_money
from matcher.export.clean import clean, shorten
from matcher.export.highlight import pieces
from matcher.export.labels import NO_WHY, TYPES, VISIBILITIES, field_label
from matcher.export.unmatched import unmatched_lines
from matcher.export.wording import say_score, say_trl
from matcher.match import Evidence, Match, Span
from matcher.matchlist import MatchList
from matcher.ruling.exclusion import Exclusion

_LEAD = 220  # characters of a record's text that are always in sight
_PASSAGE = 20_000  # of one field behind "full text"; the catalog has the rest
_QUOTE = 1_200  # of an evidence sentence


class RecordView:
    """What the page says of one record. Contact data is not part of it."""

    def __init__(self, record: Record, anchor: str) -> None:
        self._record = record
        self.anchor = anchor  # where its own matches stand on the page; empty if nowhere
        self.id = clean(record.id)
        self.heading = clean(record.heading())
        self.owner = clean(record.owner)
        self.place = clean(record.place)
        self.side = record.side
        self.type = TYPES[record.type]
        self.language = "" if record.language == "mixed" else record.language
        self.trl = say_trl(record.trl, record.side) if record.trl else ""
        self.money = say_money(record.money) if record.money else None

    @property
    def restriction(self) -> Bilingual | None:
        """The word for a record that is not public."""
        visibility = self._record.visibility
        return None if visibility is Visibility.PUBLIC else VISIBILITIES[visibility]

    @cached_property
    def passages(self) -> tuple[tuple[Bilingual, str], ...]:
        """(field, text) of all matched text but the title."""
        return tuple(
            (field_label(name), shorten(clean(text).strip(), _PASSAGE))
            for name, text in self._record.passages()
            if name != "title" and text.strip()
        )

    @cached_property
    def lead(self) -> str:
        """The beginning of the text, on one line."""
        if not self.passages:
            return ""
        return shorten(" ".join(self.passages[0][1].split()), _LEAD)

    @property
    def has_more(self) -> bool:
        """True when the lead is not yet the whole text."""
        return len(self.passages) > 1 or any(text != self.lead for _, text in self.passages)


@dataclass(frozen=True, slots=True)
class Quote:
    """One of the two facing sentences, cut where its terms begin and end."""

    side: Side
    field: Bilingual
    language: str
    pieces: tuple[tuple[str, bool], ...]


class MatchView:
    """One row: the partner, the score, the reasons."""

    def __init__(self, match: Match, own: RecordView, partner: RecordView) -> None:
        self._match = match
        self._need, self._offer = (own, partner) if own.side is Side.DEMAND else (partner, own)
        self.partner = partner
        self.rank = match.rank
        self.value = f"{match.score:.4f}"
        self.share = min(max(match.score, 0.0), 1.0)
        self.score = say_score(match.score)
        self.flags = tuple(_clean(flag.message) for flag in match.flags)

    @property
    def whys(self) -> tuple[Bilingual, ...]:
        said = (self._match.reasons,) if self._match.reasons else ()
        whys = (*said, *(item.why for item in self._match.evidence))
        return tuple(map(_clean, whys)) or (NO_WHY,)

    def facing(self) -> Iterator[tuple[Quote, Quote]]:
        """The quote of the need and the quote of the offer, for each piece of evidence."""
        for item in self._match.evidence:
            yield self._quote(Side.DEMAND, item), self._quote(Side.SUPPLY, item)

    def translated(self) -> list[tuple[str, str]]:
        """The corresponding terms whose words differ in the two texts."""
        pairs = (pair for item in self._match.evidence for pair in item.terms)
        return [(clean(a), clean(b)) for a, b in pairs if a.lower() != b.lower()]

    def _quote(self, side: Side, item: Evidence) -> Quote:
        of_need = side is Side.DEMAND
        span: Span = item.demand if of_need else item.supply
        record = self._need if of_need else self._offer
        terms = (clean(pair[0 if of_need else 1]) for pair in item.terms)
        text = shorten(clean(span.text), _QUOTE)
        return Quote(side, field_label(span.field), record.language, tuple(pieces(text, terms)))


@dataclass(frozen=True, slots=True)
class Group:
    """A record with its matches, best first."""

    record: RecordView
    matches: tuple[MatchView, ...]


@dataclass(frozen=True, slots=True)
class Lonely:
    """A record nothing matched, with the nearest partner below the floor if there is one."""

    record: RecordView
    nearest: MatchView | None
    missing: tuple[Bilingual, ...] = ()
    ways: tuple[Bilingual, ...] = ()
    advice: tuple[Bilingual, ...] = ()


@dataclass(frozen=True, slots=True)
class Barred:
    """A pair that a rule kept off the lists."""

    need: RecordView
    offer: RecordView
    score: Bilingual
    why: Bilingual


class Views:
    """Makes views; each record's is made once."""

    def __init__(self, records: Mapping[str, Record], anchors: Mapping[str, str]) -> None:
        self._records = records
        self._anchors = anchors
        self._made: dict[str, RecordView] = {}

    def record(self, record_id: str) -> RecordView:
        if record_id not in self._made:
            self._made[record_id] = RecordView(
                self._records[record_id], self._anchors.get(record_id, "")
            )
        return self._made[record_id]

    def match(self, match: Match, own_side: Side) -> MatchView:
        need, offer = self.record(match.demand), self.record(match.supply)
        own, partner = (need, offer) if own_side is Side.DEMAND else (offer, need)
        return MatchView(match, own, partner)

    def groups(self, lists: Mapping[str, tuple[Match, ...]], side: Side) -> Iterator[Group]:
        for record_id, matches in lists.items():
            rows = tuple(self.match(match, side) for match in matches)
            yield Group(self.record(record_id), rows)

    def lonely(self, record_ids: Iterable[str], match_list: MatchList) -> Iterator[Lonely]:
        for record_id in record_ids:
            record, match = self.record(record_id), match_list.nearest.get(record_id)
            lines = unmatched_lines(match_list, record_id)
            said = (tuple(_clean(line) for line in part) for part in lines)
            yield Lonely(record, self.match(match, record.side) if match else None, *said)

    def barred(self, excluded: Iterable[Exclusion]) -> Iterator[Barred]:
        for item in excluded:
            need, offer = self.record(item.demand), self.record(item.supply)
            yield Barred(need, offer, say_score(item.score), _clean(item.why))


def _clean(message: Bilingual) -> Bilingual:
    return Bilingual(clean(message.vi), clean(message.en))
