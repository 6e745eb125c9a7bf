"""Who is signed in: an opaque random cookie in the browser, its hash in the store."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from serving.clock import Clock
from serving.people.roles import Person
from serving.people.secret import key_of, new_secret
from serving.store import Store
from serving.store.tables import sessions, users

COOKIE = "fendan_session"

REMEMBERED = timedelta(seconds=3)
"""How long a session once looked up is believed. Disabling a user takes so long to reach every process at most."""

_MOST = 10_000


class Signed(NamedTuple):
    """Somebody who is signed in, and the token that a page must send back with all that changes something."""

    person: Person
    csrf: str
    expires_at: datetime


class Sessions:
    """The sessions of one store.

    Args:
        hours: a session ends so long after signing in, whatever was done in it.
    """

    def __init__(self, store: Store, clock: Clock, *, hours: int = 12) -> None:
        self._store = store
        self._clock = clock
        self._life = timedelta(hours=hours)
        self._known: dict[str, tuple[datetime, Signed]] = {}

    async def start(self, name: str) -> str:
        """Begins a session of ``name``; the value of the cookie. Sessions that are over are cleared away."""
        value, now = new_secret(), self._clock()
        row = {
            "key": key_of(value),
            "user": name,
            "csrf": new_secret(),
            "created_at": now,
            "expires_at": now + self._life,
        }

        def work(connection: Connection) -> None:
            connection.execute(delete(sessions).where(sessions.c.expires_at <= now))
            connection.execute(insert(sessions), row)

        await self._store.write(work)
        return value

    async def find(self, value: str) -> Signed | None:
        """Who is signed in with this cookie; None when nobody (any more)."""
        if not value:
            return None
        key, now = key_of(value), self._clock()
        seen, known = self._known.get(key, (None, None))
        if seen is not None and known is not None and now < known.expires_at and seen <= now < seen + REMEMBERED:
            return known
        found = await self._store.read(lambda connection: _find(connection, key))
        if found is None or found.expires_at <= now:
            self._known.pop(key, None)
            return None
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[key] = (now, found)
        return found

    async def end(self, value: str) -> None:
        """Signs out."""
        key = key_of(value)
        await self._store.write(lambda connection: connection.execute(delete(sessions).where(sessions.c.key == key)))
        self._known.pop(key, None)


def _find(connection: Connection, key: str) -> Signed | None:
    s, u = sessions.c, users.c
    asked = select(u.name, u.role, s.csrf, s.expires_at).join_from(sessions, users, s.user == u.name)
    row = connection.execute(asked.where(s.key == key, u.disabled.is_(False))).one_or_none()
    return Signed(Person(row.name, row.role), row.csrf, row.expires_at) if row else None
