"""The database behind the catalog: connecting, schema revision, and its errors in plain words."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from indexer.bilingual import Bilingual
from indexer.errors import CungcauError, DamagedError, RequestError
from indexer.sql import postgresql
from indexer.sql.schema import REVISIONS

# How long a transaction waits for another writer, in seconds.
BUSY_TIMEOUT = 10.0
_READERS = 40  # the most connections at once, as many as a service has threads


def url_of(url_or_path: str | Path) -> sa.URL:
    """The address of a database: itself where it has a scheme, else of a SQLite file.

    Raises:
        RequestError: the address cannot be read.
    """
    if isinstance(url_or_path, str) and "://" in url_or_path:
        try:
            return postgresql.with_driver(sa.make_url(url_or_path))
        except ArgumentError as error:
            raise RequestError(
                vi="Không đọc được địa chỉ cơ sở dữ liệu; ví dụ đúng: "
                "postgresql://user@host/dbname",
                en="The database address cannot be read; an example that can: "
                "postgresql://user@host/dbname",
            ) from error
    path = Path(url_or_path).expanduser().absolute()
    return sa.URL.create("sqlite", database=str(path))


def engine_of(url: sa.URL) -> sa.Engine:
    """An engine whose transactions see one state of the database from start to end.

    With the execution option `writing`, a transaction excludes other writers from its start.

    Raises:
        RequestError: the driver of that kind of database is not installed or not known.
    """
    kind = url.get_backend_name()
    try:
        if kind == "postgresql":
            return postgresql.engine(url, BUSY_TIMEOUT)
        if kind != "sqlite" or not url.database:
            raise NoSuchModuleError(kind)
        engine = sa.create_engine(url, pool_size=10, max_overflow=_READERS - 10)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        install = postgresql.INSTALL if kind == "postgresql" else ""
        raise RequestError(
            vi=f"Chưa dùng được cơ sở dữ liệu loại {url.drivername!r}"
            + (f"; hãy cài: {install}" if install else "; hãy dùng sqlite hoặc postgresql"),
            en=f"A database of kind {url.drivername!r} cannot be used"
            + (f"; install: {install}" if install else "; use sqlite or postgresql"),
        ) from error
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def writer_of(engine: sa.Engine) -> sa.Engine:
    """The same engine for transactions that write, one at a time."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(writing=True)
    # What is read after waiting for another writer is what that one left.
    return engine.execution_options(isolation_level="READ COMMITTED", writing=True)


def _on_connect(connection: sqlite3.Connection, _: object) -> None:
    # The driver would begin transactions late and commit before DDL; `_on_begin` does neither.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout = {int(BUSY_TIMEOUT * 1000)}",
        "foreign_keys = ON",
        "journal_mode = WAL",
        "synchronous = FULL",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _on_begin(connection: sa.Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def engine_problems(connection: sa.Connection) -> Iterator[Bilingual]:
    """What the database itself finds wrong with its pages, indexes and references."""
    if connection.dialect.name != "sqlite":
        return
    for (line,) in connection.exec_driver_sql("PRAGMA integrity_check"):
        if line != "ok":
            yield Bilingual(vi=f"Cơ sở dữ liệu hỏng: {line}", en=f"Damaged database: {line}")
    for table, _, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield Bilingual(
            vi=f"Bảng {table} có dòng không thuộc về dòng nào của {parent}",
            en=f"A row of {table} belongs to no row of {parent}",
        )


def prepare(engine: sa.Engine, name: str, create: bool) -> None:
    """Brings the schema to the newest revision; in one transaction, so it is old or new.

    Raises:
        RequestError: the database is empty and `create` is false, belongs to another program, or
            was written by a newer version of this one.
    """
    with engine.connect() as connection:
        if _needs_nothing(connection, name, create):
            return
    with writer_of(engine).begin() as connection:
        # Somebody else may have brought it up to date since.
        if not _needs_nothing(connection, name, create):
            _migrate(connection)


def _needs_nothing(connection: sa.Connection, name: str, create: bool) -> bool:
    inspector = sa.inspect(connection)
    if inspector.has_table("alembic_version"):
        revision = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    elif inspector.get_table_names():
        raise RequestError(
            vi=f"{name} là cơ sở dữ liệu của chương trình khác, không phải danh mục cungcau.",
            en=f"{name} is the database of another program, not a cungcau catalog.",
        )
    else:
        revision = None
    if revision is None and not create:
        raise missing(name)
    if revision is not None and revision not in REVISIONS:
        raise RequestError(
            vi=f"{name} do một phiên bản cungcau mới hơn tạo ra (lược đồ {revision}; bản đang chạy "
            f"chỉ biết đến {REVISIONS[-1]}). Hãy nâng cấp cungcau.",
            en=f"{name} was written by a newer version of cungcau (schema {revision}; this one "
            f"knows up to {REVISIONS[-1]}). Please upgrade cungcau.",
        )
    return bool(revision == REVISIONS[-1])


def _migrate(connection: sa.Connection) -> None:
    from alembic import command  # noqa: PLC0415 - slow to import, seldom needed
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    folder = str(Path(__file__).parents[1] / "migrations")
    config.set_main_option("script_location", folder.replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def missing(name: str) -> RequestError:
    """The error for a catalog that is not there."""
    return RequestError(
        vi=f"Chưa có danh mục tại {name}. Lệnh tạo danh mục: cungcau import TỆP…",
        en=f"There is no catalog at {name}. The command that creates it: cungcau import FILE…",
    )


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Turns the database's errors into sentences that name the catalog.

    Raises:
        DamagedError: the file is not a database or its pages are damaged.
        RequestError: it cannot be opened, written or reached, or somebody else is writing.
    """
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        explanation = _explanation(name, error)
        if explanation is None:
            raise
        raise explanation from error
    except PoolTimeoutError as error:
        raise RequestError(
            vi=f"Quá nhiều yêu cầu cùng đọc {name}; hãy thử lại sau.",
            en=f"Too many requests read {name} at once; try again later.",
        ) from error


def _explanation(name: str, error: DBAPIError | sqlite3.Error) -> CungcauError | None:
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorname", "")
        for prefixes, (kind, vi, en) in _SQLITE_ERRORS.items():
            if code.startswith(prefixes):
                return kind(vi=vi.format(name=name), en=en.format(name=name))
        if "decode" in str(cause):  # raised by Python, without a code: text that is no UTF-8
            return DamagedError(
                vi=f"Tệp danh mục {name} bị hỏng: có văn bản không đọc được.",
                en=f"The catalog file {name} is damaged: some of its text cannot be read.",
            )
        return None
    return postgresql.explanation(name, cause) if cause is not None else None


_SQLITE_ERRORS: dict[tuple[str, ...], tuple[type[CungcauError], str, str]] = {
    ("SQLITE_NOTADB",): (
        DamagedError,
        "{name} không phải là tệp danh mục (không phải cơ sở dữ liệu SQLite) hoặc đã hỏng.",
        "{name} is not a catalog file (not a SQLite database), or it is damaged.",
    ),
    ("SQLITE_CORRUPT",): (
        DamagedError,
        "Tệp danh mục {name} bị hỏng.",
        "The catalog file {name} is damaged.",
    ),
    ("SQLITE_FULL",): (
        RequestError,
        "Đĩa đã đầy: không ghi được {name}. Chưa có gì thay đổi.",
        "The disk is full: {name} cannot be written. Nothing was changed.",
    ),
    ("SQLITE_IOERR",): (
        RequestError,
        "Không đọc hoặc ghi được {name}: đĩa đầy, bị ngắt hoặc bị lỗi. Chưa có gì thay đổi.",
        "{name} cannot be read or written: the disk is full, gone or failing. Nothing was changed.",
    ),
    ("SQLITE_READONLY", "SQLITE_PERM"): (
        RequestError,
        "Không có quyền ghi vào {name} hoặc thư mục chứa nó.",
        "There is no permission to write {name} or the folder it is in.",
    ),
    ("SQLITE_CANTOPEN", "SQLITE_AUTH"): (
        RequestError,
        "Không mở được {name}: hãy kiểm tra đường dẫn và quyền đọc, ghi của thư mục.",
        "{name} cannot be opened: check the path and the folder's read and write permissions.",
    ),
    ("SQLITE_BUSY", "SQLITE_LOCKED"): (
        RequestError,
        "Một tiến trình khác đang ghi vào {name}; hãy thử lại sau.",
        "Another process is writing {name}; try again later.",
    ),
}
