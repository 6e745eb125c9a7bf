"""The recipe file: round trip, and errors that say what and where."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from features.hashing import FeatureSettings
from models.linear.recipe import Recipe
from training.fit.recipe_file import read_recipe, write_recipe
from triage.errors import FendanError, InputError

RECIPES = st.builds(Recipe, penalty=st.floats(0.001, 100), ratio=st.floats(0, 1), balance=st.floats(0, 1))


@settings(max_examples=30, deadline=None)
@given(
    heads=st.dictionaries(
        st.sampled_from(["category", "urgency", "项"]), st.lists(RECIPES, min_size=1, max_size=2), min_size=1
    ),
    words=st.integers(1, 2),
    chars=st.integers(1, 6),
)
def test_what_is_written_is_read_to_the_bit(
    tmp_path_factory: pytest.TempPathFactory, heads: dict[str, list[Recipe]], words: int, chars: int
) -> None:
    path = tmp_path_factory.mktemp("recipe") / "recipe.yaml"
    features = FeatureSettings(words, chars)
    write_recipe(path, features, heads, {"trials": 3})
    assert read_recipe(path) == (features, {head: tuple(recipes) for head, recipes in heads.items()})
    assert not list(path.parent.glob("*.part"))


def _written(tmp_path: Path) -> tuple[Path, dict]:
    path = tmp_path / "recipe.yaml"
    write_recipe(path, FeatureSettings(), {"category": [Recipe(0.5, 0.25)]}, {"trials": 1})
    return path, yaml.safe_load(path.read_text("utf-8"))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda d: d.pop("features"), "features"),
        (lambda d: d.update(extra=1), "extra"),
        (lambda d: d["features"].update(word_ngram=9), "word_ngram"),
        (lambda d: d["features"].update(char_ngram="三"), "char_ngram"),
        (lambda d: d["features"].update(version=99), "version"),
        (lambda d: d.update(heads={}), "heads"),
        (lambda d: d["heads"].update(category=[]), "category"),
        (lambda d: d["heads"].update(category=[{"penalty": -1}]), "penalty"),
        (lambda d: d["heads"].update(category=[{"penality": 1}]), "penality"),
        (lambda d: d["heads"].update(category=3), "category"),
    ],
)
def test_what_is_no_recipe_is_refused_by_name(tmp_path: Path, change: object, named: str) -> None:
    path, data = _written(tmp_path)
    change(data)  # type: ignore[operator]
    path.write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    with pytest.raises(FendanError, match=named) as caught:
        read_recipe(path)
    assert caught.value.field == "recipe"
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"- 1", b"{", b"\xff\xfe\x00", "一句话".encode()])
def test_other_files_are_no_recipes(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "r.yaml"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_recipe(path)
    assert caught.value.field == "recipe"


def test_a_missing_file_and_an_unwritable_place_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="读不了"):
        read_recipe(tmp_path / "none.yaml")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError) as caught:
        write_recipe(tmp_path / "file" / "r.yaml", FeatureSettings(), {"category": [Recipe()]}, {})
    assert caught.value.field == "out"
