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
# Every 401 says how one signs in (RFC 9110, 15.5.2).
CHALLENGE = 'Bearer realm="cungcau"'
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
UNAUTHORISED = Kind(
    "unauthorised",
    401,
    Bilingual(vi="Chưa đăng nhập", en="Not signed in"),
    Bilingual(
        vi="Cần đăng nhập hoặc khóa API còn hiệu lực (Authorization: Bearer cck_…).",
        en="Sign in, or send a valid API key (Authorization: Bearer cck_…).",
    ),
)
FORBIDDEN = Kind(
    "forbidden",
    403,
    Bilingual(vi="Không có quyền", en="Not allowed"),
    Bilingual(
        vi="Vai trò hoặc khóa API của bạn không được làm việc này.",
        en="Your role or API key does not permit this.",
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
EXISTS = Kind(
    "exists",
    409,
    Bilingual(vi="Đã có", en="Exists already"),
    Bilingual(
        vi="Đã có mục mang mã hoặc tên này. Hãy chọn mã khác, hoặc sửa mục đó.",
        en="There is one with this id or name already. Choose another, or change that one.",
    ),
)
NOT_POSSIBLE = Kind(
    "not-possible",
    409,
    Bilingual(vi="Hiện không làm được", en="Not possible as things are"),
    Bilingual(
        vi="Tình trạng hiện tại không cho phép làm việc này.",
        en="The present state does not allow this.",
    ),
)
PRECONDITION_FAILED = Kind(
    "precondition-failed",
    412,
    Bilingual(vi="Đã có thay đổi", en="Changed meanwhile"),
    Bilingual(
        vi="Nội dung đã thay đổi từ khi bạn đọc. Hãy đọc lại, rồi gửi với ETag mới trong If-Match.",
        en="It has changed since you read it. Read it again and send the new ETag in If-Match.",
    ),
)
TOO_SLOW = Kind(
    "too-slow",
    408,
    Bilingual(vi="Yêu cầu đến quá chậm", en="The request came too slowly"),
    Bilingual(
        vi="Phần thân của yêu cầu không đến hết trong thời gian cho phép. Hãy gửi lại.",
        en="The body of the request did not arrive in time. Send it again.",
    ),
)
TOO_LARGE = Kind(
    "too-large",
    413,
    Bilingual(vi="Phần thân quá lớn", en="Body too large"),
    Bilingual(
        vi="Phần thân của yêu cầu dài quá 1.000.000 byte (khi nhập tệp: 64.000.000).",
        en="The body of the request is longer than 1,000,000 bytes (of an import: 64,000,000).",
    ),
)
WRONG_HOST = Kind(
    "wrong-host",
    421,
    Bilingual(vi="Sai tên máy", en="Wrong host name"),
    Bilingual(
        vi="Dịch vụ chỉ trả lời tại máy này (localhost, 127.0.0.1, [::1]); khi đã có tài khoản, "
        "cả dưới các tên ghi ở thiết lập allowed_hosts.",
        en="The service answers on this machine only (localhost, 127.0.0.1, [::1]); where there "
        "are accounts, also under the names of the setting allowed_hosts.",
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
KEY_REUSED = Kind(
    "idempotency-key-reused",
    422,
    Bilingual(vi="Khóa đã dùng cho yêu cầu khác", en="Key used for another request"),
    Bilingual(
        vi="Idempotency-Key này đã được gửi với nội dung khác. Mỗi yêu cầu mới cần khóa mới.",
        en="This Idempotency-Key was sent with another content. A new request needs a new key.",
    ),
)
PRECONDITION_REQUIRED = Kind(
    "precondition-required",
    428,
    Bilingual(vi="Thiếu If-Match", en="If-Match is missing"),
    Bilingual(
        vi="Hãy gửi ETag của bản đã đọc trong phần đầu If-Match, để không ghi đè sửa đổi của "
        "người khác.",
        en="Send the ETag of the version you read in the If-Match header, so that no other "
        "change is overwritten.",
    ),
)
TOO_MANY_REQUESTS = Kind(
    "too-many-requests",
    429,
    Bilingual(vi="Quá nhiều yêu cầu", en="Too many requests"),
    Bilingual(
        vi="Quá nhiều yêu cầu trong thời gian ngắn; hãy chờ số giây ghi ở phần đầu Retry-After.",
        en="Too many requests in a short time; wait for the seconds in the Retry-After header.",
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
TOO_LONG = Kind(
    "too-long",
    503,
    Bilingual(vi="Tìm quá lâu", en="The search took too long"),
    Bilingual(
        vi="Chưa tìm xong trong thời gian cho phép. Hãy thử lại sau, hoặc tìm bằng câu ngắn hơn.",
        en="The search was not done in time. Try again later, or with a shorter text.",
    ),
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
    UNAUTHORISED,
    FORBIDDEN,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    CONFLICT,
    EXISTS,
    NOT_POSSIBLE,
    PRECONDITION_FAILED,
    TOO_SLOW,
    TOO_LARGE,
    WRONG_HOST,
    INVALID,
    KEY_REUSED,
    PRECONDITION_REQUIRED,
    TOO_MANY_REQUESTS,
    INTERNAL,
    UNAVAILABLE,
    TOO_LONG,
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
        **({"WWW-Authenticate": CHALLENGE} if problem.kind.status == 401 else {}),
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
