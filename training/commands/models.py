"""``fendan models``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from training.commands.options import Json, Wiring

_HELP = """列出模型仓库里的版本、别名和成绩。

\b
例：
  fendan models
  fendan models fendan --json
"""


def register(app: typer.Typer, _: Wiring) -> None:
    """Registers the command."""
    app.command(help=_HELP)(models)


def models(
    name: Annotated[str, typer.Argument(help="只看这个名字", show_default="全部")] = "", as_json: Json = False
) -> None:
    """Lists registered versions and every move of their champions."""
    from training.commands.output import dump
    from training.registry.lineage import history
    from training.registry.registry import versions
    from training.report import console

    found = versions(name)
    moves = [(model, move) for model in dict.fromkeys(v.name for v in found) for move in history(model)]
    if as_json:
        changed = [{"name": model, **move._asdict()} for model, move in moves]
        dump({"models": [version.to_json() for version in found], "history": changed})
        return
    if not found:
        typer.echo("模型仓库里还没有模型；训练时加 --register 名字 就会注册。")
        return
    rows = [
        (
            f"{v.name} {v.version}",
            "、".join(v.aliases) or "–",
            f"{v.created_at.astimezone():%Y-%m-%d %H:%M}",
            "  ".join(f"{k.split('.')[0]} {value:.3f}" for k, value in v.metrics.items() if k.endswith("macro_f1"))
            or "–",
        )
        for v in found
    ]
    typer.echo(console.table(("版本", "别名", "时间", "macro-F1（留出集）"), rows))
    for model, move in moves:
        what = "退回" if move.what == "rollback" else "强制上线" if move.forced else "上线"
        before = f"，原来是 {move.previous}" if move.previous else ""
        why = f"：{move.reason}" if move.reason else ""
        at = datetime.fromisoformat(move.at).astimezone()
        typer.echo(f"  {at:%Y-%m-%d %H:%M}  {move.by} {what} {model} {move.version}{before}{why}")
