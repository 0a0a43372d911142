"""E-mail addresses and telephone numbers: read from their columns, taken out of free text.

Personal data is stored apart from matched text, so whatever looks like an address or a
telephone number in a description is moved to the contact.
"""

import re

from indexer.records import Contact

EMAIL = re.compile(
    r"(?<![\w.%+-])[\w.%+-]{1,64}@(?:[A-Za-z0-9À-ỹ](?:[A-Za-z0-9À-ỹ-]{0,62}[A-Za-z0-9À-ỹ])?\.){1,8}"
    r"[A-Za-z]{2,24}(?![\w-])"
)
_HIDDEN_AT = re.compile(r"(?<=\w)\s?[(\[{]\s?at\s?[)\]}]\s?(?=\w)", re.IGNORECASE)
_BRACKETS = frozenset("([{")  # without one of them nothing is hidden, and most texts have none
_LABEL = (
    r"(?:đt|đtdđ|sđt|tel|phone|mobile|cell|hotline|zalo|fax|whatsapp|điện thoại|dien thoai|sdt|"
    r"số điện thoại|di động|đường dây nóng|call|gọi)"
)
_SHORT_LABEL = r"(?:hotline|đt|đtdđ|sđt|sdt|zalo|đường dây nóng|tổng đài)"
_BREAKS = r"[\s.\-–()]"
# Vietnamese numbers (ten digits, eleven of a land line; +84 for the 0), international ones with
# a plus, (555) 123-4567; any other only where a label announces it.
PHONE = re.compile(
    rf"(?<![\w.,+-])(?:"
    rf"\(?\+84\)?(?:{_BREAKS}{{0,2}}\d){{8,10}}(?!/?\d)"
    rf"|\(?0[35789]\d{{1,2}}\)?(?:[\s.\-]{{0,2}}\d{{2,4}}){{2,3}}(?!\d)"
    rf"|\(?02\d{{1,2}}\)?(?:[\s.\-]{{0,2}}\d{{2,4}}){{2,3}}(?!\d)"
    rf"|\+[1-9](?:{_BREAKS}{{0,2}}\d){{7,13}}(?!/?\d)"
    rf"|\(\d{{3}}\)\s?\d{{3}}[-.\s]\d{{4}}(?!\d)|\d{{3}}[-.]\d{{3}}[-.]\d{{4}}(?!\d)"
    rf")(?!%)(?![.,]\d)"
)
_LABELLED = re.compile(
    rf"(?<!\w)(?:{_LABEL}\s*(?:số)?\s*[:：.]|{_SHORT_LABEL})\s*"
    rf"(\+?\(?\d(?:{_BREAKS}{{0,2}}\d){{6,14}})(?!\d)",
    re.IGNORECASE,
)
_LEFTOVER = re.compile(
    rf"(?:[-–•*,;(]\s*)?(?<!\w)(?:(?:liên hệ|lien he|contact|e-?mail|thư điện tử|mail|{_LABEL})"
    r"(?:\s*(?:/|và|hoặc|or|&)\s*)?\s*[:：]?\s*)+[\s,;:.)]*(?=$|\n)",
    re.IGNORECASE | re.MULTILINE,
)
_TAKEN = "\ufffc"
_LABEL_BEFORE = re.compile(
    rf"(?:(?<!\w)(?:e-?mail|thư điện tử|mail|{_LABEL})\s*[:：]\s*)?{_TAKEN}"
    rf"(?:\s*[-–/,;|]\s*{_TAKEN})*|<\s*{_TAKEN}\s*>",
    re.IGNORECASE,
)


def take_contacts(text: str) -> tuple[str, list[str], list[str]]:
    """(text without them, e-mail addresses, telephone numbers) of free text."""
    emails: list[str] = []
    phones: list[str] = []

    def keep(found: list[str], match: re.Match[str]) -> str:
        value = match.group(match.lastindex or 0).strip()
        digits = sum(map(str.isdigit, value))
        if found is phones and value.lstrip("(").startswith("0") and not 10 <= digits <= 11:
            return match.group()
        found.append(value)
        return _TAKEN

    if "at" in text and not _BRACKETS.isdisjoint(text):
        text = _HIDDEN_AT.sub("@", text)
    if "@" in text:
        text = EMAIL.sub(lambda match: keep(emails, match), text)
    if _may_hold_phone(text):
        text = _LABELLED.sub(lambda match: keep(phones, match), text)
        text = PHONE.sub(lambda match: keep(phones, match), text)
    if emails or phones:
        text = _LABEL_BEFORE.sub("", text).replace(_TAKEN, "")
        text = _LEFTOVER.sub("", text)
        text = re.sub(r"\(\s*[,;]?\s*\)|<\s*>", "", text)
        text = "\n".join(" ".join(line.split()) for line in text.split("\n"))
        text = re.sub(r"[,;](?:\s*[,;])+", ",", text)
        text = re.sub(r"\s+([,.;])", r"\1", re.sub(r"\n{2,}", "\n", text)).strip(" ,;\n-–")
    return text, emails, phones


_SEVEN_DIGITS = re.compile(r"\d(?:[\s.\-–()]{0,2}\d){6}")


def _may_hold_phone(text: str) -> bool:
    return _SEVEN_DIGITS.search(text) is not None


def phone_from_cell(text: str) -> str:
    """A telephone cell as written; a number that lost its leading zero gets it back."""
    digits = text.replace(" ", "")
    if digits.isascii() and digits.isdigit() and len(digits) == 9 and digits[0] in "235789":
        return "0" + digits
    return text


def contact_from_cell(text: str) -> Contact:
    """Person, address and number from one cell: "Name, mail", "Name <mail>", three lines."""
    rest, emails, phones = take_contacts(text)
    person = ", ".join(
        part.strip(" ,;<>()-–") for part in rest.split("\n") if part.strip(" ,;<>()")
    )
    return Contact(
        person=person,
        phone=", ".join(dict.fromkeys(phones)),
        email=", ".join(dict.fromkeys(emails)),
    )
