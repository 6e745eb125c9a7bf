"""The service's commands, one file each; those of a slice stand in its own ``commands``.

A command is a module with ``register(app, profiles)``; it imports what it needs when it runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from serving.audit.commands import audit
from serving.commands import bento, serve
from serving.labels.commands import export, import_
from serving.people.commands import token, user

if TYPE_CHECKING:
    from serving.labels.record import LabelRecord


def commands(app: typer.Typer, profiles: Path) -> None:
    """Registers them all; ``profiles`` is where profiles lie unless the environment says."""
    for one in (serve, bento, export, user, token, audit):
        one.register(app, profiles)
    import_.register(app, profiles, _label_record)


def _label_record() -> LabelRecord:
    """The one writer of labels, with its followers, as the service has it."""
    from serving.app import label_record

    return label_record()
