"""A look around what was found: what a recipe file cannot carry, each changed alone, on the same folds.

The least number of texts a feature must stand in, and the first line of a ticket counted twice (it may be a subject), would
have to be known to the model too. They are looked at for the winner only, so that the record shows whether they would pay.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from training.tune.decide import decisions
from training.tune.score import CandidateScorer, mean_loss
from training.tune.space import Candidate, parameters
from training.tune.study import Study
from triage.taxonomy import Taxonomy

PAYS = 0.005
"""Share of the log loss from which on a change is worth mentioning."""

_LOOKS: dict[str, dict[str, Any]] = {
    "min_df=1": {"min_df": 1},
    "min_df=3": {"min_df": 3},
    "min_df=4": {"min_df": 4},
    "first_line_twice": {"doubled": True},
}


def look(
    study: Study, scorer: CandidateScorer, found: Candidate, taxonomy: Taxonomy, told: Callable[[str, float], None]
) -> dict[str, Any]:
    """``log_loss`` of the candidate and under each change, and the ``decisions`` by head; remembered in the study.

    ``told`` hears of each change that was scored now, with its log loss.
    """
    of = parameters(found)
    kept: dict[str, Any] | None = study.recall("look")
    if kept is not None and kept["of"] == of:
        return dict(kept["found"])
    scores = scorer.finish(found)
    out: dict[str, Any] = {"log_loss": {"as_found": mean_loss(scores)}}
    for name, change in _LOOKS.items():
        if name != "first_line_twice" or scorer.material.subjects:
            out["log_loss"][name] = mean_loss(scorer.finish(found, **change))
            told(name, out["log_loss"][name])
    out["decisions"] = {
        head: decisions(one.probabilities, one.truth, one.fold, ordinal=taxonomy.heads[head].ordinal, seed=scorer.seed)
        for head, one in scores.items()
    }
    study.note("look", {"of": of, "found": out})
    return out


def would_pay(found: dict[str, Any]) -> dict[str, float]:
    """Changes that lower the log loss by more than :data:`PAYS` -> by which share."""
    losses = dict(found["log_loss"])
    usual = losses.pop("as_found")
    return {name: 1 - loss / usual for name, loss in losses.items() if loss < (1 - PAYS) * usual}
