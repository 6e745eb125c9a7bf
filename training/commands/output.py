"""What the commands print for machines."""

from __future__ import annotations

import json
from typing import Any

import typer


def dump(value: Any) -> None:
    """Prints JSON for machines: one document, UTF-8, no NaN."""
    typer.echo(json.dumps(value, ensure_ascii=False, allow_nan=False))
