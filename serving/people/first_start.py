"""The first person: while there is no user at all, a link that is valid once lets somebody make the first admin."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, insert, select, update

from serving.clock import Clock, utc_now
from serving.people.accounts import any_user, insert_user
from serving.people.password_policy import check_password
from serving.people.roles import ADMIN, Person, check_name
from serving.people.secret import key_of, new_secret
from serving.store import Store
from serving.store.tables import tokens
from triage.errors import UnauthorizedError

if TYPE_CHECKING:
    from serving.people.passwords import Passwords

_PURPOSE = _NAME = "setup"


class LinkError(UnauthorizedError):
    """The link is not valid (any more). ``users``: there is a user by now, so there will be no other link."""

    code = "invalid_link"

    def __init__(self, users: bool) -> None:
        self.users = users
        how = (
            "第一位管理员已经有了：请直接登录，或请管理员用 fendan user add 加你；忘了密码就请他运行 fendan user password"
            if users
            else "每次启动都会换一个新的；在服务器上运行 fendan user link 就会得到一个"
        )
        super().__init__(f"这个链接用过了，或已被新的代替。{how}", field="token")


async def new_link(store: Store, clock: Clock) -> str | None:
    """A fresh token for the link, which makes the one before worthless; None when there is a user already."""
    value, now = new_secret(), clock()
    row = {"key": key_of(value), "name": _NAME, "purpose": _PURPOSE, "created_at": now, "created_by": "start"}

    def work(connection: Connection) -> bool:
        if any_user(connection):
            return False
        connection.execute(delete(tokens).where(tokens.c.purpose == _PURPOSE))
        connection.execute(insert(tokens), row)
        return True

    return value if await store.write(work) else None


def first_link(store: Store, url: str) -> str:
    """The one-time link to make the first admin; empty when there is a user. It is for the terminal, never for a log."""
    token = asyncio.run(new_link(store, utc_now))
    return welcome_address(url, token) if token else ""


def welcome_address(url: str, token: str) -> str:
    """The link itself; ``url`` is where the service is."""
    return f"{url.rstrip('/')}/review/welcome?token={token}"


async def check_link(store: Store, value: str) -> None:
    """Does nothing when the link with this token is valid.

    Raises:
        LinkError: it is not.
    """
    await store.read(lambda connection: _check(connection, value))


async def make_first(
    store: Store, clock: Clock, passwords: Passwords, *, token: str, name: str, password: str
) -> Person:
    """Makes the first admin and uses the link up, both or neither.

    Raises:
        LinkError: the link is not valid (any more).
        InputError: the name or the password will not do; the link stays valid.
    """
    await check_link(store, token)
    name = check_name(name)
    held = await passwords.hash(check_password(password, name))
    now = clock()

    def work(connection: Connection) -> None:
        _check(connection, token)
        insert_user(connection, name, ADMIN, held, at=now, by=name)
        connection.execute(update(tokens).where(tokens.c.purpose == _PURPOSE).values(revoked_at=now))

    await store.write(work)
    return Person(name, ADMIN)


def _check(connection: Connection, value: str) -> None:
    if any_user(connection):
        raise LinkError(users=True)
    t = tokens.c
    mine = select(t.name).where(t.key == key_of(value), t.purpose == _PURPOSE, t.revoked_at.is_(None))
    if connection.execute(mine).first() is None:
        raise LinkError(users=False)
