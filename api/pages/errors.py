"""Problems as pages, for people who look with a browser."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from fastapi import Request
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response

from api import problems
from api.pages.language import language_of
from api.pages.rendering import HEADERS, page
from api.pages.visit import Visit, look
from api.problems import Kind, ProblemError
from indexer.bilingual import Bilingual
from indexer.errors import CungcauError

# Whoever asks these is a program, or reads what programs read.
_FOR_PROGRAMS = ("/v1/", "/health", "/ready", "/metrics", "/openapi.json", "/static/")
# Then nobody is asked who they are: the catalog may be what fails, or the host is not ours.
_NOBODY_ASKED = {
    problems.INTERNAL,
    problems.UNAVAILABLE,
    problems.DAMAGED,
    problems.WRONG_HOST,
    problems.TOO_LARGE,
}


async def answer(request: Request, problem: ProblemError) -> Response:
    """A page where a browser asked for one, problem+json otherwise."""
    if not wants_page(request.url.path, request.headers):
        return problems.answer(problem, request.headers)
    visit = getattr(request.state, "visit", None) or await _visit(request, problem.kind)
    request.state.visit = visit
    if problem.kind is problems.UNAUTHORISED and request.method == "GET":
        return RedirectResponse(sign_in(request), 303, HEADERS)
    response = page(
        request,
        "error.html",
        problem.kind.status,
        kind=problem.kind,
        sentence=visit.say(sentence(problem)),
        errors=[(visit.say(one.reason), visit.say(one.accepted)) for one in problem.errors],
    )
    response.headers.update(problem.headers)
    return response


def wants_page(path: str, headers: Headers) -> bool:
    """Whether a browser asks for something to look at."""
    return "text/html" in headers.get("accept", "") and not path.startswith(_FOR_PROGRAMS)


def sign_in(request: Request) -> str:
    """The sign-in page, which leads back to here."""
    raw = request.scope.get("raw_path") or quote(request.url.path).encode()
    here = raw.decode("latin-1").partition("?")[0]
    query = f"?{request.url.query}" if request.url.query else ""
    return "/sign-in?" + urlencode({"next": here + query})


def sentence(problem: ProblemError) -> Bilingual:
    """What a problem says to people: its own words, unless those speak to programs."""
    words = _WORDS.get(problem.kind)
    own = problem.detail is not problem.kind.detail and problem.kind is not problems.NOT_FOUND
    return problem.detail if words is None or own else words


async def _visit(request: Request, kind: Kind) -> Visit:
    if kind not in _NOBODY_ASKED:
        try:
            return await look(request)
        except CungcauError:
            pass
    return Visit(language_of(request))


_WORDS: Mapping[Kind, Bilingual] = {
    problems.BAD_REQUEST: Bilingual(
        vi="Không đọc được yêu cầu này. Hãy quay lại trang trước và thử lại.",
        en="This request cannot be read. Go back to the page before and try again.",
    ),
    problems.METHOD_NOT_ALLOWED: Bilingual(
        vi="Trang này không mở được theo cách đó. Hãy quay lại trang trước và thử lại.",
        en="This page cannot be opened that way. Go back to the page before and try again.",
    ),
    problems.UNAUTHORISED: Bilingual(
        vi="Bạn cần đăng nhập để làm việc này.", en="You need to sign in to do this."
    ),
    problems.FORBIDDEN: Bilingual(
        vi="Tài khoản của bạn không có quyền làm việc này. Nếu cần quyền đó, hãy liên hệ người "
        "quản trị của trung tâm.",
        en="Your account does not permit this. If you need it, ask the administrator of your "
        "centre.",
    ),
    problems.NOT_FOUND: Bilingual(
        vi="Trang này không có, đã chuyển đi, hoặc không dành cho bạn.",
        en="There is no such page, it has moved, or it is not for you.",
    ),
    problems.PRECONDITION_FAILED: Bilingual(
        vi="Có người vừa sửa nội dung này sau khi bạn mở trang. Hãy mở lại trang để xem bản mới "
        "rồi sửa tiếp.",
        en="Somebody has changed this since you opened the page. Open it again to see the new "
        "version, then make your change.",
    ),
    problems.TOO_LARGE: Bilingual(
        vi="Nội dung gửi lên quá lớn. Nếu là tệp, hãy chia thành nhiều tệp nhỏ hơn.",
        en="What you sent is too large. If it is a file, split it into smaller ones.",
    ),
    problems.INVALID: Bilingual(
        vi="Có giá trị không dùng được.", en="There is a value that cannot be used."
    ),
    problems.TOO_MANY_REQUESTS: Bilingual(
        vi="Quá nhiều yêu cầu trong thời gian ngắn. Hãy chờ một lát rồi thử lại.",
        en="Too many requests in a short time. Wait a moment and try again.",
    ),
    problems.INTERNAL: Bilingual(
        vi="Lỗi này ở phía dịch vụ, không phải do bạn. Việc vừa làm có thể chưa được lưu. Hãy thử "
        "lại; nếu vẫn lỗi, hãy báo người quản trị, nhật ký của dịch vụ ghi chi tiết.",
        en="The mistake is the service's, not yours. What you just did may not have been saved. "
        "Try again; if it happens again, tell the administrator: the log has the details.",
    ),
}
