"""Opens the database (SQLite or PostgreSQL) and says in plain words what is wrong with it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from triage.errors import StoreError

WRITER_LOCK = 0x66656E64616E
"""Key of the PostgreSQL advisory lock that a writing transaction holds: one writer at a time, as in SQLite."""

DATABASE_ERRORS = (SQLAlchemyError, sqlite3.Error)
"""What a database may raise; SQLAlchemy does not wrap what goes wrong while it sets a connection up."""


def parse_url(url: str) -> URL:
    """Reads a SQLAlchemy URL.

    Raises:
        StoreError: it is not one, or names a database that Fendan does not support.
    """
    try:
        parsed = make_url(url)
        kind = parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError):
        kind = ""
    if kind not in ("sqlite", "postgresql"):
        raise StoreError(
            f"数据库地址 {url!r} 看不懂；写 sqlite:///var/fendan.db 或 postgresql+psycopg://用户:密码@主机/库名",
            field="FENDAN_DB",
        )
    if kind == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise StoreError("数据库不能放在内存里：决定要先落盘再回答。请写一个文件，如 sqlite:///var/fendan.db")
    return parsed


def make_folder(url: URL) -> None:
    """Makes the folder that a new SQLite file will lie in."""
    path = str(url.database)
    if url.get_backend_name() != "sqlite" or path.startswith("file:"):
        return
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"建不了数据库所在的文件夹 {Path(path).parent}：{error.strerror}；换一个 FENDAN_DB") from error


def open_engine(url: URL, *, timeout: int, writes: bool) -> Engine:
    """An engine whose transactions are durable once committed.

    A writing engine takes the write lock when a transaction begins (never in its middle, where SQLite could only fail);
    a reading engine reads outside transactions. ``timeout`` (seconds) bounds the wait for a lock.
    """
    sqlite = url.get_backend_name() == "sqlite"
    options: dict[str, Any] = {"pool_size": 1, "max_overflow": 0} if writes else {"pool_size": 4, "max_overflow": 4}
    if not sqlite:
        options["connect_args"] = {"connect_timeout": timeout}
        options["pool_pre_ping"] = True  # survives a restart of the server
    if not (writes or sqlite):
        options["isolation_level"] = "AUTOCOMMIT"
    engine = create_engine(url, **options)
    if sqlite:
        _set_up_sqlite(engine, timeout, writes)
    elif writes:
        event.listen(engine, "begin", lambda connection: _begin_postgresql(connection, timeout))
    return engine


def _set_up_sqlite(engine: Engine, timeout: int, writes: bool) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # sqlite3 must not begin transactions on its own
        for pragma in (f"busy_timeout={timeout * 1000}", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    if writes:
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))


def _begin_postgresql(connection: Connection, timeout: int) -> None:
    connection.execute(text("SELECT set_config('lock_timeout', :ms, true)"), {"ms": f"{timeout}s"})
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITER_LOCK})


_CAUSES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("SQLITE_FULL", "53100", "53400"), "磁盘或配额已满；腾出空间后会自动恢复，不用重启"),
    (("SQLITE_READONLY", "25006"), "只读；请检查文件、文件夹与挂载的写权限（PostgreSQL：是否连到了只读副本）"),
    (("SQLITE_BUSY", "SQLITE_LOCKED", "55P03", "40P01"), "被别的进程锁住；看看是否有备份或别的程序占着，稍后重试"),
    (("SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH"), "打不开；请检查路径是否存在、有没有权限"),
    (("SQLITE_CORRUPT", "SQLITE_NOTADB"), "已损坏或不是 SQLite 文件；请从备份恢复，或换一个 FENDAN_DB"),
    (("SQLITE_IOERR",), "读写磁盘出错（也可能是磁盘已满）；请检查磁盘与配额"),
    (("no such table", "no such column", "42P01", "42703"), "缺少表或列：库在运行中被换掉了？请重启，启动时会补好结构"),
    (("28", "3D000"), "登录不了：用户、密码或库名不对；请检查 FENDAN_DB"),
    (("53300",), "连接数用完了；请调大 max_connections 或减少 FENDAN_WORKERS"),
)


def store_error(error: Exception, url: URL) -> StoreError:
    """The error to answer with: which database, what is wrong, how to mend it."""
    cause = getattr(error, "orig", None) or error
    code = str(getattr(cause, "sqlite_errorname", "") or getattr(cause, "sqlstate", "") or "")
    said = str(cause).strip().partition("\n")[0]
    unknown = "出错" if code else "连不上；请检查服务是否在运行、地址是否正确"
    meaning = next((text for marks, text in _CAUSES if any(_is(mark, code, said) for mark in marks)), unknown)
    return StoreError(f"数据库 {url.render_as_string(hide_password=True)} {meaning}（{f'{code} {said}'.strip():.200}）")


def _is(mark: str, code: str, said: str) -> bool:
    return mark in said if " " in mark else code.startswith(mark)
