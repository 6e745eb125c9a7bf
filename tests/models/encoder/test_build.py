"""Which part of the tickets an encoder learns from, and which part it is asked about."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.core.folds import BLOCKS, LEAST_LATER

pytest.importorskip("torch")
pytest.importorskip("transformers")

from models.encoder.build import _cut, _parts, _valid


def of(n: int, seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {"category": (("a", "b", "c"), np.sort(rng.permutation(n)[: n * 2 // 3]), rng.integers(0, 3, n * 2 // 3))}


@pytest.mark.parametrize("folds", [1, 2, 5])
def test_undated_an_encoder_is_asked_about_folds_it_has_not_seen(folds: int) -> None:
    groups = np.arange(200) // 2
    parts = _parts(None, of(200), groups, folds, 0, 200)
    assert len(parts) == folds
    held = np.zeros(200, int)
    for learned, out in parts:
        assert not (learned & out).any()
        assert (learned | out).all()
        assert not set(groups[learned].tolist()) & set(groups[out].tolist())
        held += out
    assert held.max() == 1
    assert held.sum() == (200 if folds == 5 else held.sum())


@pytest.mark.parametrize(("folds", "asked"), [(1, 1), (2, 2), (5, 3)])
def test_dated_an_encoder_is_asked_about_what_came_later(folds: int, asked: int) -> None:
    block = np.arange(LEAST_LATER) * BLOCKS // LEAST_LATER
    parts = _parts(block, of(LEAST_LATER), np.arange(LEAST_LATER), folds, 0, LEAST_LATER)
    assert len(parts) == asked
    for learned, out in parts:
        assert block[learned].max() < block[out].min()
    assert block[parts[-1][1]].min() == BLOCKS - 1


@given(seed=st.integers(0, 200))
def test_labels_of_a_part_are_those_of_its_texts(seed: int) -> None:
    whole = of(60, seed)
    at = np.flatnonzero(np.random.default_rng(seed).random(60) < 0.5)
    labels, rows, truth = _cut(whole, at, 60)["category"]
    was = dict(zip(whole["category"][1].tolist(), whole["category"][2].tolist(), strict=True))
    assert labels == ("a", "b", "c")
    assert {int(at[r]): int(t) for r, t in zip(rows, truth, strict=True)} == {
        r: t for r, t in was.items() if r in set(at.tolist())
    }


def test_one_group_in_ten_tells_when_to_stop_and_few_groups_none() -> None:
    groups = np.random.default_rng(0).integers(0, 400, 1_000)
    chosen = _valid(groups)
    assert chosen is not None
    assert 0.05 < chosen.mean() < 0.15
    assert not set(groups[chosen].tolist()) & set(groups[~chosen].tolist())
    assert _valid(np.arange(1_000) % 200) is None
