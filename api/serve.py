"""Starting and stopping the HTTP service."""

import contextlib
import errno
import socket
import sys

import uvicorn

from api.loopback import is_loopback
from api.main import create_app
from api.matchlists import MatchLists
from indexer.bilingual import Bilingual, Language
from indexer.errors import CungcauError, RequestError
from indexer.workspace import Workspace

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
_GRACE = 3  # seconds that requests under way are given when the service is stopped


def serve(
    workspace: Workspace,
    host: str = DEFAULT_HOST,
    port: int = DEFAULT_PORT,
    language: Language = "vi",
) -> None:
    """Serves until Ctrl-C; says the address on stderr once requests are answered.

    Port 0 takes any free one.

    Raises:
        RequestError: the host is not this machine, or the port is out of range, taken or not
            allowed; nothing has been started then.
    """
    with _bound(host, port) as listening:
        app = create_app(workspace)
        with contextlib.suppress(CungcauError):
            app.state.opened.index()  # the first request finds it open; /health says if it is not
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            ws="none",
            lifespan="on",
            timeout_graceful_shutdown=_GRACE,
        )
        name = f"[{host}]" if ":" in host else host
        address = f"http://{name}:{listening.getsockname()[1]}"
        server = _Server(config, app.state.match_lists, address, language)
        with contextlib.suppress(KeyboardInterrupt):
            server.run(sockets=[listening])


class _Server(uvicorn.Server):
    """A server that says where it is when it is ready."""

    def __init__(
        self, config: uvicorn.Config, match_lists: MatchLists, address: str, language: Language
    ) -> None:
        super().__init__(config)
        self._match_lists = match_lists
        self._ready = Bilingual(
            vi=f"Dịch vụ chạy tại {address} (tài liệu: {address}/docs). Dừng: Ctrl-C",
            en=f"Serving at {address} (documentation: {address}/docs). Stop: Ctrl-C",
        ).say(language)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(self._ready, file=sys.stderr, flush=True)  # noqa: T201 - people's words

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._match_lists.close()  # whoever waits for one is answered, not waited for
        await super().shutdown(sockets)


def _bound(host: str, port: int) -> socket.socket:
    """A socket bound to the address: taken before the server starts, so that refusal is clean."""
    if not is_loopback(host):
        raise RequestError(
            vi=f"Chỉ phục vụ được trên máy này (127.0.0.1, ::1 hoặc localhost), không phải "
            f"{host!r}: chưa có tài khoản người dùng, bản phát hành sau sẽ có.",
            en=f"Only this machine can be served (127.0.0.1, ::1 or localhost), not {host!r}: "
            "there are no identities yet; they come with a later release.",
        )
    if not 0 <= port <= 65535:
        raise RequestError(
            vi=f"Không có cổng {port}. Chấp nhận: 1 đến 65535, hoặc 0 để lấy cổng còn trống.",
            en=f"There is no port {port}. Accepted: 1 to 65535, or 0 for any free one.",
        )
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _refused(host, port, error) from error
    try:
        if sys.platform == "win32":
            # There SO_REUSEADDR would share the port with whoever holds it.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except OSError as error:
        listening.close()
        raise _refused(host, port, error) from error
    return listening


def _refused(host: str, port: int, error: OSError) -> RequestError:
    if error.errno == errno.EADDRINUSE:
        return RequestError(
            vi=f"Cổng {port} của {host} đang được dùng. Hãy chọn cổng khác: --port {port + 1}",
            en=f"Port {port} of {host} is in use. Choose another: --port {port + 1}",
        )
    if error.errno == errno.EACCES:
        return RequestError(
            vi=f"Không có quyền mở cổng {port}. Hãy chọn cổng từ 1024, ví dụ: --port 8000",
            en=f"There is no permission to open port {port}. Choose one from 1024: --port 8000",
        )
    return RequestError(
        vi=f"Không mở được {host}:{port}: {error.strerror}",
        en=f"{host}:{port} cannot be opened: {error.strerror}",
    )
