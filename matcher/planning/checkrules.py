"""What a plan's judge asks beyond time and place: who may meet, how often, and the figures."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from math import prod

from indexer.owners import owner_key
from matcher.planning.checkbook import Book, Violation, said
from matcher.planning.plan import Meeting, Pair
from matcher.ruling.rules import Rule

# Figures in plan.json may be rounded; a thousandth of a meeting's worth is no violation.
_TOLERANCE = 1e-3
_WISHED = {"very high": 1.0, "high": 0.5, "low": -0.5, "very low": -1.0}
Keys = tuple[str, str]


def _once(book: Book) -> Iterator[Violation]:
    """Two owners meet once, whichever of them asks."""
    together: dict[frozenset[str], list[int]] = defaultdict(list)
    for position, _, keys in book.meetings():
        together[frozenset(keys)].append(position)
    for positions in together.values():
        if len(positions) > 1:
            who = book.who(book.plan.meetings[positions[0]])
            yield said(
                "met-twice",
                f"{who} gặp nhau {len(positions)} lần.",
                f"{who} meet {len(positions)} times.",
                *positions,
            )


def _candidates(book: Book) -> Iterator[Violation]:
    """A meeting is one of the candidate pairs, with that pair's score, or fixed by the event."""
    candidates: dict[Keys, list[Pair]] = defaultdict(list)
    for pair in book.plan.pairs:
        candidates[_keys(pair)].append(pair)
    fixed = {(owner_key(f.demand), owner_key(f.supply)) for f in book.plan.event.fixed}
    for position, meeting, keys in book.meetings():
        if keys not in candidates:
            if keys in fixed:
                continue
            yield said(
                "not-a-candidate",
                f"{book.who(meeting)} không có trong các cặp ứng viên của kế hoạch.",
                f"{book.who(meeting)} is not among the plan's candidate pairs.",
                position,
            )
            continue
        same = [p for p in candidates[keys] if abs(p.score - meeting.score) <= _TOLERANCE]
        if not same:
            best = max(pair.score for pair in candidates[keys])
            yield said(
                "score",
                f"{book.who(meeting)}: điểm {meeting.score:.3f}, cặp ứng viên ghi {best:.3f}.",
                f"{book.who(meeting)}: score {meeting.score:.3f}, the candidate pair says "
                f"{best:.3f}.",
                position,
            )
        elif all((p.demand, p.supply) != (meeting.demand, meeting.supply) for p in same):
            known = f"{same[0].demand or '–'}, {same[0].supply or '–'}"
            told = f"{meeting.demand or '–'}, {meeting.supply or '–'}"
            yield said(
                "records",
                f"{book.who(meeting)}: hồ sơ {told}, cặp ứng viên ghi {known}.",
                f"{book.who(meeting)}: records {told}, the candidate pair says {known}.",
                position,
            )


def _waiting(book: Book) -> Iterator[Violation]:
    """Alternates and pairs without a place are candidates too; the latter have no meeting."""
    candidates = {frozenset(_keys(pair)) for pair in book.plan.pairs}
    for name, others in book.plan.alternates.items():
        for other in others:
            two = frozenset((owner_key(name), owner_key(other)))
            if two not in candidates or len(two) == 1:
                yield said(
                    "alternates",
                    f"Phương án dự phòng {other} của {name} không phải cặp ứng viên.",
                    f"{other}, an alternate of {name}, is no candidate pair with it.",
                )
    held = {frozenset(keys) for keys in book.keys}
    for pair in book.plan.unplaced:
        two, who = frozenset(_keys(pair)), f"{pair.demand_owner} – {pair.supply_owner}"
        if two not in candidates:
            yield said(
                "unplaced",
                f"{who} ghi là chưa xếp được nhưng không phải cặp ứng viên.",
                f"{who} is said to have found no place but is no candidate pair.",
            )
        elif two in held:
            yield said(
                "unplaced",
                f"{who} ghi là chưa xếp được nhưng có cuộc gặp.",
                f"{who} is said to have found no place but meets.",
            )


def _keys(pair: Pair) -> Keys:
    return owner_key(pair.demand_owner), owner_key(pair.supply_owner)


def _apart(book: Book) -> Iterator[Violation]:
    """The same owner, vetoes, met before, and the rules that forbid or see a conflict."""
    event = book.plan.event
    vetoes = {
        frozenset((owner_key(w.from_owner), owner_key(w.to_owner))): w.from_owner
        for w in event.wishes
        if w.degree == "veto"
    }
    met = {frozenset((owner_key(item.one), owner_key(item.other))) for item in event.met}
    rules = [rule for rule in event.rules if rule.kind in ("forbid", "conflict")]
    for position, meeting, keys in book.meetings():
        who, two = book.who(meeting), frozenset(keys)
        if len(two) == 1:
            yield said(
                "same-owner",
                f"{meeting.demand_owner} gặp chính mình.",
                f"{meeting.demand_owner} meets itself.",
                position,
            )
        if two in vetoes:
            name = vetoes[two]
            yield said(
                "veto",
                f"{who} gặp nhau dù {name} từ chối.",
                f"{who} meet although {name} vetoed it.",
                position,
            )
        if two in met:
            yield said(
                "met-before",
                f"{who} đã gặp trước đây.",
                f"{who} have met before.",
                position,
            )
        for rule in rules:
            if _speaks_of(rule, meeting, keys):
                label = rule.name()
                yield said(
                    rule.kind,
                    f"{who} gặp nhau trái luật “{label.vi}”.",
                    f"{who} meet against the rule “{label.en}”.",
                    position,
                )


def _speaks_of(rule: Rule, meeting: Meeting, keys: Keys) -> bool:
    if rule.kind == "conflict":
        if rule.by and "together" not in rule.by:
            return False
        return any(set(keys) <= {owner_key(name) for name in names} for names in rule.together)
    demand, supply = {keys[0], meeting.demand}, {keys[1], meeting.supply}
    party = {rule.party, owner_key(rule.party)} - {""}
    others = {name for text in rule.others for name in (text, owner_key(text))} - {""}
    return bool((demand & party and supply & others) or (demand & others and supply & party))


def _fixed(book: Book) -> Iterator[Violation]:
    """Fixed meetings are there, at their slot and table."""
    held = {keys: meeting for _, meeting, keys in book.meetings()}
    for item in book.plan.event.fixed:
        keys = (owner_key(item.demand), owner_key(item.supply))
        meeting = held.get(keys)
        who = f"{item.demand} – {item.supply}"
        if meeting is None:
            yield said(
                "fixed",
                f"Cuộc gặp cố định {who} không có trong kế hoạch.",
                f"The fixed meeting {who} is not in the plan.",
            )
        elif (item.slot or meeting.slot, item.table or meeting.table) != (
            meeting.slot,
            meeting.table,
        ):
            yield said(
                "fixed",
                f"Cuộc gặp cố định {who} phải ở lượt {item.slot or '–'}, bàn {item.table or '–'}; "
                f"kế hoạch ghi lượt {meeting.slot}, bàn {meeting.table}.",
                f"The fixed meeting {who} belongs at slot {item.slot or '–'}, table "
                f"{item.table or '–'}; the plan says slot {meeting.slot}, table {meeting.table}.",
            )


def _limits(book: Book) -> Iterator[Violation]:
    """Least and most meetings of everybody who takes part, and the cap on one owner's share."""
    count = Counter(key for keys in book.keys for key in set(keys))
    share = book.plan.event.most_share
    total = len(book.keys)
    named = book.people and not book.plan.event.everybody
    for key in sorted(book.people if named else book.names):
        got, (least, most), name = count[key], book.limit(key), book.names[key]
        if got < least:
            yield said(
                "least-meetings",
                f"{name} có {got} cuộc gặp, ít nhất phải có {least}.",
                f"{name} has {got} meetings and must have at least {least}.",
            )
        if most is not None and got > most:
            yield said(
                "most-meetings",
                f"{name} có {got} cuộc gặp, nhiều nhất là {most}.",
                f"{name} has {got} meetings and may have at most {most}.",
            )
        # One meeting is allowed to everybody, however small the plan.
        if share < 1 and got > max(1.0, share * total + _TOLERANCE):
            yield said(
                "most-share",
                f"{name} có {got}/{total} cuộc gặp, quá phần tối đa {share:.0%}.",
                f"{name} has {got} of {total} meetings, more than its share of {share:.0%}.",
            )


def _rests(book: Book) -> Iterator[Violation]:
    """Nobody meets more than n slots in a row; a break slot, or a pause as long as the
    meeting before it, is a rest; midnight is none.

    An owner of p people rests p times as little: in n + 1 slots in a row it has at most n x p
    meetings, which is what lets each of them rest once.
    """
    most = book.plan.event.most_in_a_row
    if most is None:
        return
    for key, positions in sorted(book.of_owner().items()):
        item = book.people.get(key)
        people = item.people if item else 1
        load = Counter(book.plan.meetings[p].slot for p in positions)
        for run in _runs(book):
            for start in range(len(run) - most):
                window = run[start : start + most + 1]
                if sum(load[number] for number in window) > most * people:
                    when = book.when(window[0])
                    yield said(
                        "in-a-row",
                        f"{book.names[key]} gặp liền hơn {most} lượt từ {when.vi}.",
                        f"{book.names[key]} meets more than {most} slots in a row from {when.en}.",
                    )
                    break


def _runs(book: Book) -> list[list[int]]:
    """The slots that follow each other without a rest."""
    runs: list[list[int]] = []
    before: int | None = None
    for number in sorted(range(1, len(book.plan.event.slots) + 1), key=book.begins):
        if book.slot(number).is_break:
            before = None
            continue
        if before is None or (
            book.begins(number) - book.ends(before) >= book.ends(before) - book.begins(before)
        ):
            runs.append([])
        runs[-1].append(number)
        before = number
    return runs


def _interpreters(book: Book) -> Iterator[Violation]:
    """Meetings without a common language, at once, need no more interpreters than there are."""
    most = book.plan.event.interpreters
    if most is None:
        return
    spoken = {
        key: {name.casefold() for name in item.languages} for key, item in book.people.items()
    }
    foreign = [
        position
        for position, _, (one, two) in book.meetings()
        if spoken.get(one) and spoken.get(two) and not spoken[one] & spoken[two]
    ]
    for number, under_way in book.by_slot(foreign):
        if len(under_way) > most:
            when = book.when(number)
            yield said(
                "interpreters",
                f"Lúc {when.vi} có {len(under_way)} cuộc gặp cần phiên dịch; có {most} phiên dịch.",
                f"At {when.en} {len(under_way)} meetings need an interpreter; there are {most}.",
                *under_way,
            )


def _figures(book: Book) -> Iterator[Violation]:
    """The certificate adds up: objective, bound, gap, and what each owner got."""
    told = book.plan.certificate
    worths = _worths(book)
    objective = sum(worths)
    slack = _TOLERANCE * max(1.0, objective)
    if abs(told.objective - objective) > slack:
        yield _unequal("objective", told.objective, objective)
    if told.bound < objective - slack:
        yield said(
            "certificate",
            f"Chứng nhận: cận trên {told.bound:.3f} thấp hơn giá trị {objective:.3f}.",
            f"Certificate: the bound {told.bound:.3f} is below the objective {objective:.3f}.",
        )
    gap = (told.bound - told.objective) / told.bound if told.bound > 0 else 0.0
    if abs(told.gap - gap) > _TOLERANCE:
        yield _unequal("gap", told.gap, gap)
    got: Counter[str] = Counter()
    value: dict[str, float] = defaultdict(float)
    for keys, worth in zip(book.keys, worths, strict=True):
        for key in set(keys):
            got[key] += 1
            value[key] += worth
    listed = {owner_key(name) for name in told.per_party}
    due = {key for item in (*book.plan.pairs, *book.plan.meetings) for key in _keys(item)}
    for key in sorted(due - listed):
        yield said(
            "certificate",
            f"Chứng nhận thiếu {book.names[key]}.",
            f"The certificate does not list {book.names[key]}.",
        )
    for name, standing in sorted(told.per_party.items()):
        key = owner_key(name)
        if standing.got != got[key]:
            yield _unequal(f"{name}, got", standing.got, got[key])
        if abs(standing.value - value[key]) > _TOLERANCE * max(1.0, value[key]):
            yield _unequal(f"{name}, value", standing.value, value[key])


def _unequal(what: str, told: float, counted: float) -> Violation:
    return said(
        "certificate",
        f"Chứng nhận, {what}: ghi {told:g}, tính lại được {counted:g}.",
        f"Certificate, {what}: says {told:g}, counted again {counted:g}.",
    )


def _worths(book: Book) -> list[float]:
    """(score + wish_weight x mean wish), at least 0, times each policy that speaks of the two."""
    event = book.plan.event
    wishes = {
        (owner_key(wish.from_owner), owner_key(wish.to_owner)): _WISHED.get(wish.degree, 0.0)
        for wish in event.wishes
    }
    factors = [
        (
            policy.weight,
            {owner_key(name) for name in policy.owners}
            | {
                key
                for key, item in book.people.items()
                if policy.group and policy.group in (*item.groups, item.delegation)
            },
        )
        for policy in event.policies
    ]
    worths = []
    for _, meeting, keys in book.meetings():
        wish = (wishes.get(keys, 0.0) + wishes.get(keys[::-1], 0.0)) / 2
        weight = prod(factor for factor, members in factors if members & set(keys))
        worths.append(max(0.0, meeting.score + event.wish_weight * wish) * weight)
    return worths


RULE_JUDGES = (
    _once, _candidates, _waiting, _apart, _fixed, _limits, _rests, _interpreters, _figures,
)  # fmt: skip
