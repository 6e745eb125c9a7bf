"""The champion changes hands: only through a gate or by force, one at a time, and everybody can read who did it and why."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from mlflow import MlflowClient

from tests.shared import mlflow_store
from tests.training.builders import ROOT, bare
from training.registry import mlflow_home
from training.registry.lineage import AGAINST, GATE, Change, before, changes, history
from training.registry.promote import promote, rollback
from triage.errors import ConflictError, GateError, InputError, RegistryError

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 11, 4, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store for all tests here; each has a model of its own in it."""
    found = mlflow_store(tmp_path_factory.mktemp("mlflow") / "mlflow.db")
    MlflowClient(found, found).create_registered_model("empty")
    return found


@pytest.fixture
def client(uri: str, monkeypatch: pytest.MonkeyPatch) -> MlflowClient:
    import mlflow

    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    mlflow.set_tracking_uri(uri)
    return MlflowClient(uri, uri)


def model(client: MlflowClient, name: str, *gates: tuple[str, str] | None, champion: str = "1") -> str:
    """A model with a version for each gate (verdict, against); the last one is the challenger."""
    client.create_registered_model(name)
    for gate in gates:
        tags = dict(zip((GATE, AGAINST), gate, strict=True)) if gate else {}
        client.create_model_version(name, "file:///nowhere", tags=tags)
    if champion:
        client.set_registered_model_alias(name, "champion", champion)
    client.set_registered_model_alias(name, "challenger", str(len(gates)))
    return name


def aliases(client: MlflowClient, name: str) -> dict[str, str]:
    return {alias: str(version) for alias, version in client.get_registered_model(name).aliases.items()}


def test_a_passed_gate_against_the_present_champion_opens_the_way(client: MlflowClient) -> None:
    name = model(client, "passed", None, ("passed", "1"))
    moved = promote(name, by="小王", reason="新话术", clock=lambda: NOW)
    assert moved.change == Change(NOW.isoformat(), "小王", "promote", "2", "1", "新话术", False)
    assert aliases(client, name) == {"champion": "2"}, "it is no challenger any more"
    assert history(name) == [moved.change]
    tags = client.get_model_version(name, "2").tags
    assert (tags["promote.by"], tags["promote.reason"], tags["promote.previous"]) == ("小王", "新话术", "1")
    assert tags["promote.at"] == NOW.isoformat()


@pytest.mark.parametrize(
    ("name", "gate", "says"),
    [
        ("none", None, "没有过关的记录"),
        ("refused", ("refused", "2"), "没有通过与冠军的比较"),
        ("older", ("passed", "1"), "与版本 1 比.*现在的冠军是 2"),
        ("first", ("passed", "none"), "没有冠军时.*现在的冠军是 2"),
    ],
)
def test_without_it_there_is_none(client: MlflowClient, name: str, gate: tuple[str, str] | None, says: str) -> None:
    model(client, name, None, None, gate, champion="2")
    with pytest.raises(GateError, match=says) as caught:
        promote(name)
    assert "--force --reason" in str(caught.value)
    assert aliases(client, name) == {"champion": "2", "challenger": "3"}
    assert history(name) == []
    moved = promote(f"models:/{name}/3", force=True, reason="大促")
    assert moved.change.forced
    assert aliases(client, name) == {"champion": "3"}
    assert history(name)[0].reason == "大促"


def test_the_first_champion_needs_a_gate_too(client: MlflowClient) -> None:
    name = model(client, "new", ("passed", "none"), champion="")
    assert promote(name).change.previous == ""
    with pytest.raises(ConflictError, match="没有记录过别的冠军"):
        rollback(name)


def test_force_needs_a_reason_and_names_must_be_known(client: MlflowClient) -> None:
    name = model(client, "words", None, None)
    for call, error in (
        (lambda: promote(name, force=True), InputError),
        (lambda: promote(name, force=True, reason="  "), InputError),
        (lambda: promote(name, reason="x" * 501), InputError),
        (lambda: promote("nobody"), RegistryError),
        (lambda: promote(f"models:/{name}/9", force=True, reason="x"), RegistryError),
        (lambda: promote(f"models:/{name}/1", force=True, reason="x"), ConflictError),
        (lambda: rollback("nobody"), RegistryError),
        (lambda: rollback(name, to="x"), InputError),
        (lambda: rollback(name, to="9"), RegistryError),
        (lambda: rollback(name, to="1"), ConflictError),
    ):
        with pytest.raises(error):
            call()
    assert aliases(client, name) == {"champion": "1", "challenger": "2"}
    assert history(name) == []


def test_back_and_further_back(client: MlflowClient) -> None:
    name = model(client, "back", None, ("passed", "1"), ("passed", "2"), ("passed", "2"))
    promote(f"models:/{name}/2")
    promote(f"models:/{name}/3")
    assert rollback(name, reason="错得多", by="老李").change[1:6] == ("老李", "rollback", "2", "3", "错得多")
    assert rollback(name).change.version == "1"
    with pytest.raises(ConflictError, match="--to"):
        rollback(name)
    assert rollback(name, to="2").change.version == "2", "to a named one, also forward"
    assert rollback(name).change.version == "1"
    assert aliases(client, name)["champion"] == "1"
    assert [move.what for move in history(name)] == ["promote", "promote", *["rollback"] * 4]


def move(what: str, version: str, previous: str) -> Change:
    return Change("", "", what, version, previous)


@pytest.mark.parametrize(
    ("moves", "current", "expected"),
    [
        ([], "1", ""),
        ([move("promote", "2", "1")], "2", "1"),
        ([move("promote", "2", "1")], "1", ""),  # written down, never made
        ([move("promote", "2", "1"), move("promote", "3", "2")], "2", "1"),
        ([move("promote", "2", "1"), move("rollback", "1", "2"), move("promote", "3", "1")], "3", "1"),
        ([move("promote", "2", "1"), move("promote", "3", "2"), move("rollback", "1", "3")], "1", ""),
        ([move("promote", "2", "1")], "9", ""),  # somebody moved the alias by hand
    ],
)
def test_what_came_before_is_read_from_the_history(moves: list[Change], current: str, expected: str) -> None:
    assert before(moves, current) == expected


_PROMOTE = """
import sys
sys.path.insert(0, sys.argv[1])
from training.registry.promote import promote
from triage.errors import FendanError
try:
    print("moved", promote(sys.argv[2], by=sys.argv[2]).change.version)
except FendanError as error:
    print(type(error).__name__, error)
"""


def test_two_at_once_end_in_one_state(client: MlflowClient, uri: str, tmp_path: Path) -> None:
    """Both passed against the same champion; whoever is second is told that this is another one now."""
    name = model(client, "race", None, ("passed", "1"), ("passed", "1"))

    def once(version: str) -> str:
        command = [sys.executable, "-c", _PROMOTE, str(ROOT), f"models:/{name}/{version}"]
        env = {**bare(), "MLFLOW_TRACKING_URI": uri}
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=200)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(once, ("2", "3")))
    assert said[0].startswith("GateError")
    assert said[1] in ("moved 2", "moved 3")
    winner = said[1][-1]
    assert aliases(client, name)["champion"] == winner
    (only,) = history(name)
    assert (only.version, only.previous) == (winner, "1")


def test_threads_wait_for_each_other_too(client: MlflowClient) -> None:
    name = model(client, "threads", *[None] * 5)

    def once(version: int) -> str:
        return promote(f"models:/{name}/{version}", force=True, reason=f"试 {version}").change.previous

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(once, range(2, 6)))
    moves = history(name)
    assert len(moves) == 4
    assert [one.previous for one in moves] == ["1", *(one.version for one in moves[:-1])], "one chain, nothing lost"
    assert aliases(client, name)["champion"] == moves[-1].version
    tags = client.get_registered_model(name).tags
    assert changes(dict(tags)) == moves


def test_where_there_is_no_registry_none_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert mlflow_home.nothing_kept()
    with pytest.raises(RegistryError, match="--register"):
        promote("fendan")
    assert history("fendan") == []
    assert list(tmp_path.iterdir()) == []
