"""A person as data protection names one: by e-mail address or telephone number.

What a text holds of a person is found however it is written: in capitals, with blanks or points
between the digits, with +84 for the 0.
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from indexer.errors import RequestError
from indexer.importing.contacts import EMAIL, PHONE

MARK = "[đã xóa]"  # what stands in a text where somebody was
_BETWEEN = r"[\s.\-–()]{0,3}"
_LEAST_DIGITS, _MOST_DIGITS = 8, 15


@dataclass(frozen=True)
class Subject:
    """`key` is the address in lower case, or the digits of the number with a leading 0 for +84."""

    key: str

    @classmethod
    def of(cls, text: str) -> "Subject":
        """The person of an address or a number as people write it.

        Raises:
            RequestError: it is neither.
        """
        written = unicodedata.normalize("NFC", text.strip())
        if EMAIL.fullmatch(written):
            return cls(written.casefold())
        digits = re.sub(r"[\s.\-–()+]", "", written)
        if digits.isascii() and digits.isdigit() and _LEAST_DIGITS <= len(digits) <= _MOST_DIGITS:
            return cls(re.sub(r"^84(?=\d{9,10}$)", "0", digits))
        raise RequestError(
            vi=f"“{text}” không phải địa chỉ thư điện tử hay số điện thoại. Chấp nhận: một địa chỉ "
            "như an@vidu.vn, hoặc một số như 0912 345 678.",
            en=f"“{text}” is no e-mail address or telephone number. Accepted: an address such as "
            "an@example.com, or a number such as 0912 345 678.",
        )

    @property
    def is_address(self) -> bool:
        return "@" in self.key

    def digest(self, identity: str) -> str:
        """What is kept of an erased person: the HMAC-SHA256 of `key` under the catalog's identity,
        so that equal people of two catalogs look different."""
        return hmac.new(identity.encode(), self.key.encode(), hashlib.sha256).hexdigest()

    def find(self, text: str) -> list[tuple[int, int]]:
        """The stretches of `text` that name the person, as (start, end)."""
        # Nearly every text names somebody else or nobody; that is seen ten times as fast.
        likely = self.key in text.casefold() if self.is_address else self._core.search(text)
        if not likely:
            return []
        return [match.span() for match in self._form.finditer(text)]

    def without(self, text: str) -> str:
        """`text` with `MARK` in place of the person."""
        return self._form.sub(MARK, text) if self.find(text) else text

    @cached_property
    def _form(self) -> re.Pattern[str]:
        if self.is_address:
            written = re.escape(self.key)
            # In JSON and TOML a letter before the address may be the end of an escaped line.
            return re.compile(
                rf"(?:(?<![\w.%+-])|(?<=\\[nrt])){written}(?![\w-])(?!\.[\w-])", re.IGNORECASE
            )
        start, rest = (r"(?:0|\(?\+?84\)?)", self.key[1:]) if self.key[0] == "0" else ("", self.key)
        digits = _BETWEEN.join(rest)
        return re.compile(rf"(?<!\d)\+?{start}{_BETWEEN if start else ''}{digits}(?!\d)")

    @cached_property
    def _core(self) -> re.Pattern[str]:
        """The digits after the leading 0: begins with a plain one, which is looked for fast."""
        return re.compile(_BETWEEN.join(self.key.removeprefix("0")))


def people_in(text: str) -> Iterator[Subject]:
    """Everybody a text names by address or number."""
    for match in (*EMAIL.finditer(text), *PHONE.finditer(text)):
        try:
            yield Subject.of(match.group())
        except RequestError:
            continue
