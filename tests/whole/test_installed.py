"""Clone, wheel and bento answer a ticket from a folder that holds somebody else's ``models`` and ``features``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.serving.builders import Server, model_folder, small_model
from tests.shared import share_kernels
from tests.training.builders import bare
from triage.paths import ROOT

pytestmark = pytest.mark.slow

TEXT = "快递显示签收了可我没收到"


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """Somebody's project, whose folders are called as ours."""
    for name in ("models", "features", "triage"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"raise SystemExit('the foreign {name} was imported')\n")
    return tmp_path


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel in an environment of its own; what it needs comes from ours. The folder of its commands."""
    place = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    build = [*pip, "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(place), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place / "env")], check=True)
    python = place / "env" / "bin" / "python"
    ours = [path for path in sys.path if path.endswith("site-packages")]
    packages = place / "env" / "lib" / f"python{sysconfig.get_python_version()}" / "site-packages"
    (packages / "ours.pth").write_text("\n".join(ours))
    wheel = next(place.glob("*.whl"))
    command = [*pip, "--python", str(python), "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(command, check=True, capture_output=True)
    share_kernels(packages)
    return python.parent


def explained(command: list[str], folder: Path) -> str:
    done = subprocess.run(
        [*command, "explain", TEXT, "--model", str(model_folder()), "--json"],
        cwd=folder,
        env=bare(),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    label: str = json.loads(done.stdout)["category"]["label"]
    return label


def answered(command: list[str], folder: Path) -> str:
    with Server(folder, command=[*command, "--model", str(model_folder())], PYTHONPATH="") as server:
        label: str = server.client.post("/v1/triage", json={"text": TEXT}).json()["category"]["label"]
        assert server.client.get("/review/login").status_code == 200
        assert (folder / "var" / "fendan.db").exists()
    return label


def expected() -> str:
    return small_model().predict([TEXT])[0].heads["category"].label


def test_the_wheel_answers_in_a_foreign_folder(installed: Path, foreign: Path) -> None:
    command = [str(installed / "fendan")]
    assert explained(command, foreign) == expected()
    assert answered([*command, "serve"], foreign) == expected()


def test_the_wheel_knows_the_standard_labels(installed: Path, tmp_path: Path) -> None:
    code = "from triage.paths import shipped; print(shipped('taxonomy.yaml').read_text(encoding='utf-8')[:200])"
    done = subprocess.run(
        [str(installed / "python"), "-P", "-c", code], cwd=tmp_path, env=bare(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "heads" in done.stdout
    command = [str(installed / "fendan"), "serve", "--allow-degraded"]
    with Server(tmp_path, command=command, PYTHONPATH="") as server:
        labels = server.client.get("/v1/labels").json()
        assert "refund" in json.dumps(labels)


def test_the_clone_answers_in_a_foreign_folder(foreign: Path) -> None:
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from fendan import main; sys.argv[0] = 'fendan'; main()"
    command = [sys.executable, "-P", "-c", code]
    assert explained(command, foreign) == expected()
    assert answered([*command, "serve"], foreign) == expected()


def test_one_home_for_every_command(foreign: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("home")
    code = (
        "from serving.settings import Settings; from training.registry.mlflow_home import load_mlflow; m = load_mlflow(); "
        "print(Settings.from_env().absolute().db, m.get_tracking_uri())"
    )
    env = {**bare(), "FENDAN_HOME": str(home), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-P", "-c", code], cwd=foreign, env=env, capture_output=True, text=True)
    assert done.stdout.split() == [f"sqlite:///{home}/fendan.db", f"sqlite:///{home}/mlflow.db"], done.stderr
    assert "var" not in os.listdir(foreign)
