"""The search itself: Optuna proposes, folds judge, SQLite remembers, so that a killed search goes on where it was.

Proposals come from a tree-structured Parzen estimator (Bergstra et al., NeurIPS 2011). A candidate is given up early when,
on the folds that are done, it is worse than half of the finished ones were there (the median rule of Golovin et al.,
"Google Vizier", KDD 2017). Losses are taken relative to the default's on the very same folds: some folds are harder.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from models.linear.recipe import Recipe
from training.tune.score import CandidateScorer, Scores, mean_loss
from training.tune.space import CHAR, SPACE, Candidate, from_parameters, parameters, suggest
from triage.errors import InputError, TrainingError

_UNPRUNED = 5
"""Candidates that are finished before any is given up."""

_LEAST_FOLDS = 2
"""Folds before a candidate is given up."""


def load_optuna() -> Any:
    """The ``optuna`` module, its chatter silenced.

    Raises:
        InputError: it is not installed; says how to.
    """
    try:
        import optuna
    except ImportError as error:
        raise InputError(
            f"fendan tune 需要 optuna，这里不能导入（{error}）；请运行 pip install 'fendan[tune]'", field="tune"
        ) from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
    return optuna


class FinishedTrial(NamedTuple):
    """A trial that has ended. ``state``: "complete" or "pruned"; ``folds``: how many it was scored on."""

    number: int
    state: str
    candidate: Candidate
    value: float
    scores: Scores
    folds: int
    seconds: float


class Study:
    """A named search in a SQLite file, and what it has found so far."""

    def __init__(self, file: Path, name: str, about: Mapping[str, Any], *, seed: int) -> None:
        """Opens the search, or begins it.

        Args:
            about: plain values that make a search the same search: data, heads, seed. A search is not continued on others.

        Raises:
            InputError: the name belongs to a search on other data; TrainingError: the file cannot be opened.
        """
        from sqlalchemy.exc import SQLAlchemyError

        optuna = load_optuna()
        self._states = optuna.trial.TrialState
        self.name, self.file = name, file
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self.optuna = optuna.create_study(
                storage=f"sqlite:///{file.resolve()}",
                study_name=name,
                load_if_exists=True,
                pruner=optuna.pruners.MedianPruner(_UNPRUNED, n_warmup_steps=_LEAST_FOLDS),
            )
            known = self.optuna.user_attrs.get("about")
            about = {**about, "space": SPACE}
            if known is None:
                self.optuna.set_user_attr("about", about)
            elif known != about:
                other = "、".join(key for key in about if known.get(key) != about[key])
                raise InputError(
                    f"搜索 {name} 已在 {file} 里，但不是同一个搜索（不同的是 {other}）；请换一个 --study 名字",
                    field="study",
                )
            self._bury()
        except (SQLAlchemyError, OSError, optuna.exceptions.StorageInternalError, RuntimeError) as error:
            raise TrainingError(
                f"打不开搜索记录 {file}：{str(error).splitlines()[0]}；请检查权限，或移开这个文件重新搜索",
                field="study",
            ) from error
        self.before = self.count()
        # A search that goes on must not draw again what it has drawn.
        self.optuna.sampler = optuna.samplers.TPESampler(seed=(seed + 7919 * self.before) % 2**32)

    def _bury(self) -> None:
        """What a killed process left unfinished has failed; one search is run by one process at a time."""
        for trial in self.optuna.get_trials(deepcopy=False, states=(self._states.RUNNING,)):
            self.optuna.tell(trial.number, state=self._states.FAIL)

    def count(self, state: str = "") -> int:
        """Trials that have ended well: all, or only the ``complete`` or the ``pruned``."""
        wanted = [self._states[state.upper()]] if state else [self._states.COMPLETE, self._states.PRUNED]
        return len(self.optuna.get_trials(deepcopy=False, states=tuple(wanted)))

    def recall(self, name: str) -> Any:
        """What was noted under a name, or None."""
        return self.optuna.user_attrs.get(name)

    def note(self, name: str, value: Any) -> None:
        self.optuna.set_user_attr(name, value)

    def default(self, heads: tuple[str, ...], find: Callable[[], Candidate]) -> Candidate:
        """What the search starts from and is compared with; found once and then remembered."""
        kept = self.recall("default")
        if kept is None:
            kept = parameters(find())
            self.note("default", kept)
        return from_parameters(kept, heads)

    def finished(self, heads: tuple[str, ...]) -> list[tuple[Candidate, dict[str, float]]]:
        """Candidates that were scored on every fold, with their log loss by head, in the order of trying."""
        done = self.optuna.get_trials(deepcopy=False, states=(self._states.COMPLETE,))
        return [(from_parameters(t.params, heads), t.user_attrs["heads"]) for t in done]

    def search(
        self,
        scorer: CandidateScorer,
        default: Candidate,
        *,
        trials: int,
        seconds: float | None,
        stopped: Callable[[], bool],
        told: Callable[[FinishedTrial], None],
    ) -> None:
        """Goes on until ``trials`` have ended (those of earlier runs count), time is up, or somebody stops it.

        Args:
            stopped: asked after each fold; what was begun then is dropped.
            told: hears of each trial that has ended.
        """
        end = None if seconds is None else time.monotonic() + seconds
        late = stopped if end is None else lambda: stopped() or time.monotonic() >= end
        heads = tuple(default.heads)
        if self.recall("curve") is None and not self.optuna.get_trials(states=(self._states.WAITING,)):
            for first in openings(default):
                self.optuna.enqueue_trial(parameters(first))
        while self.count() < trials and not late():
            trial = self.optuna.ask()
            candidate = suggest(trial, heads)
            found = self._judge(trial, candidate, scorer, late)
            if found is None:
                return
            told(found)

    def _judge(
        self, trial: Any, candidate: Candidate, scorer: CandidateScorer, late: Callable[[], bool]
    ) -> FinishedTrial | None:
        start, folds = time.perf_counter(), scorer.material.folds
        usual: list[float] | None = self.recall("curve")
        losses: list[float] = []
        scores: Scores = {}
        state = "complete"
        try:
            for scores in scorer.run(candidate):
                losses.append(mean_loss(scores))
                trial.report(losses[-1] / usual[len(losses) - 1] if usual else 1.0, len(losses))
                if len(losses) < folds and late():
                    self.optuna.tell(trial, state=self._states.FAIL)
                    return None
                if len(losses) < folds and trial.should_prune():
                    state = "pruned"
                    break
        except BaseException:
            self.optuna.tell(trial, state=self._states.FAIL)
            raise
        if state == "complete":
            trial.set_user_attr("heads", {head: one.log_loss for head, one in scores.items()})
            if usual is None:  # the first to end is the default: it is queued first and never given up
                self.note("curve", losses)
            self.optuna.tell(trial, losses[-1])
        else:
            self.optuna.tell(trial, state=self._states.PRUNED)
        seconds = time.perf_counter() - start
        return FinishedTrial(trial.number, state, candidate, losses[-1], scores, len(losses), seconds)


def openings(default: Candidate) -> list[Candidate]:
    """What is tried first: the default, and its machines on shorter and longer features than it has."""
    usual = default.features
    others = [n for n in (usual.char_ngram - 1, usual.char_ngram + 1) if CHAR[0] <= n <= CHAR[1]]
    return [default, *(default._replace(features=replace(usual, char_ngram=n)) for n in others)]


def default_candidate(scorer: CandidateScorer) -> Candidate:
    """What ``fendan train`` would choose by itself on the same data."""
    from features.hashing import FeatureSettings
    from models.core.weight_table import tone_of
    from models.linear.fit import fit_heads

    features = FeatureSettings()
    material = scorer.material
    matrix, vocabulary = material.matrix(features)
    fitted = fit_heads(
        matrix,
        material.encoded,
        material.groups,
        seed=scorer.seed,
        conditional=False,
        tone=tone_of(vocabulary, features),
    )
    recipes: dict[str, tuple[Recipe, ...]] = {head: tuple(sorted(one.recipes)) for head, one in fitted.items()}
    return Candidate(features, recipes)
