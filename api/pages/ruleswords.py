"""What an event's file asks for, entry by entry, in words."""

from collections.abc import Iterator
from dataclasses import dataclass

from indexer.bilingual import Bilingual
from indexer.records import Side
from matcher.planning.event import Event
from matcher.planning.participant import Wish
from matcher.ruling.rules import Rule


@dataclass(frozen=True, slots=True)
class Entry:
    """The entry at `position` of a list of the event file, as people say it."""

    part: str
    position: int
    kind: Bilingual
    words: Bilingual
    tone: str = ""


def entries(event: Event) -> Iterator[Entry]:
    """Rules, wishes, fixed meetings, earlier meetings and policies, in the order of the file."""
    for place, rule in enumerate(event.rules):
        yield Entry("rules", place, *_rule(rule))
    for place, item in enumerate(event.fixed):
        words = Bilingual(item.said_in_vietnamese(), item.said())
        yield Entry("fixed", place, _FIXED, words, "good")
    for place, wish in enumerate(event.wishes):
        yield Entry("wishes", place, _WISH, _wish(wish), "bad" if wish.degree == "veto" else "")
    for place, met in enumerate(event.met):
        text = f"{met.one} – {met.other}"
        yield Entry("met", place, _MET, Bilingual(text, text), "bad")
    for place, policy in enumerate(event.policies):
        who = ", ".join(policy.owners) or policy.group
        text = f"{policy.label}: {who} × {policy.weight:g}"
        yield Entry("policies", place, _POLICY, Bilingual(text.replace(".", ","), text))


def _rule(rule: Rule) -> tuple[Bilingual, Bilingual, str]:
    if rule.kind in ("require", "prefer"):
        return _KINDS[rule.kind], _condition(rule), "warn" if rule.kind == "require" else "info"
    name = rule.name()
    if rule.kind in ("forbid", "pin"):
        who = f"{rule.party} – {', '.join(rule.others)}"
        label = Bilingual(f"{who}: {name.vi}", f"{who}: {name.en}") if rule.label else None
        words = label or (
            Bilingual(who, who)
            if not rule.reason
            else Bilingual(
                f"{who} ({_REASONS[rule.reason].vi})", f"{who} ({_REASONS[rule.reason].en})"
            )
        )
        return _KINDS[rule.kind], words, "bad" if rule.kind == "forbid" else "good"
    if rule.kind == "same-owner":
        words = _ALLOWED if rule.allow else _NOT_ALLOWED
        return _KINDS[rule.kind], words, ""
    return _KINDS[rule.kind], _conflict(rule), "bad"


def _condition(rule: Rule) -> Bilingual:
    said = ", ".join(rule.where)
    vi, en = _SIDES[rule.of]
    whose = Bilingual(
        vi=f"{vi} gặp {rule.party}" if rule.party else f"mọi {vi.lower()}",
        en=f"{en} that meet {rule.party}" if rule.party else f"all {en.lower()}",
    )
    if rule.kind == "require":
        open_ = rule.unstated == "allow"
        words = Bilingual(
            vi=f"{whose.vi} phải có {said}" + (" (không ghi thì vẫn nhận)" if open_ else ""),
            en=f"{whose.en} must have {said}" + (" (unstated is accepted)" if open_ else ""),
        )
    else:
        up = rule.weight >= 0
        words = Bilingual(
            vi=f"{'xếp cao hơn' if up else 'xếp thấp hơn'}: {whose.vi} có {said}",
            en=f"{'moved up' if up else 'moved down'}: {whose.en} with {said}",
        )
    words = Bilingual(words.vi[:1].upper() + words.vi[1:], words.en[:1].upper() + words.en[1:])
    if not rule.label:
        return words
    return Bilingual(f"{rule.label}: {words.vi}", f"{rule.label}: {words.en}")


def _conflict(rule: Rule) -> Bilingual:
    ties = rule.by or ("domain", "organisation", "together")
    vi = ", ".join(TIES[tie].vi for tie in ties)
    en = ", ".join(TIES[tie].en for tie in ties)
    lists = "; ".join(", ".join(names) for names in rule.together)
    tail = f" ({lists})" if lists else ""
    return Bilingual(f"Không ghép khi {vi}{tail}", f"Never matched when {en}{tail}")


def _wish(wish: Wish) -> Bilingual:
    vi, en = DEGREES[wish.degree]
    who = f"{wish.from_owner} → {wish.to_owner}"
    return Bilingual(f"{who}: {vi}", f"{who}: {en}")


TIES = {
    "domain": Bilingual("hai bên dùng chung tên miền thư", "both write from one e-mail domain"),
    "organisation": Bilingual("bên này là một phần của bên kia", "one is part of the other"),
    "together": Bilingual("hai bên có tên trong cùng một nhóm", "both are in one list"),
}
DEGREES = {
    "very high": ("rất muốn gặp", "wants to meet very much"),
    "high": ("muốn gặp", "wants to meet"),
    "neutral": ("bình thường", "neutral"),
    "low": ("ít muốn gặp", "would rather not meet"),
    "very low": ("không muốn gặp", "does not want to meet"),
    "veto": ("từ chối gặp", "refuses to meet"),
}
_SIDES = {
    Side.DEMAND: ("Nhu cầu", "Needs"),
    Side.SUPPLY: ("Nguồn cung", "Offers"),
}
_REASONS = {
    "veto": Bilingual("từ chối gặp", "veto"),
    "competitor": Bilingual("đối thủ cạnh tranh", "competitors"),
    "met before": Bilingual("đã gặp trước đây", "have met before"),
}
_KINDS = {
    "require": Bilingual("Bắt buộc", "Required"),
    "prefer": Bilingual("Ưu tiên", "Preferred"),
    "forbid": Bilingual("Không gặp nhau", "Must not meet"),
    "pin": Bilingual("Ghim lên đầu", "Pinned to the top"),
    "same-owner": Bilingual("Cùng một đơn vị", "Same organisation"),
    "conflict": Bilingual("Xung đột lợi ích", "Conflict of interest"),
}
_FIXED = Bilingual("Phải gặp", "Must meet")
_WISH = Bilingual("Nguyện vọng", "Wish")
_MET = Bilingual("Đã gặp trước đây", "Met before")
_POLICY = Bilingual("Chính sách ưu tiên", "Policy")
_ALLOWED = Bilingual(
    "Được ghép một đơn vị với chính mình", "An organisation may be matched with itself"
)
_NOT_ALLOWED = Bilingual(
    "Không ghép một đơn vị với chính mình", "An organisation is never matched with itself"
)
