"""Tokens of programs (the helpdesk): shown once, kept as hashes, revocable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from serving.clock import Clock
from serving.people.roles import check_name
from serving.people.secret import key_of, new_secret
from serving.store import Store
from serving.store.logbook import record
from serving.store.tables import tokens
from triage.errors import ConflictError, NotFoundError

PREFIX = "fdn_"
"""Every token begins so: scanners for leaked secrets know it by that, and so do people."""

REMEMBERED = timedelta(seconds=5)
"""How long a token once looked up is believed: so long a revoked one may still be taken."""

_MOST = 10_000
_PURPOSE = "helpdesk"


@dataclass(frozen=True, slots=True)
class Token:
    """What may be shown of a token; never the token itself."""

    name: str
    created_at: datetime
    created_by: str
    revoked_at: datetime | None


class Tokens:
    """The tokens of one store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._known: dict[str, tuple[datetime, str]] = {}

    async def add(self, name: str, *, by: str) -> str:
        """Makes a token; this is the only time it is seen.

        Raises:
            InputError: the name will not do.
            ConflictError: there is or was a token of that name.
        """
        name, value, now = check_name(name, "令牌的名字"), PREFIX + new_secret(), self._clock()
        row = {"key": key_of(value), "name": name, "purpose": _PURPOSE, "created_at": now, "created_by": by}

        def work(connection: Connection) -> None:
            if connection.execute(select(tokens.c.name).where(tokens.c.name == name)).first():
                raise ConflictError(f"令牌名 {name} 用过了（撤销的也算）；换一个，如 {name}-2", field="name")
            connection.execute(insert(tokens), row)
            record(connection, at=now, by=by, what="token_added", token=name)

        await self._store.write(work)
        return value

    async def all(self) -> list[Token]:
        """All tokens, revoked ones too, by name."""
        t = tokens.c
        asked = select(t.name, t.created_at, t.created_by, t.revoked_at).where(t.purpose == _PURPOSE).order_by(t.name)
        return await self._store.read(lambda connection: [Token(*row) for row in connection.execute(asked)])

    async def revoke(self, name: str, *, by: str) -> None:
        """Makes a token worthless, within :data:`REMEMBERED` in every process.

        Raises:
            NotFoundError: there is no such token, or it is revoked already.
        """
        name, now, t = check_name(name, "令牌的名字"), self._clock(), tokens.c

        def work(connection: Connection) -> None:
            mine = (t.name == name, t.purpose == _PURPOSE, t.revoked_at.is_(None))
            if connection.execute(select(t.name).where(*mine)).first() is None:
                raise NotFoundError(f"没有令牌 {name!r:.80}，或已经撤销；fendan token list 列出所有令牌", field="name")
            connection.execute(update(tokens).where(*mine).values(revoked_at=now))
            record(connection, at=now, by=by, what="token_revoked", token=name)

        await self._store.write(work)
        self._known.clear()

    async def find(self, value: str) -> str | None:
        """The name of the token ``value``; None for one that is unknown, revoked or no longer valid."""
        if not value.startswith(PREFIX):
            return None
        key, now, t = key_of(value), self._clock(), tokens.c
        seen, known = self._known.get(key, (None, ""))
        if seen is not None and seen <= now < seen + REMEMBERED:
            return known
        asked = select(t.name, t.expires_at).where(t.key == key, t.purpose == _PURPOSE, t.revoked_at.is_(None))
        found = await self._store.read(lambda connection: connection.execute(asked).one_or_none())
        if found is None or (found.expires_at is not None and found.expires_at <= now):
            self._known.pop(key, None)
            return None
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[key] = (now, found.name)
        return str(found.name)
