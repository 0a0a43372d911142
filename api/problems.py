"""Problems: every error is answered as problem+json (RFC 9457) in the reader's language."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import JSONResponse

from api.accept_language import reader_language
from indexer.bilingual import Bilingual

MEDIA_TYPE = "application/problem+json"
_MOST_SHOWN = 200  # characters of a refused value that are sent back


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its name in `type`, its status, and what it says when nobody says more."""

    name: str
    status: int
    title: Bilingual
    detail: Bilingual

    @property
    def uri(self) -> str:
        """`type` of RFC 9457: a reference to the paragraph of the documentation page."""
        return f"/docs#problem-{self.name}"


BAD_REQUEST = Kind(
    "bad-request",
    400,
    Bilingual(vi="Yêu cầu không đọc được", en="Unreadable request"),
    Bilingual(
        vi="Không đọc được yêu cầu. Phần thân phải là JSON mã hóa UTF-8.",
        en="The request cannot be read. A body must be JSON in UTF-8.",
    ),
)
NOT_FOUND = Kind(
    "not-found",
    404,
    Bilingual(vi="Không tìm thấy", en="Not found"),
    Bilingual(
        vi="Không có địa chỉ này. Các địa chỉ được liệt kê tại /docs.",
        en="There is no such address. The addresses are listed at /docs.",
    ),
)
METHOD_NOT_ALLOWED = Kind(
    "method-not-allowed",
    405,
    Bilingual(vi="Phương thức không dùng được", en="Method not allowed"),
    Bilingual(
        vi="Địa chỉ này không nhận phương thức đó; phần đầu Allow ghi các phương thức được nhận.",
        en="This address does not take that method; the Allow header names those it takes.",
    ),
)
CONFLICT = Kind(
    "list-changed",
    409,
    Bilingual(vi="Danh sách đã thay đổi", en="The list has changed"),
    Bilingual(
        vi="Danh sách đã thay đổi từ khi lấy trang trước. Hãy lấy lại từ trang đầu, bỏ cursor.",
        en="The list has changed since the last page. Start again from the first, without cursor.",
    ),
)
TOO_LARGE = Kind(
    "too-large",
    413,
    Bilingual(vi="Phần thân quá lớn", en="Body too large"),
    Bilingual(
        vi="Phần thân của yêu cầu dài quá 1.000.000 byte.",
        en="The body of the request is longer than 1,000,000 bytes.",
    ),
)
WRONG_HOST = Kind(
    "wrong-host",
    421,
    Bilingual(vi="Sai tên máy", en="Wrong host name"),
    Bilingual(
        vi="Dịch vụ chỉ trả lời tại máy này: localhost, 127.0.0.1 hoặc [::1].",
        en="The service answers on this machine only: localhost, 127.0.0.1 or [::1].",
    ),
)
INVALID = Kind(
    "invalid",
    422,
    Bilingual(vi="Yêu cầu không hợp lệ", en="Invalid request"),
    Bilingual(
        vi="Có giá trị không dùng được; mục errors ghi vị trí, giá trị và điều được chấp nhận.",
        en="A value cannot be used; errors gives its place, the value and what would be accepted.",
    ),
)
INTERNAL = Kind(
    "internal",
    500,
    Bilingual(vi="Lỗi của dịch vụ", en="Error of the service"),
    Bilingual(
        vi="Dịch vụ gặp lỗi ngoài dự kiến; nhật ký của dịch vụ ghi chi tiết.",
        en="The service met an unexpected error; its log has the details.",
    ),
)
UNAVAILABLE = Kind(
    "unavailable",
    503,
    Bilingual(vi="Chưa phục vụ được", en="Not available"),
    Bilingual(vi="Dịch vụ chưa trả lời được.", en="The service cannot answer now."),
)
DAMAGED = Kind(
    "damaged",
    503,
    Bilingual(vi="Không gian làm việc bị hỏng", en="The workspace is damaged"),
    Bilingual(
        vi="Dữ liệu trong không gian làm việc bị hỏng. Hãy chạy: cungcau doctor",
        en="Data in the workspace are damaged. Run: cungcau doctor",
    ),
)

KINDS = (
    BAD_REQUEST,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    CONFLICT,
    TOO_LARGE,
    WRONG_HOST,
    INVALID,
    INTERNAL,
    UNAVAILABLE,
    DAMAGED,
)


@dataclass(frozen=True, slots=True)
class FieldError:
    """One refused value: where it stands, what it was, why not, and what would be accepted."""

    place: str
    value: object
    reason: Bilingual
    accepted: Bilingual


class ProblemError(Exception):
    """Raised by routes and limits; answered as a problem.

    Without `detail`, the kind's own sentence is said.
    """

    def __init__(
        self,
        kind: Kind,
        detail: Bilingual | None = None,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(kind.name)
        self.kind = kind
        self.detail = detail or kind.detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})


def invalid(place: str, value: object, reason: Bilingual, accepted: Bilingual) -> ProblemError:
    """The problem of one refused value."""
    return ProblemError(INVALID, errors=[FieldError(place, value, reason, accepted)])


def answer(problem: ProblemError, request_headers: Headers) -> JSONResponse:
    """The response to a problem, in the language the request asks for."""
    language = reader_language(request_headers.get("accept-language", ""))
    body: dict[str, Any] = {
        "type": problem.kind.uri,
        "title": problem.kind.title.say(language),
        "status": problem.kind.status,
        "detail": printable(problem.detail.say(language)),
    }
    if problem.errors:
        body["errors"] = [
            {
                "place": printable(error.place),
                "value": shown(error.value),
                "reason": printable(error.reason.say(language)),
                "accepted": error.accepted.say(language),
            }
            for error in problem.errors
        ]
    headers = {
        "Content-Language": language,
        "Vary": "Accept-Language",
        "Cache-Control": "no-store",
        **problem.headers,
    }
    return JSONResponse(body, problem.kind.status, headers, MEDIA_TYPE)


def shown(value: object) -> str | int | float | bool | None:
    """A refused value as it may be sent back: short, and always writable as JSON."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) < 2**53:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, bytes):
        text = value[: 4 * _MOST_SHOWN].decode(errors="replace")
    else:
        text = value if isinstance(value, str) else repr(value)
    text = printable(text)
    return text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 1] + "…"


def printable(text: str) -> str:
    """`text` without what UTF-8 cannot carry: a lone surrogate becomes a question mark."""
    return text.encode(errors="replace").decode()
