"""Passwords: which are refused, how they are hashed, and that a hash outlives its parameters."""

from __future__ import annotations

import contextlib
import dataclasses

import pytest
from argon2 import extract_parameters
from argon2.profiles import CHEAPEST, RFC_9106_LOW_MEMORY
from hypothesis import given
from hypothesis import strategies as st

from serving.people.password_policy import MAX_LENGTH, MIN_LENGTH, PasswordError, check_password, tidy_password
from serving.people.passwords import Passwords
from tests.serving.builders import run
from tests.serving.people.builders import OTHER, PASSWORD


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("", "short"),
        ("短短的一句话", "short"),
        ("x7#kQ9!mZ", "short"),
        ("长" * 300, "long"),
        ("xiaowang2026", "name"),
        ("XiaoWangXiaoWang", "name"),
        ("1234567890", "common"),
        ("１２３４５６７８９０", "common"),
        ("9876543210", "common"),
        ("Password123", "common"),
        ("woaini1314", "common"),
        ("qwertyuiop", "common"),
        ("aaaaaaaaaaaaaaaa", "common"),
        ("1qaz2wsx3edc", "common"),
        ("abcdefghijkl", "common"),
        ("12312312312312", "common"),
        ("abcdefgh\ud800ijk", "unreadable"),
    ],
)
def test_what_everybody_would_guess_is_refused(password: str, rule: str) -> None:
    with pytest.raises(PasswordError) as caught:
        check_password(password, "xiaowang")
    assert caught.value.rule == rule
    assert caught.value.field == "password"
    assert not password or password not in str(caught.value)


@pytest.mark.parametrize(
    "password", [PASSWORD, OTHER, "correct horse battery", "蓝天白云三只小猪走路", "xiaowang 爱吃麻辣小龙虾"]
)
def test_words_that_are_easy_to_keep_will_do(password: str) -> None:
    assert check_password(password, "xiaowang") == password


@given(st.text(max_size=40), st.text(max_size=20))
def test_the_policy_always_answers(password: str, name: str) -> None:
    with contextlib.suppress(PasswordError):
        taken = check_password(password, name)
        assert MIN_LENGTH <= len(taken) <= MAX_LENGTH
        assert taken == tidy_password(taken)


def test_a_hash_is_checked_however_the_letters_were_typed() -> None:
    passwords = Passwords(CHEAPEST)
    held = run(passwords.hash("abc１２３x电池订书钉"))
    assert held.startswith("$argon2id$")
    assert run(passwords.check(held, "abc123x电池订书钉")) == (True, None)
    assert run(passwords.check(held, "abc124x电池订书钉")).right is False
    assert run(passwords.hash("abc123x电池订书钉")) != held  # salted


@pytest.mark.parametrize("held", ["", "no hash", "$argon2id$v=19$m=8,t=1,p=1$broken"])
def test_nothing_is_right_for_nobody(held: str) -> None:
    passwords = Passwords(CHEAPEST)
    for password in ("", "no hash", PASSWORD):
        assert run(passwords.check(held, password)) == (False, None)


def test_unknown_names_cost_the_same_work() -> None:
    """Counted, not timed: one verification with the same parameters, whether or not there is a hash to check."""
    passwords = Passwords(CHEAPEST)
    held = run(passwords.hash(PASSWORD))
    verified: list[str] = []
    hasher = passwords._hasher

    class Counting:
        def verify(self, held: str, password: str) -> bool:
            verified.append(held)
            return hasher.verify(held, password)

        check_needs_rehash = staticmethod(hasher.check_needs_rehash)
        hash = staticmethod(hasher.hash)

    passwords._hasher = Counting()  # type: ignore[assignment]
    for kept in (held, ""):
        run(passwords.check(kept, OTHER))
    assert [extract_parameters(one) for one in verified] == [CHEAPEST, CHEAPEST]


def test_new_parameters_make_a_new_hash() -> None:
    held = run(Passwords(CHEAPEST).hash(PASSWORD))
    stronger = dataclasses.replace(CHEAPEST, time_cost=2, memory_cost=64)
    passwords = Passwords(stronger)
    assert run(passwords.check(held, OTHER)) == (False, None)
    right, rehashed = run(passwords.check(held, PASSWORD))
    assert right
    assert rehashed is not None
    assert extract_parameters(rehashed) == stronger
    assert run(passwords.check(rehashed, PASSWORD)) == (True, None)


def test_by_default_it_is_the_recommendation_of_the_rfc() -> None:
    held = run(Passwords().hash(PASSWORD))
    assert extract_parameters(held) == RFC_9106_LOW_MEMORY
    assert "m=65536,t=3,p=4" in held
