"""Where training runs: one process, or several that ``torchrun`` started, each with its own GPU (or on CPU for tests)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import distributed


class ProcessGroup(NamedTuple):
    """``rank`` of ``size`` processes; ``device`` of this one."""

    rank: int
    size: int
    device: torch.device

    @property
    def first(self) -> bool:
        """Whether this process is the one that writes and reports."""
        return self.rank == 0

    def agree(self, value: float) -> float:
        """The first process's value, in every process."""
        if self.size == 1:
            return value
        told = torch.tensor([value], dtype=torch.float64, device=self.device)
        distributed.broadcast(told, 0)
        return float(told.item())

    def mean(self, value: float) -> float:
        """The mean of all processes' values, in every process."""
        if self.size == 1:
            return value
        told = torch.tensor([value], dtype=torch.float64, device=self.device)
        distributed.all_reduce(told)
        return float(told.item()) / self.size

    def wait(self) -> None:
        """Returns when every process has come here."""
        self.agree(0.0)


@contextmanager
def process_group() -> Iterator[ProcessGroup]:
    """Joins the processes that torchrun started (its variables WORLD_SIZE, RANK, LOCAL_RANK); alone without it."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    cuda = torch.cuda.is_available()
    if size == 1:
        yield ProcessGroup(0, 1, torch.device("cuda" if cuda else "cpu"))
        return
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0"))) if cuda else torch.device("cpu")
    if cuda:
        torch.cuda.set_device(device)
    ours = not distributed.is_initialized()  # several fits in one run share one group
    if ours:
        distributed.init_process_group("nccl" if cuda else "gloo")
    yield ProcessGroup(distributed.get_rank(), size, device)
