"""Kinds of scorers: listed in one place, and a new one needs nothing but its own code and its place in the list."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models import TriageModel, scorers
from models.core.scorer import ScorerKind
from models.scorers import ModelKind, find, kinds
from models.spec import ModelSpec
from tests.models.bayes import BAYES
from tests.models.builders import HEADS, QUICK, fit_texts, some_tickets, taxonomy
from triage.errors import ArtefactError, InputError, TrainingError

ROWS = some_tickets()
TEXTS = [row["text"] for row in ROWS]
LABELS = {head: [row[head] for row in ROWS] for head in HEADS}


@pytest.fixture
def bayes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kind, listed: alone, and in a blend with the linear one."""
    both = ModelKind("bayes-blend", "两者合议", (BAYES, scorers.LINEAR))
    monkeypatch.setattr(scorers, "SCORERS", (*scorers.SCORERS, BAYES))
    monkeypatch.setattr(scorers, "BLENDS", (*scorers.BLENDS, both))


def test_what_there_is() -> None:
    assert list(kinds()) == ["linear", "encoder", "blend"]
    assert [kind.name for kind in find("blend").members] == ["linear", "encoder"]
    with pytest.raises(TrainingError, match="linear、encoder、blend"):
        find("forest")


@pytest.mark.parametrize("kind", ["bayes", "bayes-blend"])
def test_a_new_kind_is_fitted_kept_and_asked(bayes: None, tmp_path: Path, kind: str) -> None:
    model = fit_texts(TEXTS, LABELS, taxonomy=taxonomy(), kind=kind, target_error=0.3, recipes=QUICK)
    assert model.manifest["kind"] == kind
    answers = model.predict(TEXTS, evidence=True)
    right = np.mean([a.heads["category"].label == row["category"] for a, row in zip(answers, ROWS, strict=True)])
    assert right > 0.9
    model.save(tmp_path / "M")
    again = TriageModel.load(tmp_path / "M")
    assert again.predict(TEXTS, evidence=True) == answers
    assert np.array_equal(again.in_scope(TEXTS), model.in_scope(TEXTS))
    for head, p in again.predict_proba(TEXTS).items():
        assert p.sum(axis=1) == pytest.approx(np.ones(len(TEXTS))), head


def test_a_folder_of_a_kind_that_is_not_listed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scorers, "SCORERS", (*scorers.SCORERS, BAYES))
    fit_texts(TEXTS, {"category": LABELS["category"]}, taxonomy=taxonomy(), kind="bayes").save(tmp_path / "M")
    monkeypatch.undo()
    with pytest.raises(ArtefactError, match="bayes"):
        TriageModel.load(tmp_path / "M")


def test_training_takes_it_at_its_word(bayes: None) -> None:
    """The options of the command line know of a listed kind without a line of their own."""
    from training.fit.options import SpecOptions
    from training.fit.spec import TrainingSpec

    assert SpecOptions(kind="bayes").applied_to(TrainingSpec()) == TrainingSpec(kind="bayes")
    with pytest.raises(InputError, match="--recipe"):
        SpecOptions(kind="bayes", recipe=Path("r.yaml")).applied_to(TrainingSpec())


def test_a_kind_is_what_the_protocol_says() -> None:
    """For mypy: what is listed has every method with the right types."""
    listed: tuple[ScorerKind[ModelSpec], ...] = (*scorers.SCORERS, BAYES)
    assert len({kind.name for kind in listed}) == len(listed)
