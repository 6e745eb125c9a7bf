"""Reads the model registry for the command line: which versions there are, and a copy of one on this disk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from models.reference import ModelReference
from training.mlflow_home import first_line, load_mlflow
from triage.decision import ModelRef
from triage.errors import RegistryError

_SHOWN = ("accuracy", "macro_f1", "coverage")


class Version(NamedTuple):
    """One registered version: its aliases, when it was made, from which run, and its main figures."""

    name: str
    version: str
    aliases: tuple[str, ...]
    created_at: datetime
    run_id: str
    metrics: dict[str, float]

    def to_json(self) -> dict[str, Any]:
        return {**self._asdict(), "aliases": list(self.aliases), "created_at": self.created_at.isoformat()}


def versions(name: str = "") -> list[Version]:
    """Every version of ``name`` (of every model when empty), newest first.

    Raises:
        RegistryError: the registry cannot be read, or knows no such model.
    """
    mlflow = load_mlflow()
    from mlflow.exceptions import MlflowException

    client = mlflow.MlflowClient()
    try:
        models = client.search_registered_models()
        if name and name not in {model.name for model in models}:
            known = "、".join(sorted(model.name for model in models)) or "还没有任何模型"
            raise RegistryError(
                f"模型仓库里没有 {name!r}；有的是：{known}。训练时加 --register {name} 就会注册", field="name"
            )
        out = []
        for model in models:
            if name and model.name != name:
                continue
            for found in client.search_model_versions(f"name = '{model.name}'"):
                aliases = tuple(sorted(a for a, v in model.aliases.items() if str(v) == str(found.version)))
                made = datetime.fromtimestamp(found.creation_timestamp / 1000, UTC)
                figures = _figures(client, found.run_id) if found.run_id else {}
                out.append(Version(model.name, str(found.version), aliases, made, found.run_id or "", figures))
    except MlflowException as error:
        raise RegistryError(f"读不了模型仓库（{mlflow.get_tracking_uri()}）：{first_line(error)}") from error
    return sorted(out, key=lambda v: (v.name, -int(v.version)))


def _figures(client: Any, run_id: str) -> dict[str, float]:
    every = client.get_run(run_id).data.metrics
    return {k: v for k, v in every.items() if k.count(".") == 1 and k.rsplit(".", 1)[1] in _SHOWN}


@contextmanager
def fetched(model: str) -> Iterator[tuple[Path, ModelRef]]:
    """The folder of ``model`` (a folder, or a registry name that is downloaded for the while) and who it is.

    Raises:
        InputError: ``model`` is neither.
        RegistryError: the registry has no such version, or it holds no Fendan model.
    """
    reference = ModelReference.parse(model)
    if reference.folder is not None:
        yield reference.folder, ModelRef(reference.folder.resolve().name, _short_checksum(reference.folder))
        return
    mlflow = load_mlflow()
    from mlflow.exceptions import MlflowException

    with TemporaryDirectory() as place:
        try:
            client = mlflow.MlflowClient()
            version = reference.version
            if reference.alias:
                version = str(client.get_model_version_by_alias(reference.name, reference.alias).version)
            uri = f"models:/{reference.name}/{version}"
            copy = Path(mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=place))
        except MlflowException as error:
            raise RegistryError(
                f"模型仓库（{mlflow.get_tracking_uri()}）给不出 {model}：{first_line(error)}", field="model"
            ) from error
        folder = next((path.parent for path in sorted(copy.rglob("manifest.json"))), None)
        if folder is None:
            raise RegistryError(f"{model} 里没有 Fendan 的模型文件夹；它不是 fendan train 注册的", field="model")
        yield folder, ModelRef(reference.name, version)


def _short_checksum(folder: Path) -> str:
    """What stands for a version where there is none; loading complains of a missing manifest, this need not."""
    try:
        return str(json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["checksum"])[7:17]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
