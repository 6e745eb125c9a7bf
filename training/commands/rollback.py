"""``fendan rollback``."""

from __future__ import annotations

from typing import Annotated

import typer

from training.commands.options import By, Json, Reason, Wiring

_HELP = """退回上一个冠军（按历史），或 --to 写明的版本；运行中的服务随后换回。

\b
例：
  fendan rollback --reason "退款类错得多"
  fendan rollback fendan --to 3
"""


def register(app: typer.Typer, _: Wiring) -> None:
    """Registers the command."""
    app.command(help=_HELP)(rollback)


def rollback(
    name: Annotated[str, typer.Argument(help="模型仓库里的名字")] = "fendan",
    to: Annotated[str, typer.Option(help="退到哪个版本", show_default="上一个冠军")] = "",
    reason: Reason = "",
    by: By = "",
    as_json: Json = False,
) -> None:
    """Moves the alias back."""
    from training.commands.output import moved
    from training.registry import promote as registry

    moved(registry.rollback(name, to=to, reason=reason, by=by), as_json=as_json)
