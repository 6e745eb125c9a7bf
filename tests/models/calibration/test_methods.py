"""Every calibration gives probabilities, survives JSON to the bit, keeps its promise on order, and reads nothing foreign."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calibration.choice import fit_method as fit
from models.calibration.methods import METHODS, Calibrator, from_mapping
from tests.models.calibration.builders import SIZES, SPREAD, are_probabilities, data

METHOD = st.sampled_from(sorted(METHODS))


@given(**SIZES, spread=SPREAD, method=METHOD, single=st.booleans())
def test_probabilities_are_probabilities(seed: int, n: int, k: int, spread: float, method: str, single: bool) -> None:
    scores, labels = data(seed, n, k, spread)
    fitted = fit(method, scores.astype(np.float32) if single else scores, labels)
    for unseen in (scores, scores[:0], np.zeros((2, k)), np.full((1, k), 1e5), -scores.astype(np.float32)):
        given = unseen.copy()
        are_probabilities(fitted.apply(unseen), unseen.shape)
        assert np.array_equal(given, unseen), "the scores are left as they are"


@given(**SIZES, method=METHOD)
def test_json_gives_the_same_calibration_back(seed: int, n: int, k: int, method: str) -> None:
    scores, labels = data(seed, n, k)
    fitted = fit(method, scores, labels)
    mapping = json.loads(json.dumps(fitted.to_mapping(), allow_nan=False))
    assert mapping["method"] == method == fitted.method
    again = from_mapping(mapping, k)
    assert type(again) is type(fitted)
    assert np.array_equal(again.apply(scores), fitted.apply(scores))


@given(**SIZES, method=st.sampled_from(["temperature", "vector"]))
def test_scale_and_shift_order_labels_as_probabilities_do(seed: int, n: int, k: int, method: str) -> None:
    scores, labels = data(seed, n, k)
    fitted = fit(method, scores, labels)
    assert fitted.affine is not None
    scale, shift = fitted.affine
    assert scale.shape == shift.shape == (k,)
    logits, p = scale * scores + shift, fitted.apply(scores)
    best = logits.argmax(axis=1)
    assert (p[np.arange(n), best] == p.max(axis=1)).all()


@pytest.mark.parametrize("method", ["multinomial", "isotonic"])
def test_the_others_have_no_scale_and_shift(method: str) -> None:
    assert fit(method, *data(0, 30, 3)).affine is None


def good(method: str) -> dict[str, Any]:
    return fit(method, *data(0, 30, 3)).to_mapping()


BAD: dict[str, list[dict[str, Any]]] = {
    "temperature": [
        {"scale": 0.0},
        {"scale": -1.0},
        {"scale": float("nan")},
        {"scale": float("inf")},
        {"scale": "1"},
        {"scale": True},
        {"scale": [1.0]},
        {"scale": 10**400},
        {"bias": [0.0, 0.0]},
        {"bias": [[0.0, 0.0, 0.0]]},
        {"bias": [0.0, None, 0.0]},
        {"bias": [0.0, float("nan"), 0.0]},
        {"bias": 0.0},
        {"more": 1},
    ],
    "vector": [
        {"scale": 1.0},
        {"scale": [1.0, 0.0, 1.0]},
        {"scale": [1.0, -2.0, 1.0]},
        {"scale": [1.0, 1.0]},
        {"bias": None},
    ],
    "multinomial": [
        {"weights": [[1.0] * 3] * 2},
        {"weights": [[1.0] * 2] * 3},
        {"weights": [[1.0] * 3, [1.0] * 3, [1.0] * 2]},
        {"weights": [[float("inf")] * 3] * 3},
        {"weights": [1.0] * 9},
        {"bias": [0.0] * 4},
    ],
    "isotonic": [
        {"curves": [[[0.1, 0.2], [0.3, 0.4]]] * 2},
        {"curves": [[[0.2, 0.1], [0.3, 0.4]]] * 3},
        {"curves": [[[0.1, 0.1], [0.3, 0.4]]] * 3},
        {"curves": [[[0.1, 0.2], [0.4, 0.3]]] * 3},
        {"curves": [[[0.1, 0.2], [0.0, 0.3]]] * 3},
        {"curves": [[[0.1, 0.2], [0.3, 1.0]]] * 3},
        {"curves": [[[0.1, 0.2], [0.3]]] * 3},
        {"curves": [[[], []]] * 3},
        {"curves": [[[0.1], [float("nan")]]] * 3},
        {"curves": {"0": [[0.1], [0.2]]}},
        {"scale": 0.0},
        {"bias": [0.0]},
    ],
}


@pytest.mark.parametrize(("method", "change"), [(m, change) for m, changes in BAD.items() for change in changes])
def test_what_cannot_be_a_calibration_is_refused(method: str, change: dict[str, Any]) -> None:
    mapping = good(method)
    from_mapping(mapping, 3)
    with pytest.raises(ValueError, match="校准"):
        from_mapping({**mapping, **change}, 3)


@pytest.mark.parametrize("method", sorted(METHODS))
def test_a_missing_number_or_another_head_s_is_refused(method: str) -> None:
    mapping = good(method)
    for name in mapping:
        with pytest.raises(ValueError, match="校准"):
            from_mapping({key: value for key, value in mapping.items() if key != name}, 3)
    for k in (2, 4):
        with pytest.raises(ValueError, match="校准"):
            from_mapping(mapping, k)


@pytest.mark.parametrize("mapping", [None, [], "temperature", {}, {"method": "magic"}, {"method": ["vector"]}])
def test_an_unknown_method_is_named(mapping: Any) -> None:
    with pytest.raises(ValueError, match="校准"):
        from_mapping(mapping, 3)


def test_all_methods_are_calibrators() -> None:
    for method in METHODS:
        one: Calibrator = fit(method, *data(0, 30, 3))
        assert one.method == method
