"""The roles of people, from the lowest to the highest, and their names."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal, get_args

from triage.errors import InputError

Role = Literal["reviewer", "lead", "admin"]
"""What somebody may do: each may do all that those before it may."""

ROLES: tuple[Role, ...] = get_args(Role)
"""From the lowest to the highest."""

ADMIN: Role = "admin"

ROLE_NAMES: dict[Role, str] = {"reviewer": "审核员", "lead": "组长", "admin": "管理员"}

MAX_NAME = 64
"""Longest name, in code points."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in."""

    name: str
    role: Role


def at_least(role: Role, needed: Role) -> bool:
    """Whether ``role`` may do what ``needed`` may.

    Raises:
        ValueError: one of them is no role; that is a defect, never a visitor's doing.
    """
    return ROLES.index(role) >= ROLES.index(needed)


def check_role(role: str) -> Role:
    """``role`` when it is one.

    Raises:
        InputError: it is none.
    """
    for one in ROLES:
        if one == role:
            return one
    known = "、".join(f"{code}（{ROLE_NAMES[code]}）" for code in ROLES)
    raise InputError(f"没有角色 {role!r:.60}；可用的：{known}", field="role")


def tidy_name(name: str) -> str:
    """A name as it is kept: one way to write each character (full-width letters become plain), no space around it."""
    return unicodedata.normalize("NFKC", name).strip()


def check_name(name: str, what: str = "名字") -> str:
    """``name``, tidied.

    Raises:
        InputError: it is empty, too long, or has characters that nobody can see.
    """
    tidy = tidy_name(name)
    if not 1 <= len(tidy) <= MAX_NAME or not tidy.isprintable():
        raise InputError(f"{what}应是 1–{MAX_NAME} 个看得见的字符；收到的是 {name!r:.80}", field="name")
    return tidy
