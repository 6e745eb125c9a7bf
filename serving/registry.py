"""Reads models from the MLflow registry. MLflow runs in a short-lived process, so that the service stays light."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from models.reference import ModelReference
from triage.errors import RegistryError
from triage.paths import child_environment, python
from triage.paths import home as fendan_home

_PATIENCE = 900
"""Seconds that a fetch in the background may take."""


class Resolved(NamedTuple):
    """A model on this machine. ``version`` is empty for a plain folder, ``note`` says when the cache had to do."""

    folder: Path
    name: str
    version: str
    note: str = ""


def cache_folder() -> Path:
    """Fetched models lie here, one folder per name and version, for the day when the registry is down."""
    return fendan_home() / "champion"


def resolve(model: str, *, cache: Path | None = None) -> Resolved:
    """Finds ``model``: a folder, ``models:/NAME@ALIAS`` or ``models:/NAME/VERSION``.

    A version never changes, so a fetched one is used without asking; an alias is asked for each time.

    Raises:
        InputError: ``model`` is none of these.
        RegistryError: no such model, or the registry cannot be reached and there is no copy of the model here.
    """
    reference = ModelReference.parse(model)
    if reference.folder is not None:
        folder = reference.folder.resolve()
        return Resolved(folder, folder.name, "")
    name, alias, version = reference.name, reference.alias or None, reference.version or None
    cache = cache or cache_folder()
    home = (cache / name).resolve()
    if version and (home / version).is_dir():
        return Resolved(home / version, name, version)
    try:
        version = _fetch(name, alias, version, home)
    except RegistryError as error:
        known = _aliases(home).get(alias or "")
        if known is None or not (home / known).is_dir():
            raise
        return Resolved(home / known, name, known, f"连不上模型仓库，用上次取回的 {name} 版本 {known}：{error}")
    if alias:
        remember(name, alias, version, cache=cache)
    return Resolved(home / version, name, version)


def remember(name: str, alias: str, version: str, *, cache: Path | None = None) -> None:
    """Notes where an alias points, for a start on a day when the registry is down."""
    home = ((cache or cache_folder()) / name).resolve()
    with tempfile.NamedTemporaryFile("w", dir=home, encoding="utf-8", delete=False) as fresh:
        json.dump({**_aliases(home), alias: version}, fresh)
    os.replace(fresh.name, home / "aliases.json")  # whole or not at all: several workers may write


def fetch(name: str, version: str, *, cache: Path | None = None) -> Path:
    """The folder of a registered version, fetched in the background (low priority) unless it is here.

    Of several workers that want the same version one fetches it and the others wait. Blocks: not for the event loop.

    Raises:
        RegistryError: there is no such version, it holds no model of ours, or the registry cannot be reached.
    """
    home = ((cache or cache_folder()) / name).resolve()
    with _alone(home):
        if not (home / version).is_dir():
            _fetch(name, None, version, home, background=True)
    return home / version


def registry_uri() -> str:
    """Where MLflow keeps registered models.

    Raises:
        RegistryError: nothing is named and there is none in the default place.
    """
    return os.environ.get("MLFLOW_REGISTRY_URI") or _tracking_uri()


def _tracking_uri() -> str:
    if named := os.environ.get("MLFLOW_TRACKING_URI"):
        return named
    file = _default_tracking()
    if not file.exists():
        raise RegistryError(f"还没有模型仓库（{file.resolve()} 不存在，也没有设 MLFLOW_TRACKING_URI）")
    return f"sqlite:///{file.resolve()}"


def _default_tracking() -> Path:
    return fendan_home() / "mlflow.db"


def registry_named() -> bool:
    """Whether there is a registry to ask: one is named, or one lies in the usual place."""
    return bool(os.environ.get("MLFLOW_TRACKING_URI")) or _default_tracking().exists()


def tracking_shown() -> str:
    """The address to give to ``mlflow ui``: the store that is in use."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{_default_tracking()}"


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Keeps other processes of this machine from fetching to ``home`` meanwhile."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        held = (home / ".lock").open("a")
    except OSError as error:
        raise RegistryError(f"不能写入 {home}（{error.strerror}）；取回的模型要放在那里") from None
    with held:
        with contextlib.suppress(ImportError):  # Windows, where a service has one worker
            import fcntl

            fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _aliases(home: Path) -> dict[str, str]:
    """Alias -> version, as last seen."""
    try:
        found: dict[str, str] = json.loads((home / "aliases.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _fetch(name: str, alias: str | None, version: str | None, home: Path, *, background: bool = False) -> str:
    """Has another process fetch the model to ``home/VERSION``; returns the version."""
    env = child_environment()
    env |= {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
    env["MLFLOW_TRACKING_URI"] = _tracking_uri()
    env.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    env.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
    wanted = json.dumps({"name": name, "alias": alias, "version": version, "home": str(home), "background": background})
    command = [*python("serving.registry"), wanted]
    patience = _PATIENCE if background else None
    try:
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=patience)
    except subprocess.TimeoutExpired:
        raise RegistryError(f"{_PATIENCE} 秒还没有从模型仓库取回 {name}；过一会儿再试") from None
    answer = _last_line(done.stdout)
    if "version" not in answer:
        said = answer.get("error") or (done.stderr.strip().splitlines() or ["没有说原因"])[-1]
        which = f"{name}@{alias}" if alias else f"{name} 版本 {version}"
        raise RegistryError(f"模型仓库 {env['MLFLOW_TRACKING_URI']} 给不出 {which}：{said:.300}")
    return str(answer["version"])


def _last_line(text: str) -> dict[str, Any]:
    lines = text.strip().splitlines()
    try:
        value = json.loads(lines[-1]) if lines else {}
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _fetch_here(name: str, alias: str | None, version: str | None, home: Path) -> str:
    """In the short-lived process: asks MLflow for the version, and fetches it unless it is here already."""
    import mlflow

    if alias:
        version = str(mlflow.MlflowClient().get_model_version_by_alias(name, alias).version)
    assert version is not None
    if (home / version).is_dir():
        return version
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home, prefix=".fetch-") as folder:
        fetched = mlflow.artifacts.download_artifacts(artifact_uri=f"models:/{name}/{version}", dst_path=folder)
        for manifest in sorted(Path(fetched).rglob("manifest.json")):
            if json.loads(manifest.read_text(encoding="utf-8")).get("format") == "fendan-model":
                manifest.parent.rename(home / version)
                return version
    raise RegistryError(f"{name} 版本 {version} 里没有 Fendan 的模型文件夹；它不是 fendan train 注册的")


def _main(wanted: dict[str, Any]) -> None:
    if wanted.get("background") and hasattr(os, "nice"):
        os.nice(10)  # tickets come first
    try:
        answer = {"version": _fetch_here(wanted["name"], wanted["alias"], wanted["version"], Path(wanted["home"]))}
    except Exception as error:  # whatever MLflow raises is the answer
        answer = {"error": str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__}
    print(json.dumps(answer))


if __name__ == "__main__":
    _main(json.loads(sys.argv[1]))
