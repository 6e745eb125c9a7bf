"""What ``fendan tune`` varies: the features that all heads share, and the machines of each head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from features.hashing import FeatureSettings
from models.linear.recipe import Recipe

SPACE = 1
"""Raised when the space changes: trials of another space are not to be continued."""

WORD = (1, 2)
CHAR = (2, 5)
PENALTY = (0.02, 8.0)
_STEPS = 0.125
"""Ratio and balance go in steps: finer ones are not told apart by thousands of tickets."""


class Candidate(NamedTuple):
    """One point of the space. ``heads``: head -> one recipe, or two whose machines are averaged."""

    features: FeatureSettings
    heads: dict[str, tuple[Recipe, ...]]


def suggest(trial: Any, heads: Sequence[str]) -> Candidate:
    """Asks an Optuna trial for a candidate. The names of its parameters are those of :func:`parameters`."""
    features = FeatureSettings(
        trial.suggest_int("features.word_ngram", *WORD), trial.suggest_int("features.char_ngram", *CHAR)
    )
    out = {}
    for head in heads:
        svms = trial.suggest_int(f"{head}.machines", 1, 2)
        out[head] = _distinct([_suggest(trial, f"{head}.{place}") for place in range(1, svms + 1)])
    return Candidate(features, out)


def _suggest(trial: Any, name: str) -> Recipe:
    return Recipe(
        _rounded(trial.suggest_float(f"{name}.penalty", *PENALTY, log=True)),
        trial.suggest_float(f"{name}.ratio", 0.0, 1.0, step=_STEPS),
        trial.suggest_float(f"{name}.balance", 0.0, 1.0, step=_STEPS),
    )


def _rounded(penalty: float) -> float:
    """Three digits, so that log, file and model say the same number."""
    return float(f"{penalty:.3g}")


def _distinct(recipes: Sequence[Recipe]) -> tuple[Recipe, ...]:
    return tuple(sorted(set(recipes)))


def parameters(candidate: Candidate) -> dict[str, float]:
    """Flat names and values, as Optuna and MLflow keep them."""
    out: dict[str, float] = {
        "features.word_ngram": candidate.features.word_ngram,
        "features.char_ngram": candidate.features.char_ngram,
    }
    for head, recipes in candidate.heads.items():
        out[f"{head}.machines"] = len(recipes)
        for place, recipe in enumerate(recipes, 1):
            out |= {f"{head}.{place}.{name}": value for name, value in recipe.to_mapping().items()}
    return out


def from_parameters(params: Mapping[str, float], heads: Sequence[str]) -> Candidate:
    """Reads the parameters of a finished trial back."""

    def recipe(name: str) -> Recipe:
        return Recipe(_rounded(params[f"{name}.penalty"]), params[f"{name}.ratio"], params[f"{name}.balance"])

    return Candidate(
        FeatureSettings(int(params["features.word_ngram"]), int(params["features.char_ngram"])),
        {
            head: _distinct([recipe(f"{head}.{i}") for i in range(1, int(params[f"{head}.machines"]) + 1)])
            for head in heads
        },
    )


def assemble(finished: Sequence[tuple[Candidate, Mapping[str, float]]]) -> tuple[Candidate, dict[str, float]]:
    """The best candidate that can be put together, and its loss by head.

    With the same features a head does not know what recipes the others have, so the best of each may be joined, and the
    losses of the whole are known without fitting anything.

    Args:
        finished: candidates with their log loss by head, at least one.
    """
    best: dict[tuple[int, int], dict[str, tuple[float, tuple[Recipe, ...]]]] = {}
    for candidate, losses in finished:
        mine = best.setdefault((candidate.features.word_ngram, candidate.features.char_ngram), {})
        for head, recipes in candidate.heads.items():
            mine[head] = min(mine.get(head, (float("inf"), recipes)), (losses[head], recipes))
    at = min(best, key=lambda key: (sum(loss for loss, _ in best[key].values()), key))
    heads = {head: recipes for head, (_, recipes) in best[at].items()}
    return Candidate(FeatureSettings(*at), heads), {head: loss for head, (loss, _) in best[at].items()}
