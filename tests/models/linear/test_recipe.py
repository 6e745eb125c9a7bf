"""Recipes: what may be varied, and how somebody learns that a value may not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.linear.recipe import TRIED, Recipe
from triage.errors import TrainingError


@given(st.floats(1e-3, 100), st.floats(0, 1), st.floats(0, 1))
def test_it_goes_through_a_mapping_and_back(penalty: float, ratio: float, balance: float) -> None:
    recipe = Recipe(penalty, ratio, balance)
    assert Recipe.from_mapping(recipe.to_mapping()) == recipe


def test_whole_numbers_become_numbers_with_a_point() -> None:
    assert {type(value) for value in Recipe(1, 0, 1).to_mapping().values()} == {float}
    assert Recipe.from_mapping({"penalty": 1}) == Recipe(1.0)
    assert Recipe.from_mapping({}) == Recipe()


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("penalty", 0, ("0.001", "100")),
        ("penalty", 101.0, ("0.001", "100")),
        ("penalty", float("inf"), ("0.001", "100")),
        ("penalty", float("nan"), ("0.001", "100")),
        ("ratio", -0.1, ("0", "1")),
        ("ratio", 1.5, ("0", "1")),
        ("balance", 2, ("0", "1")),
        ("balance", True, ("0", "1")),
        ("ratio", "0.5", ("0", "1")),
        ("penalty", None, ("0.001", "100")),
    ],
)
def test_a_value_out_of_range_is_named_with_what_is_allowed(name: str, value: Any, allowed: tuple[str, str]) -> None:
    for make in (lambda: Recipe(**{name: value}), lambda: Recipe.from_mapping({name: value})):
        with pytest.raises(TrainingError) as caught:
            make()
        assert f"{name} 应在 {allowed[0]} 与 {allowed[1]} 之间" in str(caught.value)
        assert repr(value) in str(caught.value)
        assert caught.value.field == name


def test_an_unknown_name_is_said_with_the_known_ones() -> None:
    with pytest.raises(TrainingError, match=r"不认识 alpha、gamma；.*penalty、ratio、balance") as caught:
        Recipe.from_mapping({"gamma": 1, "alpha": 2, "ratio": 0.5})
    assert caught.value.field == "alpha"


def test_what_is_tried_by_default_differs_and_holds_the_plain_machine() -> None:
    assert len(set(TRIED)) == len(TRIED) >= 4
    assert any(recipe.ratio == 0 for recipe in TRIED)
    assert any(recipe.ratio == 1 for recipe in TRIED)
