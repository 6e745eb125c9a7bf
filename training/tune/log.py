"""A search as MLflow keeps it: one run for the search, a run below it for each trial."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from training.data.corpus import Corpus
from training.registry.mlflow_home import load_mlflow, quiet, reaching, use_experiment
from training.tune.decide import median
from training.tune.picture import draw
from training.tune.score import Scores
from training.tune.space import parameters
from training.tune.study import FinishedTrial, Study
from triage.taxonomy import Taxonomy


class Log:
    """The run of a search; a search that goes on goes on in its run, if the store still has it."""

    def __init__(self, mlflow: Any, run_id: str, taxonomy: Taxonomy) -> None:
        self._mlflow, self._taxonomy = mlflow, taxonomy
        self.run_id, self.tracking_uri = run_id, str(mlflow.get_tracking_uri())

    def trial(self, told: FinishedTrial) -> None:
        """A trial that has ended, as a run below."""
        with reaching(self._mlflow), quiet(), self._mlflow.start_run(run_name=f"试验 {told.number}", nested=True):
            self._mlflow.log_params(parameters(told.candidate))
            self._mlflow.set_tags({"state": told.state, "trial": told.number})
            figures = {"mean.log_loss": told.value, "folds": told.folds, "seconds": told.seconds}
            self._mlflow.log_metrics({**figures, **_figures(told.scores, self._taxonomy)})

    def changed(self, name: str, loss: float) -> None:
        """A look at one change of the winner, as a run below."""
        with reaching(self._mlflow), quiet(), self._mlflow.start_run(run_name=name, nested=True):
            self._mlflow.set_tags({"state": "look", "change": name})
            self._mlflow.log_metric("mean.log_loss", loss)

    def result(self, result: Mapping[str, Any], recipe: Path, study: Study) -> None:
        """What came of it: figures, the recipe, the whole answer as JSON, and the picture."""
        with reaching(self._mlflow), quiet(), tempfile.TemporaryDirectory() as place:
            self._mlflow.log_metrics(
                {
                    "trials.complete": result["trials"]["complete"],
                    "trials.pruned": result["trials"]["pruned"],
                    "search.default.log_loss": result["search"]["default"],
                    "search.tuned.log_loss": result["search"]["tuned"],
                    **_compared(result["held_out"]["heads"]),
                }
            )
            self._mlflow.set_tag("verdict", "、".join(f"{h} {c['verdict']}" for h, c in _heads(result)))
            (Path(place) / "tune.json").write_text(json.dumps(result, ensure_ascii=False, indent=1), encoding="utf-8")
            draw(study.optuna, result["search"]["default"], Path(place) / "tune.png")
            self._mlflow.log_artifacts(place)
            self._mlflow.log_artifact(str(recipe))


@contextmanager
def logging(study: Study, corpus: Corpus, taxonomy: Taxonomy, params: Mapping[str, Any]) -> Iterator[Log]:
    """The run that everything inside is kept in.

    Raises:
        RegistryError: the store cannot be opened or refuses.
    """
    mlflow = load_mlflow()
    use_experiment(mlflow)
    with reaching(mlflow), quiet():
        known = _known(mlflow, study)
        run = mlflow.start_run(run_id=known) if known else mlflow.start_run(run_name=f"tune {study.name}")
        study.note("mlflow", {"uri": mlflow.get_tracking_uri(), "run": run.info.run_id})
        if not known:
            mlflow.log_params({**params, "texts": len(corpus), "study": study.name})
            mlflow.set_tags({"data_fingerprint": corpus.fingerprint, "kind": "tune"})
    status = "FAILED"
    try:
        yield Log(mlflow, run.info.run_id, taxonomy)
        status = "FINISHED"
    except KeyboardInterrupt:
        status = "KILLED"
        raise
    finally:
        with reaching(mlflow), quiet():
            mlflow.end_run(status)


def _known(mlflow: Any, study: Study) -> str | None:
    """The run of an earlier part of the search, where this store still has it."""
    from mlflow.exceptions import MlflowException

    kept = study.recall("mlflow")
    if kept is None or kept["uri"] != mlflow.get_tracking_uri():
        return None
    try:
        run = mlflow.get_run(kept["run"])
    except MlflowException:
        return None
    return str(run.info.run_id) if run.info.lifecycle_stage == "active" else None


def _figures(scores: Scores, taxonomy: Taxonomy) -> dict[str, float]:
    out: dict[str, float] = {}
    for head, one in scores.items():
        out |= {f"{head}.log_loss": one.log_loss, f"{head}.accuracy": one.accuracy, f"{head}.macro_f1": one.macro_f1}
        if taxonomy.heads[head].ordinal:
            out[f"{head}.median.accuracy"] = float((median(one.probabilities) == one.truth).mean())
    return out


def _compared(heads: Mapping[str, Any]) -> dict[str, float]:
    out: dict[str, float] = {}
    for head, compared in heads.items():
        for side in ("default", "tuned"):
            out |= {f"held_out.{side}.{head}.{name}": value for name, value in compared[side].items()}
    return out


def _heads(result: Mapping[str, Any]) -> Any:
    return result["held_out"]["heads"].items()
