"""``fendan promote``."""

from __future__ import annotations

from typing import Annotated

import typer

from training.commands.options import By, Json, Reason, Wiring

_HELP = """让一个版本成为冠军；运行中的服务随后换上它。

\b
它要通过与现在的冠军的比较（fendan retrain）；与更早的冠军比的不算。
一定要上线就加 --force --reason，谁、何时、为什么都记进历史（fendan models）。

\b
例：
  fendan promote                                    fendan 的挑战者
  fendan promote models:/fendan/4 --by 小王
  fendan promote models:/fendan/4 --force --reason "大促新类目，先上线"
"""


def register(app: typer.Typer, _: Wiring) -> None:
    """Registers the command."""
    app.command(help=_HELP)(promote)


def promote(
    model: Annotated[str, typer.Argument(help="名字（它的 challenger），或 models:/名字/版本")] = "fendan",
    force: Annotated[bool, typer.Option("--force", help="没有通过比较也上线")] = False,
    reason: Reason = "",
    by: By = "",
    as_json: Json = False,
) -> None:
    """Moves the alias forward."""
    from training.commands.output import moved
    from training.registry import promote as registry

    moved(registry.promote(model, force=force, reason=reason, by=by), as_json=as_json)
