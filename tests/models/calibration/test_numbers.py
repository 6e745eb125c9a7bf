"""Only finite numbers of the right shape get in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calibration.numbers import floats, only

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=8,
)


@given(ANY, st.sampled_from([(), (2,), (-1,), (2, 2), (2, -1)]))
def test_whatever_comes_is_right_or_refused(value: Any, shape: tuple[int, ...]) -> None:
    try:
        array = floats(value, shape, "x")
    except ValueError:
        return
    assert array.dtype == np.float64
    assert np.isfinite(array).all()
    assert all(got == want or (want == -1 and got > 0) for got, want in zip(array.shape, shape, strict=True))
    assert array.tolist() == value


@pytest.mark.parametrize("value", [[], [1, "2"], [True, 1.0], [[1.0], [2.0]], (1.0, 2.0), "12", None, [1e999, 0]])
def test_near_misses(value: Any) -> None:
    with pytest.raises(ValueError, match="校准的 x"):
        floats(value, (2,), "x")


def test_just_these_keys() -> None:
    only({"method": "m", "a": 1}, "a")
    for wrong in ({"method": "m"}, {"method": "m", "a": 1, "b": 2}, {"a": 1}):
        with pytest.raises(ValueError, match="校准 "):
            only(wrong, "a")
