"""What the commands print: JSON for programs, notes and verdicts for people."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from training.judge.gate import GateVerdict
    from training.registry.promote import Moved


def dump(value: Any) -> None:
    """Prints JSON for machines: one document, UTF-8, no NaN."""
    typer.echo(json.dumps(value, ensure_ascii=False, allow_nan=False))


def notes(lines: Iterable[str]) -> None:
    """Prints what should be known before the figures."""
    for line in lines:
        typer.echo(f"· {line}")


def warn(text: str) -> None:
    """Prints what nobody may overlook, between two rules; nothing where ``text`` is empty."""
    if text:
        rule = "!" * 78
        typer.echo(f"\n{rule}\n{text}\n{rule}\n")


def verdict(found: GateVerdict) -> None:
    """Prints a verdict and its notes; its reasons are printed by whoever says what follows from them."""
    from training.judge.wording import percent

    typer.echo(f"\n判定      {found.words}（容许 {percent(found.margin)}）")
    for note in found.notes:
        typer.echo(f"  · {note.text}")


def moved(found: Moved, *, as_json: bool) -> None:
    """Prints that a model has another champion."""
    change = found.change
    if as_json:
        dump(found.to_json())
        return
    before = f"，原来是版本 {change.previous}" if change.previous else ""
    forced = "（没有通过比较，强制上线）" if change.forced else ""
    typer.echo(f"{found.name} 的冠军现在是版本 {change.version}{before}{forced}；运行中的服务会自己换上")
