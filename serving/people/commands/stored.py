"""The people and tokens of a store, for commands that run beside the service."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeVar

import typer

if TYPE_CHECKING:
    from serving.people.accounts import Accounts
    from serving.people.tokens import Tokens
    from serving.store import Store

T = TypeVar("T")

Name = Annotated[str, typer.Argument(help="名字，1–64 个字符。", show_default=False)]


class StoredPeople(NamedTuple):
    """Those of one store."""

    store: Store
    accounts: Accounts
    tokens: Tokens


def with_people(db: str, work: Callable[[StoredPeople], Coroutine[Any, Any, T]]) -> T:
    """What ``work`` makes of the store's people."""
    from serving.clock import utc_now
    from serving.people.accounts import Accounts
    from serving.people.passwords import Passwords
    from serving.people.tokens import Tokens
    from serving.settings import Settings
    from serving.store import Store

    settings = Settings.from_env()
    store = Store(db or settings.db, timeout=settings.db_timeout)
    try:
        return asyncio.run(work(StoredPeople(store, Accounts(store, utc_now, Passwords()), Tokens(store, utc_now))))
    finally:
        store.close()
