"""The registry as the command line reads it: what there is, a copy of one version, and clear words when there is none.

Each question is asked by a process of its own: MLflow keeps the store it was first told of.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path

import pytest

from models import TriageModel
from tests.training.builders import Done, fendan, fendan_often, home, model_folder
from training.registry import mlflow_home
from training.registry.registry import fetched, versions
from triage.errors import InputError, RegistryError


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder without any store."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return tmp_path


def test_a_folder_is_used_where_it_lies() -> None:
    with fetched(str(model_folder())) as (folder, name):
        assert folder == model_folder()
        assert name.name == "small"
        checksum = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["checksum"]
        assert name.version in checksum
        assert len(name.version) == 10
        TriageModel.load(folder)


def test_a_folder_that_is_no_model_has_no_version(tmp_path: Path) -> None:
    with fetched(str(tmp_path / "no")) as (folder, name):
        assert (folder, name.version) == (tmp_path / "no", "")


@pytest.mark.parametrize("odd", ["models:fendan", "models:/fendan", "models:/a/b/c", "models:/@x", "models:/a@"])
def test_a_name_that_is_none_is_refused(odd: str) -> None:
    with pytest.raises(InputError, match="看不懂"), fetched(odd):
        pass


def test_where_nothing_was_trained_nothing_is_made(nowhere: Path) -> None:
    assert mlflow_home.nothing_kept()
    assert versions() == []
    with pytest.raises(RegistryError, match="--register"):
        versions("fendan")
    with pytest.raises(RegistryError, match="fendan train"), fetched("models:/fendan@champion"):
        pass
    assert list(nowhere.iterdir()) == []


def test_a_named_store_counts_as_one(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///x.db")
    assert not mlflow_home.nothing_kept()


@functools.cache
def asked() -> dict[tuple[str, ...], Done]:
    """All that is asked of the registry below, in one process."""
    explain = ("explain", "快递没收到", "--json", "--model")
    commands = [
        ("models",),
        ("models", "fendan", "--json"),
        ("models", "shop"),
        *((*explain, f"models:/{name}") for name in ("fendan@champion", "fendan/2", "fendan/02", "shop@champion")),
        *((*explain, f"models:/{name}") for name in ("fendan@live", "fendan/9")),
    ]
    return dict(zip([(c[0], c[-1]) for c in commands], fendan_often(*commands, cwd=home().folder), strict=True))


@pytest.mark.slow
def test_versions_are_listed_newest_first_with_aliases_and_figures() -> None:
    done = asked()["models", "--json"]
    assert (done.status, done.err) == (0, "")
    found = json.loads(done.out)["models"]
    assert [(v["version"], v["aliases"]) for v in found] == [("2", []), ("1", ["champion"])]
    for version, told in zip(found, (home().second, home().first), strict=True):
        assert version["run_id"] == told["mlflow"]["run_id"]
        assert version["created_at"].endswith("+00:00")
        for head, report in told["heads"].items():
            for figure in ("accuracy", "macro_f1", "coverage"):
                assert version["metrics"][f"{head}.{figure}"] == pytest.approx(report[figure])
        assert len(version["metrics"]) == 9


@pytest.mark.slow
def test_versions_are_shown_as_a_table() -> None:
    done = asked()["models", "models"]
    assert (done.status, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[2].startswith("fendan 2")
    assert lines[3].startswith("fendan 1  champion")
    assert "category 0." in lines[3]


@pytest.mark.parametrize(
    ("name", "version", "folder"), [("fendan@champion", "1", "M"), ("fendan/2", "2", "N"), ("fendan/02", "2", "N")]
)
@pytest.mark.slow
def test_alias_and_version_bring_the_model_that_was_written(name: str, version: str, folder: str) -> None:
    done = asked()["explain", f"models:/{name}"]
    assert (done.status, done.err) == (0, "")
    answer = json.loads(done.out)
    assert answer["model"] == {"name": "fendan", "version": version}
    mine = TriageModel.load(home().folder / folder).predict(["快递没收到"])[0].heads["category"]
    assert answer["category"]["label"] == mine.label
    assert answer["category"]["confidence"] == pytest.approx(mine.confidence, abs=1e-6)


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("models", "shop"), ("没有 'shop'", "有的是：fendan", "--register shop")),
        (("explain", "models:/shop@champion"), ("没有 'shop'", "有的是：fendan")),
        (("explain", "models:/fendan@live"), ("没有别名 'live'", "champion（版本 1）")),
        (("explain", "models:/fendan/9"), ("没有版本 9", "1、2")),
    ],
)
@pytest.mark.slow
def test_what_is_not_there_is_said_with_what_is(command: tuple[str, ...], says: tuple[str, ...]) -> None:
    done = asked()[command]
    assert done.status == 2
    assert all(part in done.err for part in says), done.err
    assert done.out == ""


@pytest.mark.parametrize("uri", ["foo://x", "http://127.0.0.1:9"])
@pytest.mark.slow
def test_a_registry_that_does_not_exist_is_said(tmp_path: Path, uri: str) -> None:
    done = fendan("models", cwd=tmp_path, MLFLOW_TRACKING_URI=uri, MLFLOW_HTTP_REQUEST_MAX_RETRIES="0")
    assert done.returncode == 1
    assert f"用不了 MLflow（{uri}）" in done.stderr
    assert "MLFLOW_TRACKING_URI" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr) < 500
