"""Rules against the records there are: who is named and unknown, which codes cannot be compared."""

from collections.abc import Iterable, Sequence

from indexer.errors import RequestError
from indexer.owners import owner_key
from indexer.records import Record, Side
from matcher.ruling.rulecodes import CodeCondition, check_versions
from matcher.ruling.rules import Rule

_LEAST_ALIKE = 60  # of 100: below this a name is no suggestion


def check_rules(rules: Sequence[Rule], records: Iterable[Record]) -> None:
    """Refuses rules that cannot mean anything for `records`, those of the whole catalog: last
    year's partners who stay away this year may still be named.

    Raises:
        RequestError: a party that is neither an owner nor a record, or one without a record of
            the side that the rule asks about; a pin of two of one side; a code of a scheme or
            version nobody has.
    """
    if not any(rule.party or rule.together or rule.where for rule in rules):
        return
    every = list(records)
    known = {
        side: {name for record in every if record.side is side for name in _names(record)}
        for side in Side
    }
    for rule in rules:
        for party in filter(None, (rule.party, *rule.others, *sum(rule.together, ()))):
            if not any(_known(party, names) for names in known.values()):
                raise _unknown(rule, party, every)
        _check_side(rule, known)
        _check_pin(rule, known)
        for condition in rule.conditions():
            if isinstance(condition, CodeCondition):
                check_versions(condition, [record for record in every if record.side is rule.of])


def _names(record: Record) -> tuple[str, ...]:
    return record.id, record.same_as or record.id, owner_key(record.owner)


def _known(party: str, names: set[str]) -> bool:
    return party in names or owner_key(party) in names


def _check_side(rule: Rule, known: dict[Side, set[str]]) -> None:
    asker = rule.of.other
    if rule.kind not in ("require", "prefer") or not rule.party:
        return
    if not _known(rule.party, known[asker]):
        name = rule.name()
        has = {Side.DEMAND: ("nhu cầu", "need"), Side.SUPPLY: ("nguồn cung", "offer")}[asker]
        raise RequestError(
            vi=f"Luật “{name.vi}”: “{rule.party}” không có {has[0]} nào, nên luật không bao giờ có "
            f'tác dụng. Nếu điều kiện nói về bên kia, hãy ghi of = "{asker.value}".',
            en=f"Rule “{name.en}”: “{rule.party}” has no {has[1]}, so the rule can never count. "
            f'If its condition is about the other side, write of = "{asker.value}".',
        )


def _check_pin(rule: Rule, known: dict[Side, set[str]]) -> None:
    if rule.kind != "pin":
        return
    for other in rule.others:
        if any(_known(rule.party, known[s]) and _known(other, known[s.other]) for s in Side):
            continue
        name = rule.name()
        both = f"“{rule.party}” – “{other}”"
        has = {Side.DEMAND: ("nhu cầu", "needs"), Side.SUPPLY: ("nguồn cung", "offers")}
        side = has[next(s for s in Side if _known(rule.party, known[s]))]
        raise RequestError(
            vi=f"Luật “{name.vi}”: {both} đều chỉ có {side[0]}, nên không thể ghim với nhau. "
            "Chấp nhận: một bên có nhu cầu và một bên có nguồn cung.",
            en=f"Rule “{name.en}”: {both} have {side[1]} only, so they cannot be pinned to each "
            "other. Accepted: one with a need and one with an offer.",
        )


def _unknown(rule: Rule, party: str, records: Sequence[Record]) -> RequestError:
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - only to help after a slip

    names = {record.owner: owner_key(record.owner) for record in records if record.owner}
    names |= {record.id: owner_key(record.id) for record in records}
    found = process.extract(
        owner_key(party), names, scorer=fuzz.WRatio, limit=3, score_cutoff=_LEAST_ALIKE
    )
    near = ", ".join(f"“{choice[2]}”" for choice in found)
    name = rule.name()
    return RequestError(
        vi=f"Luật “{name.vi}”: không có đơn vị hay mã hồ sơ “{party}”. "
        + (f"Gần giống: {near}. " if near else "")
        + "Chấp nhận: tên đơn vị hoặc mã hồ sơ như trong danh mục.",
        en=f"Rule “{name.en}”: there is no owner and no record “{party}”. "
        + (f"Similar: {near}. " if near else "")
        + "Accepted: an owner or a record id as the catalog names it.",
    )
