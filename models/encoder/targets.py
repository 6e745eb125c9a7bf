"""What the net is to answer: labels, a teacher's probabilities, or both, as one matrix of soft targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.core import decision
from models.core.labels import EncodedHeads
from models.encoder.settings import EncoderSettings
from triage.errors import TrainingError


class SoftTargets(NamedTuple):
    """``soft``: (n, outputs) float32, a head's columns sum to the ticket's weight, 0 where it has neither label nor teacher;
    ``mass``: (heads,) mean weight of a training ticket; ``sizes``: labels of each head;
    ``truth``: (n, heads) int64 label index, -1 where there is none."""

    soft: NDArray[np.float32]
    mass: NDArray[np.float64]
    sizes: tuple[int, ...]
    truth: NDArray[np.int64]


def build_targets(
    n: int,
    heads: EncodedHeads,
    training: NDArray[np.bool_],
    settings: EncoderSettings,
    teacher: Mapping[str, NDArray[np.floating]] | None = None,
) -> SoftTargets:
    """Targets of ``n`` tickets.

    A label counts with the power ``class_weight`` of its rarity, scaled so that the labelled tickets weigh 1 on average.
    A ticket that a teacher knows gets the teacher's probabilities (cross-entropy with them has the gradient of the
    Kullback–Leibler divergence, Hinton et al. 2015), mixed with the label where it has one.

    Args:
        training: (n,) bool, which tickets are trained on; the others are only looked at.
        teacher: head -> (n, labels) probabilities; NaN in rows that it says nothing about.

    Raises:
        TrainingError: a teacher of another shape or with what are no probabilities, or nothing to learn of a head.
    """
    sizes = tuple(len(labels) for labels, _, _ in heads.values())
    soft = np.zeros((n, sum(sizes)), np.float32)
    truth = np.full((n, len(heads)), -1, np.int64)
    unknown = sorted(set(teacher or ()) - set(heads))
    if unknown:
        raise TrainingError(
            f"教师给了 {'、'.join(unknown)}，学生没有这一项；有的是：{'、'.join(heads)}", field="teacher"
        )
    at = 0
    mass = []
    for i, (head, (labels, rows, index)) in enumerate(heads.items()):
        k = len(labels)
        truth[rows, i] = index
        seen = np.bincount(index[training[rows]], minlength=k)
        rarity: NDArray[np.float64] = (seen.sum() / np.maximum(k * seen, 1)) ** settings.class_weight  # (k,)
        scale = seen.sum() / max(float(rarity @ seen), 1e-12)
        part = np.zeros((n, k))
        spread = settings.label_smoothing / k + (1 - settings.label_smoothing) * np.eye(k)  # (k, k)
        part[rows] = spread[index] * (rarity * scale)[index, None]
        if teacher is not None and head in teacher:
            said = _probabilities(head, np.asarray(teacher[head], np.float64), (n, k))
            distillation = np.flatnonzero(~np.isnan(said).any(axis=1))
            share = np.where(truth[distillation, i] >= 0, settings.teacher_share, 1.0)[:, None]
            part[distillation] = (1 - share) * part[distillation] + share * said[distillation]
        weight = float(part[training].sum()) / max(int(training.sum()), 1)
        if weight <= 0:
            raise TrainingError(f"{head} 在训练的工单里没有一条有标签，无从学习；请换一个留出的部分", field=head)
        soft[:, at : at + k] = part
        mass.append(weight)
        at += k
    return SoftTargets(soft, np.array(mass), sizes, truth)


def _probabilities(head: str, said: NDArray[np.float64], shape: tuple[int, int]) -> NDArray[np.float64]:
    if said.shape != shape:
        raise TrainingError(f"教师对 {head} 的答案形状是 {said.shape}，应是 {shape}（工单数，标签数）", field="teacher")
    full = said[~np.isnan(said).any(axis=1)]
    if (full < 0).any() or not np.allclose(full.sum(axis=1), 1.0, atol=1e-3):
        raise TrainingError(f"教师对 {head} 的答案不是概率：每行应都不小于 0、相加为 1", field="teacher")
    return said


def loss(scores: Tensor, soft: Tensor, sizes: tuple[int, ...], mass: Tensor, tickets: int) -> Tensor:
    """Soft cross-entropy of a batch, mean over heads; a head that most tickets lack a label for counts like the others.

    scores (b, outputs), soft (b, outputs), mass (heads,); ``tickets`` is the size of the whole batch, over all processes.
    """
    parts = zip(
        torch.split(scores.float(), list(sizes), dim=1), torch.split(soft, list(sizes), dim=1), mass, strict=True
    )
    total = torch.stack([-(t * s.log_softmax(dim=1)).sum() / m for s, t, m in parts]).sum()
    return total / (tickets * len(sizes))


def merit(scores: NDArray[np.float32], truth: NDArray[np.int64], sizes: tuple[int, ...]) -> float:
    """Accuracy plus macro-F1 of the labels that occur, mean over the heads that have labels here; 0 where none has."""
    found = []
    at = 0
    for i, k in enumerate(sizes):
        rows = truth[:, i] >= 0
        if rows.any():
            right, answer = truth[rows, i], scores[rows, at : at + k].argmax(axis=1)
            found.append(decision.merit(answer, right, k))
        at += k
    return float(np.mean(found)) if found else 0.0
