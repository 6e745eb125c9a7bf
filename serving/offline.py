"""What commands work on beside a running service: its store, and the labels that its model knows."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from models.reference import CHAMPION
from serving.settings import Settings
from triage.errors import ArtefactError, InputError, RegistryError
from triage.taxonomy import Taxonomy

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from serving.store import Store

T = TypeVar("T")


@contextmanager
def opened(db: str = "") -> Iterator[tuple[Store, Taxonomy]]:
    """An existing store and the labels of its service.

    Args:
        db: as SQLAlchemy writes it; empty means the setting.

    Raises:
        InputError: there is no such database; a command never makes one.
        StoreError, TaxonomyError: it cannot be used.
    """
    from serving.store import Store
    from serving.store.database import parse_url

    settings = Settings.from_env()
    url = db or settings.db
    parsed = parse_url(url)
    path = Path(str(parsed.database))
    if parsed.get_backend_name() == "sqlite" and not str(path).startswith("file:") and not path.exists():
        raise InputError(f"没有数据库 {path}；用 --db 或 FENDAN_DB 指向 fendan serve 用的那一个", field="db")
    taxonomy = live_taxonomy(settings)
    store = Store(url, timeout=settings.db_timeout)
    try:
        yield store, taxonomy
    finally:
        store.close()


def on_store(work: Callable[[Connection, Taxonomy], T], *, db: str = "", writes: bool = False) -> T:
    """What ``work`` makes of an existing store, with a reading connection or in a writing transaction; see :func:`opened`."""
    with opened(db) as (store, taxonomy):
        call = store.write if writes else store.read
        return asyncio.run(call(lambda connection: work(connection, taxonomy)))


def live_taxonomy(settings: Settings) -> Taxonomy:
    """The labels the service uses: those of its model; of the taxonomy file where there is no model.

    Raises:
        ArtefactError, RegistryError: a model is named in the settings and cannot be read.
        TaxonomyError: the file is wrong.
    """
    from models import artefact
    from serving.registry import registry_named, resolve
    from serving.taxonomy_file import read_taxonomy

    if settings.model:
        return Taxonomy.from_mapping(artefact.read(resolve(settings.model).folder)[0]["taxonomy"])
    if registry_named():
        try:
            return Taxonomy.from_mapping(artefact.read(resolve(CHAMPION).folder)[0]["taxonomy"])
        except (ArtefactError, RegistryError) as error:
            print(f"注意：没有冠军模型，标签以 {settings.taxonomy_file} 为准（{error}）", file=sys.stderr)
    return read_taxonomy(settings.taxonomy_file)


def who_runs() -> str:
    """Who runs the command, as events keep it."""
    import getpass

    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = str(os.getuid()) if hasattr(os, "getuid") else "?"
    return f"cli:{name}"[:64]
