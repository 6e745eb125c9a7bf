"""The challenger answers along; whatever happens to its process changes nothing for who asks."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import select

from serving.rollout.answers import Disagreement, compare, shaded
from serving.rollout.shadow import Pace, Shadow
from serving.store import Store
from serving.store.events import read_after
from serving.store.tables import shadow_answers
from tests.serving.builders import NOW, engine, model_folder, run, small_model
from triage.errors import RegistryError
from triage.ticket import Ticket

TEXTS = ("快递显示签收了可我没收到", "钱没退回来", "优惠券用不了", "这款有大码吗")
QUICK = Pace(gather=0.01, rest=0.01, longest_rest=0.02)


async def until(true: Callable[[], Any], seconds: float = 90) -> None:
    give_up = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < give_up, "it did not happen"
        await asyncio.sleep(0.01)  # polling


class Place:
    """An engine with a shadow; remembers what was reported."""

    def __init__(self, store: Store, pace: Pace, fetch: Callable[[str], Path] = lambda _: model_folder()) -> None:
        self.reports: list[tuple[str, dict[str, Any]]] = []
        self.store = store
        told: dict[str, Any] = {"report": self._report}
        self.shadow = Shadow(store, lambda: NOW, fetch, pace=pace, **told)
        self.engine = engine(store, listeners=[self.shadow.offer])

    async def _report(self, what: str, detail: dict[str, Any]) -> None:
        self.reports.append((what, detail))

    async def ask(self, *texts: str) -> None:
        for outcome in await self.engine.triage([Ticket(text=text) for text in texts or TEXTS]):
            assert not json.loads(outcome.decision)["degraded"]

    @property
    def said(self) -> dict[str, Any]:
        return self.shadow.describe()

    async def kept(self) -> list[Any]:
        return await self.store.read(lambda connection: list(connection.execute(select(shadow_answers)).mappings()))


@asynccontextmanager
async def place(store: Store, pace: Pace = QUICK, **options: Any) -> AsyncIterator[Place]:
    made = Place(store, pace, **options)
    await made.shadow.follow("8")
    try:
        yield made
    finally:
        pid = made.shadow.pid
        await made.shadow.stop()
        assert pid is None or not psutil.pid_exists(pid)


def test_it_answers_what_the_champion_answered_and_keeps_both(store: Store) -> None:
    async def story() -> None:
        async with place(store) as it:
            await it.ask()
            await it.ask()  # other tickets with the same texts
            await it.ask("")  # nothing to compare: the champion left it to people
            await until(lambda: it.said["scored"] == 8)
            assert it.shadow.pid is not None
            process = psutil.Process(it.shadow.pid)
            assert process.nice() >= 10
            assert it.said["state"] == "running"
            rows = await it.kept()
            assert {(row["model_version"], row["champion_version"], row["at"]) for row in rows} == {("8", "7", NOW)}
            for row in rows:
                for head, said in json.loads(row["answers"]).items():
                    assert said["label"] == said["champion"], head
                    assert said["confidence"] == pytest.approx(said["champion_confidence"], abs=1e-5)
            assert it.store.read_now(lambda c: read_after(c, 0, ["disagreed"], 9)).events == []

    run(story())


def test_killed_it_comes_back_and_nobody_notices(store: Store) -> None:
    async def story() -> None:
        async with place(store) as it:
            await it.ask()
            await until(lambda: it.said["scored"] == 4)
            assert it.shadow.pid is not None
            os.kill(it.shadow.pid, signal.SIGKILL)
            await it.ask()  # while it is dead or dying
            await until(lambda: it.said["restarted"] == 1 and it.said["state"] == "running")
            await it.ask()
            await until(lambda: it.said["scored"] >= 8)
            assert it.said["scored"] + it.said["failed"] == 12
            assert it.reports == []

    run(story())


def test_stalled_it_is_ended_and_given_up_with_a_report(store: Store) -> None:
    async def story() -> None:
        pace = Pace(gather=0.01, rest=0.01, answer=0.2, most=1)
        async with place(store, pace) as it:
            await until(lambda: it.said["state"] == "running")
            pid = it.shadow.pid
            assert pid is not None
            os.kill(pid, signal.SIGSTOP)
            await it.ask()
            await until(lambda: it.said["state"] == "given_up")
            assert not psutil.pid_exists(pid)
            await it.ask()
            assert it.said["waiting"] == 0
            assert [what for what, _ in it.reports] == ["shadow_given_up"]
            assert "没有动静" in it.reports[0][1]["problem"]

    run(story())


def test_a_damaged_challenger_is_refused_at_once(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "8"
    shutil.copytree(model_folder(), folder)
    (folder / "weights.npz").write_bytes(b"broken")

    async def story() -> None:
        async with place(store, fetch=lambda _: folder) as it:
            await until(lambda: it.said["state"] == "refused")
            assert "校验和" in it.said["problem"]
            await it.ask()
            assert [what for what, _ in it.reports] == ["shadow_refused"]
            assert it.said["restarted"] == 0

    run(story())


def test_too_little_memory_is_its_own_trouble(store: Store) -> None:
    async def story() -> None:
        async with place(store, Pace(gather=0.01, rest=0.01, megabytes=24, most=2)) as it:
            await until(lambda: it.said["state"] in ("given_up", "refused"))
            await it.ask()
            assert it.said["scored"] == 0

    run(story())


def test_a_challenger_that_cannot_be_fetched(store: Store) -> None:
    def nowhere(_: str) -> Path:
        raise RegistryError("连不上")

    async def story() -> None:
        async with place(store, Pace(rest=0.01, longest_rest=0.02, most=3), fetch=nowhere) as it:
            await until(lambda: it.said["state"] == "given_up")
            assert it.said["restarted"] == 2
            assert "连不上" in it.said["problem"]

    run(story())


def test_what_it_cannot_take_in_time_is_dropped_and_counted(store: Store) -> None:
    async def story() -> None:
        async with place(store, Pace(queue=3, gather=0.01)) as it:
            for _ in range(3):
                await it.ask()  # its process is not even up
            assert (it.said["waiting"], it.said["dropped"]) == (3, 9)
            await until(lambda: it.said["scored"] == 3)
            assert [json.loads(row["answers"])["category"]["champion"] for row in await it.kept()].count(
                "logistics"
            ) == 0

    run(story())


def test_it_rests_while_tickets_wait_to_be_written(store: Store) -> None:
    async def story() -> None:
        outcomes = await engine(store).triage([Ticket(text=text) for text in TEXTS])
        async with place(store, Pace(gather=0.01, calm=0)) as it:
            await until(lambda: it.said["state"] == "running")
            released = threading.Event()
            slow = asyncio.create_task(store.write(lambda _: released.wait(60)))
            await until(lambda: store.depth == 1)
            it.shadow.offer(outcomes)
            await until(lambda: it.said["state"] == "paused")
            assert it.said["waiting"] == 4
            released.set()
            await slow
            await until(lambda: it.said["scored"] == 4)

    run(story())


def test_disagreements_are_told_when_both_are_sure_enough(store: Store) -> None:
    async def outcomes() -> Any:
        return await engine(store).triage([Ticket(ticket_id=f"T-{i}", text=text) for i, text in enumerate(TEXTS)])

    waiting = [one for outcome in run(outcomes()) if (one := shaded(outcome)) is not None]
    assert [ticket.ticket_id for ticket in waiting] == ["T-0", "T-1", "T-2", "T-3"]
    answers: list[Any] = [
        {"category": ["refund", 0.9, "auto"]},
        {"category": ["refund", 0.9, "auto"]},
        {"category": ["logistics", 0.3, "human"]},
        None,
    ]
    rows, apart = compare(waiting, answers, "8", NOW)
    assert [row["ticket_id"] for row in rows] == ["T-0", "T-1", "T-2"]
    head = small_model().predict([TEXTS[0]])[0].heads["category"]
    assert head.action != "human"
    assert apart == [
        Disagreement("T-0", 1, "logistics", "refund", pytest.approx(head.confidence, abs=1e-6), 0.9, "7", "8")
    ]
