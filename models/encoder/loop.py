"""The training loop itself: plain torch, for fitting and for pretraining.

AdamW (Loshchilov & Hutter 2019), a linear rise and fall of the rate, clipped gradients, bf16 on a GPU, data-parallel under
``torchrun``. Step ``s`` draws its batch and its dropout from the seed and ``s`` alone, so a run that was killed goes on to
the same weights, and on one CPU the same data, settings and thread count give the same weights to the bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from models.encoder import checkpoint as saved
from models.encoder.batches import plan
from models.encoder.process_group import ProcessGroup
from models.encoder.settings import WIDE, EncoderSettings
from triage.errors import TrainingError

Progress = Callable[[str, float], None]

_LARGEST_GRADIENT = 1.0
_SAVE_EVERY = 1000
"""Steps between checkpoints within a long epoch; one is written after each epoch anyway."""

_PRIME = 1_000_003


class Task(Protocol):
    """What is learned."""

    def step_loss(self, network: nn.Module, rows: NDArray[np.int64], tickets: int, seed: int) -> Tensor:
        """Loss of this process's ``rows`` of a batch of ``tickets`` over all processes."""

    def merit(self, network: nn.Module) -> float | None:
        """How good the network is on what it is not trained on, more is better; None where nothing was kept for that."""


def optimiser_of(network: nn.Module, trunk: nn.Module, settings: EncoderSettings) -> torch.optim.AdamW:
    """AdamW with a rate for each layer: the heads and the topmost layer learn fastest (Howard & Ruder 2018)."""
    assert settings.learning_rate is not None
    assert settings.layer_decay is not None
    depth = _depths(network, trunk)
    groups: dict[tuple[int, bool], list[nn.Parameter]] = {}
    for name, p in network.named_parameters():
        if p.requires_grad:
            groups.setdefault((depth[name], p.dim() > 1), []).append(p)
    return torch.optim.AdamW(
        [
            {
                "params": members,
                "lr": settings.learning_rate * settings.layer_decay**below,
                "top": settings.learning_rate * settings.layer_decay**below,
                "weight_decay": settings.weight_decay if matrix else 0.0,
            }
            for (below, matrix), members in sorted(groups.items(), key=lambda item: item[0])
        ],
        betas=(0.9, 0.999),
        eps=1e-8,
    )


def _depths(network: nn.Module, trunk: nn.Module) -> dict[str, int]:
    """Parameter name -> layers below the top: 0 for heads and topmost layer, the number of layers for embeddings."""
    layers = next((m for m in trunk.modules() if isinstance(m, nn.ModuleList) and len(m) > 0), nn.ModuleList())
    member = {id(p): len(layers) - 1 - i for i, layer in enumerate(layers) for p in layer.parameters()}
    inside = {id(p) for p in trunk.parameters()}
    return {name: member.get(id(p), len(layers) if id(p) in inside else 0) for name, p in network.named_parameters()}


def run(
    network: nn.Module,
    trunk: nn.Module,
    task: Task,
    lengths: NDArray[np.int64],
    rows: NDArray[np.int64],
    settings: EncoderSettings,
    here: ProcessGroup,
    *,
    whose: str,
    what: str,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> list[dict[str, float]]:
    """Trains ``network`` in place and leaves the best weights in it (the last ones where the task has no merit).

    Args:
        settings: resolved.
        lengths: (n,) tokens of every text; rows: which of them are trained on.
        whose: fingerprint of data and settings, for checkpoints in ``folder``.
        what: said to ``progress``.

    Returns:
        One entry for each epoch: ``epoch``, ``loss`` and, where there is one, ``merit``.

    Raises:
        TrainingError: the loss is no longer a number, or a checkpoint cannot be used.
    """
    assert settings.epochs is not None
    network.to(here.device)
    if here.device.type == "cuda" and settings.gradient_checkpointing and trunk.config.hidden_size >= WIDE:  # type: ignore[union-attr, operator]
        trunk.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})  # type: ignore[operator]
    optimiser = optimiser_of(network, trunk, settings)
    each = math.ceil(len(rows) / settings.batch)
    total = each * settings.epochs
    state: dict[str, Any] = {
        "fingerprint": whose, "step": 0, "loss": 0.0, "best": None, "worse": 0, "history": [], "done": False
    }  # fmt: skip
    best: dict[str, Tensor] = {}
    found = saved.load(folder, whose, network, optimiser) if folder else None
    if found:
        state, best = found
    model: nn.Module = network
    if here.size > 1:
        model = DistributedDataParallel(
            network, device_ids=[here.device.index] if here.device.index is not None else None
        )

    def keep() -> None:
        if folder and here.first:
            saved.save(folder, state, network, optimiser, best)

    with torch.random.fork_rng(devices=[here.device] if here.device.type == "cuda" else []):
        while not state["done"]:
            epoch, start = divmod(int(state["step"]), each)
            batches = plan(lengths, rows, settings.batch, settings.seed * _PRIME + epoch)
            network.train()
            for batch in batches[start:]:
                state["loss"] += _step(model, task, optimiser, batch, int(state["step"]), total, settings, here)
                state["step"] += 1
                if state["step"] % _SAVE_EVERY == 0 and state["step"] % each:
                    keep()
                if progress and here.first:
                    progress(what, state["step"] / total)
            best = _judge(network, task, state, best, epoch, each, settings, here)
            keep()
    here.wait()
    if best:
        network.load_state_dict(best)
    network.eval()
    if progress and here.first:
        progress(what, 1.0)
    history: list[dict[str, float]] = state["history"]
    return history


def _step(
    model: nn.Module,
    task: Task,
    optimiser: torch.optim.Optimizer,
    batch: NDArray[np.int64],
    step: int,
    total: int,
    settings: EncoderSettings,
    here: ProcessGroup,
) -> float:
    """One step of the optimiser; gives the loss before it (of this process's rows; the mean over processes is the batch's)."""
    factor = rate(step, total, settings.warm_up)
    for group in optimiser.param_groups:
        group["lr"] = group["top"] * factor
    seed = (settings.seed * _PRIME + step) * 64 + here.rank
    torch.manual_seed(seed)
    mine = batch[here.rank :: here.size]
    optimiser.zero_grad(set_to_none=True)
    with torch.autocast("cuda", dtype=torch.bfloat16, enabled=here.device.type == "cuda"):
        # a process without a row of a last small batch takes part with one that counts for nothing
        loss = task.step_loss(model, mine if len(mine) else batch[:1], len(batch), seed) * (
            here.size if len(mine) else 0
        )
    loss.backward()  # type: ignore[no-untyped-call]
    norm = nn.utils.clip_grad_norm_(model.parameters(), _LARGEST_GRADIENT)
    if not torch.isfinite(norm):
        raise TrainingError(
            f"训练到第 {step + 1} 步时发散了（梯度不再是数）；请把 learning_rate 调小（现在是 {settings.learning_rate}）",
            field="learning_rate",
        )
    optimiser.step()
    return float(loss.detach())


def _judge(
    network: nn.Module,
    task: Task,
    state: dict[str, Any],
    best: dict[str, Tensor],
    epoch: int,
    each: int,
    settings: EncoderSettings,
    here: ProcessGroup,
) -> dict[str, Tensor]:
    """After an epoch: notes its merit, keeps the weights if they are the best yet, says whether to go on."""
    assert settings.epochs is not None
    network.eval()
    merit = task.merit(network) if here.first else None
    merit = here.agree(math.nan if merit is None else merit)
    entry = {"epoch": float(epoch + 1), "loss": here.mean(state["loss"] / each)}
    state["loss"] = 0.0
    last = epoch + 1 >= settings.epochs
    if not math.isnan(merit):
        entry["merit"] = merit
        if state["best"] is None or merit > state["best"]:
            state["best"], state["worse"] = merit, 0
            best = {k: v.detach().cpu().clone() for k, v in network.state_dict().items()}
        else:
            state["worse"] += 1
            last = last or state["worse"] >= settings.patience
    state["history"].append(entry)
    state["done"] = last
    return best


def rate(step: int, total: int, warm_up: float) -> float:
    """Share of the largest rate at ``step`` of ``total``: a linear rise, then a linear fall to almost 0."""
    rise = max(1, round(total * warm_up)) if warm_up > 0 else 0
    if step < rise:
        return (step + 1) / rise
    return (total - step) / max(1, total - rise)


def numbers(parts: Iterable[NDArray[Any]]) -> bytes:
    """Arrays one behind the other as bytes, with their lengths; for fingerprints."""
    return b"".join(len(p).to_bytes(8, "little") + np.ascontiguousarray(p).tobytes() for p in parts)
