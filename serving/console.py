"""Options that several of the commands have."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any

import typer

Db = Annotated[str, typer.Option(help="数据库，与 fendan serve 的一样。[默认 FENDAN_DB，再是 sqlite:///var/fendan.db]")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON，给程序用。")]


def moment(value: datetime | None) -> str | None:
    """In China time, as JSON and people read it."""
    from triage.moments import SHOP_TIME

    return value.astimezone(SHOP_TIME).isoformat(timespec="seconds") if value else None


def given_moment(name: str, text: str) -> datetime | None:
    """What an option says of a moment; None where it is not given.

    Raises:
        InputError: names the option; it is no moment.
    """
    from triage.moments import parse_time

    return parse_time(name, text) if text else None


def say(as_json: bool, data: Any, text: str) -> None:
    """Prints one of both: for a program, or for a person."""
    print(json.dumps(data, ensure_ascii=False) if as_json else text)
