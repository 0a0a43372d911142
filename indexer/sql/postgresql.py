"""What PostgreSQL needs that SQLite does not: a driver, patience, one writer, its errors said."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import IntegrityError

from indexer.bilingual import Bilingual
from indexer.errors import RequestError

if TYPE_CHECKING:
    import ssl

DRIVER = "postgresql+pg8000"
INSTALL = "pip install 'cungcau[postgresql]'"
_NAMES = ("postgresql", "postgres")
_LOCK = int.from_bytes(b"cungcau")  # of this program's writers, in each database
_CONNECTING = 10.0  # seconds
_SILENT = 300.0  # seconds without a word from the server, after which it is taken for gone
_LOCAL = ("localhost", "127.0.0.1", "::1")
_GONE = ("08", "57P01", "57P02", "57P03")
_SSL = ("disable", "prefer", "require", "verify-full")


def with_driver(url: sa.URL) -> sa.URL:
    """The URL with our driver, where it names none."""
    return url.set(drivername=DRIVER) if url.drivername in _NAMES else url


def engine(url: sa.URL, waiting: float) -> sa.Engine:
    """An engine whose transactions see one state; a connection that broke is replaced unnoticed.

    `waiting` seconds are waited for another writer and for a free connection.

    Raises:
        RequestError: a parameter of the address is not known.
        ModuleNotFoundError: the driver is not installed.
    """
    made = sa.create_engine(
        url.difference_update_query(("sslmode", "sslrootcert")),
        connect_args=_arguments(url, waiting) if url.drivername == DRIVER else {},
        isolation_level="REPEATABLE READ",
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=30,
        pool_timeout=waiting,
    )
    # Without it, every row of a bulk insert is a statement of its own.
    made.dialect.use_insertmanyvalues_wo_returning = True
    event.listen(made, "connect", _on_connect)
    event.listen(made, "begin", _on_begin)
    event.listen(made, "handle_error", _on_error)
    return made


def _arguments(url: sa.URL, waiting: float) -> dict[str, Any]:
    for name in set(url.query) - {"sslmode", "sslrootcert", "application_name", "unix_sock"}:
        raise RequestError(
            vi=f"Địa chỉ cơ sở dữ liệu có tham số lạ {name!r}. Chấp nhận: sslmode, sslrootcert, "
            "application_name, unix_sock.",
            en=f"The database address has an unknown parameter {name!r}. Accepted: sslmode, "
            "sslrootcert, application_name, unix_sock.",
        )
    startup = {
        "lock_timeout": f"{int(waiting * 1000)}",
        # A writer whose machine went away must not hold its lock for hours.
        "tcp_keepalives_idle": "30",
        "tcp_keepalives_interval": "10",
        "tcp_keepalives_count": "3",
    }
    arguments: dict[str, Any] = {
        "timeout": _CONNECTING,
        "startup_params": startup,
        "ssl_context": _ssl(url),
    }
    return arguments


def _ssl(url: sa.URL) -> "ssl.SSLContext | bool | None":
    """What the driver takes: False for none, None for "if the server has it"."""
    import ssl  # noqa: PLC0415 - start-up time

    near = url.host in _LOCAL or "unix_sock" in url.query
    mode = url.query.get("sslmode", "disable" if near else "prefer")
    if mode not in _SSL:
        raise RequestError(
            vi=f"sslmode không nhận giá trị {mode!r}. Chấp nhận: {', '.join(_SSL)}.",
            en=f"sslmode does not take {mode!r}. Accepted: {', '.join(_SSL)}.",
        )
    if mode in ("disable", "prefer"):
        return False if mode == "disable" else None
    authority = url.query.get("sslrootcert")
    try:
        context = ssl.create_default_context(cafile=str(authority) if authority else None)
    except OSError as error:
        raise RequestError(
            vi=f"Không đọc được sslrootcert {authority}: {error.strerror}",
            en=f"sslrootcert {authority} cannot be read: {error.strerror}",
        ) from error
    if mode == "require":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _on_connect(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's own
    connected = getattr(connection, "_usock", None)  # pg8000 takes one time for everything
    if connected is not None:
        connected.settimeout(_SILENT)


def _on_begin(connection: sa.Connection) -> None:
    """One writer at a time, from the start of its transaction, as SQLite has it: what a decision
    rests on does not change until it is made, and no two writers wait for each other."""
    if connection.get_execution_options().get("writing", False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


def _on_error(context: ExceptionContext) -> None:
    state = state_of(context.original_exception)
    if state.startswith(_GONE):
        context.is_disconnect = True
    elif state.startswith("23"):  # the driver has one class for all errors
        context.chained_exception = IntegrityError(
            context.statement, None, context.original_exception
        )


def state_of(error: BaseException | None) -> str:
    """The SQLSTATE of an error of the driver, "" where there is none."""
    told = error.args[0] if error is not None and error.args else None
    return str(told.get("C", "")) if isinstance(told, Mapping) else ""


def explanation(name: str, error: BaseException) -> RequestError | None:
    """An error of the driver in words; None where it is a fault of our own.

    One without a state is of the connection: refused, cut or silent.
    """
    told: Any = error.args[0] if error.args else ""
    state = state_of(error)
    if not state:
        return _said(_UNREACHABLE, name, str(told) or type(error).__name__)
    for prefix, sentence in _SENTENCES.items():
        if state.startswith(prefix):
            return _said(sentence, name, str(told.get("M", state)))
    return None


def _said(sentence: Bilingual, name: str, cause: str) -> RequestError:
    return RequestError(
        vi=sentence.vi.format(name=name, cause=cause),
        en=sentence.en.format(name=name, cause=cause),
    )


_UNREACHABLE = Bilingual(
    vi="Không kết nối được cơ sở dữ liệu {name}: {cause}",
    en="The database {name} cannot be reached: {cause}",
)
_REFUSED = Bilingual(
    vi="Cơ sở dữ liệu {name} từ chối kết nối: {cause}",
    en="The database {name} refuses the connection: {cause}",
)
_BUSY = Bilingual(
    vi="Một tiến trình khác đang ghi vào {name}; hãy thử lại sau. Chưa có gì thay đổi.",
    en="Another process is writing {name}; try again later. Nothing was changed.",
)
_FULL = Bilingual(
    vi="Máy chủ cơ sở dữ liệu hết chỗ: không ghi được {name} ({cause}). Chưa có gì thay đổi.",
    en="The database server is out of space: {name} cannot be written ({cause}). "
    "Nothing was changed.",
)
_READ_ONLY = Bilingual(
    vi="Cơ sở dữ liệu {name} chỉ cho đọc, hoặc tài khoản không có quyền ghi: {cause}",
    en="The database {name} is read-only, or the account may not write: {cause}",
)
# By SQLSTATE or its beginning; the first that fits.
_SENTENCES = {
    "08": _UNREACHABLE,
    "57P": _UNREACHABLE,
    "28": _REFUSED,
    "3D000": _REFUSED,
    "53300": _REFUSED,
    "53100": _FULL,
    "53": _FULL,
    "58": _FULL,
    "54": _FULL,
    "25006": _READ_ONLY,
    "42501": _READ_ONLY,
    "40": _BUSY,
    "55P03": _BUSY,
    "57014": _BUSY,
}
