"""Classification codes with scheme and version: VSIC, NACE, IPC, CPC, fields of science."""

import re
from typing import NamedTuple

from indexer.bilingual import Bilingual
from indexer.errors import BadValue
from indexer.records import Code
from indexer.values.absent import is_absent, plain

UNSTATED = "unstated"  # neither heading nor cell says which version the code is from


class _Scheme(NamedTuple):
    name: str
    heading: re.Pattern[str]
    code: re.Pattern[str]


_PATENT = re.compile(r"[A-HY]\d{2}[A-Z](?:\s?\d{1,4}/\d{2,6})?")
_SCHEMES = (
    _Scheme("CPC", re.compile(r"\bcpc\b"), _PATENT),
    _Scheme("IPC", re.compile(r"\bipc\b|phan loai sang che"), _PATENT),
    _Scheme("NACE", re.compile(r"\bnace\b"), re.compile(r"[A-V]?\d{2}(?:\.\d{1,2}){0,2}|[A-V]")),
    _Scheme("VSIC", re.compile(r"\bvsic\b|ma nganh"), re.compile(r"[A-V]?\d{2,5}|[A-V]")),
    _Scheme(
        "FOS",
        re.compile(r"\bfos\b|linh vuc khcn|khoa hoc va cong nghe|fields? of science"),
        re.compile(r"\d(?:\.\d{1,2}){0,2}|\d{3,5}"),
    ),
)


def parse_codes(text: str, heading: str) -> tuple[Code, ...]:
    """The codes of a cell, in the scheme its heading names; () where it holds none.

    The version is a year in the heading ("VSIC 2025"), else "unstated". Raises BadValue
    where the cell holds anything else than codes of that scheme.
    """
    if is_absent(text):
        return ()
    scheme = _scheme(heading)
    year = re.search(r"\b(?:19|20)\d\d(?:\.\d\d)?\b", heading)
    version = year.group() if year else UNSTATED
    codes = []
    for piece in re.split(r"[;,|\n]+", text):
        code = " ".join(piece.split()).upper()
        if not code:
            continue
        if scheme is None and _PATENT.fullmatch(code):
            scheme = _SCHEMES[1]
        if scheme is None or not scheme.code.fullmatch(code):
            raise _not_a_code(code, scheme)
        codes.append(Code(scheme=scheme.name, version=version, code=code))
    return tuple(codes)


def _scheme(heading: str) -> _Scheme | None:
    body = plain(heading)
    return next((scheme for scheme in _SCHEMES if scheme.heading.search(body)), None)


def _not_a_code(code: str, scheme: _Scheme | None) -> BadValue:
    name = scheme.name if scheme else "?"
    return BadValue(
        Bilingual(vi=f"“{code[:60]}” không phải mã {name}", en=f"“{code[:60]}” is no {name} code"),
        Bilingual(
            vi="các mã cách nhau bằng dấu chấm phẩy, ví dụ: C02F 3/30; C02F 1/44",
            en="codes separated by semicolons, e.g. C02F 3/30; C02F 1/44",
        ),
    )
