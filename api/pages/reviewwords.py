"""A pair under review as the pages show it, and the words of verdicts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from urllib.parse import urlencode

from api.pages.fit import word_of
from api.pages.visit import Visit
from api.service.decisions import Decision, Pair, Standing, Verdict
from api.service.matchedpairs import Matched
from api.service.reviewing import Review
from indexer.bilingual import Bilingual


@dataclass(frozen=True, slots=True)
class Word:
    """What one reviewer said; `person` is their name, "" for whoever sits at this machine."""

    person: str
    mine: bool
    verdict: Verdict
    words: Bilingual
    note: str
    at: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    id: str
    demand: str
    supply: str
    demand_name: tuple[str, str]
    supply_name: tuple[str, str]
    score: float
    word: Bilingual
    flags: tuple[tuple[str, Bilingual], ...]
    standing: Standing
    mine: Verdict
    said: tuple[Word, ...]
    query: str


def row(
    visit: Visit,
    line: Matched,
    titles: Mapping[str, tuple[str, str]],
    review: Review,
    names: Mapping[str, str],
) -> Row:
    """A line with its titles, and with who said what of it."""
    said = words(visit, review.said.get(line.pair, ()), names)
    own = next((one.verdict for one in said if one.mine), Verdict.NONE)
    demand, supply = line.pair
    return Row(
        id=row_id(line.pair),
        demand=demand,
        supply=supply,
        demand_name=titles.get(demand, (demand, "")),
        supply_name=titles.get(supply, (supply, "")),
        score=line.score,
        word=word_of(line.score),
        flags=tuple((FLAGS[name][0], FLAGS[name][1]) for name in line.flags if name in FLAGS),
        standing=review.standing(line.pair),
        mine=own,
        said=said,
        query=urlencode({"demand": demand, "supply": supply}),
    )


def words(visit: Visit, said: Sequence[Decision], names: Mapping[str, str]) -> tuple[Word, ...]:
    """What everybody said of one pair."""
    return tuple(
        Word(
            names.get(one.person, ""),
            one.person == visit.actor.id,
            one.verdict,
            DID[one.verdict],
            one.note,
            one.at,
        )
        for one in said
    )


def row_id(pair: Pair) -> str:
    """A name for a pair that an element of a page can have."""
    return "p" + blake2b("\0".join(pair).encode(), digest_size=6).hexdigest()


# Standing to (tone of its tag, word).
STANDINGS: Mapping[Standing, tuple[str, Bilingual]] = {
    Standing.OPEN: ("", Bilingual("Chưa duyệt", "Undecided")),
    Standing.ACCEPTED: ("good", Bilingual("Chấp nhận", "Accepted")),
    Standing.REJECTED: ("bad", Bilingual("Từ chối", "Rejected")),
    Standing.PINNED: ("accent", Bilingual("Ghim", "Pinned")),
    Standing.VETOED: ("bad", Bilingual("Cấm gặp", "Vetoed")),
    Standing.DISPUTED: ("warn", Bilingual("Bất đồng", "Disputed")),
}
# What a notice says has been done.
VERDICTS: Mapping[Verdict, Bilingual] = {
    Verdict.NONE: Bilingual("Đã rút ý kiến", "Taken back"),
    Verdict.ACCEPT: Bilingual("Đã chấp nhận", "Accepted"),
    Verdict.REJECT: Bilingual("Đã từ chối", "Rejected"),
    Verdict.PIN: Bilingual("Đã ghim", "Pinned"),
    Verdict.VETO: Bilingual("Đã cấm gặp", "Vetoed"),
}
# What somebody is said to have done.
DID: Mapping[Verdict, Bilingual] = {
    Verdict.NONE: Bilingual("ghi chú", "noted"),
    Verdict.ACCEPT: Bilingual("chấp nhận", "accepted"),
    Verdict.REJECT: Bilingual("từ chối", "rejected"),
    Verdict.PIN: Bilingual("ghim", "pinned"),
    Verdict.VETO: Bilingual("cấm gặp", "vetoed"),
}
# Flags of a match by name, in few words; the page of the pair says more.
FLAGS: Mapping[str, tuple[str, Bilingual]] = {
    "trl-below": ("warn", Bilingual("TRL thấp hơn yêu cầu", "TRL below what is asked")),
    "budget-below-price": ("warn", Bilingual("giá vượt kinh phí", "price above budget")),
    "expired": ("bad", Bilingual("hết hạn", "expired")),
    "confidential": ("warn", Bilingual("hạn chế chia sẻ", "confidential")),
    "same-owner": ("warn", Bilingual("cùng đơn vị", "same organisation")),
    "keyword-list": ("warn", Bilingual("nhồi từ khóa", "stuffed with keywords")),
    "copied-text": ("warn", Bilingual("chép lại nhu cầu", "copies the need")),
    "hidden-characters": ("bad", Bilingual("ký tự ẩn", "hidden characters")),
    "pinned": ("info", Bilingual("ghim theo luật", "pinned by rule")),
    "avoided": ("info", Bilingual("xếp sau theo luật", "placed lower by rule")),
    "preferred": ("info", Bilingual("ưu tiên", "preferred")),
}
