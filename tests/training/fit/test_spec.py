"""How a model is made is written down and read back, whatever it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.hashing import FeatureSettings
from models.encoder.settings import EncoderSettings
from models.linear.recipe import Recipe
from models.promise.targets import Targets
from training.fit.spec import TrainingSpec
from triage.errors import TrainingError

RATES = st.floats(1e-6, 0.5)
NAMES = st.sampled_from(["category", "urgency", "sentiment"])
TARGETS = st.builds(Targets, RATES, st.dictionaries(NAMES, RATES))
SPECS = st.builds(
    TrainingSpec,
    kind=st.sampled_from(["linear", "encoder", "blend"]),
    targets=TARGETS,
    recipes=st.dictionaries(NAMES, st.lists(st.builds(Recipe, penalty=st.floats(0.01, 10.0)), min_size=1).map(tuple)),
    costs=st.dictionaries(NAMES, st.dictionaries(st.sampled_from("ab"), st.floats(0.1, 10.0))),
    features=st.none() | st.builds(FeatureSettings, st.integers(1, 2), st.integers(1, 6)),
    encoder=st.none() | st.builds(EncoderSettings, seed=st.integers(0, 99), layers=st.integers(1, 12)),
    encoder_folds=st.integers(1, 5),
    seed=st.integers(0, 2**32 - 1),
    hold_out=st.booleans(),
    refit=st.booleans(),
)


@given(SPECS)
def test_it_comes_back_through_json(spec: TrainingSpec) -> None:
    assert TrainingSpec.from_mapping(json.loads(json.dumps(spec.to_mapping()))) == spec


def test_a_trunk_is_found_from_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rbt3").mkdir()
    monkeypatch.chdir(tmp_path)
    for trunk, kept in (("rbt3", str(tmp_path / "rbt3")), ("hfl/rbt3", "hfl/rbt3"), ("", "")):
        assert (
            TrainingSpec(kind="encoder", encoder=EncoderSettings(trunk=trunk)).to_mapping()["encoder"]["trunk"] == kept
        )


def test_older_records_have_defaults_for_what_they_lack() -> None:
    made = {
        "kind": "blend",
        "targets": {"default": 0.05},
        "snapshot": "var/snapshots/x",
        "recipes": {},
        "features": None,
    }
    assert TrainingSpec.from_mapping(made) == TrainingSpec(kind="blend", targets=Targets(0.05))


def test_a_record_with_what_is_not_allowed_is_refused() -> None:
    with pytest.raises(TrainingError, match="layers"):
        TrainingSpec.from_mapping({"encoder": {"layers": 0}})
