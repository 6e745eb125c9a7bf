"""``fendan user``. A password comes from the terminal or from stdin, never from an argument."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from serving.console import Db, Json, moment, say
from serving.offline import who_runs
from serving.people.commands.stored import Name, with_people
from serving.people.roles import ROLE_NAMES
from triage.errors import ConflictError, InputError

_HELP = """审核页面的用户：加人、列出、换角色、设密码、停用、启用，以及第一位管理员的一次性链接。

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

_Role = Annotated[str, typer.Option(help="角色：reviewer、lead 或 admin。")]


def register(app: typer.Typer, _: Path) -> None:
    """Registers the group."""
    group = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)
    _commands(group)
    app.add_typer(group, name="user")


def _commands(app: typer.Typer) -> None:
    @app.command(
        help="加一位用户，接着输密码。\n\n\b\n例：\n  fendan user add 小王\n  fendan user add 老李 --role lead"
    )
    def add(name: Name, role: _Role = "reviewer", db: Db = "", json_: Json = False) -> None:
        from serving.people.password_policy import RULES
        from serving.people.roles import check_name, check_role

        check_name(name), check_role(role)
        password = _ask_password(RULES)
        made = with_people(db, lambda people: people.accounts.add(name, role, password, by=who_runs()))
        say(
            json_,
            {"name": made.name, "role": made.role},
            f"加好了{ROLE_NAMES[made.role]} {made.name}；登录页在 /review/login",
        )

    @app.command("list", help="列出所有用户。\n\n\b\n例：\n  fendan user list\n  fendan user list --json")
    def list_(db: Db = "", json_: Json = False) -> None:
        found = with_people(db, lambda people: people.accounts.all())
        rows = [
            {
                "name": one.name,
                "role": one.role,
                "disabled": one.disabled,
                "locked_until": moment(one.locked_until),
                "created_at": moment(one.created_at),
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
        say(json_, rows, "\n".join(lines) or "还没有用户；fendan user link 给出建第一位管理员的链接")

    @app.command(help="换角色；下一个请求起就按新的算。\n\n\b\n例：\n  fendan user role 小王 lead")
    def role(
        name: Name,
        role: Annotated[str, typer.Argument(help="reviewer、lead 或 admin。", show_default=False)],
        db: Db = "",
        json_: Json = False,
    ) -> None:
        from serving.people.roles import check_role

        with_people(db, lambda people: people.accounts.set_role(name, role, by=who_runs()))
        say(json_, {"name": name, "role": role}, f"{name} 现在是{ROLE_NAMES[check_role(role)]}")

    @app.command(
        help="设新密码：此人所有的登录就此结束，锁也解开。\n\n\b\n例：\n  fendan user password 小王\n  pass 小王 | fendan user password 小王"
    )
    def password(name: Name, db: Db = "", json_: Json = False) -> None:
        from serving.people.password_policy import RULES

        given = _ask_password(RULES)
        with_people(db, lambda people: people.accounts.set_password(name, given, by=who_runs()))
        say(json_, {"name": name}, f"{name} 的密码换好了；原来的登录都已结束")

    @app.command(help="停用：立即退出，不能再登录；做过的更正都保留。\n\n\b\n例：\n  fendan user disable 小王")
    def disable(name: Name, db: Db = "", json_: Json = False) -> None:
        with_people(db, lambda people: people.accounts.disable(name, by=who_runs()))
        say(json_, {"name": name, "disabled": True}, f"{name} 已停用")

    @app.command(help="重新启用；输错密码的锁也一起解开。\n\n\b\n例：\n  fendan user enable 小王")
    def enable(name: Name, db: Db = "", json_: Json = False) -> None:
        with_people(db, lambda people: people.accounts.enable(name, by=who_runs()))
        say(json_, {"name": name, "disabled": False}, f"{name} 可以用了")

    @app.command(
        help="还没有用户时，给出建第一位管理员的一次性链接；旧的链接随即作废。\n\n\b\n例：\n  fendan user link\n"
        "  fendan user link --url https://fendan.shop.cn"
    )
    def link(
        url: Annotated[
            str, typer.Option(help="服务的地址。[默认按 FENDAN_HOST、FENDAN_PORT]", show_default=False)
        ] = "",
        db: Db = "",
        json_: Json = False,
    ) -> None:
        from serving.clock import utc_now
        from serving.people.first_start import new_link, welcome_address
        from serving.settings import Settings

        token = with_people(db, lambda people: new_link(people.store, utc_now))
        if token is None:
            raise ConflictError(
                "已经有用户了，链接只为第一位管理员而设；加人用 fendan user add，重设密码用 fendan user password",
                field="db",
            )
        settings = Settings.from_env()
        address = welcome_address(url or settings.url, token)
        say(json_, {"url": address}, f"在浏览器里打开（只能用一次）：\n{address}")


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
