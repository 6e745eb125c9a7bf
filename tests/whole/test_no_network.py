"""Nothing leaves the machine: training, scoring and serving with every outgoing connection but loopback forbidden."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.serving.builders import Server

pytestmark = pytest.mark.slow

GUARD = """
import os, socket

_connect, _connect_ex, _resolve = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo
_LOCAL = ("127.", "::1", "localhost", "0.0.0.0")

def _check(address):
    host = address[0] if isinstance(address, tuple) else ""
    if isinstance(address, tuple) and not str(host).startswith(_LOCAL):
        with open(os.environ["NETWORK_LOG"], "a") as log:
            log.write(f"{os.getpid()} {address}\\n")
        raise OSError(f"the test forbids a connection to {address}")

def connect(self, address):
    _check(address)
    return _connect(self, address)

def connect_ex(self, address):
    _check(address)
    return _connect_ex(self, address)

def getaddrinfo(host, *rest, **named):
    if host:
        _check((host.decode() if isinstance(host, bytes) else host,))
    return _resolve(host, *rest, **named)

socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo = connect, connect_ex, getaddrinfo
"""


def test_train_score_and_serve_reach_nothing_but_loopback(root: Path, tmp_path: Path) -> None:
    guard = tmp_path / "guard"
    guard.mkdir()
    (guard / "sitecustomize.py").write_text(GUARD, encoding="utf-8")
    log = tmp_path / "network.log"
    data = tmp_path / "tickets.jsonl"
    lines = (root / "datasets" / "starter" / "tickets.jsonl").read_text(encoding="utf-8").splitlines()[:150]
    data.write_text("\n".join(lines), encoding="utf-8")
    unset = ("MLFLOW_TRACKING_URI", "MLFLOW_DISABLE_TELEMETRY", "DO_NOT_TRACK", "BENTOML_DO_NOT_TRACK", "CI")
    env = {k: v for k, v in os.environ.items() if k not in unset}  # usage reports are off because we turn them off
    env |= {"PYTHONPATH": os.pathsep.join([str(guard), str(root)]), "NETWORK_LOG": str(log)}

    def fendan(*arguments: str) -> list[str]:
        return [sys.executable, "-m", "fendan", *arguments]

    guarded = [sys.executable, "-c", "import socket; socket.create_connection(('192.0.2.1', 9), 1)"]
    assert subprocess.run(guarded, env=env, cwd=tmp_path, capture_output=True, check=False).returncode == 1
    assert "192.0.2.1" in log.read_text(encoding="utf-8")  # the guard works
    log.unlink()

    run = {"env": env, "cwd": tmp_path, "check": True, "capture_output": True}
    subprocess.run(fendan("train", str(data), "--out", "M", "--register", "fendan"), **run)  # type: ignore[call-overload]
    subprocess.run(fendan("score", str(data), "-o", "out.csv", "--model", "M"), **run)  # type: ignore[call-overload]
    with Server(tmp_path, PYTHONPATH=env["PYTHONPATH"], NETWORK_LOG=str(log)) as service:
        answer = service.client.post("/v1/triage", json={"text": "双11付的尾款怎么还没发货"}).json()
        assert answer["degraded"] is False
        assert service.client.get("/").status_code == 200
    assert not log.exists(), log.read_text(encoding="utf-8")
