"""Starting and stopping the HTTP service."""

import contextlib
import errno
import logging
import socket
import sys

import uvicorn
from fastapi import FastAPI

from api import logs
from api.hosts import names
from api.loopback import is_loopback
from api.main import create_app
from api.patience import Protocol
from api.service import oidc, people
from indexer.bilingual import Bilingual, Language
from indexer.errors import CungcauError, RequestError
from indexer.settings import FILE_NAME
from indexer.workspace import Workspace

_LOG = logging.getLogger("cungcau.serve")
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
        RequestError: the host is not this machine and there are no accounts or no
            `allowed_hosts`, the port is out of range, taken or not allowed, or OpenID Connect is
            not wholly set up; nothing has been started then.
    """
    _permit(workspace, host)
    oidc.check(workspace.settings)
    logs.configure(workspace.settings.log_format)
    with _bound(host, port) as listening:
        app = create_app(workspace)
        with contextlib.suppress(CungcauError):
            app.state.opened.index()  # the first request finds it open; /health says if it is not
        config = uvicorn.Config(
            app,
            http=Protocol,
            log_config=None,
            access_log=False,
            server_header=False,
            ws="none",
            lifespan="on",
            timeout_graceful_shutdown=_GRACE,
        )
        name = f"[{host}]" if ":" in host else host
        address = f"http://{name}:{listening.getsockname()[1]}"
        server = _Server(config, app, address, language)
        with contextlib.suppress(KeyboardInterrupt):
            server.run(sockets=[listening])


class _Server(uvicorn.Server):
    """A server that says where it is when it is ready."""

    def __init__(
        self, config: uvicorn.Config, app: FastAPI, address: str, language: Language
    ) -> None:
        super().__init__(config)
        self._app = app
        self._address = address
        self._ready = Bilingual(
            vi=f"Dịch vụ chạy tại {address} (tài liệu: {address}/docs). Dừng: Ctrl-C",
            en=f"Serving at {address} (documentation: {address}/docs). Stop: Ctrl-C",
        ).say(language)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.started:
            return
        if self._app.state.opened.workspace.settings.log_format == "json":
            _LOG.info("serving", extra={"address": self._address})
        else:
            print(self._ready, file=sys.stderr, flush=True)  # noqa: T201 - people's words

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Whoever waits for a list or watches a run is answered, not waited for.
        self._app.state.match_lists.close()
        self._app.state.runner.stop()
        await super().shutdown(sockets)


def _permit(workspace: Workspace, host: str) -> None:
    """Other machines are served where people sign in, under names that are set."""
    if is_loopback(host):
        return
    with workspace.catalog() as catalog, catalog.reading() as connection:
        accounts = people.exist(connection)
    if not accounts:
        raise RequestError(
            vi=f"Chưa có tài khoản nào nên chỉ phục vụ được trên máy này (127.0.0.1, ::1 hoặc "
            f"localhost), không phải {host!r}. Hãy tạo quản trị viên: cungcau people add EMAIL "
            "--role administrator",
            en=f"There are no accounts, so only this machine can be served (127.0.0.1, ::1 or "
            f"localhost), not {host!r}. Make an administrator: cungcau people add EMAIL "
            "--role administrator",
        )
    if not names(workspace.settings.allowed_hosts):
        raise RequestError(
            vi=f"Để phục vụ máy khác qua {host!r}, hãy ghi tên máy mà người dùng gọi vào thiết "
            f'lập allowed_hosts ({FILE_NAME}), ví dụ: allowed_hosts = "cungcau.example.vn"',
            en=f"To serve other machines through {host!r}, set the host name that people use in "
            f'allowed_hosts ({FILE_NAME}), such as: allowed_hosts = "cungcau.example.vn"',
        )


def _bound(host: str, port: int) -> socket.socket:
    """A socket bound to the address: taken before the server starts, so that refusal is clean."""
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
