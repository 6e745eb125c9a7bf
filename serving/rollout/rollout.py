"""Keeps the model where an alias points: asks the registry, swaps in what is new, and lets a challenger answer along."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from serving.jobs.job import Job, Periodic
from serving.observe.metrics import Happened
from serving.rollout.shadow import Shadow
from serving.rollout.source import VersionSource
from serving.rollout.states import CandidateState, CandidateView, RolloutView, ShadowView, WatchView
from serving.rollout.swap import swap
from serving.store.logbook import LogKind
from serving.tickets.engine import Engine
from triage.decision import ModelRef
from triage.errors import FendanError, RegistryError
from triage.ticket import SHOP_TIME

log = logging.getLogger("fendan.live")

CHALLENGER = "challenger"
"""Alias of the model that may answer along."""

_LONGEST = 32
"""Polls between two tries to fetch a version that cannot be fetched."""

Count = Callable[[Happened, int], None]
Note = Callable[[LogKind, dict[str, Any]], Awaitable[None]]


class Rollout:
    """What changes while a worker runs; its :meth:`jobs` do the watching.

    Args:
        source: where versions come from; None: the model stays as it is.
        every: seconds between two looks at the alias.
        shadow: lets a challenger answer along; None: nobody does.
        count: is told how often a new version was swapped in or refused.
        note: keeps what an operator may ask about later.
    """

    def __init__(
        self,
        engine: Engine,
        source: VersionSource | None,
        *,
        every: int,
        shadow: Shadow | None = None,
        count: Count = lambda _what, _n: None,
        note: Note | None = None,
    ) -> None:
        self._engine = engine
        self._source = source
        self._every = every
        self._count = count
        self._note = note
        self._refused: str | None = None
        self._unfetched = 0
        self._skip = 0
        self._asked_at: datetime | None = None
        self._problem = ""
        self.candidate: CandidateView | None = None
        self.shadow = shadow

    def describe(self) -> RolloutView:
        """What ``/v1/model`` says beside the model itself."""
        watch: WatchView | None = None
        if self._source is not None:
            watch = {
                "ref": str(self._source.reference),
                "every": self._every,
                "asked_at": self._asked_at.astimezone(SHOP_TIME) if self._asked_at else None,
                "problem": self._problem or None,
            }
        return {"candidate": self.candidate, "watch": watch, "shadow": self.describe_shadow()}

    def describe_shadow(self) -> ShadowView:
        """How the challenger is doing in this worker."""
        return self.shadow.describe() if self.shadow else {"state": "off"}

    def jobs(self) -> list[Job]:
        """Watching, in every process; the first look is at once, for the alias may have moved since the start."""
        source = self._source
        return [] if source is None else [Periodic("rollout", self._every, lambda: self.poll(source), self.stop)]

    async def stop(self) -> None:
        """Ends the challenger's process."""
        if self.shadow is not None:
            await self.shadow.stop()

    async def poll(self, source: VersionSource) -> None:
        """Asks the registry once and does what follows from its answer."""
        try:
            aliases = await asyncio.to_thread(source.aliases)
        except RegistryError as error:
            if str(error) != self._problem:
                log.warning("%s", error)
            self._problem = str(error)
            return
        self._asked_at, self._problem = self._engine.clock(), ""
        wanted = aliases.get(source.reference.alias)
        if wanted is None:
            self._problem = f"模型仓库里没有 {source.reference} 这个别名；模型照旧"
        else:
            await self._champion(source, wanted)
        if self.shadow is not None:
            other = aliases.get(CHALLENGER)
            await self.shadow.follow(None if other in (wanted, self._engine.ref.version) else other)

    async def _champion(self, source: VersionSource, version: str) -> None:
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
        await self._change(source, version)

    async def _change(self, source: VersionSource, version: str) -> None:
        """Fetches ``version`` and swaps to it; what goes wrong is reported, and the model before goes on."""
        old = self._engine.ref
        new = ModelRef(source.reference.name, version)
        try:
            self._candidate(version, "fetching")
            folder = await asyncio.to_thread(source.fetch, version)
            self._candidate(version, "loading")
            await swap(self._engine, folder, new)
        except RegistryError as error:  # perhaps it can be fetched later: the registry was there a moment ago
            self._skip = min(2**self._unfetched, _LONGEST) - 1
            self._unfetched += 1
            await self._refuse(new, "unfetched", str(error), report=self._unfetched == 1)
            return
        except Exception as error:
            said = str(error) if isinstance(error, FendanError) else f"热身时出错：{type(error).__name__}"
            log.debug("the model failed while it was warmed up", exc_info=error)
            self._refused = version
            await self._refuse(new, "refused", said)
            return
        self.candidate, self._refused, self._unfetched = None, None, 0
        self._count("swapped", 1)
        log.info("模型换成了 %s 版本 %s（原来是 %s）", *new, old.version or "没有模型")
        for gap in self._engine.gaps:
            log.warning("%s", gap.text)
        with contextlib.suppress(OSError):  # only a help for a start without the registry
            await asyncio.to_thread(source.remember, version)
        detail: dict[str, Any] = {"model": new.name, "from": old.version or None, "to": version}
        if self._engine.gaps:
            detail["gaps"] = [gap.to_json() for gap in self._engine.gaps]
        await self._record("model_swapped", detail)

    async def _refuse(self, new: ModelRef, state: CandidateState, problem: str, *, report: bool = True) -> None:
        self._candidate(new.version, state, problem)
        if not report:
            return
        self._count("refused", 1)
        running = self._engine.ref.version or "没有模型"
        log.error("不换模型：%s 版本 %s 用不了，%s 照旧。%s", *new, running, problem)
        detail = {"model": new.name, "version": new.version, "running": self._engine.ref.version or None}
        await self._record("model_refused", {**detail, "problem": problem})

    def _candidate(self, version: str, state: CandidateState, problem: str | None = None) -> None:
        at = self._engine.clock().astimezone(SHOP_TIME)
        self.candidate = {"version": version, "state": state, "problem": problem, "at": at}

    async def _record(self, what: LogKind, detail: dict[str, Any]) -> None:
        if self._note is not None:
            await self._note(what, detail)
