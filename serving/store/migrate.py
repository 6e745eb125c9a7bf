"""Brings the schema up to date when the service starts; several workers may start at once."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from serving.store.tables import HEAD
from triage.errors import StoreError

SCRIPTS = Path(__file__).parent / "migrations"


def migrate(engine: Engine, *, timeout: int) -> None:
    """Migrates to :data:`HEAD` in one transaction; whoever comes second waits for the lock and finds the work done.

    Args:
        engine: a writing engine, whose transactions hold the write lock from their beginning.
        timeout: seconds to wait while another process switches a new SQLite file to WAL.

    Raises:
        StoreError: the schema was made by a newer program.
        sqlalchemy.exc.SQLAlchemyError, sqlite3.Error: the database cannot be written.
    """
    if engine.dialect.name == "sqlite":
        _use_wal(engine, timeout)
    with engine.begin() as connection:
        version = _version(connection)
        if version == HEAD:
            return
        if version is not None and version > HEAD:
            where = engine.url.render_as_string(hide_password=True)
            raise StoreError(
                f"数据库 {where} 的结构版本是 {version}，这个程序只认识到 {HEAD}：它被更新的分单用过。"
                "请升级这个程序，或用 FENDAN_DB 换一个库；库没有被改动"
            )
        _upgrade(connection)


def _version(connection: Connection) -> str | None:
    """The schema's revision; None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _use_wal(engine: Engine, timeout: int) -> None:
    """Write-ahead log: readers do not wait for the writer. The file remembers it, so mostly there is nothing to do.

    SQLite does not wait for its busy timeout when the journal mode is switched, so the wait is made here.
    """
    give_up = time.monotonic() + timeout
    while True:
        raw = engine.raw_connection()
        try:
            if raw.cursor().execute("PRAGMA journal_mode").fetchone()[0] == "wal":
                return
            raw.cursor().execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up:
                raise
            time.sleep(0.02)
        finally:
            raw.close()
