"""Every training is an MLflow run: what went in, what came out, pictures, the card, and the model itself."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from models.linear.recipe import Recipe
from training.data import learned as learned_tickets
from training.data.corpus import Corpus
from training.fit.fit import Trained
from training.fit.spec import FILE as SPEC
from training.fit.spec import TrainingSpec
from training.judge.probe import ProbeReport
from training.registry.mlflow_home import first_line, load_mlflow, quiet, use_experiment
from triage.errors import InputError, RegistryError

CHAMPION, CHALLENGER = "champion", "challenger"

CHECKSUM, DATA = "model_checksum", "data_fingerprint"
"""Tags of a run: the checksum of the folder it wrote, by which a folder is known again, and the fingerprint of its data."""

_PACKAGES = ("triage", "intake", "features", "models")
_NEEDS = ("numpy", "scipy", "scikit-learn", "numba", "jieba", "OpenCC", "pandas")
_EXAMPLES = ["双11付的尾款怎么还没发货？", "收到的杯子碎了，麻烦处理一下。"]


class Tracked(NamedTuple):
    """Where a run is. ``version`` is empty when nothing was registered; ``champion`` says whether it became the champion."""

    run_id: str
    tracking_uri: str
    name: str = ""
    version: str = ""
    champion: bool = False


def prepare(register: str = "") -> None:
    """Opens the store before anything is fitted, so that a wrong address costs a second and not the training.

    Raises:
        InputError: ``register`` cannot name a model.
        RegistryError: the store cannot be opened.
    """
    if register and (register != register.strip() or not register.isprintable() or set(register) & set("/:@%#?")):
        raise InputError(
            f"--register {register!r} 不能作模型的名字：不能有 / : @ % # ? 和首尾空白，如 fendan", field="register"
        )
    use_experiment(load_mlflow())


class ChallengerRecord(NamedTuple):
    """What a version that must pass a gate is registered with: ``tags`` of the version, and a folder of further artefacts."""

    tags: dict[str, str]
    artefacts: Path


def track(
    trained: Trained,
    corpus: Corpus,
    folder: Path,
    spec: TrainingSpec,
    *,
    parameters: dict[str, Any],
    register: str = "",
    challenger: ChallengerRecord | None = None,
) -> Tracked:
    """Logs a finished training and, with ``register``, its model as a new version of that name.

    The first version of a name becomes its champion, a later one waits to be promoted; a ``challenger`` never becomes
    it here, it gets the alias ``challenger``.

    Raises:
        RegistryError: MLflow cannot be reached or refuses.
    """
    mlflow = load_mlflow()
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    use_experiment(mlflow)
    try:
        with quiet(), mlflow.start_run(run_name=register or None) as run:
            manifest = trained.model.manifest
            mlflow.log_params({**parameters, **_parameters(trained, corpus, spec)})
            mlflow.set_tags(
                {
                    DATA: corpus.fingerprint,
                    "model_kind": manifest["kind"],
                    CHECKSUM: json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["checksum"],
                    "taxonomy_version": trained.model.taxonomy.version,
                }
            )
            mlflow.log_metrics(metrics(trained))
            _log_data(mlflow, corpus)
            _log_reports(mlflow, trained, folder)
            learned = learned_tickets.record(corpus.subset(trained.learned.tolist()), trained.frames)
            mlflow.log_dict(learned, learned_tickets.FILE)
            mlflow.log_dict(spec.to_mapping(), SPEC)
            if challenger is not None:
                mlflow.set_tags(challenger.tags)
                mlflow.log_artifacts(str(challenger.artefacts))
            uri = _log_model(mlflow, folder, trained.model.heads)
            if not register:
                return Tracked(run.info.run_id, mlflow.get_tracking_uri())
            version = mlflow.register_model(uri, register, tags=challenger.tags if challenger else None).version
            if challenger is None:
                champion = _crown(mlflow, register, str(version))
            else:
                champion = False
                mlflow.MlflowClient().set_registered_model_alias(register, CHALLENGER, version)
            return Tracked(run.info.run_id, mlflow.get_tracking_uri(), register, str(version), champion)
    except (MlflowException, SQLAlchemyError, OSError) as error:
        raise RegistryError(
            f"MLflow 没有收下这次训练：{first_line(error)}；模型文件夹 {folder} 已经写好，不受影响"
        ) from error


def metrics(trained: Trained) -> dict[str, float]:
    """Figures as flat MLflow metrics: ``category.macro_f1``, ``category.refund.recall``, ``harm.recall``,
    ``probe.marks.urgency.flip_share`` … (held-out part)."""
    out: dict[str, float] = {"fit_seconds": trained.seconds}
    for head, report in trained.reports.items():
        figures = report.to_json()
        out |= {f"{head}.{k}": v for k, v in figures.items() if isinstance(v, int | float)}
        for code, row in figures["per_class"].items():
            out |= {f"{head}.{_safe(code)}.{k}": float(v) for k, v in row.items() if v is not None}
    if trained.harm is not None:
        out |= {f"harm.{k}": float(v) for k, v in trained.harm.to_json().items() if isinstance(v, int | float)}
    if trained.behaviour is not None:
        out |= _behaviour(trained.behaviour)
    return out


def _behaviour(found: ProbeReport) -> dict[str, float]:
    """``probe.marks.urgency.flip_share``, ``probe.marks.urgency.jump_share`` … of checks that applied to any ticket."""
    return {
        f"probe.{one.check.name}.{_safe(head)}.{name}": float(value)
        for one in found.checks
        if one.n
        for head, change in one.heads.items()
        for name, value in change.to_json().items()
        if name in ("flip_share", "jump_share")
    }


def _safe(code: str) -> str:
    """MLflow takes letters (of any script), digits, ``_ - . : /`` and blanks in a metric's name."""
    return "".join(c if c.isalnum() or c in "_-." else "_" for c in code)


def _parameters(trained: Trained, corpus: Corpus, spec: TrainingSpec) -> dict[str, Any]:
    manifest = trained.model.manifest
    return {
        "target_error": spec.targets.default,
        "targets": spec.targets.to_mapping(),
        "costs": {head: dict(found) for head, found in spec.costs.items()},
        "texts": len(corpus),
        "duplicates": trained.duplicates,
        "split": trained.split.how,
        "held_out": len(trained.split.held_out),
        "refit": trained.refit,
        "features": manifest["feature_count"],
        **{f"feature.{k}": v for k, v in manifest["features"].items()},
        **{f"recipe.{head}": _recipe(recipes) for head, recipes in trained.model.recipes.items()},
    }


def _recipe(recipes: Sequence[Recipe]) -> str:
    return " + ".join(" ".join(f"{name}={value:g}" for name, value in r.to_mapping().items()) for r in recipes)


def _log_data(mlflow: Any, corpus: Corpus) -> None:
    """The data set by name, fingerprint and size; its texts stay where they are."""
    import pandas as pd

    names = sorted({Path(source.path).name for source in corpus.sources})
    counts = pd.DataFrame(
        [
            (head, code, column.count(code))
            for head, column in corpus.labels.items()
            for code in sorted({c for c in column if c})
        ],
        columns=["head", "label", "tickets"],
    )
    data = mlflow.data.from_pandas(counts, name="+".join(names)[:500], digest=corpus.fingerprint[:36])
    mlflow.log_input(data, context="training")


def _log_reports(mlflow: Any, trained: Trained, folder: Path) -> None:
    from training.report.pictures import draw

    mlflow.log_artifact(str(folder / "model_card.md"))
    if not trained.reports:
        return
    evaluation: dict[str, Any] = {"heads": {head: report.to_json() for head, report in trained.reports.items()}}
    if trained.harm is not None:
        evaluation["harm"] = trained.harm.to_json()
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "evaluation.json").write_text(
            json.dumps(evaluation, ensure_ascii=False, indent=1), encoding="utf-8"
        )
        if trained.behaviour is not None:  # counts alone: the tickets' words stay where they are
            found = json.dumps(trained.behaviour.to_json(), ensure_ascii=False, indent=1)
            (Path(place) / "probe.json").write_text(found, encoding="utf-8")
        draw(trained.reports, trained.model.taxonomy.heads, Path(place) / "pictures")
        mlflow.log_artifacts(place)


def _log_model(mlflow: Any, folder: Path, heads: dict[str, tuple[str, ...]]) -> str:
    """Logs the folder as a pyfunc from code; returns the model's URI."""
    import pandas as pd

    here = Path(__file__).resolve().parent
    with _sources(here.parents[1]) as sources:
        info = mlflow.pyfunc.log_model(
            name="model",
            python_model=str(here / "pyfunc_model.py"),
            artifacts={"model": str(folder.resolve())},
            code_paths=sources,
            signature=_signature(heads),
            input_example=pd.DataFrame({"text": _EXAMPLES}),
            pip_requirements=[f"mlflow=={mlflow.__version__}", *(f"{n}=={metadata.version(n)}" for n in _NEEDS)],
        )
    return str(info.model_uri)


@contextmanager
def _sources(root: Path) -> Iterator[list[str]]:
    """Clean copies of the packages that the model needs (no caches of compiled kernels)."""
    with tempfile.TemporaryDirectory() as place:
        for package in _PACKAGES:
            shutil.copytree(root / package, Path(place) / package, ignore=shutil.ignore_patterns("__pycache__"))
        yield [str(Path(place) / package) for package in _PACKAGES]


def _signature(heads: dict[str, tuple[str, ...]]) -> Any:
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, DataType, Schema, TensorSpec

    text, number = DataType.string, DataType.double
    inputs = Schema([ColSpec(text, name, required=False) for name in ("text", "subject", "body")])
    outputs: list[ColSpec | TensorSpec] = [
        ColSpec(kind, name)
        for head in heads
        for name, kind in ((f"predicted_{head}", text), (f"{head}_confidence", number), (f"{head}_action", text))
    ]
    return ModelSignature(inputs=inputs, outputs=Schema(outputs))


def _crown(mlflow: Any, name: str, version: str) -> bool:
    """Makes ``version`` the champion if the name has none yet."""
    client = mlflow.MlflowClient()
    if CHAMPION in client.get_registered_model(name).aliases:
        return False
    client.set_registered_model_alias(name, CHAMPION, version)
    return True
