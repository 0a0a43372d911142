"""The short forms for rules: each makes one entry of the event file."""

from typing import Any

from api.pages.eventdraft import Unusable, whole
from api.pages.form import Form
from api.pages.refused import Errors
from api.pages.visit import Visit
from indexer.errors import RequestError
from matcher.ruling.rules import Rule

PARTS = ("rules", "fixed", "wishes", "met", "policies")
_WEIGHTS = {"up": 1.0, "much": 2.0, "down": -1.0}
_REASONS = ("veto", "competitor", "met before")
_TIES = ("domain", "organisation", "together")


def entry_of(visit: Visit, form: Form) -> tuple[str, dict[str, Any], str]:
    """The list of the file that the form adds to, the entry, and the field it stands or falls by.

    Raises:
        Unusable: a field is missing or holds what no rule can.
    """
    kind = form["kind"]
    if kind == "fixed":
        return "fixed", _fixed(visit, form), "fixed_demand"
    if kind in ("require", "prefer"):
        return "rules", _checked(visit, _condition(visit, form, kind), f"{kind}_where"), ""
    if kind == "conflict":
        return "rules", _checked(visit, _conflict(visit, form), "conflict_together"), ""
    return "rules", _checked(visit, _forbid(visit, form), "forbid_party"), ""


def _condition(visit: Visit, form: Form, kind: str) -> dict[str, Any]:
    where = _lines(form[f"{kind}_where"])
    if not where:
        said = visit.words.gettext("Hãy ghi ít nhất một điều kiện, ví dụ trl>=6.")
        raise Unusable({f"{kind}_where": said})
    side = "demand" if form[f"{kind}_of"] == "demand" else "supply"
    entry: dict[str, Any] = {"kind": kind, "where": where, "of": side}
    if form[f"{kind}_party"]:
        entry["party"] = form[f"{kind}_party"]
    if kind == "require" and form["unstated"]:
        entry["unstated"] = "allow"
    if kind == "prefer":
        entry["weight"] = _WEIGHTS.get(form["weight"], 1.0)
    return entry


def _forbid(visit: Visit, form: Form) -> dict[str, Any]:
    errors = Errors()
    party, others = form["forbid_party"], _lines(form["forbid_others"])
    if not party:
        errors["forbid_party"] = visit.words.gettext("Hãy ghi tên đơn vị hoặc mã hồ sơ.")
    if not others:
        errors["forbid_others"] = visit.words.gettext("Hãy ghi ít nhất một đơn vị hoặc mã hồ sơ.")
    if errors:
        raise Unusable(errors)
    entry: dict[str, Any] = {"kind": "forbid", "party": party, "others": others}
    if form["reason"] in _REASONS:
        entry["reason"] = form["reason"]
    return entry


def _conflict(visit: Visit, form: Form) -> dict[str, Any]:
    by = [tie for tie in form.every("by") if tie in _TIES]
    together = [_lines(line.replace(";", "\n")) for line in _lines(form["conflict_together"])]
    if not by:
        raise Unusable({"by": visit.words.gettext("Hãy chọn ít nhất một dấu hiệu xung đột.")})
    entry: dict[str, Any] = {"kind": "conflict", "by": by}
    if "together" in by:
        entry["together"] = together
    return entry


def _fixed(visit: Visit, form: Form) -> dict[str, Any]:
    gettext, errors = visit.words.gettext, Errors()
    entry: dict[str, Any] = {}
    for side in ("demand", "supply"):
        entry[side] = form[f"fixed_{side}"]
        if not entry[side]:
            errors[f"fixed_{side}"] = gettext("Hãy ghi tên đơn vị như trong hồ sơ.")
    for name in ("slot", "table"):
        try:
            value = whole(visit, form, f"fixed_{name}", 1, 10_000)
        except Unusable as error:
            errors |= error.errors
            continue
        if value is not None:
            entry[name] = value
    if errors:
        raise Unusable(errors)
    return entry


def _checked(visit: Visit, entry: dict[str, Any], field: str) -> dict[str, Any]:
    """The entry, once it is known to be a rule; what a rule says of itself stands at `field`."""
    try:
        Rule.model_validate(entry)
    except RequestError as error:
        raise Unusable({field: visit.say(error.message)}) from error
    return entry


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
