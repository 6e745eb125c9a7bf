"""What the registry knows of a version's origin: its gate, its data, what it learned, and who made it champion when.

The history is kept as tags of the registered model, ``history.000001`` …, one JSON object each: {"at", "by", "what", "version",
"previous", "reason", "forced"}. An entry is written before the alias is moved; one whose move never happened does no harm: the
alias says what is true, the history says how it came about.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from intake.options import ReadOptions
from models.reference import ModelReference
from training.data import learned as learned_tickets
from training.data.learned import LearnedTickets
from training.fit import spec as spec_file
from training.fit.spec import TrainingSpec
from training.registry.mlflow_home import EXPERIMENT, load_mlflow, nothing_kept, quiet, reaching
from training.registry.registry import every, find
from training.registry.track import CHAMPION, CHECKSUM, DATA
from triage.errors import RegistryError

HISTORY = "history."

GATE, AGAINST, NONE = "gate", "gate_against", "none"
"""Tags of a version: passed or refused, and against which champion's version (``none`` before the first)."""


class Change(NamedTuple):
    """One move of the alias champion. ``what``: promote or rollback; ``previous`` is empty before the first champion."""

    at: str
    by: str
    what: str
    version: str
    previous: str
    reason: str = ""
    forced: bool = False


class ModelVersion(NamedTuple):
    """A registered version."""

    name: str
    version: str
    run_id: str
    tags: dict[str, str]


def champion(name: str) -> ModelVersion | None:
    """The version in use; None where there is no such model or it has no champion.

    Raises:
        RegistryError: the registry cannot be read.
    """
    return None if nothing_kept() else version_of(f"models:/{name}@{CHAMPION}", missing_ok=True)


def version_of(model: str, *, missing_ok: bool = False) -> ModelVersion | None:
    """The registered version that ``model`` names; None for a folder, and where ``missing_ok`` and there is none.

    Raises:
        RegistryError: the registry cannot be read, or has no such version.
    """
    reference = ModelReference.parse(model)
    if reference.folder is not None:
        return None
    mlflow = load_mlflow()
    with reaching(mlflow), quiet():
        client = mlflow.MlflowClient()
        try:
            version = find(client, reference)
        except RegistryError:
            if missing_ok:
                return None
            raise
        found = client.get_model_version(reference.name, version)
        return ModelVersion(reference.name, version, found.run_id or "", dict(found.tags))


def learned(version: ModelVersion, made: str) -> LearnedTickets:
    """What a version has learned from; without a record, all that was written until it was made (ISO 8601)."""
    path = _artefact(version.run_id, learned_tickets.FILE)
    if path is None:
        return LearnedTickets(None, datetime.fromisoformat(made).astimezone(UTC))
    with path as folder:
        return learned_tickets.read(Path(folder) / learned_tickets.FILE)


def learned_by(model: str, manifest: Mapping[str, Any]) -> LearnedTickets | None:
    """What ``model`` has learned from: of a version what its run says, of a folder what the run says that wrote it.

    None for a folder that no run in this registry has written, and where there is no registry.

    Args:
        manifest: the model's own.
    """
    version = version_of(model)
    if version is not None:
        return learned(version, manifest["created_at"])
    if nothing_kept():
        return None
    mlflow = load_mlflow()
    with reaching(mlflow), quiet():
        client = mlflow.MlflowClient()
        experiment = client.get_experiment_by_name(EXPERIMENT)
        runs: list[Any] = []
        for tag, value in ((CHECKSUM, manifest["checksum"]), (DATA, manifest["data_fingerprint"])):
            if experiment is not None and not runs:  # runs from before name the data only
                runs = every(client.search_runs, [experiment.experiment_id], f"tags.{tag} = '{value}'")
    records = [learned_tickets.read(Path(path.name) / learned_tickets.FILE) for path in _records(runs)]
    return max(records, key=lambda record: record.tickets, default=None)


def spec(version: ModelVersion, manifest: Mapping[str, Any]) -> TrainingSpec:
    """How a version was made; without a record, what its manifest says of that (its kind and its promises)."""
    for name in (spec_file.FILE, *spec_file.OLDER_FILES):
        path = _artefact(version.run_id, name)
        if path is not None:
            with path as folder:
                return TrainingSpec.from_mapping(json.loads((Path(folder) / name).read_text(encoding="utf-8")))
    return TrainingSpec.from_mapping({"kind": manifest["kind"], "targets": manifest["targets"]})


def plan(version: ModelVersion) -> dict[str, Any]:
    """What ``fendan retrain`` wrote down of how the version was made.

    Raises:
        RegistryError: it was not made by ``fendan retrain``.
    """
    path = _artefact(version.run_id, "retrain.json")
    if path is None:
        raise RegistryError(
            f"{version.name} 版本 {version.version} 不是 fendan retrain 做的，没有快照可以重建", field="model"
        )
    with path as folder:
        found: dict[str, Any] = json.loads((Path(folder) / "retrain.json").read_text(encoding="utf-8"))
    return found


def recorded_data(version: ModelVersion) -> list[Path]:
    """Base data files that the version's run names; a retrained one names those of its snapshot."""
    mlflow = load_mlflow()
    with reaching(mlflow), quiet():
        said = mlflow.MlflowClient().get_run(version.run_id).data.params.get("data", "[]") if version.run_id else "[]"
    try:
        return [Path(str(path)) for path in ast.literal_eval(said)]
    except (ValueError, SyntaxError):
        return []


def recorded_reading(version: ModelVersion) -> ReadOptions:
    """How the base data files of the version were read; as they come, where its run says nothing."""
    mlflow = load_mlflow()
    with reaching(mlflow), quiet():
        said = (
            mlflow.MlflowClient().get_run(version.run_id).data.params.get("reading", "{}") if version.run_id else "{}"
        )
    try:
        return ReadOptions.from_json(ast.literal_eval(said))
    except (ValueError, SyntaxError, AttributeError):
        return ReadOptions()


def history(name: str) -> list[Change]:
    """Every move of the alias champion, oldest first; empty where there is no such model."""
    if nothing_kept():
        return []
    mlflow = load_mlflow()
    with reaching(mlflow), quiet():
        models = {model.name: model for model in every(mlflow.MlflowClient().search_registered_models)}
    return changes(models[name].tags) if name in models else []


def changes(tags: dict[str, str]) -> list[Change]:
    """The history in a registered model's tags."""
    keys = sorted(key for key in tags if key.startswith(HISTORY))
    return [Change(**json.loads(tags[key])) for key in keys]


def before(moves: list[Change], current: str) -> str:
    """The champion that ``current`` replaced, from the history; empty where that is not known.

    A rollback goes back, and another one further back: it takes what it leaves off the pile.
    """
    pile: list[str] = []
    for move in moves:
        if not pile and move.previous:
            pile.append(move.previous)
        if move.what == "rollback" and move.version in pile:
            while pile[-1] != move.version:
                pile.pop()
        elif not pile or pile[-1] != move.version:
            pile.append(move.version)
    while pile and pile[-1] != current:  # moves that were written down and never made
        pile.pop()
    return pile[-2] if len(pile) > 1 else ""


def _records(runs: list[Any]) -> Iterator[TemporaryDirectory[str]]:
    for run in runs:
        path = _artefact(run.info.run_id, learned_tickets.FILE)
        if path is not None:
            with path:
                yield path


def _artefact(run_id: str, name: str) -> TemporaryDirectory[str] | None:
    """A temporary folder with a run's file; None where it has none."""
    if not run_id:
        return None
    mlflow = load_mlflow()
    with reaching(mlflow), quiet():
        client = mlflow.MlflowClient()
        if name not in {found.path for found in client.list_artifacts(run_id)}:
            return None
        place: TemporaryDirectory[str] = TemporaryDirectory()
        client.download_artifacts(run_id, name, place.name)
        return place
