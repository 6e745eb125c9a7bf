"""``fendan token``."""

from __future__ import annotations

from pathlib import Path

import typer

from serving.console import Db, Json, moment, say
from serving.offline import who_runs
from serving.people.commands.stored import Name, with_people

_HELP = """程序（客服系统）用的令牌：发、列出、撤销。FENDAN_REQUIRE_TOKEN=true 时 /v1 下的接口要它。

\b
令牌只在发出时显示一次，库里只有它的摘要。请求头这样写：
  Authorization: Bearer fdn_…

\b
例：
  fendan token add 客服系统
  fendan token list --json
  fendan token revoke 客服系统
"""


def register(app: typer.Typer, _: Path) -> None:
    """Registers the group."""
    group = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)
    _commands(group)
    app.add_typer(group, name="token")


def _commands(app: typer.Typer) -> None:
    @app.command(help="发一个令牌；只显示这一次。\n\n\b\n例：\n  fendan token add 客服系统")
    def add(name: Name, db: Db = "", json_: Json = False) -> None:
        made = with_people(db, lambda people: people.tokens.add(name, by=who_runs()))
        say(
            json_,
            {"name": name, "token": made},
            f"{made}\n只显示这一次，请现在存好。请求头：Authorization: Bearer {made}",
        )

    @app.command("list", help="列出令牌的名字；令牌本身谁也看不到了。\n\n\b\n例：\n  fendan token list")
    def list_(db: Db = "", json_: Json = False) -> None:
        found = with_people(db, lambda people: people.tokens.all())
        rows = [
            {
                "name": one.name,
                "created_at": moment(one.created_at),
                "created_by": one.created_by,
                "revoked_at": moment(one.revoked_at),
            }
            for one in found
        ]
        lines = [
            f"{row['name']}  {row['created_at']}  由 {row['created_by']} 发出"
            + (f"  已于 {row['revoked_at']} 撤销" if row["revoked_at"] else "")
            for row, one in zip(rows, found, strict=True)
        ]
        say(json_, rows, "\n".join(lines) or "还没有令牌；fendan token add 名字 发一个")

    @app.command(help="撤销一个令牌；几秒之内处处失效。\n\n\b\n例：\n  fendan token revoke 客服系统")
    def revoke(name: Name, db: Db = "", json_: Json = False) -> None:
        with_people(db, lambda people: people.tokens.revoke(name, by=who_runs()))
        say(json_, {"name": name, "revoked": True}, f"令牌 {name} 已撤销")
