"""``fendan evaluate``, and what all commands share: refused models, the bar, light imports."""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.training.builders import (
    FENDAN,
    ROOT,
    bare,
    fendan,
    fendan_here,
    model_folder,
    starter_file,
    write_text,
)


def test_evaluate_prints_the_contract_s_json(tmp_path: Path) -> None:
    status, out, err = fendan_here("evaluate", model_folder(), starter_file(), "--with-seen", "--json", cwd=tmp_path)
    assert (status, err) == (0, "")
    assert out.count("\n") == 1
    found = json.loads(out)
    assert list(found) == ["heads", "seen", "notes", "harm"]
    assert found["harm"]["n"] == found["heads"]["urgency"]["per_class"]["critical"]["support"]
    assert (found["seen"]["n"], found["seen"]["left_out"]) == (200, 0)
    assert list(found["heads"]) == ["category", "urgency", "sentiment"]
    for report in found["heads"].values():
        assert set(report) >= {"n", "accuracy", "macro_f1", "ece", "coverage", "selective_error", "per_class"}
        assert report["n"] == 200


def test_the_very_data_a_folder_was_made_from_are_known_without_a_registry(tmp_path: Path) -> None:
    status, out, err = fendan_here("evaluate", model_folder(), starter_file(), cwd=tmp_path)
    assert (status, out) == (2, "")
    assert "200 条工单都是这个模型学过的" in err
    assert list(tmp_path.iterdir()) == [], "to look for a registry makes none"


def test_of_a_folder_from_elsewhere_nobody_knows(tmp_path: Path) -> None:
    data = write_text(tmp_path / "in.csv", "text,category\n快递一直没有收到,logistics\n退款没到账,refund\n")
    found = json.loads(fendan_here("evaluate", model_folder(), data, "--json", cwd=tmp_path).out)
    assert found["seen"] == {"n": None, "left_out": 0, "warning": None}
    assert any("不知道它学过什么" in note for note in found["notes"])


def test_evaluate_shows_tables(tmp_path: Path) -> None:
    gbk = write_text(tmp_path / "g.csv", "text,category\n快递一直没有收到,logistics\n退款没到账,refund\n", "gbk")
    status, out, _ = fendan_here("evaluate", model_folder(), gbk, cwd=tmp_path)
    assert status == 0
    assert "gb18030" in out
    assert "准确率" in out
    assert "product_inquiry" in out
    assert "urgency" not in out


def test_evaluate_reads_several_files(tmp_path: Path) -> None:
    _, out, _ = fendan_here(
        "evaluate", model_folder(), starter_file(), ROOT / "datasets" / "starter" / "test.jsonl", "--json", cwd=tmp_path
    )
    assert json.loads(out)["heads"]["category"]["n"] > 200


def test_evaluate_names_a_label_the_model_never_saw(tmp_path: Path) -> None:
    status, out, err = fendan_here(
        "evaluate", model_folder(), write_text(tmp_path / "in.csv", "text,category\n好,invoices\n"), cwd=tmp_path
    )
    assert (status, out) == (2, "")
    assert "第 2 行" in err
    assert "是不是想写 invoice？" in err


def broken(tmp_path: Path, how: str) -> Path:
    folder = tmp_path / "model"
    if how == "missing":
        return folder
    shutil.copytree(model_folder(), folder)
    manifest = folder / "manifest.json"
    if how == "altered":
        data = bytearray((folder / "weights.npz").read_bytes())
        data[len(data) // 2] ^= 1
        (folder / "weights.npz").write_bytes(data)
    elif how == "edited":
        manifest.write_text(manifest.read_text(encoding="utf-8").replace('"seed": 0', '"seed": 1'), encoding="utf-8")
    elif how == "newer":
        text = manifest.read_text(encoding="utf-8").replace('"format_version": 2', '"format_version": 99')
        manifest.write_text(text, encoding="utf-8")
    elif how == "older":
        text = manifest.read_text(encoding="utf-8").replace('"format_version": 2', '"format_version": 1')
        manifest.write_text(text, encoding="utf-8")
    elif how == "foreign":
        manifest.write_text('{"name": "bert"}', encoding="utf-8")
    elif how == "cut":
        manifest.write_text(manifest.read_text(encoding="utf-8")[:100], encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("missing", "不是 Fendan 模型文件夹"),
        ("altered", "校验和不符"),
        ("edited", "校验和不符"),
        ("newer", "请升级 Fendan"),
        ("older", "请用 fendan train 重新训练"),
        ("foreign", "不是 Fendan 的清单"),
        ("cut", "不是完整的 JSON"),
    ],
)
def test_a_corrupt_or_foreign_model_is_refused_by_every_command(tmp_path: Path, how: str, says: str) -> None:
    folder = broken(tmp_path, how)
    for arguments in (
        ("evaluate", folder, starter_file()),
        ("score", starter_file(), "-o", tmp_path / "out.csv", "--model", folder),
        ("explain", "没收到", "--model", folder),
    ):
        status, out, err = fendan_here(*arguments, cwd=tmp_path)
        assert status == 2
        assert says in err
        assert str(folder) in err
        assert out == ""
    assert not (tmp_path / "out.csv").exists()


def test_a_failed_question_makes_no_store(tmp_path: Path) -> None:
    done = fendan("explain", "没收到", cwd=tmp_path)
    assert done.returncode == 2
    assert "fendan train" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_bar_is_drawn_on_a_terminal(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    arguments = [
        sys.executable,
        "-c",
        FENDAN,
        str(ROOT),
        "evaluate",
        str(model_folder()),
        str(starter_file()),
        "--with-seen",
        "--json",
    ]
    with subprocess.Popen(arguments, cwd=tmp_path, env=bare(), stdout=subprocess.PIPE, stderr=slave) as process:
        os.close(slave)
        drawn = b""
        while select.select([master], [], [], 60)[0]:
            try:
                part = os.read(master, 65536)
            except OSError:  # Linux says so when the other side has closed
                break
            if not part:
                break
            drawn += part
        out = process.stdout.read() if process.stdout else b""
    os.close(master)
    assert process.returncode == 0
    assert "读取" in drawn.decode()
    assert "评估" in drawn.decode()
    assert "%|" in drawn.decode()
    assert json.loads(out)["heads"], "what is drawn for people does not mix with what is meant for programs"


_HEAVY = """
import sys
sys.path.insert(0, sys.argv[1])
sys.argv = ["fendan", *sys.argv[2:]]
import fendan
try:
    fendan.main()
finally:
    heavy = {"numpy", "pandas", "sklearn", "scipy", "numba", "mlflow", "matplotlib", "pyarrow", "openpyxl", "torch"}
    assert not heavy & set(sys.modules), sorted(heavy & set(sys.modules))
"""


@pytest.mark.parametrize("command", ["train", "retrain", "tune"])
def test_help_teaches_in_chinese_with_examples_and_imports_nothing_heavy(tmp_path: Path, command: str) -> None:
    arguments = [sys.executable, "-c", _HEAVY, str(ROOT), command, "--help"]
    done = subprocess.run(arguments, cwd=tmp_path, env=bare(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert f"  fendan {command}" in done.stdout
    assert "例：" in done.stdout
