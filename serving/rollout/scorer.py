"""The challenger's own process: reads texts as JSON lines, writes answers as JSON lines, lets everything else go first.

Started as ``python -m serving.rollout.scorer FOLDER MEGABYTES``. It says ``{"ready": true}`` or ``{"refused": why}``, and then
answers each ``{"texts": […]}`` with ``{"answers": […]}``: head -> [label, confidence, action], or null where the model failed; the
confidence of a guess, out of the model's scope, is null.
It ends when its input does, so it cannot outlive the service. What goes wrong is told by its kind alone: an exception's
words may hold a ticket's.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import sys
import threading
from typing import Any, TextIO

_NICE = 10


def main(folder: str, megabytes: int) -> None:
    """Serves until standard input ends."""
    answers = _own_pipe()
    _give_way(megabytes)
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(lines,), daemon=True).start()
    model, problem = _load(folder)
    _say(answers, {"refused": problem} if model is None else {"ready": True})
    while model is not None:
        _say(answers, {"answers": _answer(model, json.loads(lines.get())["texts"])})


def _load(folder: str) -> tuple[Any, str]:
    """The model, warmed up, or None and why not."""
    from models import TriageModel
    from serving.rollout.check import TEXTS
    from triage.errors import FendanError

    try:
        model = TriageModel.load(folder)
        model.predict(TEXTS)
    except FendanError as error:
        return None, str(error)
    except Exception as error:
        return None, f"热身时出错：{type(error).__name__}"
    return model, ""


def _answer(model: Any, texts: list[str]) -> list[dict[str, list[Any]] | None]:
    """One answer a text; a text that breaks the model breaks no other."""
    try:
        return [
            {
                name: [head.label, head.confidence if prediction.in_scope else None, head.action]
                for name, head in prediction.heads.items()
            }
            for prediction in model.predict(texts)
        ]
    except MemoryError:
        os._exit(1)  # what is left of this process is of no use
    except Exception:
        return [None] if len(texts) == 1 else [answer for text in texts for answer in _answer(model, [text])]


def _own_pipe() -> TextIO:
    """Standard output as a pipe of our own: nothing that a library prints gets into it."""
    pipe = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return pipe


def _say(pipe: TextIO, what: dict[str, Any]) -> None:
    pipe.write(json.dumps(what, ensure_ascii=True) + "\n")
    pipe.flush()


def _listen(lines: queue.SimpleQueue[str]) -> None:
    for line in sys.stdin:
        lines.put(line)
    os._exit(0)  # the service is gone, whatever is being scored


def _give_way(megabytes: int) -> None:
    """Lowest priority, bounded memory, and first to go when the machine runs out of it."""
    if hasattr(os, "nice"):
        os.nice(_NICE)
    with contextlib.suppress(ImportError, ValueError, OSError):  # not on every system; the rest then still holds
        import resource

        most = megabytes << 20
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as score:
        score.write("1000")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
