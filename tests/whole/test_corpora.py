"""The promised accuracy on the public corpora, through the command line as a user would, with recipes as a search finds them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from features.hashing import FeatureSettings
from models.linear.recipe import Recipe
from tests.training.builders import fendan
from training.fit.recipe_file import write_recipe

pytestmark = pytest.mark.slow

RECIPES = {
    "citizen_messages": {"category": [Recipe(0.5, 0.5)]},
    "shopping_reviews": {"category": [Recipe(0.25, 0.5)], "sentiment": [Recipe(0.25, 0.5)]},
    "auto_opinions": {"category": [Recipe(0.25, 0.5)], "sentiment": [Recipe(0.25, 0.0)]},
}
"""What ``fendan train`` chooses on the training parts by itself; given here because choosing takes most of the time."""


def _judged(name: str, corpora: Path, place: Path) -> dict[str, Any]:
    write_recipe(place / "recipe.yaml", FeatureSettings(), RECIPES[name], {"by": "fendan train, on the training part"})
    given = ("--taxonomy", "infer", "--recipe", "recipe.yaml", "--no-holdout", "--out", "M")
    made = fendan("train", corpora / name / "train.csv", *given, cwd=place)
    assert made.returncode == 0, made.stderr
    assert made.stderr == ""
    done = fendan("evaluate", "M", corpora / name / "test.csv", "--json", cwd=place)
    assert done.returncode == 0, done.stderr
    heads: dict[str, Any] = json.loads(done.stdout)["heads"]
    return heads


@pytest.mark.corpora
def test_citizen_messages_reach_the_promised_accuracy_coverage_and_error(corpora: Path, tmp_path: Path) -> None:
    category = _judged("citizen_messages", corpora, tmp_path)["category"]
    assert category["accuracy"] >= 0.932
    assert category["coverage"] >= 0.75
    assert category["selective_error"] <= 0.03


@pytest.mark.corpora
def test_shopping_reviews_reach_the_promised_accuracy_on_both_heads(corpora: Path, tmp_path: Path) -> None:
    heads = _judged("shopping_reviews", corpora, tmp_path)
    assert heads["category"]["accuracy"] >= 0.89
    assert heads["sentiment"]["accuracy"] >= 0.945
    for head in heads.values():
        assert head["selective_error_interval"][0] <= 0.03


@pytest.mark.corpora
def test_rare_opinions_of_cars_are_heard(corpora: Path, tmp_path: Path) -> None:
    heads = _judged("auto_opinions", corpora, tmp_path)
    assert heads["category"]["accuracy"] >= 0.90
    assert heads["sentiment"]["macro_f1"] >= 0.50
