"""``fendan serve`` says what is wrong before it starts anything."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.serving.builders import fendan, free_port, model_folder


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--model", "nowhere"), "fendan train"),
        ((), "fendan train"),
        (("--model", "models:/x@y@z"), "看不懂"),
        (("--host", "shop.example"), "IP 地址"),
        (("--port", "70000"), "65535"),
        (("--profile", "nowhere"), "nowhere"),
        (("--db", "mysql://x"), "看不懂"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    done = fendan("serve", "--port", str(free_port()), *arguments, cwd=tmp_path)
    assert done.returncode == (2 if arguments else 1)  # without arguments nothing that was given is to blame
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        done = fendan("serve", "--model", str(model_folder()), "--port", port, cwd=tmp_path)
    assert done.returncode == 2
    assert port in done.stderr
    assert "--port" in done.stderr


def test_a_wrong_variable_is_said(tmp_path: Path) -> None:
    done = fendan("serve", cwd=tmp_path, FENDAN_WORKERS="two")
    assert done.returncode == 2
    assert "FENDAN_WORKERS" in done.stderr


def test_an_altered_model_is_refused(tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "model"
    shutil.copytree(model_folder(), folder)
    (folder / "weights.npz").write_bytes(b"x")
    done = fendan("serve", "--model", str(folder), "--port", str(free_port()), cwd=tmp_path)
    assert done.returncode == 2
    assert "损坏" in done.stderr


def test_the_help_is_chinese(tmp_path: Path) -> None:
    done = fendan("serve", "--help", cwd=tmp_path)
    assert "启动服务" in done.stdout
    assert "fendan serve --workers 4" in done.stdout
