"""Models come from a real MLflow registry, and from the cache on the day it is down."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from serving.registry import resolve
from tests.serving.builders import model_folder
from tests.shared import mlflow_store
from triage.errors import InputError, RegistryError
from triage.paths import ROOT

pytestmark = pytest.mark.slow

_REGISTER = """
import sys
import mlflow
client = mlflow.MlflowClient()
client.create_registered_model("shop")
for wanted in (sys.argv[1], None):
    with mlflow.start_run() as run:
        if wanted:
            mlflow.log_artifacts(wanted, "model/data/fendan")
        else:
            mlflow.log_text("nothing", "model/nothing.txt")
    client.create_model_version("shop", f"{run.info.artifact_uri}/model", run.info.run_id)
client.set_registered_model_alias("shop", "champion", "1")
client.set_registered_model_alias("shop", "empty", "2")
"""


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an MLflow registry in the default place: version 1 is a model, version 2 is something else."""
    home = tmp_path_factory.mktemp("registry")
    uri = mlflow_store(home / "var" / "mlflow.db")
    env = {**os.environ, "MLFLOW_TRACKING_URI": uri, "MLFLOW_DISABLE_TELEMETRY": "true"}
    command = [sys.executable, "-c", _REGISTER, str(model_folder())]
    subprocess.run(command, cwd=home, env=env, check=True, capture_output=True)
    return home


@pytest.fixture(autouse=True)
def _here(registry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(registry)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


def test_an_alias_and_a_version_are_fetched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from models import TriageModel

    found = resolve("models:/shop@champion", cache=tmp_path)
    assert (found.name, found.version, found.note) == ("shop", "1", "")
    assert found.folder == tmp_path / "shop" / "1"
    assert TriageModel.load(found.folder).heads
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:////nowhere/mlflow.db")
    assert resolve("models:/shop/1", cache=tmp_path) == found
    again = resolve("models:/shop@champion", cache=tmp_path)
    assert again.folder == found.folder
    assert "连不上" in again.note


@pytest.mark.parametrize("model", ["models:/shop@nobody", "models:/shop/9", "models:/other@champion"])
def test_what_the_registry_does_not_hold_is_named(tmp_path: Path, model: str) -> None:
    with pytest.raises(RegistryError, match="给不出"):
        resolve(model, cache=tmp_path)


def test_a_registered_thing_that_is_no_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="fendan train"):
        resolve("models:/shop@empty", cache=tmp_path)
    assert not (tmp_path / "shop" / "2").exists()


def test_without_a_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RegistryError, match="还没有模型仓库"):
        resolve("models:/shop@champion", cache=tmp_path)


@pytest.mark.parametrize("model", ["models:/", "models:/a", "models:/a/latest", "models:/a@b@c", "models:a/1"])
def test_what_is_no_address_is_named(model: str) -> None:
    with pytest.raises(InputError, match="看不懂"):
        resolve(model)


def test_a_folder_passes_through() -> None:
    assert resolve(str(model_folder())) == (model_folder().resolve(), "small", "", "")


def test_reading_the_registry_leaves_this_process_light() -> None:
    code = "import sys, serving.registry; sys.exit('mlflow' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
