"""``fendan user`` and ``fendan token``. A password comes from the terminal or from stdin, never from an argument."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeVar

import typer

from serving.people.roles import ROLE_NAMES
from triage.errors import ConflictError, InputError

if TYPE_CHECKING:
    from serving.people.accounts import Accounts
    from serving.people.tokens import Tokens
    from serving.store import Store

T = TypeVar("T")

_PEOPLE = """审核页面的用户：加人、列出、换角色、设密码、停用、启用，以及第一位管理员的一次性链接。

\b
角色从低到高：reviewer 审核员，lead 组长（还能裁定分歧、看真实准确率），admin 管理员。
密码从终端输入（不显示）；不在终端里就读标准输入的第一行。密码不能写在命令里：那会留在历史记录和进程列表中。

\b
例：
  fendan user link                        还没有用户时：得到建第一位管理员的链接
  fendan user add 小王                    加一位审核员，接着输密码
  fendan user add 老李 --role lead
  pass 小王 | fendan user password 小王   从标准输入读密码
  fendan user disable 小王
"""
_PROGRAMS = """程序（客服系统）用的令牌：发、列出、撤销。FENDAN_REQUIRE_TOKEN=true 时 /v1 下的接口要它。

\b
令牌只在发出时显示一次，库里只有它的摘要。请求头这样写：
  Authorization: Bearer fdn_…

\b
例：
  fendan token add 客服系统
  fendan token list --json
  fendan token revoke 客服系统
"""

_Name = Annotated[str, typer.Argument(help="名字，1–64 个字符。", show_default=False)]
_Role = Annotated[str, typer.Option(help="角色：reviewer、lead 或 admin。")]
_Db = Annotated[
    str, typer.Option(help="数据库，与 fendan serve 的一样。[默认 FENDAN_DB，再是 sqlite:///var/fendan.db]")
]
_Json = Annotated[bool, typer.Option("--json", help="输出 JSON，给程序用。")]


class _People(NamedTuple):
    """Those of one store."""

    store: Store
    accounts: Accounts
    tokens: Tokens


def commands(app: typer.Typer, _: Path) -> None:
    """Registers both groups."""
    for name, text, register in (("user", _PEOPLE, _user_commands), ("token", _PROGRAMS, _token_commands)):
        group = typer.Typer(help=text, no_args_is_help=True, rich_markup_mode=None)
        register(group)
        app.add_typer(group, name=name)


def _user_commands(app: typer.Typer) -> None:
    @app.command(
        help="加一位用户，接着输密码。\n\n\b\n例：\n  fendan user add 小王\n  fendan user add 老李 --role lead"
    )
    def add(name: _Name, role: _Role = "reviewer", db: _Db = "", json_: _Json = False) -> None:
        from serving.people.password_policy import RULES
        from serving.people.roles import check_name, check_role

        check_name(name), check_role(role)
        password = _ask_password(RULES)
        made = _with(db, lambda people: people.accounts.add(name, role, password, by=_me()))
        _say(
            json_,
            {"name": made.name, "role": made.role},
            f"加好了{ROLE_NAMES[made.role]} {made.name}；登录页在 /review/login",
        )

    @app.command("list", help="列出所有用户。\n\n\b\n例：\n  fendan user list\n  fendan user list --json")
    def list_(db: _Db = "", json_: _Json = False) -> None:
        found = _with(db, lambda people: people.accounts.all())
        rows = [
            {
                "name": one.name,
                "role": one.role,
                "disabled": one.disabled,
                "locked_until": _moment(one.locked_until),
                "created_at": _moment(one.created_at),
                "created_by": one.created_by,
            }
            for one in found
        ]
        lines = [
            f"{row['name']}  {ROLE_NAMES[one.role]}（{one.role}）"
            + ("  已停用" if row["disabled"] else "")
            + (f"  锁到 {row['locked_until']}" if row["locked_until"] else "")
            for row, one in zip(rows, found, strict=True)
        ]
        _say(json_, rows, "\n".join(lines) or "还没有用户；fendan user link 给出建第一位管理员的链接")

    @app.command(help="换角色；下一个请求起就按新的算。\n\n\b\n例：\n  fendan user role 小王 lead")
    def role(
        name: _Name,
        role: Annotated[str, typer.Argument(help="reviewer、lead 或 admin。", show_default=False)],
        db: _Db = "",
        json_: _Json = False,
    ) -> None:
        from serving.people.roles import check_role

        _with(db, lambda people: people.accounts.set_role(name, role, by=_me()))
        _say(json_, {"name": name, "role": role}, f"{name} 现在是{ROLE_NAMES[check_role(role)]}")

    @app.command(
        help="设新密码：此人所有的登录就此结束，锁也解开。\n\n\b\n例：\n  fendan user password 小王\n  pass 小王 | fendan user password 小王"
    )
    def password(name: _Name, db: _Db = "", json_: _Json = False) -> None:
        from serving.people.password_policy import RULES

        given = _ask_password(RULES)
        _with(db, lambda people: people.accounts.set_password(name, given, by=_me()))
        _say(json_, {"name": name}, f"{name} 的密码换好了；原来的登录都已结束")

    @app.command(help="停用：立即退出，不能再登录；做过的更正都保留。\n\n\b\n例：\n  fendan user disable 小王")
    def disable(name: _Name, db: _Db = "", json_: _Json = False) -> None:
        _with(db, lambda people: people.accounts.disable(name, by=_me()))
        _say(json_, {"name": name, "disabled": True}, f"{name} 已停用")

    @app.command(help="重新启用；输错密码的锁也一起解开。\n\n\b\n例：\n  fendan user enable 小王")
    def enable(name: _Name, db: _Db = "", json_: _Json = False) -> None:
        _with(db, lambda people: people.accounts.enable(name, by=_me()))
        _say(json_, {"name": name, "disabled": False}, f"{name} 可以用了")

    @app.command(
        help="还没有用户时，给出建第一位管理员的一次性链接；旧的链接随即作废。\n\n\b\n例：\n  fendan user link\n"
        "  fendan user link --url https://fendan.shop.cn"
    )
    def link(
        url: Annotated[
            str, typer.Option(help="服务的地址。[默认按 FENDAN_HOST、FENDAN_PORT]", show_default=False)
        ] = "",
        db: _Db = "",
        json_: _Json = False,
    ) -> None:
        from serving.clock import utc_now
        from serving.people.first_start import new_link, welcome_address
        from serving.settings import Settings

        token = _with(db, lambda people: new_link(people.store, utc_now))
        if token is None:
            raise ConflictError(
                "已经有用户了，链接只为第一位管理员而设；加人用 fendan user add，重设密码用 fendan user password",
                field="db",
            )
        settings = Settings.from_env()
        address = welcome_address(url or settings.url, token)
        _say(json_, {"url": address}, f"在浏览器里打开（只能用一次）：\n{address}")


def _token_commands(app: typer.Typer) -> None:
    @app.command(help="发一个令牌；只显示这一次。\n\n\b\n例：\n  fendan token add 客服系统")
    def add(name: _Name, db: _Db = "", json_: _Json = False) -> None:
        made = _with(db, lambda people: people.tokens.add(name, by=_me()))
        _say(
            json_,
            {"name": name, "token": made},
            f"{made}\n只显示这一次，请现在存好。请求头：Authorization: Bearer {made}",
        )

    @app.command("list", help="列出令牌的名字；令牌本身谁也看不到了。\n\n\b\n例：\n  fendan token list")
    def list_(db: _Db = "", json_: _Json = False) -> None:
        found = _with(db, lambda people: people.tokens.all())
        rows = [
            {
                "name": one.name,
                "created_at": _moment(one.created_at),
                "created_by": one.created_by,
                "revoked_at": _moment(one.revoked_at),
            }
            for one in found
        ]
        lines = [
            f"{row['name']}  {row['created_at']}  由 {row['created_by']} 发出"
            + (f"  已于 {row['revoked_at']} 撤销" if row["revoked_at"] else "")
            for row, one in zip(rows, found, strict=True)
        ]
        _say(json_, rows, "\n".join(lines) or "还没有令牌；fendan token add 名字 发一个")

    @app.command(help="撤销一个令牌；几秒之内处处失效。\n\n\b\n例：\n  fendan token revoke 客服系统")
    def revoke(name: _Name, db: _Db = "", json_: _Json = False) -> None:
        _with(db, lambda people: people.tokens.revoke(name, by=_me()))
        _say(json_, {"name": name, "revoked": True}, f"令牌 {name} 已撤销")


def _with(db: str, work: Callable[[_People], Coroutine[Any, Any, T]]) -> T:
    """What ``work`` makes of the store's people."""
    from serving.clock import utc_now
    from serving.people.accounts import Accounts
    from serving.people.passwords import Passwords
    from serving.people.tokens import Tokens
    from serving.settings import Settings
    from serving.store import Store

    settings = Settings.from_env()
    store = Store(db or settings.db, timeout=settings.db_timeout)
    try:
        return asyncio.run(work(_People(store, Accounts(store, utc_now, Passwords()), Tokens(store, utc_now))))
    finally:
        store.close()


def _ask_password(rules: str) -> str:
    """A new password: twice on a terminal, else the first line of stdin."""
    if not sys.stdin.isatty():
        line = sys.stdin.readline().rstrip("\r\n")
        if not line:
            raise InputError("标准输入里没有密码；请在第一行给出，或在终端里运行、按提示输入", field="password")
        return line
    from getpass import getpass

    print(f"密码：{rules}", file=sys.stderr)
    first = getpass("密码（不显示）：")
    if getpass("再输一遍：") != first:
        raise InputError("两次输入的密码不一样；什么都没有改，请再运行一次", field="password")
    return first


def _me() -> str:
    """Who runs the command, as events keep it."""
    import getpass

    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = str(os.getuid()) if hasattr(os, "getuid") else "?"
    return f"cli:{name}"[:64]


def _moment(value: datetime | None) -> str | None:
    from triage.ticket import SHOP_TIME

    return value.astimezone(SHOP_TIME).isoformat(timespec="seconds") if value else None


def _say(as_json: bool, data: Any, text: str) -> None:
    print(json.dumps(data, ensure_ascii=False) if as_json else text)
