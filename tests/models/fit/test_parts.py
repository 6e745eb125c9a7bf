"""From texts to the parts of a model: folding, what calibration and limits stand on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from features.hashing import FeatureSettings, count, read
from models.calibration.choice import Chosen, fit_method
from models.calibration.temperature import Temperature
from models.core.distillation import Distillation
from models.core.labels import encode
from models.core.scorer import FitData
from models.core.weight_table import build_vocabulary
from models.fit import parts as fitting
from models.fit.parts import Parts, absorbed, fit_parts, without_last
from models.linear.kind import LINEAR
from models.linear.scorer import LinearScorer
from models.promise.head import CalibratedHead
from models.promise.limits import fit_limits
from models.promise.targets import Targets
from models.spec import ModelSpec
from tests.models.builders import HEADS, QUICK, some_tickets, taxonomy

ROWS = some_tickets()
TEXTS = [row["text"] for row in ROWS]


def encoded(heads: tuple[str, ...] = HEADS) -> dict[str, Any]:
    return {h: encode(h, [row[h] for row in ROWS], taxonomy().heads[h].codes) for h in heads}


def parts_of(heads: tuple[str, ...] = HEADS, distillation: Distillation | None = None, **changed: Any) -> Parts:
    data = FitData(
        texts=TEXTS,
        batch=read(TEXTS),
        encoded=encoded(heads),
        groups=np.arange(len(TEXTS)),
        when=None,
        features=FeatureSettings(),
        progress=lambda _what, _share: None,
        distillation=distillation,
    )
    return fit_parts(ModelSpec(**{"targets": Targets(0.2), "recipes": QUICK, **changed}), data)


def machine(parts: Parts) -> LinearScorer:
    (found,) = parts.scorers
    assert isinstance(found, LinearScorer)
    return found


def probabilities(parts: Parts, texts: list[str]) -> dict[str, NDArray[np.float64]]:
    scores = machine(parts).score(read(texts)).scores
    ends = np.cumsum([0, *(len(head.labels) for head in parts.heads.values())])
    return {
        name: head.probabilities([scores[:, ends[i] : ends[i + 1]]])
        for i, (name, head) in enumerate(parts.heads.items())
    }


# --- what calibration does linearly moves into the weights


@pytest.mark.parametrize("share", [1.0, 0.6], ids=["alone", "left of a blend"])
def test_folding_changes_no_probability(share: float) -> None:
    """A head for each method; also where the machine's pool weight is not 1."""
    rng = np.random.default_rng(0)
    vocabulary = build_vocabulary(count(read(TEXTS), FeatureSettings()))
    methods, k = ("temperature", "vector", "multinomial", "isotonic"), 3
    weights = rng.normal(size=(len(vocabulary.keys), 4 * k)).astype(np.float32)
    bias = rng.normal(size=4 * k).astype(np.float32)
    linear = LinearScorer(vocabulary, weights, bias, [k] * 4, FeatureSettings())
    scores = linear.score(read(TEXTS)).scores
    heads = {}
    for i, method in enumerate(methods):
        own = share * scores[:, k * i : k * (i + 1)]
        truth = (own + rng.normal(size=own.shape)).argmax(axis=1)
        limits = fit_limits(np.full(len(truth), 0.9), truth, truth, k, 0.1)
        labels = tuple(f"{method}{j}" for j in range(k))
        heads[method] = CalibratedHead(labels, np.array([share]), fit_method(method, own, truth), np.ones(k), limits)
    notes: dict[str, dict[str, Any]] = {method: {} for method in methods}
    folded, found = absorbed(linear, heads, notes)
    before = Parts((LINEAR,), (linear,), None, heads, notes)  # type: ignore[arg-type]
    after = before._replace(scorers=(folded,), heads=found)
    for i, (name, p) in enumerate(probabilities(before, TEXTS).items()):
        assert notes[name]["calibrated_by"] == name
        assert np.abs(p - probabilities(after, TEXTS)[name]).max() < 1e-5
        mine = folded.score(read(TEXTS)).scores[:, k * i : k * (i + 1)]
        if name == "isotonic":
            assert found[name].affine is None
            p = found[name].calibration.first.apply(mine)  # type: ignore[attr-defined]
            unbent = heads[name].calibration.first.apply(share * scores[:, k * i : k * (i + 1)])  # type: ignore[attr-defined]
            assert np.abs(p - unbent).max() < 1e-5
            shift = found[name].calibration.first.bias  # type: ignore[attr-defined]
        else:
            scale, shift = found[name].affine or (np.zeros(0), np.zeros(0))
            assert scale.tolist() == [1.0] * k
            assert np.array_equal((mine + shift).argmax(axis=1), p.argmax(axis=1))
        odds = mine + shift  # the weights are log-odds: a difference of scores is a difference of ln p
        assert np.allclose(odds - odds[:, :1], np.log(p / p[:, :1]), atol=1e-4)


@pytest.mark.parametrize("method", ["temperature", "vector", "multinomial", "isotonic"])
def test_whatever_calibration_is_chosen_the_manifest_names_it(monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    def choose(scores: Any, truth: Any, **_: Any) -> Chosen:
        return Chosen(fit_method(method, scores, truth), method, {})

    monkeypatch.setattr(fitting, "choose_calibration", choose)
    parts = parts_of(("category",))
    assert parts.notes["category"]["calibrated_by"] == method
    assert parts.heads["category"].calibration.method == ("isotonic" if method == "isotonic" else "temperature")
    p = probabilities(parts, TEXTS)["category"]
    assert p.sum(axis=1) == pytest.approx(np.ones(len(TEXTS)))
    truth = encoded()["category"][2]
    assert (p.argmax(axis=1) == truth).mean() > 0.9


# --- what a head stands on


def test_a_model_of_one_linear_part() -> None:
    parts = parts_of()
    assert parts.members == (LINEAR,)
    assert list(parts.heads) == list(parts.notes) == list(HEADS)
    for name, head in parts.heads.items():
        assert head.pool.tolist() == [1.0]
        note = parts.notes[name]
        assert note["texts"] == note["held_out"] == len(TEXTS)
        assert note["limits_from"] == "unseen"
        assert note["recipes"] == [recipe.to_mapping() for recipe in QUICK[name]]
        assert note["calibrated_by"] in note["calibrations"]


def test_given_costs_are_the_weights_and_nothing_is_learned_beside_them() -> None:
    parts = parts_of(("urgency",), costs={"urgency": {"critical": 4.0}})
    head = parts.heads["urgency"]
    assert head.weights.tolist() == [4.0 if label == "critical" else 1.0 for label in head.labels]


def test_teacher_labels_reach_the_machine_and_not_the_vocabulary() -> None:
    """The student keeps the features of its own tickets; what it is taught moves their weights."""
    codes = encoded(("sentiment",))["sentiment"][0]
    texts = [f"{text}，闻所未闻" for text in TEXTS[:100]]
    p = np.tile(np.where(np.array(codes) == "negative", 0.9, 0.1 / (len(codes) - 1)), (100, 1))
    alone = parts_of(("sentiment",))
    taught = parts_of(("sentiment",), Distillation(texts, {"sentiment": codes}, {"sentiment": p}))
    assert np.array_equal(machine(alone).vocabulary.keys, machine(taught).vocabulary.keys)
    column = codes.index("negative")
    a, b = (probabilities(parts, texts)["sentiment"][:, column].mean() for parts in (alone, taught))
    assert b > a + 0.1
    assert taught.notes["sentiment"]["held_out"] == len(TEXTS), "judged by its own tickets alone"


def test_a_head_keeps_a_temperature_where_a_blend_is_left_with_one_part() -> None:
    limits = fit_limits(np.full(30, 0.9), np.zeros(30, np.int64), np.zeros(30, np.int64), 2, 0.1)
    both = CalibratedHead(("a", "b"), np.array([0.7, 0.0]), Temperature(1.0, np.zeros(2)), np.ones(2), limits)
    assert without_last(both).pool.tolist() == [0.7]
    assert without_last(both).affine is not None
