"""The way to Milvus: its address, its client, and what is said where it does not answer."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from indexer.errors import CungcauError, RequestError

if TYPE_CHECKING:
    from pymilvus import MilvusClient

SCHEME = "milvus+"
SUFFIX = ".milvus.db"
PREFIX = "cungcau_"  # of our collections

_SECONDS = 20.0  # that one request may take, with all tries


@dataclass(frozen=True, slots=True)
class Address:
    """Where a Milvus is: a URL, or the folder of a Milvus Lite; `name` says it without secrets."""

    url: str
    name: str
    user: str = ""
    password: str = ""
    database: str = ""

    @property
    def lite(self) -> bool:
        return "://" not in self.url

    @classmethod
    def read(cls, setting: str, workspace: Path) -> "Address":
        """The address that the setting `store` gives; a path begins at the workspace.

        Raises RequestError for what is none.
        """
        if setting.startswith((f"{SCHEME}http://", f"{SCHEME}https://")):
            try:
                parts = urlsplit(setting.removeprefix(SCHEME))
                host, port = parts.hostname, parts.port or 19530
            except ValueError:
                host, port = None, 0
            if host:
                host = f"[{host}]" if ":" in host else host
                url = f"{parts.scheme}://{host}:{port}"
                user, password = unquote(parts.username or ""), unquote(parts.password or "")
                return cls(url, url, user, password, parts.path.strip("/"))
        elif setting.endswith(SUFFIX) and "://" not in setting:
            path = str(workspace / Path(setting).expanduser())
            return cls(path, path)
        raise RequestError(
            vi=f"Thiết lập store không nhận giá trị {setting!r}. Chấp nhận: "
            f'"" (chỉ mục trong thư mục làm việc), "{SCHEME}http://máy:19530", hoặc đường dẫn có '
            f'đuôi "{SUFFIX}" (Milvus Lite).',
            en=f"The setting store does not take {setting!r}. Accepted: "
            f'"" (the index in the workspace), "{SCHEME}http://host:19530", or a path that ends '
            f'in "{SUFFIX}" (Milvus Lite).',
        )


class Connection:
    """One open Milvus. Threads may share it."""

    def __init__(self, address: Address) -> None:
        """Raises RequestError: pymilvus is not installed, Milvus does not answer, its user or
        password is wrong, or another process has the folder of Milvus Lite open."""
        self.address = address
        pymilvus = _pymilvus(address)
        with self._explained():
            self._client: MilvusClient = pymilvus.MilvusClient(
                uri=address.url,
                user=address.user,
                password=address.password,
                db_name=address.database,
                timeout=_SECONDS,
            )

        # Milvus Lite forgets what was loaded; where it still is, this does nothing.
        for name in self.ask("list_collections"):
            if name.startswith(PREFIX):
                self.ask("load_collection", name)

    def ask(self, method: str, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - as pymilvus
        """What a method of `pymilvus.MilvusClient` answers. Raises RequestError where none does."""
        return self.explained(getattr(self._client, method), *args, timeout=_SECONDS, **options)

    def explained(self, call: Callable[..., Any], *args: Any, **options: Any) -> Any:  # noqa: ANN401
        """What a call answers that goes to Milvus; raises as `ask`."""
        with self._explained():
            return call(*args, **options)

    def close(self) -> None:
        self._client.close()
        if self.address.lite:
            from milvus_lite.server_manager import (  # noqa: PLC0415 - optional
                server_manager_instance,
            )

            server_manager_instance.release_server(self.address.url)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (CungcauError, KeyboardInterrupt):
            raise
        except Exception as error:  # pymilvus raises its own, those of grpc, and plain ones
            raise self._silent(error) from error

    def _silent(self, error: Exception) -> RequestError:
        name, why = self.address.name, _reason(error)
        if self.address.lite:
            return RequestError(
                vi=f"Milvus Lite tại {name} không mở hoặc không đọc được: {why}. Mỗi lúc chỉ một "
                "tiến trình mở được: hãy dừng tiến trình kia rồi làm lại. Danh mục không bị ảnh "
                "hưởng; nếu kho hỏng, hãy xoá thư mục đó và chạy: cungcau index",
                en=f"Milvus Lite at {name} cannot be opened or read: {why}. One process at a time "
                "has it open: stop the other one and try again. The catalog is not affected; "
                "where the store is damaged, delete that folder and run: cungcau index",
            )
        return RequestError(
            vi=f"Milvus tại {name} không trả lời hoặc từ chối: {why}. Hãy kiểm tra máy chủ và "
            "thiết lập store trong cungcau.toml; danh mục không bị ảnh hưởng. Khi máy chủ chạy "
            "lại: cungcau index",
            en=f"Milvus at {name} does not answer or refuses: {why}. Check the server and the "
            "setting store in cungcau.toml; the catalog is not affected. When the server is back: "
            "cungcau index",
        )


def _reason(error: Exception) -> str:
    """The first line of what pymilvus says, without its decoration."""
    said = str(getattr(error, "message", "") or error) or type(error).__name__
    return said.strip().splitlines()[0][:200].rstrip(". ")


def _pymilvus(address: Address) -> Any:  # noqa: ANN401 - a module
    try:
        import pymilvus  # noqa: PLC0415 - optional, and slow

        if address.lite:
            import milvus_lite  # noqa: F401, PLC0415
    except ImportError as error:
        raise RequestError(
            vi=f"Kho {address.name} cần thư viện pymilvus và milvus-lite. "
            'Cài: pip install "cungcau[milvus]"',
            en=f"The store {address.name} needs the libraries pymilvus and milvus-lite. "
            'Install them: pip install "cungcau[milvus]"',
        ) from error
    # They print stack traces of what is explained here; the last is the server of Milvus Lite.
    for name in ("pymilvus", "milvus_lite", *(("grpc._server",) if address.lite else ())):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return pymilvus
