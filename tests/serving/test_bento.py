"""``bentoml build`` makes a bento that serves where training code, MLflow and torch cannot be imported."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.serving.builders import Server, model_folder, small_model
from tests.shared import share_kernels
from tests.test_packaging import shown
from triage.paths import ROOT

pytestmark = pytest.mark.slow

BLOCKED = "training fendan benchmarks mlflow torch transformers sklearn scipy pandas matplotlib pyarrow openpyxl"


@pytest.fixture(scope="module")
def bento(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bento built from a copy of what the build file names, so that the clone's own ``var/`` is left alone."""
    source = tmp_path_factory.mktemp("source")
    for name in ("triage", "intake", "features", "models", "serving", "datasets", "training"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("bentofile.yaml", "pyproject.toml"):
        shutil.copy(ROOT / name, source / name)
    home = tmp_path_factory.mktemp("home")
    env = {**os.environ, "BENTOML_HOME": str(home), "BENTOML_DO_NOT_TRACK": "True", "PYTHONPATH": str(source)}
    code = "import sys; from serving.bento import build; print(build(sys.argv[1]))"
    build = [sys.executable, "-c", code, str(model_folder())]
    done = subprocess.run(build, cwd=source, env=env, check=True, capture_output=True, text=True)
    name, version = done.stdout.strip().splitlines()[-1].split(":")
    return home / "bentos" / name / version


def test_it_holds_the_service_and_nothing_else(bento: Path) -> None:
    source = bento / "src"
    assert {path.name for path in source.iterdir() if path.is_dir()} == {
        "triage",
        "intake",
        "features",
        "models",
        "serving",
        "datasets",
        "var",
    }
    assert [path.name for path in (source / "datasets").iterdir()] == ["taxonomy.yaml"]
    assert shown(source / "serving") == shown(ROOT / "serving")
    assert not (source / "serving" / "cli.py").exists()
    requirements = (bento / "env" / "python" / "requirements.txt").read_text(encoding="utf-8").lower()
    assert not any(heavy in requirements for heavy in ("mlflow", "torch", "scikit-learn", "pandas", "matplotlib"))


def test_it_serves_without_training_code_mlflow_or_torch(bento: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bentoml", "serve", str(bento), "--host", "127.0.0.1"]
    env = {
        "PYTHONPATH": str(tmp_path),  # holds the blocker; the packages come from the bento
        "FENDAN_TEST_BLOCKED": BLOCKED,
        "FENDAN_DB": f"sqlite:///{tmp_path}/fendan.db",
        "BENTOML_HOME": str(tmp_path / "home"),
        "BENTOML_DO_NOT_TRACK": "True",
    }
    share_kernels(bento / "src")
    with Server(tmp_path, command=command, **env) as server:
        decision = server.client.post("/v1/triage", json={"text": "快递显示签收了可我没收到"}).json()
        assert server.client.get("/").status_code == 200
    head = small_model().predict(["快递显示签收了可我没收到"])[0].heads["category"]
    assert decision["category"]["label"] == head.label
    assert abs(decision["category"]["confidence"] - head.confidence) < 1e-6


def test_its_requirements_are_those_of_the_project() -> None:
    """The same bounds in both places, so that a bento is what was tested."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    known = [*project["dependencies"], *project["optional-dependencies"]["postgres"]]
    stated = {entry.partition(";")[0].strip() for entry in known}
    wanted = yaml.safe_load((ROOT / "bentofile.yaml").read_text(encoding="utf-8"))["python"]["packages"]
    assert [package for package in wanted if package not in stated] == []
