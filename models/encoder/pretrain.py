"""Domain-adaptive pretraining on tickets without labels: guess hidden words (Devlin et al. 2019; Gururangan et al. 2020).

Whole words are hidden, as our segmentation sees them (Cui et al. 2021): the second character of 快递 is too easily guessed
from the first. Works from a trunk or from nothing; what comes out is a trunk that transformers itself reads.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoModelForMaskedLM

from features.hashing import read
from models.encoder import checkpoint as saved
from models.encoder.batches import pad
from models.encoder.loop import Progress, numbers, run
from models.encoder.network import check_kind, loading, scratch_config, unreadable
from models.encoder.process_group import process_group
from models.encoder.quiet import quiet
from models.encoder.settings import EncoderSettings
from models.encoder.tokens import EncoderTokenizer, build_tokens, trunk_tokens
from triage.errors import TrainingError

HIDDEN = 0.15
"""Share of the words that are hidden; of these 8 in 10 become [MASK], 1 another token, 1 stays."""

_EPOCHS = {True: 20, False: 3}
"""Passes over the tickets where the settings name none: from scratch, and from a trunk."""

_READ = 2048
_NO_LIMIT = 1 << 30


def pretrain(
    texts: Sequence[str],
    settings: EncoderSettings,
    out: str | Path,
    *,
    progress: Progress | None = None,
    checkpoint: str | Path | None = None,
) -> list[dict[str, float]]:
    """Pretrains a trunk on ``texts`` and writes it to ``out`` (``config.json``, ``model.safetensors``, ``tokenizer.json``).

    A text longer than ``max_length`` is read in several stretches, so nothing of it is lost.

    Args:
        texts: raw or masked; labels are not needed.
        settings: trunk (or the size of one from scratch) and training; ``EncoderSettings(trunk=out)`` then fine-tunes it.
        out: a folder that does not exist yet, or is empty.
        checkpoint: a folder for the state; called again with the same arguments, the training goes on from there.

    Returns:
        One entry for each epoch: ``epoch`` and ``loss`` (nats for each hidden token).

    Raises:
        TrainingError: nothing to read, an unreadable trunk, or a folder that cannot be written.
    """
    target = Path(out)
    _check_place(target)
    if progress:
        progress("读工单", 0.0)
    with process_group() as here:
        folded: list[str] = []
        ends: list[NDArray[np.int32]] = []  # of each text, the ends of its words
        for start in range(0, len(texts), _READ):
            batch = read(texts[start : start + _READ])
            bounds = batch.folded.bounds
            for t in range(batch.size):
                folded.append(batch.folded.text(t))
                first, last = np.searchsorted(batch.ends, [bounds[t] + 1, bounds[t + 1]])
                ends.append((batch.ends[first:last] - bounds[t]).astype(np.int32))
        tokens, network, settings = _begin(folded, settings)
        ids, words = _stretches(folded, ends, tokens, settings.max_length)
        if not ids:
            raise TrainingError("这些工单里没有可读的字词，无从学习；请提供更多工单", field="text")
        whose = saved.fingerprint({**settings.to_mapping(), "world": here.size}, numbers(ids), numbers(words))
        history = run(
            network, network.trunk, _Guess(ids, words, tokens, here.device), np.array([len(i) for i in ids], np.int64),
            np.arange(len(ids)), settings, here,
            whose=whose, what="预训练", folder=Path(checkpoint) if checkpoint else None, progress=progress,
        )  # fmt: skip
        if here.first:
            _write(network.cpu(), tokens, settings, target)
        here.wait()
    return history


class _Masked(nn.Module):
    """A masked language model whose vocabulary is only looked at where something is hidden."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        self._guess = next((n for n in ("cls", "lm_head") if hasattr(model, n)), None)

    @property
    def trunk(self) -> nn.Module:
        found: nn.Module = self.model.base_model
        return found

    def forward(self, ids: Tensor, mask: Tensor, hidden: Tensor) -> Tensor:
        """ids (b, t) int64, mask and hidden (b, t) bool -> (hidden tokens, vocabulary) scores."""
        if self._guess is None:
            logits: Tensor = self.model(input_ids=ids, attention_mask=mask.long()).logits[hidden]
            return logits
        states = self.trunk(input_ids=ids, attention_mask=mask.long()).last_hidden_state  # (b, t, w)
        scores: Tensor = getattr(self.model, self._guess)(states[hidden])
        return scores


class _Guess:
    """The task of the loop."""

    def __init__(
        self,
        ids: list[NDArray[np.int32]],
        words: list[NDArray[np.int32]],
        tokens: EncoderTokenizer,
        device: torch.device,
    ) -> None:
        self._ids, self._words, self._tokens, self._device = ids, words, tokens, device

    def step_loss(self, network: nn.Module, rows: NDArray[np.int64], tickets: int, seed: int) -> Tensor:
        ids, mask = pad([self._ids[r] for r in rows], self._tokens.special["pad"])  # (b, t)
        words, _ = pad([self._words[r] for r in rows], 0)  # (b, t), 0 at what is no word
        fed, hidden = hide(ids.numpy(), words.numpy(), self._tokens, np.random.default_rng(seed))
        where = torch.from_numpy(hidden)
        scores = network(torch.from_numpy(fed).to(self._device), mask.to(self._device), where.to(self._device))
        right = ids[where].to(self._device)  # (hidden,)
        return functional.cross_entropy(scores.float(), right) * (len(rows) / tickets)

    def merit(self, network: nn.Module) -> float | None:  # noqa: ARG002 (the loop asks every task)
        return None


def hide(
    ids: NDArray[np.int64], words: NDArray[np.int64], tokens: EncoderTokenizer, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """What the net is shown, and which tokens it must guess: every token of each drawn word, at least one word in all.

    Args:
        ids: (b, t) tokens; words: (b, t) number of the word that a token belongs to, from 1; 0 is never hidden.
    """
    draw = rng.random((len(ids), int(words.max()) + 1))  # one for each word of each text
    draw[:, 0] = 1.0
    mine = np.take_along_axis(draw, words, axis=1)  # (b, t)
    hidden = mine < max(HIDDEN, float(mine.min()) + 1e-12)
    how = np.take_along_axis(rng.random(draw.shape), words, axis=1)
    other = rng.integers(0, tokens.size, ids.shape)
    other = np.where(np.isin(other, list(tokens.special.values())), tokens.special["mask"], other)
    fed = np.where(hidden & (how < 0.8), tokens.special["mask"], np.where(hidden & (how >= 0.9), other, ids))
    return fed, hidden


def _stretches(
    folded: Sequence[str], ends: Sequence[NDArray[np.int32]], tokens: EncoderTokenizer, max_length: int
) -> tuple[list[NDArray[np.int32]], list[NDArray[np.int32]]]:
    """Token numbers in stretches of at most ``max_length``, and for each token the number of its word (from 1)."""
    room = max_length - 2
    ids, words = [], []
    for start in range(0, len(folded), _READ):
        for i, piece in enumerate(tokens.pieces(folded[start : start + _READ], _NO_LIMIT)):
            inner = piece.ids[1:-1]
            word = np.searchsorted(ends[start + i], piece.starts[1:-1], side="right").astype(np.int32)
            for a in range(0, len(inner), room):
                ids.append(np.concatenate([piece.ids[:1], inner[a : a + room], piece.ids[-1:]]))
                numbered = word[a : a + room] - word[a] + 1
                words.append(np.concatenate([[0], numbered, [0]]).astype(np.int32))
    return ids, words


def _begin(folded: Sequence[str], settings: EncoderSettings) -> tuple[EncoderTokenizer, _Masked, EncoderSettings]:
    """Tokenizer, model and settings with nothing left open."""
    with torch.random.fork_rng(devices=[]), quiet():
        torch.manual_seed(settings.seed)
        if settings.trunk:
            config, tokens = check_kind(settings.trunk), trunk_tokens(settings.trunk)
            try:
                model = AutoModelForMaskedLM.from_pretrained(
                    settings.trunk, dtype=torch.float32, **loading(settings.trunk)
                )
            except Exception as error:  # no network, weights as pickle only …
                raise unreadable(settings.trunk, error) from error
            wide: int | None = config.hidden_size
        else:
            tokens = build_tokens(folded, settings)
            config = scratch_config(settings, tokens.size, tokens.special["pad"])
            build: Any = AutoModelForMaskedLM
            model, wide = build.from_config(config, attn_implementation="sdpa", dtype=torch.float32), None
    chosen = settings.resolved(wide)
    if settings.epochs is None:
        chosen = EncoderSettings.from_mapping({**chosen.to_mapping(), "epochs": _EPOCHS[wide is None]})
    return tokens, _Masked(model), chosen


def _check_place(target: Path) -> None:
    try:
        taken = target.exists() and (not target.is_dir() or any(target.iterdir()))
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TrainingError(
            f"不能写入 {target}：{error.strerror or error}；请换一个可写的 --out", field="out"
        ) from error
    if taken:
        raise TrainingError(f"{target} 已存在且不是空文件夹，不覆盖；请换一个 --out", field="out")


def _write(network: _Masked, tokens: EncoderTokenizer, settings: EncoderSettings, target: Path) -> None:
    """Writes the folder beside its place and moves it there, so nobody ever sees half of one."""
    try:
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as place, quiet():
            fresh = Path(place) / "new"
            network.model.save_pretrained(fresh)
            tokens.save(fresh, settings.max_length)
            for file in fresh.iterdir():  # the weights are written for their owner alone
                file.chmod((fresh / "config.json").stat().st_mode)
            if target.is_dir():
                target.rmdir()
            shutil.move(fresh, target)
    except OSError as error:
        raise TrainingError(
            f"不能写入 {target}：{error.strerror or error}；请换一个可写的 --out", field="out"
        ) from error
