"""``fendan audit``: what it prints, what it refuses, what it writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fendan import build
from serving.store import Store
from tests.serving.audit.test_report import hundred
from tests.serving.builders import fendan
from triage.errors import ConflictError, InputError
from triage.paths import ROOT

NOON = "2025-11-11T12:00"


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FENDAN_TAXONOMY", str(ROOT / "datasets" / "taxonomy.yaml"))
    made = f"sqlite:///{tmp_path}/fendan.db"
    store = Store(made)
    hundred(store)
    store.close()
    return made


def call(*arguments: str) -> str:
    done = CliRunner().invoke(build(), ["audit", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_report_says_how_much_is_wrong_and_how_complete_the_audit_is(db: str, tmp_path: Path) -> None:
    shown = fendan("audit", "report", "--db", db, "--until", NOON, cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "自动分派 100 张" in shown.stdout
    assert "抽了 20 张，答了 15 张；没答 4 张（其中过期 4 张），作废 1 张" in shown.stdout
    assert "分类      自动答案估计错 20.0 %（" in shown.stdout
    found = json.loads(call("report", "--db", db, "--until", NOON, "--json"))
    assert found["heads"]["category"]["all"]["wrong"] == 3
    assert found["label_errors"]["heads"]["category"]["suspected"] is None


def test_closing_is_refused_until_enough_is_answered_or_it_is_forced(db: str, tmp_path: Path) -> None:
    with pytest.raises(ConflictError, match="没人答"):
        call("close", "--db", db, "--until", NOON, "--by", "组长")
    done = call("close", "--db", db, "--until", NOON, "--by", "组长", "--force")
    assert "已记入数据库" in done
    assert json.loads(call("report", "--db", db, "--json"))["windows"][0]["forced"]
    refused = fendan("audit", "close", "--db", db, "--until", NOON, "--by", "组长", cwd=tmp_path)
    assert refused.returncode == 2
    assert "已经报告过了" in refused.stderr


def test_a_wrong_moment_or_database_is_told(db: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="ISO 8601"):
        call("report", "--db", db, "--until", "昨天")
    with pytest.raises(InputError, match="没有数据库"):
        call("report", "--db", f"sqlite:///{tmp_path}/nothing.db")
    assert not (tmp_path / "nothing.db").exists(), "a report makes no database"
