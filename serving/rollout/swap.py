"""Puts a new model in the place of the one that answers, while it answers."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from serving.rollout.check import check
from serving.tickets.engine import Engine
from triage.decision import ModelRef

log = logging.getLogger("fendan.live")

_TURN = 0.0001
"""Seconds after which a thread hands the interpreter on while a model is loaded (Python's default is 5 ms, and a request
would wait that long at each of its steps)."""


async def swap(engine: Engine, folder: Path, ref: ModelRef) -> None:
    """Loads, warms and checks the model in ``folder`` in a thread, then lets it answer from the next batch on.

    Until then, and for ever when this raises, the model before it answers.

    Raises:
        FendanError: the folder is damaged, foreign or of another format, or the model cannot be used.
        Exception: whatever a broken model raises when it is asked.
    """
    model = await asyncio.to_thread(_prepare, engine, folder)
    engine.use(model, ref, model.taxonomy)
    _settle()


def _prepare(engine: Engine, folder: Path) -> Any:
    from models import TriageModel

    with _polite():
        model = TriageModel.load(folder)
        answering = engine.model.heads if engine.model else {}
        check(model, engine.profile, engine.clock(), answering=answering)
        return model


@contextmanager
def _polite() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(_TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _settle() -> None:
    """Puts what the new model brought among what lives for ever, so that the collector does not walk it.

    Cheap (well under a millisecond): all that was there at the start is frozen already. The old model goes when the last
    batch that uses it ends; nothing in it refers to itself, so that needs no collector.
    """
    if gc.get_freeze_count():
        gc.collect()
        gc.freeze()
