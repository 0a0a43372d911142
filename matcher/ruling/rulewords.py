"""Why a rule bars a pair, in words."""

from indexer.bilingual import Bilingual
from indexer.conditions import Condition
from indexer.records import Record, Side
from matcher.amounts import say_money
from matcher.export.labels import TYPES, VISIBILITIES
from matcher.ruling.reach import Ground
from matcher.ruling.rulecodes import CodeCondition
from matcher.ruling.rules import Rule
from matcher.ruling.satisfying import states

_RECORD = {
    Side.DEMAND: Bilingual("nhu cầu", "the need"),
    Side.SUPPLY: Bilingual("nguồn cung", "the offer"),
}
_FIELDS = {
    "side": Bilingual("bên", "side"),
    "type": Bilingual("loại", "type"),
    "title": Bilingual("tên", "title"),
    "owner": Bilingual("đơn vị", "owner"),
    "field": Bilingual("lĩnh vực", "field"),
    "place": Bilingual("địa điểm", "place"),
    "country": Bilingual("quốc gia", "country"),
    "trl": Bilingual("TRL", "TRL"),
    "price": Bilingual("giá", "price"),
    "budget": Bilingual("kinh phí", "budget"),
    "money": Bilingual("số tiền", "amount"),
    "currency": Bilingual("tiền tệ", "currency"),
    "language": Bilingual("ngôn ngữ", "language"),
    "visibility": Bilingual("mức chia sẻ", "visibility"),
    "expires": Bilingual("ngày hết hạn", "expiry"),
    "starts": Bilingual("ngày bắt đầu", "start"),
    "ends": Bilingual("ngày kết thúc", "end"),
}


def say_exclusion(rule: Rule, ground: Ground, demand: Record, supply: Record) -> Bilingual:
    """“Excluded because of the rule “must have trl>=6”: the offer states TRL 4.”"""
    why, name = _say_ground(rule, ground, demand, supply), rule.name()
    return Bilingual(
        vi=f"Bị loại vì luật “{name.vi}”: {why.vi}.",
        en=f"Excluded because of the rule “{name.en}”: {why.en}.",
    )


def _say_ground(rule: Rule, ground: Ground, demand: Record, supply: Record) -> Bilingual:
    if isinstance(ground, (Condition, CodeCondition)):
        return _say_unmet(demand if rule.of is Side.DEMAND else supply, ground)
    one, two = demand.owner or demand.id, supply.owner or supply.id
    match ground:
        case "owner":
            return Bilingual(f"cả hai hồ sơ là của {one}", f"both records are of {one}")
        case "domain":
            return Bilingual(
                f"đầu mối của {one} và {two} dùng thư điện tử cùng một tên miền",
                f"the contacts of {one} and {two} write from one e-mail domain",
            )
        case "organisation":
            return Bilingual(
                f"{one} và {two} thuộc cùng một tổ chức",
                f"{one} and {two} belong to one organisation",
            )
        case "together":
            return Bilingual(
                f"{one} và {two} đứng trong một danh sách có quan hệ với nhau",
                f"{one} and {two} stand on one list of people who are tied",
            )
        case _:
            left, right = _say_party(rule, demand), _say_party(rule, supply)
            return Bilingual(
                f"{left.vi} và {right.vi} không được xếp gặp nhau",
                f"{left.en} and {right.en} are not to be brought together",
            )


def _say_party(rule: Rule, record: Record) -> Bilingual:
    """The record where the rule names it, else its owner."""
    if {record.id, record.same_as} & {rule.party, *rule.others} or not record.owner:
        who = _RECORD[record.side]
        return Bilingual(f"{who.vi} {record.id}", f"{who.en} {record.id}")
    return Bilingual(record.owner, record.owner)


def _say_unmet(record: Record, condition: Condition | CodeCondition) -> Bilingual:
    who = _RECORD[record.side]
    if isinstance(condition, CodeCondition):
        field = Bilingual("mã phân loại", "classification code")
        has = ", ".join(f"{code.scheme} {code.version}: {code.code}" for code in record.codes)
        value = Bilingual(has, has)
        found = bool(has)
    else:
        field = _FIELDS[condition.field]
        value = _say_value(record, condition.field)
        found = bool(value.en)
    if not found:
        return Bilingual(f"{who.vi} không nêu {field.vi}", f"{who.en} states no {field.en}")
    said = Bilingual(f"{who.vi} có {field.vi} {value.vi}", f"{who.en} states {field.en} {value.en}")
    if states(record, condition):
        return said
    return Bilingual(f"{said.vi}, không so được", f"{said.en}, which cannot be compared")


def _say_value(record: Record, name: str) -> Bilingual:
    """What the record states; empty where it states nothing."""
    if name in ("price", "budget", "money"):
        return say_money(record.money) if record.money else Bilingual("", "")
    if name == "type":
        return TYPES[record.type]
    if name == "visibility":
        return VISIBILITIES[record.visibility]
    if name == "trl":
        trl = record.trl
        text = "" if trl is None else "–".join(dict.fromkeys((str(trl.low), str(trl.high))))
    elif name == "currency":
        text = record.money.currency if record.money else ""
    else:
        value = getattr(record, name)
        text = "" if value is None else f"“{value}”" if name in _QUOTED and value else str(value)
    return Bilingual(text, text)


_QUOTED = frozenset({"title", "owner", "field", "place", "country"})
