"""The commands of ``fendan`` that train and judge: one file each, listed here. Importing them costs next to nothing; each
imports what it needs when it runs.
"""

from __future__ import annotations

import typer

from training.commands import (
    check,
    compare,
    evaluate,
    explain,
    models,
    pretrain,
    probe,
    promote,
    retrain,
    rollback,
    score,
    train,
    tune,
)
from training.commands.options import Wiring

COMMANDS = (check, train, tune, pretrain, evaluate, probe, score, explain, models, retrain, compare, promote, rollback)
"""In the order of ``fendan --help``."""


def commands(app: typer.Typer, wiring: Wiring) -> None:
    """Registers them all; ``wiring``: what they need and must not import."""
    for command in COMMANDS:
        command.register(app, wiring)
