"""The picture of a search, for few trials and for many."""

from __future__ import annotations

from pathlib import Path

import optuna
import pytest

from training.tune.picture import draw, picture


@pytest.mark.usefixtures("no_chinese_font")
def test_without_a_chinese_font_nothing_is_missing(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    test_any_number_of_trials_can_be_drawn(tmp_path, 8)
    assert not [w for w in recwarn.list if "missing from font" in str(w.message)]


@pytest.mark.parametrize("trials", [1, 3, 8])
def test_any_number_of_trials_can_be_drawn(tmp_path: Path, trials: int) -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0))
    for i in range(trials):
        trial = study.ask()
        penalty = trial.suggest_float("category.1.penalty", 0.1, 1.0)
        second = trial.suggest_float("category.2.penalty", 0.1, 1.0) if i % 2 else 0.0
        trial.suggest_int("features.char_ngram", 2, 5)
        study.tell(trial, 0.4 + penalty / 10 + second / 100)
    pruned = study.ask()
    pruned.report(1.1, 2)
    study.tell(pruned, state=optuna.trial.TrialState.PRUNED)
    left, right = picture(study, 0.45).axes
    assert len(left.collections) == 2, "finished trials, and those given up"
    assert bool(right.patches) == (trials >= 4)
    assert all("2" not in label.get_text().split(" · ") for label in right.get_yticklabels())
    path = draw(study, 0.45, tmp_path / "new" / "tune.png")
    assert path.read_bytes().startswith(b"\x89PNG")
