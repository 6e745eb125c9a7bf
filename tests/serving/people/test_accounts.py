"""Accounts on a real SQLite file and a real PostgreSQL: who gets in, who is locked out, what is kept of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import extract_parameters
from argon2.profiles import CHEAPEST
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from serving.app import pages
from serving.people import Person
from serving.people.accounts import WrongPassword
from serving.people.guard import Guard
from serving.people.lockout import FREE, LONGEST, Locked, Strangers, lock_for
from serving.people.password_policy import PasswordError
from serving.people.passwords import Passwords
from serving.people.roles import ROLES, at_least
from serving.store import Store
from serving.store.tables import logbook, users
from tests.serving.builders import NOW, run
from tests.serving.people.builders import OTHER, PASSWORD, Clock, make_guard
from tests.serving.store.databases import empty_database
from triage.errors import ConflictError, ForbiddenError, InputError, NotFoundError

BOTH = pytest.mark.parametrize("store", ["sqlite", "postgresql"], indirect=True)
"""Most tests run on SQLite alone; these on PostgreSQL, too."""


@pytest.fixture
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if getattr(request, "param", "sqlite") == "sqlite":
        made = Store(f"sqlite:///{tmp_path}/fendan.db")
    else:
        made = Store(empty_database(request.getfixturevalue("postgresql")))
    yield made
    made.close()


@pytest.fixture
def guard(store: Store, clock: Clock) -> Guard:
    made = make_guard(store, clock)
    run(made.accounts.add("小王", "reviewer", PASSWORD, by="cli:test"))
    return made


def happened(guard: Guard) -> list[tuple[str, str, dict[str, Any]]]:
    rows = run(guard.store.read(lambda c: c.execute(select(logbook).order_by(logbook.c.id)).all()))
    return [(row.what, row.by, json.loads(row.detail)) for row in rows]


def wrong(guard: Guard, name: str = "小王", times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(WrongPassword):
            run(guard.accounts.sign_in(name, OTHER))


def test_roles_are_ordered() -> None:
    assert [[at_least(role, needed) for needed in ROLES] for role in ROLES] == [
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]
    with pytest.raises(ValueError, match="not in tuple"):
        at_least("boss", "reviewer")


@BOTH
def test_in_by_name_and_password(guard: Guard) -> None:
    assert run(guard.accounts.sign_in("小王", PASSWORD)) == Person("小王", "reviewer")
    assert run(guard.accounts.sign_in(" 小王　", PASSWORD)) == Person("小王", "reviewer")
    wrong(guard)
    wrong(guard, "小李")
    assert [what for what, *_ in happened(guard)] == ["user_added"]


def test_what_is_shown_of_accounts(guard: Guard) -> None:
    run(guard.accounts.add("老李", "lead", PASSWORD, by="小王"))
    shown = run(guard.accounts.all())
    assert {(one.name, one.role, one.disabled, one.has_password) for one in shown} == {
        ("小王", "reviewer", False, True),
        ("老李", "lead", False, True),
    }
    assert {one.created_by for one in shown} == {"小王", "cli:test"}
    assert PASSWORD not in repr(shown)
    assert "argon2" not in repr(shown)


@BOTH
@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "a\x00b", "a\nb", "\ud800"])
def test_names_that_nobody_can_see_are_refused(guard: Guard, name: str) -> None:
    with pytest.raises(InputError):
        run(guard.accounts.add(name, "lead", PASSWORD, by="t"))
    with pytest.raises(InputError):
        run(guard.accounts.disable(name, by="t"))
    wrong(guard, name)


@BOTH
def test_what_is_refused_says_how_to_mend_it(guard: Guard) -> None:
    with pytest.raises(ConflictError, match="小王"):
        run(guard.accounts.add("小王", "lead", PASSWORD, by="t"))
    run(guard.accounts.add("Anna", "lead", PASSWORD, by="t"))
    with pytest.raises(ConflictError, match="Anna"):
        run(guard.accounts.add("ａnna", "lead", PASSWORD, by="t"))
    with pytest.raises(InputError, match="reviewer（审核员）"):
        run(guard.accounts.add("小李", "boss", PASSWORD, by="t"))
    with pytest.raises(PasswordError):
        run(guard.accounts.add("小李", "lead", "1234567890", by="t"))
    with pytest.raises(NotFoundError, match="fendan user list"):
        run(guard.accounts.set_role("小李", "lead", by="t"))


@BOTH
def test_five_wrong_ones_lock_for_a_minute(guard: Guard, clock: Clock) -> None:
    wrong(guard, times=FREE - 1)
    with pytest.raises(Locked, match="12:01:00"):
        run(guard.accounts.sign_in("小王", OTHER))
    clock.later(seconds=59)
    with pytest.raises(Locked, match="12:01:00"):  # not even the right one
        run(guard.accounts.sign_in("小王", PASSWORD))
    assert run(guard.accounts.all())[0].locked_until == NOW + timedelta(minutes=1)
    clock.later(seconds=1)
    assert run(guard.accounts.all())[0].locked_until is None
    assert run(guard.accounts.sign_in("小王", PASSWORD)).name == "小王"
    wrong(guard, times=FREE - 1)  # the count began anew


def test_each_further_one_doubles_up_to_an_hour_and_is_an_event(guard: Guard, clock: Clock) -> None:
    wrong(guard, times=FREE - 1)
    minutes = []
    for _ in range(9):
        with pytest.raises(Locked) as caught:
            run(guard.accounts.sign_in("小王", OTHER))
        minutes.append((caught.value.until - clock.now) / timedelta(minutes=1))
        clock.now = caught.value.until
    assert minutes == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    locked = [(by, detail) for what, by, detail in happened(guard) if what == "login_locked"]
    assert len(locked) == 9
    assert locked[0] == ("小王", {"user": "小王", "failures": 5, "until": (NOW + timedelta(minutes=1)).isoformat()})


@BOTH
def test_guesses_all_at_once_get_no_more_tries(guard: Guard) -> None:
    async def storm() -> list[Any]:
        tries = [guard.accounts.sign_in("小王", f"猜测的密码第 {i} 个") for i in range(30)]
        return await asyncio.gather(*tries, return_exceptions=True)

    said = run(storm())
    assert sum(isinstance(one, WrongPassword) for one in said) == FREE - 1
    assert sum(isinstance(one, Locked) for one in said) == 30 - FREE + 1
    assert len([what for what, *_ in happened(guard) if what == "login_locked"]) == 1


def test_a_name_that_does_not_exist_locks_alike(guard: Guard, clock: Clock) -> None:
    said = []
    for name in ("小王", "没有的人"):
        told = []
        for _ in range(FREE + 1):
            with pytest.raises(InputError) as caught:
                run(guard.accounts.sign_in(name, OTHER))
            told.append((type(caught.value), str(caught.value), caught.value.field))
        said.append(told)
    assert said[0] == said[1]


@pytest.mark.parametrize("mend", ["password", "enable"])
def test_an_admin_ends_a_lock(guard: Guard, mend: str) -> None:
    wrong(guard, times=FREE - 1)
    with pytest.raises(Locked):
        run(guard.accounts.sign_in("小王", OTHER))
    if mend == "password":
        run(guard.accounts.set_password("小王", PASSWORD, by="t"))
    else:
        run(guard.accounts.enable("小王", by="t"))
    assert run(guard.accounts.sign_in("小王", PASSWORD)).name == "小王"


@BOTH
def test_disabled_is_told_only_to_who_knows_the_password(guard: Guard) -> None:
    run(guard.accounts.disable("小王", by="老李"))
    wrong(guard)
    for _ in range(FREE + 1):  # right ones do not lock
        with pytest.raises(ForbiddenError, match="停用"):
            run(guard.accounts.sign_in("小王", PASSWORD))
    run(guard.accounts.enable("小王", by="老李"))
    assert run(guard.accounts.sign_in("小王", PASSWORD)).name == "小王"
    assert [(what, by) for what, by, _ in happened(guard)][1:] == [("user_disabled", "老李"), ("user_enabled", "老李")]


@BOTH
def test_the_last_admin_stays(guard: Guard) -> None:
    run(guard.accounts.add("老板", "admin", PASSWORD, by="t"))
    run(guard.accounts.add("前任", "admin", PASSWORD, by="t"))
    run(guard.accounts.disable("前任", by="t"))
    for work in (guard.accounts.disable("老板", by="t"), guard.accounts.set_role("老板", "lead", by="t")):
        with pytest.raises(ConflictError, match="最后一个"):
            run(work)
    run(guard.accounts.set_role("小王", "admin", by="t"))
    run(guard.accounts.set_role("老板", "lead", by="t"))
    assert run(guard.accounts.sign_in("老板", PASSWORD)).role == "lead"


def test_a_hash_is_renewed_at_the_next_sign_in(guard: Guard, store: Store, clock: Clock) -> None:
    import dataclasses

    stronger = dataclasses.replace(CHEAPEST, time_cost=2)
    later = Guard(store, clock, pages(), passwords=Passwords(stronger))
    assert run(later.accounts.sign_in("小王", PASSWORD)).name == "小王"
    held = run(store.read(lambda c: c.execute(select(users.c.password)).scalar_one()))
    assert extract_parameters(held) == stronger
    assert run(guard.accounts.sign_in("小王", PASSWORD)).name == "小王"


@given(st.integers(0, 5000))
def test_a_lock_never_gets_shorter_and_never_passes_an_hour(failures: int) -> None:
    assert timedelta(0) <= lock_for(failures) <= lock_for(failures + 1) <= LONGEST
    assert (lock_for(failures) > timedelta(0)) == (failures >= FREE)


def test_strangers_do_not_fill_the_memory() -> None:
    strangers = Strangers(most=10)
    for i in range(100):
        strangers.attempt(f"name {i}", NOW)
    assert len(strangers._tried) == 10
