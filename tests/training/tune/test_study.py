"""The search: it stops when asked, goes on where it was, gives up what is bad, and learns from the development part only."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import optuna
import pytest

from features.hashing import FeatureSettings
from models.linear.recipe import Recipe
from tests.training.builders import corpus, starter, taxonomy
from training.tune.compare import compare
from training.tune.data import HeldOut, Material, part
from training.tune.score import CandidateScorer, Scores, mean_loss
from training.tune.space import Candidate, assemble, from_parameters, parameters
from training.tune.stopping import stopping
from training.tune.study import FinishedTrial, Study, openings
from triage.errors import InputError, TrainingError

pytestmark = pytest.mark.slow

HEADS = ("urgency",)
DEFAULT = Candidate(FeatureSettings(1, 2), {"urgency": (Recipe(0.25),)})
BAD = Candidate(FeatureSettings(1, 2), {"urgency": (Recipe(0.005),)})


@pytest.fixture(scope="module")
def parts() -> tuple[Material, HeldOut]:
    return part(starter(), taxonomy(), HEADS, seed=0, progress=lambda _what, _share: None)


@pytest.fixture(scope="module")
def scorer(parts: tuple[Material, HeldOut]) -> CandidateScorer:
    return CandidateScorer(parts[0])


def opened(folder: Path, seed: int = 0) -> Study:
    return Study(folder / "tune.db", "s", {"data": "x"}, seed=seed)


def go(study: Study, scorer: CandidateScorer, trials: int, *, stopped: object = None) -> list[FinishedTrial]:
    told: list[FinishedTrial] = []
    study.search(
        scorer,
        DEFAULT,
        trials=trials,
        seconds=None,
        stopped=stopped or (lambda: False),  # type: ignore[arg-type]
        told=told.append,
    )
    return told


def test_the_default_goes_first_then_its_neighbours(tmp_path: Path, scorer: CandidateScorer) -> None:
    told = go(opened(tmp_path), scorer, 2)
    assert [one.candidate for one in told] == openings(DEFAULT)[:2]
    assert told[0].value == pytest.approx(mean_loss(scorer.finish(DEFAULT)), abs=0)


def test_a_stopped_search_drops_what_was_begun_and_goes_on_with_something_new(
    tmp_path: Path, scorer: CandidateScorer
) -> None:
    asked = iter([False] * (1 + 4 + 1 + 4 + 1 + 2) + [True] * 9)  # before each trial and after each fold but the last
    study = opened(tmp_path)
    first = go(study, scorer, 6, stopped=lambda: next(asked))
    assert len(first) == 2
    assert [t.state.name for t in study.optuna.trials] == ["COMPLETE", "COMPLETE", "FAIL"]
    again = opened(tmp_path)
    assert again.before == 2
    second = go(again, scorer, 6)
    assert again.count() == 6
    tried = [one.candidate for one in (*first, *second)]
    assert len({str(parameters(one)) for one in tried}) == len(tried) == 6


def test_what_a_killed_process_left_running_is_not_counted(tmp_path: Path, scorer: CandidateScorer) -> None:
    killed = opened(tmp_path)
    go(killed, scorer, 1)
    killed.optuna.ask()  # the process dies here
    again = opened(tmp_path)
    assert again.before == 1
    assert "RUNNING" not in {t.state.name for t in again.optuna.trials}
    go(again, scorer, 2)
    assert again.count() == 2


def test_a_killed_default_is_tried_again(tmp_path: Path, scorer: CandidateScorer) -> None:
    killed = opened(tmp_path)
    killed.optuna.enqueue_trial(parameters(DEFAULT))
    killed.optuna.ask()
    assert [one.candidate for one in go(opened(tmp_path), scorer, 1)] == [DEFAULT]


def test_the_same_seed_searches_the_same(tmp_path: Path, scorer: CandidateScorer) -> None:
    runs = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        runs.append([(one.candidate, one.value) for one in go(opened(tmp_path / name), scorer, 5)])
    assert runs[0] == runs[1]


def test_a_bad_candidate_is_given_up_before_its_last_fold(tmp_path: Path, scorer: CandidateScorer) -> None:
    study = opened(tmp_path)
    for penalty in (0.25, 0.2, 0.3, 0.35, 0.4, 0.45):
        study.optuna.enqueue_trial(parameters(DEFAULT._replace(heads={"urgency": (Recipe(penalty),)})))
    study.optuna.enqueue_trial(parameters(BAD))
    *good, bad = go(study, scorer, 7)
    assert {one.state for one in good[:5]} == {"complete"}
    assert (bad.candidate, bad.state) == (BAD, "pruned")
    assert bad.folds < scorer.material.folds
    assert study.count("pruned") >= 1
    assert BAD not in [candidate for candidate, _ in study.finished(HEADS)]


def test_time_ends_a_search(tmp_path: Path, scorer: CandidateScorer) -> None:
    study = opened(tmp_path)
    study.search(scorer, DEFAULT, trials=9, seconds=0.0, stopped=lambda: False, told=lambda _: None)
    assert study.count() == 0


def test_another_search_and_a_broken_file_are_refused(tmp_path: Path) -> None:
    opened(tmp_path)
    with pytest.raises(InputError, match="data") as caught:
        Study(tmp_path / "tune.db", "s", {"data": "y"}, seed=0)
    assert caught.value.field == "study"
    (tmp_path / "broken.db").write_text("不是数据库" * 100)
    with pytest.raises(TrainingError, match=r"broken\.db"):
        Study(tmp_path / "broken.db", "s", {"data": "x"}, seed=0)


def test_the_first_interrupt_asks_and_the_second_ends(capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGINT)
    with stopping(quietly=False) as stopped:
        assert not stopped()
        signal.raise_signal(signal.SIGINT)
        assert stopped()
        assert "收尾" in capsys.readouterr().err
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_an_interrupt_ends_a_search_with_what_was_found(tmp_path: Path, scorer: CandidateScorer) -> None:
    class Interrupted(CandidateScorer):
        """A person presses Ctrl-C in the second trial."""

        trials = 0

        def run(self, candidate: Candidate, *, min_df: int = 2, doubled: bool = False) -> Iterator[Scores]:
            self.trials += 1
            for scores in super().run(candidate, min_df=min_df, doubled=doubled):
                if self.trials == 2:
                    signal.raise_signal(signal.SIGINT)
                yield scores

    study = opened(tmp_path)
    with stopping(quietly=True) as stopped:
        told = go(study, Interrupted(scorer.material), 9, stopped=stopped)
    assert [one.candidate for one in told] == [DEFAULT]
    assert study.finished(HEADS)[0][0] == DEFAULT


def test_labels_of_the_held_out_fifth_change_nothing_that_is_found(tmp_path: Path) -> None:
    """The same tickets with every held-out label turned round: split, search and winner are the same to the bit."""
    whole = starter()
    clean = part(whole, taxonomy(), HEADS, seed=0, progress=lambda _what, _share: None)
    held = set(clean[1].texts)
    turned = {"low": "critical", "normal": "high", "high": "normal", "critical": "low"}
    column = [
        turned[str(code)] if text in held else code
        for text, code in zip(whole.texts, whole.labels["urgency"], strict=True)
    ]
    lied = part(
        corpus(whole.texts, {"urgency": column}, whole.created_at),
        taxonomy(),
        HEADS,
        seed=0,
        progress=lambda _what, _share: None,
    )
    assert lied[1].texts == clean[1].texts
    assert lied[1].labels["urgency"] != clean[1].labels["urgency"]
    found = []
    for name, (material, _) in (("clean", clean), ("lied", lied)):
        (tmp_path / name).mkdir()
        found.append([(one.candidate, one.value) for one in go(opened(tmp_path / name), CandidateScorer(material), 4)])
    assert found[0] == found[1]
    better = Candidate(FeatureSettings(1, 2), {"urgency": (Recipe(0.5, 0.5),)})
    truth, lie = (compare(*both, DEFAULT, better)["urgency"] for both in (clean, lied))
    assert truth.default["accuracy"] > lie.default["accuracy"], "the comparison does look at the held-out labels"


def test_parameters_say_all_of_a_candidate() -> None:
    two = Candidate(FeatureSettings(2, 4), {"urgency": (Recipe(0.25), Recipe(0.5, 0.5, 0.125))})
    for one in (DEFAULT, BAD, two):
        assert from_parameters(parameters(one), HEADS) == one


def test_heads_of_the_same_features_are_put_together() -> None:
    features, a, b = FeatureSettings(1, 2), (Recipe(0.1),), (Recipe(0.2),)
    finished = [
        (Candidate(features, {"category": a, "urgency": a}), {"category": 0.3, "urgency": 0.9}),
        (Candidate(features, {"category": b, "urgency": b}), {"category": 0.8, "urgency": 0.4}),
        (Candidate(replace(features, char_ngram=3), {"category": a, "urgency": b}), {"category": 0.1, "urgency": 0.7}),
    ]
    found, losses = assemble(finished)
    assert found == Candidate(features, {"category": a, "urgency": b})
    assert losses == {"category": 0.3, "urgency": 0.4}


def test_optuna_s_own_file_holds_the_trials(tmp_path: Path, scorer: CandidateScorer) -> None:
    go(opened(tmp_path), scorer, 1)
    kept = optuna.load_study(study_name="s", storage=f"sqlite:///{tmp_path / 'tune.db'}")
    assert kept.trials[0].params["urgency.1.penalty"] == 0.25
    assert len(kept.trials[0].intermediate_values) == scorer.material.folds
