"""Held-out scores: every member scored what it had not seen, a second member is taken where it pays, calibration is crossed."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from models.calibration.choice import fit_method
from models.core.scorer import HeadFit, HeldOutScores
from models.linear.build import head_fit
from models.linear.fit import FittedHead
from models.linear.recipe import Recipe
from models.linear.svm import LinearSvm
from models.promise.held_out import UnseenScores, crossed, held_of, pooled_of

N, K = 40, 2
"""Texts; the even ones are labelled."""

ROWS = np.arange(0, N, 2)
GROUPS = np.arange(N) + 100


def fitted(later: list[int] | None = None) -> FittedHead:
    """Scores that tell which ticket they are of: row number, and row number plus 1,000 from the past."""
    at = np.array(later or [], np.int64)
    own = np.tile(ROWS[:, None].astype(np.float32), (1, K))
    return FittedHead(
        labels=("a", "b"),
        svm=LinearSvm(np.zeros((1, K), np.float32), np.zeros(K, np.float32)),
        recipes=(Recipe(),),
        rows=ROWS,
        truth=ROWS // 2 % 2,
        fold=np.arange(len(ROWS)) % 5,
        unseen=own,
        later=at,
        from_past=own[at] + 1_000,
        log_loss=0.0,
    )


def encoder(held: list[int], how: str) -> HeadFit:
    at = np.flatnonzero(np.isin(ROWS, held))
    found = HeldOutScores(at, np.tile(ROWS[at][:, None].astype(np.float32) + 5_000, (1, K)))
    return HeadFit(None, found) if how == "later" else HeadFit(found)


def both(one: FittedHead | None, other: HeadFit | None) -> tuple[UnseenScores, UnseenScores | None]:
    members = [*([head_fit(one)] if one else []), *([other] if other else [])]
    return held_of(members, "category", ROWS, ROWS // 2 % 2, GROUPS)


def held(one: FittedHead | None, other: HeadFit | None) -> UnseenScores:
    return both(one, other)[0]


def same_tickets(found: UnseenScores, rows: list[int], *starts: int) -> None:
    """Whether all parts speak of the tickets ``rows``, in one order, and members' scores begin at ``starts``."""
    assert sorted((found.group - 100).tolist()) == rows
    for scores, start in zip(found.scores, starts, strict=True):
        assert (scores[:, 0] - start).tolist() == (found.group - 100).tolist()
    assert found.truth.tolist() == ((found.group - 100) // 2 % 2).tolist()
    assert len(found.fold) == len(rows)


def test_linear_alone_scores_every_labelled_ticket() -> None:
    found = held(fitted(), None)
    same_tickets(found, ROWS.tolist(), 0)
    assert found.how == "unseen"


def test_an_encoder_alone_scores_what_was_held_out_and_labelled() -> None:
    found = held(None, encoder([0, 1, 2, 3, 4, 30], "later"))
    same_tickets(found, [0, 2, 4, 30], 5_000)
    assert found.how == "later"


def test_of_two_members_both_had_not_seen_the_ticket() -> None:
    same_tickets(held(fitted(), encoder([0, 1, 2, 30], "unseen")), [0, 2, 30], 0, 5_000)


def test_where_the_encoder_knew_the_past_only_so_does_the_linear_machine() -> None:
    one = fitted(later=[19, 15, 16])  # rows 38, 30, 32: not in their order
    same_tickets(held(one, encoder([20, 30, 38, 39], "later")), [30, 38], 1_000, 5_000)
    same_tickets(held(one, encoder([20, 30, 38], "unseen")), [20, 30, 38], 0, 5_000)


def test_later_scores_are_matched_to_their_tickets() -> None:
    found = both(fitted(later=[19, 15, 16]), None)[1]
    assert found is not None
    same_tickets(found, [30, 32, 38], 1_000)
    assert found.how == "later"
    assert both(fitted(), None)[1] is None
    assert both(fitted(later=[19, 15, 16]), encoder([20, 30, 38], "unseen"))[1] is None, (
        "the encoder knew tickets of any time"
    )


# --- pooling


def scored(noise: tuple[float, ...], n: int = 1_200, seed: int = 0) -> UnseenScores:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    scores = [np.asarray(np.eye(3)[truth] + s * rng.normal(size=(n, 3)), np.float32) for s in noise]
    return UnseenScores(scores, truth, np.arange(n) % 5, np.arange(n), "unseen")


def test_one_member_is_left_as_it_is() -> None:
    one = scored((0.7,))
    shares, pooled = pooled_of(one)
    assert shares.tolist() == [1.0]
    assert np.array_equal(pooled, one.scores[0])


def test_a_second_member_that_helps_is_taken() -> None:
    two = scored((0.7, 0.7))
    shares, pooled = pooled_of(two)
    assert (shares > 0).all()
    right = [float((s.argmax(axis=1) == two.truth).mean()) for s in (*two.scores, pooled)]
    assert right[2] > max(right[:2]) + 0.02


@pytest.mark.parametrize("seed", range(5))
def test_a_second_member_that_does_not_help_gets_nothing(seed: int) -> None:
    two = scored((0.5, 50.0), seed=seed)
    shares, pooled = pooled_of(two)
    assert shares.tolist() == [1.0, 0.0]
    assert np.array_equal(pooled, two.scores[0])


# --- crossed calibration


@pytest.mark.parametrize("method", ["temperature", "vector", "multinomial", "isotonic"])
def test_each_ticket_is_calibrated_by_a_calibration_that_had_not_seen_it(method: str) -> None:
    one = scored((0.7,), 300)
    p = crossed(method, one.scores[0], one.truth, one.fold)
    assert p.sum(axis=1) == pytest.approx(np.ones(300))
    for f in range(5):
        out = one.fold == f
        fitted_there = fit_method(method, one.scores[0][~out], one.truth[~out])
        assert np.array_equal(p[out], fitted_there.apply(one.scores[0][out]))


def test_labels_of_a_fold_do_not_reach_its_own_probabilities() -> None:
    one = scored((0.7,), 300)
    other: NDArray[np.int64] = np.where(one.fold == 2, 0, one.truth)
    a, b = (crossed("temperature", one.scores[0], truth, one.fold) for truth in (one.truth, other))
    assert np.array_equal(a[one.fold == 2], b[one.fold == 2])
    assert not np.array_equal(a[one.fold == 1], b[one.fold == 1])


def test_one_fold_is_calibrated_by_itself_for_want_of_another() -> None:
    one = scored((0.7,), 60)
    p = crossed("temperature", one.scores[0], one.truth, np.zeros(60, np.int64))
    assert np.array_equal(p, fit_method("temperature", one.scores[0], one.truth).apply(one.scores[0]))
