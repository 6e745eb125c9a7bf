"""A model folder written once must keep loading and keep answering as it did (see ``tests/models/golden.py``)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from models import TriageModel
from tests.models.golden import ANSWERS, MODELS, NEWEST, TEXTS, answers, fit

ADVICE = "what a text is turned into has changed: raise FeatureSettings.version, then run python -m tests.models.golden"


def recorded(version: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(ANSWERS[version].read_text(encoding="utf-8"))
    return rows


@pytest.mark.parametrize("version", MODELS)
def test_the_folder_still_loads_and_answers_as_it_did(version: int) -> None:
    model = TriageModel.load(MODELS[version])
    assert model.manifest["features"]["version"] == version
    found: list[dict[str, Any]] = answers(model)
    assert [row["text"] for row in recorded(version)] == list(TEXTS)
    for now, then in zip(found, recorded(version), strict=True):
        for head, probabilities in then["probabilities"].items():
            assert now["probabilities"][head] == pytest.approx(probabilities, abs=1e-6), ADVICE
        assert now["scope"] == pytest.approx(then["scope"], abs=1e-6)
        assert now["actions"] == then["actions"]
        assert [e[:4] for e in now["evidence"]] == [e[:4] for e in then["evidence"]], ADVICE
        assert [e[4] for e in now["evidence"]] == pytest.approx([e[4] for e in then["evidence"]], abs=2e-4)


def test_fitting_it_again_gives_much_the_same_answers() -> None:
    """Another release of scikit-learn or SciPy may differ in the last digits, not more."""
    found: list[dict[str, Any]] = answers(fit())
    for now, then in zip(found, recorded(NEWEST), strict=True):
        for head, probabilities in then["probabilities"].items():
            assert now["probabilities"][head] == pytest.approx(probabilities, abs=0.02)


@pytest.mark.parametrize("version", MODELS)
def test_it_is_small_and_holds_every_action(version: int) -> None:
    assert sum(place.stat().st_size for place in [ANSWERS[version], *MODELS[version].iterdir()]) < 200_000
    assert {action for row in recorded(version) for action in row["actions"].values()} == {"auto", "suggest", "human"}
    assert any(row["evidence"] for row in recorded(version))
