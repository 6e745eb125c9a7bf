"""Where things lie, and that nobody else's folder takes the place of ours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from triage import paths


def test_home_is_var_here_unless_it_is_named() -> None:
    assert paths.home({}) == Path("var")
    assert paths.home({"FENDAN_HOME": "  "}) == Path("var")
    assert paths.home({"FENDAN_HOME": "/srv/fendan"}) == Path("/srv/fendan")


def test_what_comes_with_the_code_is_found(root: Path) -> None:
    assert paths.shipped("taxonomy.yaml") == root / "datasets" / "taxonomy.yaml"
    assert paths.shipped("no-such-file.yaml") == root / "datasets" / "no-such-file.yaml"
    assert any("share" in place.parts for place in paths.places("taxonomy.yaml"))


def test_a_child_sees_our_packages_first_and_the_same_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    env = paths.child_environment({"PYTHONPATH": "/else", "A": "b"})
    assert env["PYTHONPATH"].split(":") == [str(paths.ROOT), "/else"]
    assert env["FENDAN_HOME"] == str(tmp_path / "var")
    assert env["A"] == "b"


@pytest.mark.parametrize("name", ["models", "features"])
def test_a_foreign_folder_of_our_name_is_refused_by_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text("")
    code = f"import sys; sys.path.insert(0, {str(paths.ROOT)!r}); sys.path.insert(0, {str(tmp_path)!r}); import fendan; fendan.main()"
    done = subprocess.run([sys.executable, "-P", "-c", code, "--help"], capture_output=True, text=True)
    assert done.returncode == 2
    assert str(tmp_path / name) in done.stderr
    assert str(paths.ROOT / name) in done.stderr


def test_our_processes_do_not_look_into_the_folder_they_are_started_in(tmp_path: Path) -> None:
    (tmp_path / "features").mkdir()
    (tmp_path / "features" / "__init__.py").write_text("raise SystemExit('foreign')")
    command = [*paths.python("serving.rollout.scorer")]
    done = subprocess.run(
        command, cwd=tmp_path, env=paths.child_environment(), capture_output=True, text=True, input=""
    )
    assert "foreign" not in done.stderr
