"""Reads the model registry for the command line: which versions there are, and a copy of one on this disk."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from models.reference import ModelReference
from training.registry.mlflow_home import load_mlflow, nothing_kept, quiet, reaching
from triage.decision import ModelRef
from triage.errors import RegistryError
from triage.paths import home


def nothing() -> str:
    """What is said where no registry is named and none lies here."""
    return f"这里还没有模型仓库（{home() / 'mlflow.db'}）；先运行 fendan train 数据 --register 名字，或给一个模型文件夹"


_SHOWN = ("accuracy", "macro_f1", "coverage")


class VersionSummary(NamedTuple):
    """One registered version: its aliases, when it was made, from which run, and its main figures."""

    name: str
    version: str
    aliases: tuple[str, ...]
    created_at: datetime
    run_id: str
    metrics: dict[str, float]

    def to_json(self) -> dict[str, Any]:
        return {**self._asdict(), "aliases": list(self.aliases), "created_at": self.created_at.isoformat()}


def versions(name: str = "") -> list[VersionSummary]:
    """Every version of ``name`` (of every model when empty), newest first.

    Raises:
        RegistryError: the registry cannot be read, or knows no such model.
    """
    if nothing_kept():
        if name:
            raise RegistryError(nothing(), field="name")
        return []
    mlflow = load_mlflow()
    out = []
    with reaching(mlflow), quiet():
        client = mlflow.MlflowClient()
        models = every(client.search_registered_models)
        if name and name not in {model.name for model in models}:
            raise no_such(name, models)
        for model in models:
            if name and model.name != name:
                continue
            for found in every(client.search_model_versions, filter_string=f"name = '{model.name}'"):
                aliases = tuple(sorted(a for a, v in model.aliases.items() if str(v) == str(found.version)))
                made = datetime.fromtimestamp(found.creation_timestamp / 1000, UTC)
                figures = _figures(client, found.run_id) if found.run_id else {}
                out.append(VersionSummary(model.name, str(found.version), aliases, made, found.run_id or "", figures))
    return sorted(out, key=lambda v: (v.name, -int(v.version)))


def every(search: Callable[..., Any], *about: Any, **query: Any) -> list[Any]:
    """All pages of one of MLflow's searches."""
    found = search(*about, **query)
    out = list(found)
    while found.token:
        found = search(*about, **query, page_token=found.token)
        out += found
    return out


def _figures(client: Any, run_id: str) -> dict[str, float]:
    known = client.get_run(run_id).data.metrics
    return {k: v for k, v in known.items() if k.count(".") == 1 and k.rsplit(".", 1)[1] in _SHOWN}


def no_such(name: str, models: Sequence[Any]) -> RegistryError:
    known = "、".join(sorted(model.name for model in models)) or "还没有任何模型"
    return RegistryError(f"模型仓库里没有 {name!r}；有的是：{known}。训练时加 --register {name} 就会注册", field="name")


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
    if nothing_kept():
        raise RegistryError(f"取不到 {model}：{nothing()}", field="model")
    mlflow = load_mlflow()
    with TemporaryDirectory() as place:
        with reaching(mlflow), quiet():
            version = find(mlflow.MlflowClient(), reference)
            uri = f"models:/{reference.name}/{version}"
            copy = Path(mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=place))
        folder = next((path.parent for path in sorted(copy.rglob("manifest.json"))), None)
        if folder is None:
            raise RegistryError(f"{model} 里没有 Fendan 的模型文件夹；它不是 fendan train 注册的", field="model")
        yield folder, ModelRef(reference.name, version)


def find(client: Any, reference: ModelReference) -> str:
    """The version that is meant; an unknown one is told what there is."""
    models = every(client.search_registered_models)
    model = next((model for model in models if model.name == reference.name), None)
    if model is None:
        raise no_such(reference.name, models)
    if reference.alias:
        if reference.alias not in model.aliases:
            known = "、".join(f"{alias}（版本 {v}）" for alias, v in sorted(model.aliases.items())) or "还没有别名"
            raise RegistryError(f"{model.name} 没有别名 {reference.alias!r}；有的是：{known}", field="model")
        return str(model.aliases[reference.alias])
    numbers = sorted(
        int(v.version) for v in every(client.search_model_versions, filter_string=f"name = '{model.name}'")
    )
    if int(reference.version) not in numbers:
        shown = "、".join(map(str, numbers[-20:])) or "还没有版本"
        raise RegistryError(f"{model.name} 没有版本 {reference.version}；有的是：{shown}", field="model")
    return str(int(reference.version))


def _short_checksum(folder: Path) -> str:
    """What stands for a version where there is none; loading complains of a missing manifest, this need not."""
    try:
        return str(json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["checksum"])[7:17]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
