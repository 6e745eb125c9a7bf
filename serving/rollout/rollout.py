"""One worker's eye on the registry: swaps when the alias moves, and lets a challenger answer along."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from models.reference import ModelReference
from serving.rollout.shadow import Pace, Shadow
from serving.rollout.swap import swap
from serving.rollout.watch import Watch
from serving.settings import Settings
from serving.store.logbook import record
from serving.tickets.engine import Engine
from triage.decision import ModelRef
from triage.errors import FendanError, InputError, RegistryError, StoreError
from triage.ticket import SHOP_TIME

log = logging.getLogger("fendan.live")

CHALLENGER = "challenger"
"""Alias of the model that may answer along."""

_BY = "service"
_LONGEST = 32
"""Polls between two tries to fetch a version that cannot be fetched."""

Count = Callable[[str, int], None]


class Live:
    """What changes while a worker runs. Make it before the event loop runs, :meth:`start` it there.

    Args:
        pace: of the shadow; from the settings by default.
        cache: where fetched models lie; by default where ``fendan serve`` puts them.

    Raises:
        InputError: there is an alias to watch, but this is a bento: it carries no reader of registries.
    """

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        *,
        pace: Pace | None = None,
        cache: Path | None = None,
    ) -> None:
        self._engine = engine
        self._every = settings.poll_seconds
        self._reference = ModelReference.parse(settings.model_ref) if settings.model_ref else None
        self.count: Count = lambda _what, _n: None
        """Is told what happened how often: swapped, refused, and of the shadow scored, dropped, failed, restarted."""
        self._registry = _registry() if self.watching else None
        self._cache = cache or (self._registry.cache_folder() if self._registry else Path())
        self._watch: Watch | None = None
        self._task: asyncio.Task[None] | None = None
        self._refused: str | None = None
        self._unfetched = 0
        self._skip = 0
        self._asked_at: datetime | None = None
        self._problem = ""
        self.candidate: dict[str, Any] | None = None
        self.shadow: Shadow | None = None
        if settings.shadow and self.watching:
            pace = pace or Pace(
                queue=settings.shadow_queue, calm=settings.shadow_pause, megabytes=settings.shadow_memory
            )
            assert self._reference is not None
            self.shadow = Shadow(
                engine.store, engine.clock, self._fetch, pace=pace, report=self._record, count=self._count
            )
            engine.listeners.append(self.shadow.offer)

    @property
    def watching(self) -> bool:
        """Whether there is an alias to watch."""
        return self._every > 0 and self._reference is not None and bool(self._reference.alias)

    def describe(self) -> dict[str, Any]:
        """What ``/v1/model`` says beside the model itself."""
        watch = None
        if self.watching:
            asked = self._asked_at.astimezone(SHOP_TIME) if self._asked_at else None
            watch = {"ref": str(self._reference), "every": self._every, "asked_at": asked}
            watch["problem"] = self._problem or None
        return {
            "candidate": self.candidate,
            "watch": watch,
            "shadow": self.shadow.describe() if self.shadow else {"state": "off"},
        }

    async def start(self) -> None:
        """Begins to watch; the first look is at once, for the alias may have moved since the service was started."""
        if self.watching:
            self._task = asyncio.create_task(self._run(), name="fendan-watch")

    async def stop(self) -> None:
        """Ends watching and the challenger's process."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if self.shadow is not None:
            await self.shadow.stop()

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
            except Exception:  # a defect here must not end the watching
                log.exception("looking at the registry failed")
            await asyncio.sleep(self._every)

    async def look(self) -> None:
        """Asks the registry once and does what follows from its answer."""
        assert self._reference is not None
        try:
            aliases = await asyncio.to_thread(self._ask)
        except RegistryError as error:
            if str(error) != self._problem:
                log.warning("%s", error)
            self._problem = str(error)
            return
        self._asked_at, self._problem = self._engine.clock(), ""
        wanted = aliases.get(self._reference.alias)
        if wanted is None:
            self._problem = f"模型仓库里没有 {self._reference} 这个别名；模型照旧"
        else:
            await self._champion(wanted)
        if self.shadow is not None:
            other = aliases.get(CHALLENGER)
            await self.shadow.follow(None if other in (wanted, self._engine.ref.version) else other)

    def _ask(self) -> dict[str, str]:
        assert self._reference is not None
        if self._watch is None:
            assert self._registry is not None
            self._watch = Watch(self._reference.name, self._registry.registry_uri())
        return self._watch.ask()

    def _fetch(self, version: str) -> Path:
        assert self._reference is not None
        assert self._registry is not None
        folder: Path = self._registry.fetch(self._reference.name, version, cache=self._cache)
        return folder

    def _remember(self, version: str) -> None:
        assert self._reference is not None
        assert self._registry is not None
        self._registry.remember(self._reference.name, self._reference.alias, version, cache=self._cache)

    async def _champion(self, version: str) -> None:
        if version == self._engine.ref.version:
            self.candidate, self._refused, self._unfetched = None, None, 0  # what was refused may be tried again later
            return
        if self.candidate is not None and self.candidate["version"] != version:
            self._refused, self._unfetched, self._skip = None, 0, 0
        if version == self._refused:
            return
        if self._skip:
            self._skip -= 1
            return
        await self._change(version)

    async def _change(self, version: str) -> None:
        """Fetches ``version`` and swaps to it; what goes wrong is reported, and the model before goes on."""
        assert self._reference is not None
        old = self._engine.ref
        new = ModelRef(self._reference.name, version)
        try:
            self._candidate(version, "fetching")
            folder = await asyncio.to_thread(self._fetch, version)
            self._candidate(version, "loading")
            await swap(self._engine, folder, new)
        except RegistryError as error:  # perhaps it can be fetched later: the registry was there a moment ago
            self._skip = min(2**self._unfetched, _LONGEST) - 1
            self._unfetched += 1
            await self._refuse(version, "unfetched", str(error), report=self._unfetched == 1)
            return
        except Exception as error:
            said = str(error) if isinstance(error, FendanError) else f"热身时出错：{type(error).__name__}"
            log.debug("the model failed while it was warmed up", exc_info=error)
            self._refused = version
            await self._refuse(version, "refused", said)
            return
        self.candidate, self._refused, self._unfetched = None, None, 0
        self._count("swapped")
        log.info("模型换成了 %s 版本 %s（原来是 %s）", *new, old.version or "没有模型")
        with contextlib.suppress(OSError):  # only a help for a start without the registry
            await asyncio.to_thread(self._remember, version)
        await self._record("model_swapped", {"model": new.name, "from": old.version or None, "to": version})

    def _count(self, what: str, n: int = 1) -> None:
        self.count(what, n)

    async def _refuse(self, version: str, state: str, problem: str, *, report: bool = True) -> None:
        assert self._reference is not None
        self._candidate(version, state, problem)
        if not report:
            return
        self._count("refused")
        running = self._engine.ref.version or "没有模型"
        log.error("不换模型：%s 版本 %s 用不了，%s 照旧。%s", self._reference.name, version, running, problem)
        detail = {"model": self._reference.name, "version": version, "running": self._engine.ref.version or None}
        await self._record("model_refused", {**detail, "problem": problem})

    def _candidate(self, version: str, state: str, problem: str | None = None) -> None:
        at = self._engine.clock().astimezone(SHOP_TIME)
        self.candidate = {"version": version, "state": state, "problem": problem, "at": at}

    async def _record(self, what: str, detail: dict[str, Any]) -> None:
        """A row of the logbook; the service goes on without it when the store does not."""
        now = self._engine.clock()
        row = {"worker": os.getpid(), **detail}
        try:
            await self._engine.store.write(lambda connection: record(connection, at=now, by=_BY, what=what, **row))
        except StoreError as error:
            log.warning("the event %s was not kept: %s", what, error)


def _registry() -> Any:
    try:
        from serving import registry
    except ImportError:
        raise InputError(
            "bento 里没有读模型仓库的代码，FENDAN_MODEL_REF 不能用；请去掉它，换模型就重新打一个 bento",
            field="FENDAN_MODEL_REF",
        ) from None
    return registry
