"""People's accounts: added, changed, disabled, and let in by password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from serving.clock import Clock
from serving.people.lockout import Attempt, Locked, Strangers, attempt
from serving.people.password_policy import check_password
from serving.people.passwords import Passwords, Verdict
from serving.people.roles import ADMIN, Person, Role, check_name, check_role
from serving.store import Store
from serving.store.logbook import LogKind, record
from serving.store.tables import sessions, users
from triage.errors import ConflictError, ForbiddenError, InputError, NotFoundError, UnauthorizedError


class WrongPassword(UnauthorizedError):
    """No such name, or not its password; which of the two is not told."""

    code = "wrong_password"


@dataclass(frozen=True, slots=True)
class Account:
    """What may be shown of an account. ``locked_until``: None unless it is locked at this moment."""

    name: str
    role: Role
    disabled: bool
    has_password: bool
    locked_until: datetime | None
    created_at: datetime
    created_by: str


class Accounts:
    """The accounts of one store. ``by`` is always who does it; changes are kept as events."""

    def __init__(self, store: Store, clock: Clock, passwords: Passwords) -> None:
        self._store = store
        self._clock = clock
        self._passwords = passwords
        self._strangers = Strangers()

    async def exist(self) -> bool:
        """Whether there is any account, disabled or not."""
        return await self._store.read(any_user)

    async def all(self) -> list[Account]:
        """All accounts, by name."""
        now = self._clock()

        def work(connection: Connection) -> list[Account]:
            return [_account(row, now) for row in connection.execute(select(users).order_by(users.c.name))]

        return await self._store.read(work)

    async def add(self, name: str, role: str, password: str, *, by: str) -> Person:
        """Adds an account.

        Raises:
            InputError: the name, the role or the password will not do.
            ConflictError: the name is taken (also where only capitals differ).
        """
        name, checked = check_name(name), check_role(role)
        held = await self._passwords.hash(check_password(password, name))
        now = self._clock()
        await self._store.write(lambda connection: insert_user(connection, name, checked, held, at=now, by=by))
        return Person(name, checked)

    async def set_password(self, name: str, password: str, *, by: str) -> None:
        """Sets a new password: it ends the person's sessions and any lock.

        Raises:
            PasswordError: it will not do.
            NotFoundError: there is no such account.
        """
        name = check_name(name)
        held = await self._passwords.hash(check_password(password, name))
        change = {"password": held, "failures": 0, "locked_until": None}
        await self._change(name, change, "user_password", by, sign_out=True)

    async def set_role(self, name: str, role: str, *, by: str) -> None:
        """Gives another role; it holds from the next request on.

        Raises:
            InputError: there is no such role.
            NotFoundError: there is no such account.
            ConflictError: it is the last admin's.
        """
        await self._change(check_name(name), {"role": check_role(role)}, "user_role", by, detail={"role": role})

    async def disable(self, name: str, *, by: str) -> None:
        """Shuts an account and ends its sessions.

        Raises:
            NotFoundError: there is no such account.
            ConflictError: it is the last admin's.
        """
        await self._change(check_name(name), {"disabled": True}, "user_disabled", by, sign_out=True)

    async def enable(self, name: str, *, by: str) -> None:
        """Opens an account again; this ends a lock, too.

        Raises:
            NotFoundError: there is no such account.
        """
        change = {"disabled": False, "failures": 0, "locked_until": None}
        await self._change(check_name(name), change, "user_enabled", by)

    async def sign_in(self, name: str, password: str) -> Person:
        """Who signs in with this name and password.

        The attempt is counted before the password is looked at and taken back when it was right: guesses that come all
        at once get no more tries than those that come one by one.

        Raises:
            Locked: too many wrong passwords in a row; this one was not looked at.
            WrongPassword: name or password is wrong.
            ForbiddenError: the password is right and the account is disabled.
        """
        name = _possible(name)
        now = self._clock()
        tried = await self._store.write(lambda connection: _attempt(connection, name, now))
        tried = tried or self._strangers.attempt(name, now)
        verdict = await self._passwords.check(tried.held, password)
        if verdict.right:
            return await self._let_in(name, tried.held, verdict)
        if tried.until is None:
            raise WrongPassword("名字或密码不对，请再输一次", field="password")
        if tried.held:
            await self._store.write(lambda connection: _keep_lock(connection, name, tried, now))
        raise Locked(tried.failures, tried.until)

    async def _let_in(self, name: str, held: str, verdict: Verdict) -> Person:
        found = await self._store.write(lambda connection: _right(connection, name, held, verdict))
        if found is None:
            raise WrongPassword("密码刚刚被改过；请用新的密码再登录一次", field="password")
        role, disabled = found
        if disabled:
            raise ForbiddenError(f"{name} 的账号已停用；要再用请管理员运行 fendan user enable", field="name")
        return Person(name, role)

    async def _change(
        self,
        name: str,
        change: dict[str, Any],
        what: LogKind,
        by: str,
        *,
        detail: dict[str, Any] | None = None,
        sign_out: bool = False,
    ) -> None:
        now = self._clock()

        def work(connection: Connection) -> None:
            found = connection.execute(select(users.c.role, users.c.disabled).where(users.c.name == name)).one_or_none()
            if found is None:
                raise NotFoundError(f"没有用户 {name!r:.80}；fendan user list 列出所有人", field="name")
            after = {"role": found.role, "disabled": found.disabled, **change}
            was, stays = _leads(found.role, found.disabled), _leads(after["role"], after["disabled"])
            if was and not stays and _admins(connection) == 1:
                raise ConflictError(
                    f"{name} 是最后一个能用的管理员，不能停用或降级；请先用 fendan user role 让别人也当管理员",
                    field="name",
                )
            connection.execute(update(users).where(users.c.name == name).values(change))
            if sign_out:
                connection.execute(delete(sessions).where(sessions.c.user == name))
            record(connection, at=now, by=by, what=what, user=name, **(detail or {}))

        await self._store.write(work)


def any_user(connection: Connection) -> bool:
    """Whether there is any account."""
    return connection.execute(select(users.c.name).limit(1)).first() is not None


def insert_user(connection: Connection, name: str, role: Role, held: str, *, at: datetime, by: str) -> None:
    """Writes one account; ``held`` is the hash of its password.

    Raises:
        ConflictError: the name is taken.
    """
    for taken in connection.scalars(select(users.c.name)):
        if taken.casefold() == name.casefold():
            raise ConflictError(f"已经有用户 {taken}；换一个名字，或用 fendan user password 给他重设密码", field="name")
    row = {"name": name, "role": role, "password": held, "disabled": False, "failures": 0, "locked_until": None}
    connection.execute(insert(users), {**row, "created_at": at, "created_by": by})
    record(connection, at=at, by=by, what="user_added", user=name, role=role)


def _possible(name: str) -> str:
    """The name, tidied; empty for one that no account can have (too long for the store, or not to be seen)."""
    try:
        return check_name(name)
    except InputError:
        return ""


def _attempt(connection: Connection, name: str, now: datetime) -> Attempt | None:
    """Counts an attempt; None for an unknown name."""
    u = users.c
    found = connection.execute(select(u.password, u.failures, u.locked_until).where(u.name == name)).one_or_none()
    if found is None:
        return None
    made = attempt(found.password, found.failures, found.locked_until, now)
    counted = {"failures": made.failures, "locked_until": made.until}
    connection.execute(update(users).where(u.name == name).values(counted))
    return made


def _keep_lock(connection: Connection, name: str, tried: Attempt, now: datetime) -> None:
    record(connection, at=now, by=name, what="login_locked", user=name, failures=tried.failures, until=tried.until)


def _right(connection: Connection, name: str, held: str, verdict: Verdict) -> tuple[Role, bool] | None:
    """Takes the attempt back; role and whether the account is disabled. None when the password was changed meanwhile."""
    u = users.c
    found = connection.execute(select(u.role, u.disabled, u.password).where(u.name == name)).one()
    if found.password != held:
        return None
    change: dict[str, Any] = {"failures": 0, "locked_until": None}
    if verdict.rehashed:
        change["password"] = verdict.rehashed
    connection.execute(update(users).where(u.name == name).values(change))
    return found.role, found.disabled


def _leads(role: Role, disabled: bool) -> bool:
    return role == ADMIN and not disabled


def _admins(connection: Connection) -> int:
    able = select(func.count()).select_from(users).where(users.c.role == ADMIN, users.c.disabled.is_(False))
    return connection.execute(able).scalar_one()


def _account(row: Any, now: datetime) -> Account:
    locked = row.locked_until if row.locked_until is not None and row.locked_until > now else None
    return Account(row.name, row.role, row.disabled, bool(row.password), locked, row.created_at, row.created_by)
