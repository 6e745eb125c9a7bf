"""Fine-tuning: labelled tickets and a trunk (or nothing) -> a network with all heads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.core.labels import EncodedHeads
from models.encoder import checkpoint as saved
from models.encoder.batches import by_length, pad
from models.encoder.loop import Progress, numbers, run
from models.encoder.network import Network, fresh_trunk, load_trunk, scratch_config, width
from models.encoder.process_group import process_group
from models.encoder.settings import EncoderSettings
from models.encoder.targets import SoftTargets, build_targets, loss, merit
from models.encoder.tokens import EncoderTokenizer, build_tokens, trunk_tokens
from triage.errors import TrainingError

_TOKENS = 1 << 14
"""Padded tokens of a batch when the validation part is read."""


class FittedNetwork(NamedTuple):
    """``network``: on the CPU, in evaluation mode; ``history``: see :func:`models.encoder.loop.run`."""

    network: Network
    tokens: EncoderTokenizer
    settings: EncoderSettings
    history: list[dict[str, float]]


def fit(
    texts: Sequence[str],
    heads: EncodedHeads,
    *,
    settings: EncoderSettings,
    valid: NDArray[np.bool_] | None = None,
    teacher: Mapping[str, NDArray[np.floating]] | None = None,
    checkpoint: Path | None = None,
    progress: Progress | None = None,
) -> FittedNetwork:
    """Fits a network.

    Args:
        texts: n folded texts.
        heads: head -> labels, rows and truth of the labelled ones; the rest have a teacher's answers or are not used.
        valid: (n,) bool, tickets kept from training to stop in time; near-duplicates of them must be among them.
        teacher: head -> (n, labels) probabilities, NaN in rows without.
        checkpoint: a folder for the state of the training; a later call with the same arguments goes on from there.

    Raises:
        TrainingError: nothing to learn from, an unreadable trunk, a foreign checkpoint, or a diverging loss.
    """
    if not heads:
        raise TrainingError("没有标签列可训练；至少要有一列：category、urgency 或 sentiment", field="category")
    training = np.ones(len(texts), bool) if valid is None else ~np.asarray(valid, bool)
    if len(training) != len(texts):
        raise TrainingError(f"valid 有 {len(training)} 行，工单却有 {len(texts)} 条；应一一对应", field="valid")
    if progress:
        progress("读工单", 0.0)
    with process_group() as here:
        targets = build_targets(len(texts), heads, training, settings, teacher)
        rows = np.flatnonzero(training & (targets.soft.sum(axis=1) > 0))
        tokens, network, settings = _begin(texts, heads, settings)
        ids = tokens.encode(texts, settings.max_length)
        lengths = np.array([len(i) for i in ids], np.int64)
        whose = saved.fingerprint(
            {**settings.to_mapping(), "world": here.size, "sizes": targets.sizes},
            numbers(ids), numbers([targets.soft, targets.truth, rows]),
        )  # fmt: skip
        held = np.flatnonzero(~training & (targets.truth >= 0).any(axis=1))
        task = _Labels(ids, targets, held, tokens, settings, here.device)
        history = run(
            network, network.trunk, task, lengths, rows, settings, here,
            whose=whose, what="训练 encoder", folder=checkpoint, progress=progress,
        )  # fmt: skip
    return FittedNetwork(network.cpu(), tokens, settings, history)


def _begin(
    texts: Sequence[str], heads: EncodedHeads, settings: EncoderSettings
) -> tuple[EncoderTokenizer, Network, EncoderSettings]:
    """Tokenizer, a network not yet trained, and the settings with nothing left open."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        if settings.trunk:
            tokens, trunk = trunk_tokens(settings.trunk), load_trunk(settings.trunk)
            if tokens.size > trunk.get_input_embeddings().num_embeddings:  # type: ignore[operator]
                raise TrainingError(f"主干 {settings.trunk} 的分词器比它的词表还大；两者不配套", field="trunk")
            most = getattr(trunk.config, "max_position_embeddings", settings.max_length)
            offset = 2 if "roberta" in trunk.config.model_type or trunk.config.model_type == "camembert" else 0  # type: ignore[operator, union-attr]
            if isinstance(most, int) and settings.max_length > most - offset:
                raise TrainingError(
                    f"主干 {settings.trunk} 最多读 {most - offset} 个 token；max_length 是 {settings.max_length}，请调小",
                    field="max_length",
                )
            settings = settings.resolved(width(trunk))
        else:
            tokens = build_tokens(texts, settings)
            trunk = fresh_trunk(scratch_config(settings, tokens.size, tokens.special["pad"]))
            settings = settings.resolved(texts=len(texts))
        return (
            tokens,
            Network(trunk, {h: spec[0] for h, spec in heads.items()}, settings.dropout, settings.filters or 0),
            settings,
        )


class _Labels:
    """The task of the loop: soft targets on the training rows, hard labels on the validation rows."""

    def __init__(
        self,
        ids: list[NDArray[np.int32]],
        targets: SoftTargets,
        held: NDArray[np.int64],
        tokens: EncoderTokenizer,
        settings: EncoderSettings,
        device: torch.device,
    ) -> None:
        self._ids, self._targets, self._held, self._device = ids, targets, held, device
        self._special, self._hide = tokens.special, settings.token_dropout
        self._mass = torch.from_numpy(targets.mass).float().to(device)

    def step_loss(self, network: nn.Module, rows: NDArray[np.int64], tickets: int, seed: int) -> Tensor:
        ids, mask = pad([self._ids[r] for r in rows], self._special["pad"])  # (b, t)
        if self._hide > 0:
            hidden = torch.from_numpy(np.random.default_rng(seed).random(tuple(ids.shape)) < self._hide)
            hidden &= mask & (ids != self._special["cls"]) & (ids != self._special["sep"])
            ids = ids.masked_fill(hidden, self._special["mask"])
        scores = network(ids.to(self._device), mask.to(self._device))  # (b, outputs)
        soft = torch.from_numpy(self._targets.soft[rows]).to(self._device)
        return loss(scores, soft, self._targets.sizes, self._mass, tickets)

    def merit(self, network: nn.Module) -> float | None:
        if not len(self._held):
            return None
        scores = run_network(network, [self._ids[r] for r in self._held], self._special["pad"], _TOKENS, self._device)
        return merit(scores, self._targets.truth[self._held], self._targets.sizes)


def run_network(
    network: nn.Module, ids: Sequence[NDArray[np.int32]], filler: int, tokens: int, device: torch.device
) -> NDArray[np.float32]:
    """(texts, outputs) float32 scores of texts given as token numbers, batched by length."""
    order, found = [], []
    with torch.inference_mode(), torch.autocast("cuda", dtype=torch.bfloat16, enabled=device.type == "cuda"):
        for rows in by_length(np.array([len(i) for i in ids], np.int64), tokens):
            batch, mask = pad([ids[r] for r in rows], filler)
            found.append(network(batch.to(device), mask.to(device)).float().cpu())
            order.append(rows)
    scores = torch.cat(found).numpy()
    out = np.empty_like(scores)
    out[np.concatenate(order)] = scores
    return out
