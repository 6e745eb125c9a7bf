"""The runner: wakes, drains, rests after failures, ends what is open, shares work with another process."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from serving.jobs.consumer import Consumer
from serving.jobs.job import Periodic, Turn
from serving.jobs.lease import Leases
from serving.jobs.runner import JobPace, Runner
from serving.store import Store
from tests.serving.builders import NOW, run
from tests.serving.jobs.builders import Note, noted
from tests.serving.review.builders import row

QUICK = JobPace(look=60.0, gather=0.0, rest=0.001, longest_rest=0.002)


def runner(store: Store, *jobs: Any, **changes: Any) -> Runner:
    return Runner(store, jobs, Leases(store, lambda: NOW), **{"pace": QUICK, **changes})


def note_job(store: Store, handler: Note) -> Consumer[Any]:
    return Consumer("note", store, lambda: NOW, handler)


async def until(condition: Any) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.005)


def test_draining_needs_no_start(any_store: Store) -> None:
    made = runner(any_store, note_job(any_store, Note(any_store)))
    run(any_store.save([row(f"T-{i}", f"{i}") for i in range(3)]))
    assert run(made.drain())
    assert len(noted(any_store)) == 3
    assert run(made.drain())


def test_events_of_this_process_wake_it(store: Store) -> None:
    """It looks around by itself only once a minute."""
    note = Note(store)

    async def live() -> None:
        made = runner(store, note_job(store, note))
        await made.start()
        await until(lambda: made.describe()["note"]["state"] == "idle")
        for i in range(3):
            await store.save([row(f"T-{i}", f"{i}")])
            await until(lambda i=i: len(noted(store)) == i + 1)
        await made.stop()
        assert made.describe()["note"] == {"state": "ended", "done": 3, "errors": 0, "problem": None}

    run(live())


def test_events_of_another_process_are_seen_when_it_looks(url: str) -> None:
    here, there = Store(url), Store(url)
    note = Note(here)

    async def live() -> None:
        made = runner(here, note_job(here, note), pace=JobPace(look=0.02, gather=0.0))
        await made.start()
        await until(lambda: made.describe()["note"]["state"] == "idle")
        await there.save([row("T-1")])
        await until(lambda: noted(here))
        await made.stop()

    run(live())
    here.close()
    there.close()


def test_one_process_has_the_job_and_the_other_takes_over(store: Store) -> None:
    note = Note(store)

    async def live() -> None:
        one, other = runner(store, note_job(store, note)), runner(store, note_job(store, note))
        await store.save([row("A")])
        assert await one.drain()
        await store.save([row("B", "又一张")])
        assert not await other.drain()
        await one.stop()
        assert await other.drain()

    run(live())
    assert noted(store) == [("A", 1), ("B", 1)]


class Fails:
    """A job that fails so many times before it does something."""

    name, alone, driven = "fails", False, True

    def __init__(self, times: int) -> None:
        self.times = times
        self.ended = False

    async def turn(self) -> Turn:
        if self.times:
            self.times -= 1
            raise ZeroDivisionError
        return Turn()

    async def end(self) -> None:
        self.ended = True
        raise ZeroDivisionError


def test_failures_are_counted_and_tried_again(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    counted: list[str] = []
    job, note = Fails(3), Note(store)

    async def live() -> None:
        made = runner(store, job, note_job(store, note), count=counted.append)
        await made.start()
        await until(lambda: made.describe()["fails"]["state"] == "idle")
        await store.save([row("A")])
        await until(lambda: noted(store))
        assert made.describe()["fails"] == {"state": "idle", "done": 0, "errors": 3, "problem": None}
        await made.stop()

    run(live())
    assert counted == ["fails"] * 3
    assert job.ended
    with pytest.raises(ZeroDivisionError):
        run(runner(store, Fails(1)).drain())


def test_the_rest_after_failures_grows(store: Store) -> None:
    made = runner(store, Fails(0), pace=JobPace(rest=1.0, longest_rest=60.0))
    rests = [made._failed(made._running[0], ZeroDivisionError()) for _ in range(8)]
    assert rests == [1, 2, 4, 8, 16, 32, 60, 60]


def test_periodic_work(store: Store) -> None:
    looks: list[int] = []
    ended: list[int] = []

    async def look() -> None:
        looks.append(1)

    async def end() -> None:
        ended.append(1)

    async def live() -> None:
        made = runner(store, Periodic("poll", 0.01, look, end))
        assert await made.drain()  # nothing that events ask for
        assert not looks
        await made.start()
        await until(lambda: len(looks) >= 3)
        await made.stop()
        seen = len(looks)
        await asyncio.sleep(0)
        assert len(looks) == seen

    run(live())
    assert ended == [1]


def test_names_are_different(store: Store) -> None:
    with pytest.raises(ValueError, match="same name"):
        runner(store, Fails(0), Fails(0))
