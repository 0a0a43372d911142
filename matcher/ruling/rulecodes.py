"""Conditions on classification codes: `code=VSIC 2018:4620`, `code=IPC:C02F`.

A code counts as met by itself and by every code under it: `VSIC 2018:46` by 4620, `IPC:C02F` by
C02F 3/30, `FOS:2` by 2.7. Codes of different versions of a scheme are never compared: the same
digits name different fields in them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from indexer.errors import RequestError
from indexer.records import Code, Record

_FORM = re.compile(r"\s*codes?\s*(!=|=)\s*([A-Za-z]+)(?:[\s-]+([\w.]+))?\s*:\s*(\S.*?)\s*")
_SECTIONED = ("NACE", "VSIC")
_MEANT = re.compile(r"\s*codes?\b\s*[!=<>~]")


@dataclass(frozen=True, slots=True)
class CodeCondition:
    """`op` is `=` or `!=`; an empty `version` means the only one that the records have."""

    op: str
    scheme: str
    version: str
    code: str

    def stated(self, record: Record) -> bool:
        """Whether the record has a code that can be compared with this one."""
        return any(self._comparable(code) for code in record.codes)

    def met(self, record: Record) -> bool:
        """Whether a code of the record is this one or lies under it; the opposite for `!=`."""
        under = any(self._covers(code) for code in record.codes if self._comparable(code))
        return under if self.op == "=" else not under

    def _comparable(self, code: Code) -> bool:
        return code.scheme == self.scheme and self.version in ("", code.version)

    def _covers(self, code: Code) -> bool:
        asked, has = _steps(self.scheme, self.code), _steps(self.scheme, code.code)
        return has[: len(asked)] == asked


def parse_code_condition(text: str) -> CodeCondition | None:
    """The condition, or None where `text` is not about codes.

    Raises:
        RequestError: about codes, but not of the form.
    """
    form = _FORM.fullmatch(text)
    if form is not None:
        op, scheme, version, code = form.groups()
        if scheme.upper() in _SECTIONED and re.fullmatch("[A-Za-z]", code):
            raise RequestError(
                vi=f"Điều kiện {text!r}: chữ {code} là một nhóm ngành cấp 1, gồm nhiều mã. Hãy ghi "
                f"các mã số trong đó, ví dụ code={scheme}:01.",
                en=f"The condition {text!r}: {code} is a section, which holds many divisions. "
                f"Write the numbers of those divisions, such as code={scheme}:01.",
            )
        return CodeCondition(op, scheme.upper(), version or "", code.upper())
    if _MEANT.match(text):
        raise RequestError(
            vi=f"Không đọc được điều kiện {text!r}. Hãy viết hệ phân loại, phiên bản và mã, "
            "ví dụ code=VSIC 2018:4620 hoặc code=IPC:C02F. Các phép: =, !=.",
            en=f"The condition {text!r} cannot be read. Write scheme, version and code, "
            "such as code=VSIC 2018:4620 or code=IPC:C02F. Operators: =, !=.",
        )
    return None


def check_versions(condition: CodeCondition, records: Iterable[Record]) -> None:
    """Refuses a condition that the records cannot answer.

    Raises:
        RequestError: no record has a code of that scheme and version, or the condition names no
            version and the records have several; lists what they have.
    """
    codes = {(code.scheme, code.version) for record in records for code in record.codes}
    versions = {version for scheme, version in codes if scheme == condition.scheme}
    if condition.version in versions or (not condition.version and len(versions) == 1):
        return
    asked = " ".join(filter(None, (condition.scheme, condition.version)))
    has = ", ".join(" ".join(pair) for pair in sorted(codes))
    if not condition.version and len(versions) > 1:
        raise RequestError(
            vi=f"Hồ sơ có mã {asked} của nhiều phiên bản ({has}), một mã ở mỗi phiên bản chỉ một "
            f"lĩnh vực khác nhau: hãy ghi rõ, ví dụ code={condition.scheme} {max(versions)}:"
            f"{condition.code}.",
            en=f"The records have {asked} codes of several versions ({has}), in which one code "
            f"names different fields: say which, such as code={condition.scheme} "
            f"{max(versions)}:{condition.code}.",
        )
    raise RequestError(
        vi=f"Không hồ sơ nào có mã {asked}; mã của phiên bản khác không so được. "
        f"Hồ sơ có: {has or 'chưa có mã nào'}.",
        en=f"No record has a code of {asked}; codes of another version cannot be compared. "
        f"The records have: {has or 'no codes at all'}.",
    )


def _steps(scheme: str, code: str) -> tuple[str, ...]:
    """The way from the root of the scheme to the code, so that what lies under begins alike."""
    code = re.sub(r"\s", "", code.upper())
    if scheme in ("IPC", "CPC"):
        # A main group, C02F 3/00, holds its subgroups; what is above it is read by the letter.
        head, _, group = code.partition("/")
        main = re.fullmatch(r"([A-HY]\d\d[A-Z])(\d+)", head)
        tail = () if group.strip("0") == "" else (group,)
        return (*main.group(1), main.group(2), *tail) if main else tuple(head)
    if scheme in _SECTIONED:
        code = re.sub(r"^[A-V](?=\d)", "", code).replace(".", "")
    return tuple(code.split(".")) if "." in code else tuple(code)
