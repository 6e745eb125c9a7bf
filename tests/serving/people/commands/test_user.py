"""``fendan user`` and ``fendan token`` as an admin runs them, and the link that the start prints."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import fendan as program
from serving.people.first_start import first_link
from serving.people.guard import Guard
from serving.settings import Settings
from serving.store import Store
from tests.serving.builders import fendan, run
from tests.serving.people.builders import OTHER, PASSWORD, Browser, Clock, make_app, make_guard
from triage.errors import FendanError
from triage.paths import ROOT


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FENDAN_DB", raising=False)
    return f"sqlite:///{tmp_path}/people.db"


def command(*arguments: str, given: str = "") -> str:
    """Runs the command in this process; its output. What it raises on purpose is raised here."""
    done = CliRunner().invoke(program.build(), list(arguments), input=given)
    if isinstance(done.exception, FendanError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def people(db: str) -> tuple[Store, Guard]:
    store = Store(db)
    return store, make_guard(store, Clock())


def test_users_from_beginning_to_end(db: str) -> None:
    said = command("user", "add", "小王", "--db", db, given=f"{PASSWORD}\nanother line\n")
    assert "审核员 小王" in said
    made = json.loads(command("user", "add", "老板", "--role", "admin", "--db", db, "--json", given=PASSWORD))
    assert made == {"name": "老板", "role": "admin"}
    command("user", "role", "小王", "lead", "--db", db)
    command("user", "disable", "小王", "--db", db)
    listed = json.loads(command("user", "list", "--db", db, "--json"))
    assert [(row["role"], row["disabled"]) for row in sorted(listed, key=lambda row: row["role"])] == [
        ("admin", False),
        ("lead", True),
    ]
    assert all(row["created_by"].startswith("cli:") for row in listed)
    assert "小王  组长（lead）  已停用" in command("user", "list", "--db", db)
    command("user", "enable", "小王", "--db", db)
    command("user", "password", "小王", "--db", db, given=OTHER + "\r\n")
    store, guard = people(db)
    assert run(guard.accounts.sign_in("小王", OTHER)).role == "lead"
    assert run(guard.accounts.sign_in("老板", PASSWORD)).role == "admin"
    store.close()


def test_tokens_from_beginning_to_end(db: str) -> None:
    token = json.loads(command("token", "add", "客服", "--db", db, "--json"))["token"]
    assert "fdn_" in command("token", "add", "另一个", "--db", db)
    shown = command("token", "list", "--db", db)
    assert "客服" in shown
    assert "fdn_" not in shown
    command("token", "revoke", "客服", "--db", db)
    (row,) = [row for row in json.loads(command("token", "list", "--db", db, "--json")) if row["name"] == "客服"]
    assert row["revoked_at"]
    store, guard = people(db)
    assert run(guard.tokens.find(token)) is None
    store.close()


def test_what_goes_wrong_is_said(db: str, tmp_path: Path) -> None:
    for arguments, given, says in (
        (("user", "add", "小王"), "", "标准输入里没有密码"),
        (("user", "add", "小王"), "short", "太短"),
        (("user", "add", "小王", "--role", "boss"), PASSWORD, "reviewer（审核员）"),
        (("user", "role", "小王", "lead"), "", "fendan user list"),
        (("token", "revoke", "客服"), "", "fendan token list"),
    ):
        with pytest.raises(FendanError, match=re.escape(says)):
            command(*arguments, "--db", db, given=given)
    done = fendan("user", "disable", "小王", "--db", db, cwd=tmp_path)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "错误：没有用户" in done.stderr


def test_the_link_opens_the_door_once(db: str) -> None:
    first = json.loads(command("user", "link", "--db", db, "--json"))["url"]
    assert first.startswith("http://127.0.0.1:3000/review/welcome?token=")
    second = command("user", "link", "--db", db, "--url", "https://fendan.shop.cn/").strip().splitlines()[-1]
    assert second.startswith("https://fendan.shop.cn/review/welcome?token=")
    store, guard = people(db)
    browser = Browser(make_app(guard))
    assert browser.get(first.partition("3000")[2]).status_code == 401
    assert browser.get(second.partition("shop.cn")[2]).status_code == 200
    run(guard.accounts.add("老板", "admin", PASSWORD, by="t"))
    assert browser.get(second.partition("shop.cn")[2]).status_code == 401
    store.close()
    with pytest.raises(FendanError, match="fendan user add"):
        command("user", "link", "--db", db)


def test_the_start_makes_a_link_while_there_is_nobody(db: str) -> None:
    store, guard = people(db)
    link = first_link(store, Settings(host="0.0.0.0", port=8080).url)
    assert re.fullmatch(r"http://127\.0\.0\.1:8080/review/welcome\?token=[\w-]{43}", link)
    run(guard.accounts.add("老板", "admin", PASSWORD, by="t"))
    assert first_link(store, Settings().url) == ""
    store.close()


@pytest.mark.parametrize(("second", "code"), [(PASSWORD, 0), (OTHER, 2)])
def test_on_a_terminal_the_password_is_asked_twice_and_not_shown(
    db: str, tmp_path: Path, second: str, code: int
) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "fendan", "user", "add", "小王", "--db", db],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown = b""
    for question, typed in (("密码（不显示）：", PASSWORD), ("再输一遍：", second)):
        while question.encode() not in shown:
            shown += os.read(ours, 4096)
        os.write(ours, f"{typed}\n".encode())
    try:
        while piece := os.read(ours, 4096):
            shown += piece
    except OSError:  # the other end is closed
        pass
    assert process.wait(timeout=60) == code, shown.decode()
    os.close(ours)
    assert "至少 10 个字符" in shown.decode()
    assert PASSWORD not in shown.decode()
    assert ("两次输入的密码不一样" in shown.decode()) == (code == 2)


@pytest.mark.parametrize("group", ["user", "token"])
def test_every_command_teaches(group: str) -> None:
    text = command(group, "--help")
    names = re.findall(r"^  ([a-z]+)  ", text.partition("Commands:")[2], re.MULTILINE)
    assert len(names) >= 3
    for name in names:
        assert f"fendan {group} {name}" in command(group, name, "--help")


def test_no_command_takes_a_password_as_an_argument() -> None:
    import typer.main

    group = typer.main.get_command(program.build()).commands["user"]  # type: ignore[attr-defined]
    options = {parameter.name for one in group.commands.values() for parameter in one.params}
    assert options == {"name", "role", "db", "json_", "url"}
