"""The challenger's process as the service sees it: start it, ask it, notice that it is gone, end it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from serving.rollout.answers import Answer
from triage.paths import child_environment, python

_LINE = 1 << 24
"""Most bytes of one line of the scorer."""

_ALONE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")


class ScorerFailed(Exception):
    """The process died, stalled or talked nonsense; it may be tried again."""


class ScorerRefused(Exception):
    """The challenger cannot be used; there is no point in trying again."""


class Scorer:
    """A running ``serving/rollout/scorer.py``. Make one with :meth:`start`, and :meth:`end` it."""

    def __init__(self, process: asyncio.subprocess.Process, gone: Callable[[], None]) -> None:
        self._process = process
        self.pid = process.pid
        self._waiter = asyncio.create_task(process.wait())
        self._waiter.add_done_callback(lambda _: gone())

    @classmethod
    async def start(cls, folder: Path, megabytes: int, *, gone: Callable[[], None]) -> Scorer:
        """Starts the process; ``gone`` is called when it has ended, for whatever reason."""
        process = await asyncio.create_subprocess_exec(
            *python("serving.rollout.scorer"),
            str(folder),
            str(megabytes),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # a traceback may hold a ticket's words
            env=child_environment() | _ALONE,
            limit=_LINE,
        )
        return cls(process, gone)

    async def greet(self, patience: float) -> None:
        """Waits until it can be asked.

        Raises:
            ScorerRefused: it cannot read the challenger.
            ScorerFailed: it ended, or took longer than ``patience`` seconds.
        """
        hello = await self._line(patience)
        if "refused" in hello:
            raise ScorerRefused(str(hello["refused"]))

    async def ask(self, texts: list[str], patience: float) -> list[Answer | None]:
        """One answer a text.

        Raises:
            ScorerFailed: it ended, took longer than ``patience`` seconds, or said something else.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(orjson.dumps({"texts": texts}) + b"\n")
            async with asyncio.timeout(patience):  # not wait_for(): in 3.11 that may swallow a cancellation
                await self._process.stdin.drain()
        except TimeoutError:
            raise ScorerFailed(f"{patience:g} 秒没有动静") from None
        except OSError:
            raise ScorerFailed(await self._last_words()) from None
        answers = (await self._line(patience)).get("answers")
        if not isinstance(answers, list) or len(answers) != len(texts):
            raise ScorerFailed("答得不像话")
        return answers

    def check(self) -> None:
        """Raises :class:`ScorerFailed` when it has ended."""
        if self._process.returncode is not None:
            raise ScorerFailed(_ended(self._process.returncode))

    async def end(self) -> None:
        """Ends it, however stuck it is."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await asyncio.shield(self._waiter)

    async def _line(self, patience: float) -> dict[str, Any]:
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(patience):
                line = await self._process.stdout.readline()
            if not line:
                raise ScorerFailed(await self._last_words())
            said = orjson.loads(line)
        except TimeoutError:
            raise ScorerFailed(f"{patience:g} 秒没有动静") from None
        except ValueError:  # not JSON, or a line without end
            raise ScorerFailed("答得不像话") from None
        if not isinstance(said, dict):
            raise ScorerFailed("答得不像话")
        return said

    async def _last_words(self) -> str:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                return _ended(await asyncio.shield(self._waiter))
        return "管道断了"


def _ended(code: int) -> str:
    return f"进程被信号 {-code} 结束" if code < 0 else f"进程自己退出了（{code}）"
