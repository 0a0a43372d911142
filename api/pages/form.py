"""What a form sent: texts, choices and files, as one field has them."""

import unicodedata
from collections.abc import Iterator, Mapping

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

# A list of participants is one form.
_MOST_FIELDS = 10_000
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class Form(Mapping[str, str]):
    """The fields of a form; one that was not sent is "".

    Texts are NFC, with `\\n` for line ends and no blanks around them.
    """

    def __init__(self, data: FormData | None = None) -> None:
        self._data = data or FormData()

    def __getitem__(self, name: str) -> str:
        return next(iter(self.every(name)), "")

    def __contains__(self, name: object) -> bool:
        """Whether the field was sent."""
        return name in self._data

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(self._data))

    def __len__(self) -> int:
        return len(dict.fromkeys(self._data))

    def secret(self, name: str) -> str:
        """A password as it was typed."""
        value = self._data.get(name, "")
        return value if isinstance(value, str) else ""

    def every(self, name: str) -> list[str]:
        """All values of a field that may be sent many times."""
        return [_tidy(value) for value in self._data.getlist(name) if isinstance(value, str)]

    def files(self, name: str) -> list[UploadFile]:
        """The files chosen in a field."""
        given = self._data.getlist(name)
        return [one for one in given if isinstance(one, UploadFile) and one.filename]


async def read_form(request: Request) -> Form:
    """The form of a request; an empty one where the body is none.

    Raises:
        HTTPException: 400, it cannot be read; 413, it is too large.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if kind not in _FORMS:
        return Form()
    return Form(await request.form(max_fields=_MOST_FIELDS))


def _tidy(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
