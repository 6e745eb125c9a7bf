"""A training that can be killed and taken up again: one safetensors file, replaced whole, with all that the next step needs.

Batches and dropout are drawn from the seed and the number of the step alone, so no state of a random generator is kept.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from triage.errors import TrainingError

STATE = "state.safetensors"
_MOMENTS = ("exp_avg", "exp_avg_sq", "step")


def fingerprint(*parts: Any) -> str:
    """A hash of everything that a training depends on: mappings, numbers, arrays as bytes."""
    digest = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else json.dumps(part, ensure_ascii=False, sort_keys=True).encode()
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()


def save(
    folder: Path,
    state: Mapping[str, Any],
    network: nn.Module,
    optimiser: torch.optim.Optimizer,
    best: Mapping[str, Tensor] | None = None,
) -> None:
    """Writes step, weights, optimiser and the best weights so far; what was there is replaced in one move.

    Raises:
        TrainingError: the folder cannot be written.
    """
    tensors = {f"net.{k}": v for k, v in network.state_dict().items()}
    tensors |= {f"best.{k}": v for k, v in (best or {}).items()}
    for i, p in enumerate(_parameters(optimiser)):
        tensors |= {f"adam.{i}.{k}": torch.as_tensor(optimiser.state[p][k]) for k in _MOMENTS if p in optimiser.state}
    tensors = {
        k: v.detach().cpu().contiguous().clone() for k, v in tensors.items()
    }  # tied weights must not share memory
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fresh = folder / f".{STATE}.{os.getpid()}"
        save_file(tensors, fresh, metadata={"state": json.dumps(dict(state), allow_nan=False)})
        fresh.replace(folder / STATE)
    except (OSError, SafetensorError) as error:
        raise TrainingError(f"检查点写不进 {folder}（{error}）；请换一个可写的文件夹", field="checkpoint") from error


def load(
    folder: Path, whose: str, network: nn.Module, optimiser: torch.optim.Optimizer
) -> tuple[dict[str, Any], dict[str, Tensor]] | None:
    """Fills network and optimiser from ``folder``; gives the saved state and best weights, None where there is none yet.

    Args:
        whose: the :func:`fingerprint` that the checkpoint must bear.

    Raises:
        TrainingError: the checkpoint belongs to other data or settings, or is damaged.
    """
    path = folder / STATE
    if not path.is_file():
        return None
    try:
        with safe_open(path, "pt") as file:
            state = json.loads((file.metadata() or {})["state"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
        if state["fingerprint"] != whose:
            raise TrainingError(
                f"{folder} 里的检查点属于另一次训练（数据或设置不同）；请换一个文件夹，或先删掉它", field="checkpoint"
            )
        network.load_state_dict(_under("net.", tensors))
        for i, p in enumerate(_parameters(optimiser)):
            kept = _under(f"adam.{i}.", tensors)
            if kept:
                optimiser.state[p] = {k: v if k == "step" else v.to(p.device) for k, v in kept.items()}
    except (SafetensorError, OSError, KeyError, ValueError, TypeError, RuntimeError) as error:
        raise TrainingError(f"{path} 不是完整的检查点（{error}）；请删掉它重新训练", field="checkpoint") from error
    return state, _under("best.", tensors)


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def _parameters(optimiser: torch.optim.Optimizer) -> Iterable[nn.Parameter]:
    return [p for group in optimiser.param_groups for p in group["params"]]
