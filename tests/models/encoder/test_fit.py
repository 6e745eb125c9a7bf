"""Training: taken up again it ends the same, rare classes can be given weight, a teacher is followed, it stops in time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.hashing import read
from tests.models.encoder.builders import LABELS, TEXTS, THINGS, EncoderScorer, answers, encoded, tiny, torch
from triage.errors import TrainingError

ONE = {"sentiment": encoded()["sentiment"]}


class _KilledError(Exception):
    pass


def _fit(**options: Any) -> EncoderScorer:
    torch.set_num_threads(1)
    settings = options.pop("settings", None) or tiny(**options.pop("changed", {}))
    return EncoderScorer.fit(options.pop("texts", TEXTS), options.pop("heads", ONE), settings=settings, **options)


def test_the_same_again_is_the_same_to_the_bit() -> None:
    first, second, other = (_fit(changed={"epochs": 2, "seed": s}).files() for s in (0, 0, 1))
    assert first == second
    assert first["encoder.safetensors"] != other["encoder.safetensors"]


@pytest.mark.parametrize("at", [0.3, 0.5, 0.95])
def test_a_killed_training_goes_on_to_the_same_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: float) -> None:
    """Killed in the middle of an epoch, right behind one, near the end; checkpoints within epochs, too."""
    from models.encoder import loop

    monkeypatch.setattr(loop, "_SAVE_EVERY", 5)
    valid = np.arange(len(TEXTS)) >= 72
    options: dict[str, Any] = {"changed": {"epochs": 4, "patience": 2}, "valid": valid}
    whole = _fit(**options)

    def kill(_what: str, share: float) -> None:
        if share >= at:
            raise _KilledError

    with pytest.raises(_KilledError):
        _fit(**options, checkpoint=tmp_path, progress=kill)
    seen: list[float] = []
    again = _fit(**options, checkpoint=tmp_path, progress=lambda what, share: seen.append(share))
    assert again.files() == whole.files()
    assert min(s for s in seen if s > 0) > at - 0.5
    assert _fit(**options, checkpoint=tmp_path).files() == whole.files()  # finished: nothing is done again


def test_a_foreign_or_damaged_checkpoint_is_refused(tmp_path: Path) -> None:
    _fit(changed={"epochs": 1}, checkpoint=tmp_path)
    for other in ({"changed": {"epochs": 2}}, {"changed": {"epochs": 1}, "texts": [*TEXTS[1:], "别的"]}):
        with pytest.raises(TrainingError, match="另一次训练") as caught:
            _fit(**other, checkpoint=tmp_path)
        assert caught.value.field == "checkpoint"
    (tmp_path / "state.safetensors").write_bytes(b"\x80\x04N.")
    with pytest.raises(TrainingError, match="不是完整的检查点"):
        _fit(changed={"epochs": 1}, checkpoint=tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(TrainingError, match="写不进"):
        _fit(changed={"epochs": 1}, checkpoint=tmp_path / "file" / "x")


def test_the_best_epoch_is_kept_and_training_stops_in_time() -> None:
    valid = np.arange(len(TEXTS)) >= 48  # the second half repeats the first: soon perfect, and never better
    scorer = _fit(changed={"epochs": 60, "patience": 2}, valid=valid)
    merits = [e["merit"] for e in scorer.history]
    assert len(merits) < 60
    assert max(merits) == merits[-3] == 2.0
    assert [e["epoch"] for e in scorer.history] == list(range(1, len(merits) + 1))


def test_progress_runs_from_nothing_to_all() -> None:
    said: list[tuple[str, float]] = []
    _fit(changed={"epochs": 2}, progress=lambda what, share: said.append((what, share)))
    shares = [share for _, share in said]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)


def _rare(power: float) -> float:
    """Recall of a rare class that looks much like the common one."""
    rng = np.random.default_rng(3)
    texts, labels = [], []
    for i in range(300):
        rare = i % 15 == 0
        marks = rng.random(4) < (0.65 if rare else 0.35)
        texts.append("".join(f"{THINGS[k]}{'坏' if m else '好'}" for k, m in enumerate(marks)))
        labels.append("rare" if rare else "common")
    changed = {"class_weight": power, "epochs": 6, "label_smoothing": 0.0, "tokens": "piece"}
    scorer = _fit(texts=texts, heads=encoded({"category": labels}), changed=changed)
    truth = np.array(labels)
    return float((answers(scorer, texts, "category") == truth)[truth == "rare"].mean())


@pytest.mark.slow
def test_class_weights_raise_the_recall_of_a_rare_class() -> None:
    assert _rare(1.0) > _rare(0.0) + 0.2


def test_a_teacher_is_followed_where_there_are_no_labels() -> None:
    """The first quarter is labelled as it is; of the rest the teacher says the opposite."""
    quarter = 24
    labels = [v if i < 8 else None for i, v in enumerate(LABELS["sentiment"])]
    labels[:8] = ["好"] * 4 + ["差"] * 4
    heads = encoded({"sentiment": labels})
    right = np.array([heads["sentiment"][0].index(v) for v in LABELS["sentiment"]])  # type: ignore[arg-type]
    said = np.eye(2)[1 - right] * 0.8 + 0.1
    said[:quarter] = np.nan
    scorer = _fit(heads=heads, teacher={"sentiment": said})
    found = answers(scorer, TEXTS[quarter:48], "sentiment")
    assert (found != np.array(LABELS["sentiment"])[quarter:48]).mean() > 0.8
    scores = scorer.score(read(TEXTS[quarter:48])).scores.astype(float)
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    assert np.abs(p - said[quarter:48]).mean() < 0.15  # probabilities, not answers alone


@pytest.mark.slow
def test_labels_and_teacher_are_mixed_by_their_share() -> None:
    said = np.full((len(TEXTS), 2), 0.5)
    flat, sharp = (
        np.ptp(_fit(teacher={"sentiment": said}, changed={"teacher_share": s}).score(read(TEXTS)).scores, axis=1).mean()
        for s in (0.9, 0.1)
    )
    assert flat < sharp / 2


@pytest.mark.parametrize(
    ("teacher", "message"),
    [
        ({"sentiment": np.ones((3, 2))}, "形状"),
        ({"sentiment": np.ones((len(TEXTS), 2))}, "概率"),
        ({"urgency": np.ones((len(TEXTS), 2)) / 2}, "学生没有"),
    ],
)
def test_a_teacher_that_does_not_fit_is_refused(teacher: dict[str, Any], message: str) -> None:
    with pytest.raises(TrainingError, match=message):
        _fit(teacher=teacher)


def test_a_head_may_have_labels_for_a_few_tickets_only() -> None:
    labels = {**LABELS, "category": [v if i < 24 else None for i, v in enumerate(LABELS["category"])]}
    scorer = _fit(heads=encoded(labels))
    assert (answers(scorer, TEXTS, "category") == np.array(LABELS["category"])).mean() > 0.8
    assert (answers(scorer, TEXTS, "sentiment") == np.array(LABELS["sentiment"])).mean() > 0.9


def test_a_diverging_training_says_so() -> None:
    from models.encoder.loop import run
    from models.encoder.network import Network, fresh_trunk, scratch_config
    from models.encoder.process_group import ProcessGroup

    class Lost:
        def step_loss(self, network: Any, rows: Any, tickets: int, seed: int) -> Any:
            return network.head.bias.sum() * float("nan")

        def merit(self, network: Any) -> None:
            return None

    settings = tiny().resolved()
    network = Network(fresh_trunk(scratch_config(settings, 50, 0)), {"sentiment": ("好", "差")}, 0.0)
    here = ProcessGroup(0, 1, torch.device("cpu"))
    with pytest.raises(TrainingError, match="第 1 步时发散") as caught:
        run(network, network.trunk, Lost(), np.ones(9, np.int64), np.arange(9), settings, here, whose="", what="")
    assert caught.value.field == "learning_rate"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu_it_learns_as_well() -> None:
    scorer = _fit(changed={"epochs": 20})
    assert (answers(scorer, TEXTS, "sentiment") == np.array(LABELS["sentiment"])).mean() > 0.95


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu_a_wide_trunk_is_computed_twice_instead_of_kept() -> None:
    wide = {"width": 512, "attention_heads": 8, "feed_forward": 64, "layers": 2, "learning_rate": 1e-3, "epochs": 4}
    _fit(changed=wide)
    assert torch.cuda.max_memory_allocated() > 0
