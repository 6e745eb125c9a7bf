"""A head: pooled scores to probabilities to an answer, and to its part of the manifest and back to the bit."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calibration.choice import fit_method
from models.calibration.methods import METHODS, Calibrator
from models.promise.head import CalibratedHead
from models.promise.limits import Limits, fit_limits, upper_bound

K = 3
LABELS = ("refund", "invoice", "发票, 换")


def calibration(method: str, seed: int = 0) -> Calibrator:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, K, 300)
    return fit_method(method, np.eye(K)[truth] + rng.normal(size=(300, K)), truth)


def head(method: str = "temperature", seed: int = 0, members: int = 1) -> CalibratedHead:
    """With limits as they come: a class with a promise of its own, one that cannot promise."""
    rng = np.random.default_rng(seed)
    answer = rng.choice(K, 900, p=[0.55, 0.44, 0.01])
    truth = np.where(rng.random(900) < 0.98, answer, (answer + 1) % K)
    limits = fit_limits(rng.uniform(0.8, 1.0, 900), answer, truth, K, 0.1, {1: 0.2})
    weights = rng.uniform(1, 5, K)
    return CalibratedHead(
        LABELS, rng.uniform(0.1, 2.0, members), calibration(method, seed), weights, limits, ordinal=bool(seed % 2)
    )


def written(one: CalibratedHead) -> dict[str, Any]:
    spec: dict[str, Any] = json.loads(json.dumps(one.to_mapping(), ensure_ascii=False, allow_nan=False))
    return spec


@given(seed=st.integers(0, 50), method=st.sampled_from(sorted(METHODS)), members=st.integers(1, 2))
def test_it_comes_back_to_the_bit(seed: int, method: str, members: int) -> None:
    one = head(method, seed, members)
    again = CalibratedHead.from_mapping(written(one), members)
    scores = [np.random.default_rng(seed).normal(size=(20, K)).astype(np.float32) for _ in range(members)]
    assert again.labels == one.labels
    assert again.ordinal == one.ordinal
    assert np.array_equal(again.probabilities(scores), one.probabilities(scores))
    assert np.array_equal(again.weights, one.weights)
    assert np.array_equal(again.pool, one.pool)
    for field in Limits._fields:
        assert np.array_equal(getattr(again.limits, field), getattr(one.limits, field), equal_nan=field == "auto")
        assert getattr(again.limits, field).dtype == getattr(one.limits, field).dtype
    assert written(again) == written(one)


@pytest.mark.parametrize("method", sorted(METHODS))
def test_the_affine_pair_finds_the_answer_of_probabilities_and_weights(method: str) -> None:
    one = head(method)
    scores = np.random.default_rng(1).normal(size=(500, K)).astype(np.float32)
    best = (one.probabilities([scores]) * one.weights).argmax(axis=1)
    assert (best != one.probabilities([scores]).argmax(axis=1)).any(), "the weights move some answers"
    if one.affine is None:
        assert method in ("isotonic", "multinomial")
    else:
        scale, shift = one.affine
        assert np.array_equal((scale * scores + shift).argmax(axis=1), best)


def test_two_members_have_no_affine_pair() -> None:
    assert head(members=2).affine is None


def test_probabilities_are_calibrated_pooled_scores() -> None:
    one = head(members=2)
    a, b = (np.random.default_rng(s).normal(size=(5, K)).astype(np.float32) for s in (1, 2))
    pooled = (one.pool[0] * a + one.pool[1] * b).astype(np.float32)
    assert np.allclose(one.probabilities([a, b]), one.calibration.apply(pooled), atol=1e-6)


def test_the_manifest_says_what_is_promised_and_on_what_grounds() -> None:
    one = head()
    spec = written(one)
    assert list(spec["limits"]) == list(spec["weights"]) == list(LABELS)
    assert spec["limits"]["发票, 换"] == {
        "auto": None, "cannot_promise": True, "n": 0, "errors": 0, "target": 0.1, "pool": 0
    }  # fmt: skip
    own = spec["limits"]["invoice"]
    assert (own["target"], own["pool"], own["cannot_promise"]) == (0.2, 1, False)
    shared = spec["limits"]["refund"]
    assert spec["promise"]["target"] == 0.1
    assert spec["promise"]["n"] == shared["n"] > 0, "the class with a promise of its own is not counted in"
    assert spec["promise"]["errors"] == shared["errors"]
    assert spec["promise"]["bound"] == upper_bound(shared["errors"], shared["n"]) <= 0.1


def test_a_head_whose_classes_all_have_promises_of_their_own_has_none_in_common() -> None:
    answer = np.arange(600) % K
    limits = fit_limits(np.full(600, 0.99), answer, answer, K, 0.03, dict.fromkeys(range(K), 0.1))
    promise = CalibratedHead(LABELS, np.ones(1), calibration("temperature"), np.ones(K), limits).to_mapping()["promise"]
    assert promise == {"target": None, "n": 0, "errors": 0, "bound": 1.0}


BROKEN = [
    {"labels": ["refund"]},
    {"labels": ["refund", "refund", "invoice"]},
    {"labels": ["refund", "invoice", 3]},
    {"labels": None},
    {"pool": []},
    {"pool": [1.0, 1.0]},
    {"pool": [-1.0]},
    {"pool": [0.0]},
    {"pool": [float("nan")]},
    {"pool": ["x"]},
    {"weights": {"refund": 1.0}},
    {"weights": dict.fromkeys(LABELS, 0.0)},
    {"weights": dict.fromkeys(LABELS, float("inf"))},
    {"weights": [1.0, 1.0, 1.0]},
    {"limits": {}},
    {"limits": {label: {"auto": 0.5} for label in LABELS}},
    {"limits": [1, 2, 3]},
    {"calibration": {"method": "guess"}},
    {"calibration": None},
]


@pytest.mark.parametrize("change", BROKEN, ids=range(len(BROKEN)))
def test_what_does_not_fit_together_is_refused(change: dict[str, Any]) -> None:
    spec = {**copy.deepcopy(written(head())), **change}
    with pytest.raises((KeyError, TypeError, ValueError)):
        CalibratedHead.from_mapping(spec, 1)
    for name in change:
        del spec[name]
    with pytest.raises(KeyError):
        CalibratedHead.from_mapping(spec, 1)


def test_an_order_of_labels_that_older_folders_do_not_know_is_none() -> None:
    spec = written(head())
    del spec["ordinal"]
    assert CalibratedHead.from_mapping(spec, 1).ordinal is False
    with pytest.raises(ValueError, match="ordinal"):
        CalibratedHead.from_mapping({**spec, "ordinal": "yes"}, 1)
