"""Many people at once, in threads and in processes: no ticket is ever with two of them, and none is lost."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from serving.review.desk import Desk
from serving.store import Store
from tests.serving.builders import run, taxonomy
from tests.serving.review.builders import Clock, desk, items, put, row

ROOT = Path(__file__).resolve().parents[3]

_WORKER = """
import asyncio, sys
from pathlib import Path
from serving.review.desk import Desk
from serving.store import Store
from tests.serving.builders import NOW, taxonomy

url, who = sys.argv[1:]

async def work():
    store = Store(url, timeout=30)
    desk = Desk(store, taxonomy, lambda: NOW, overlap_share=0.0)
    print("ready", flush=True)
    sys.stdin.readline()
    async def person(name):
        while (card := await desk.next(name)) is not None:
            print(card["item_id"], name, flush=True)
            await desk.submit(card["item_id"], name, {"category": "refund"})
    await asyncio.gather(*(person(f"{who}-{i}") for i in range(3)))
    store.close()

asyncio.run(work())
"""


def test_people_in_one_process(any_store: Store) -> None:
    put(any_store, *(row(f"T-{i}", f"第{i}件") for i in range(40)))
    made = desk(any_store, Clock(), random_share=0.3)

    async def everybody() -> list[str]:
        cards = await asyncio.gather(*(made.next(f"P-{i}") for i in range(60)))
        return [card["item_id"] for card in cards if card]

    leased = run(everybody())
    assert len(leased) == len(set(leased)) == 40
    assert len({item.lease_by for item in items(any_store)}) == 40


def test_threads_with_desks_of_their_own(url: str) -> None:
    first = Store(url)
    put(first, *(row(f"T-{i}", f"第{i}件") for i in range(30)))
    handed: Counter[str] = Counter()
    lock = threading.Lock()
    clock = Clock()
    start = threading.Barrier(4)

    def person(name: str) -> None:
        store = Store(url, timeout=30)
        made = Desk(store, taxonomy, clock, overlap_share=0.0)
        start.wait()

        async def work() -> None:
            while (card := await made.next(name)) is not None:
                with lock:
                    handed[card["item_id"]] += 1
                ahead = await made.next(name, after=card["item_id"])
                if ahead is not None:
                    assert ahead["item_id"] != card["item_id"]
                    await made.release(ahead["item_id"], name)
                await made.submit(card["item_id"], name, {"category": "refund"})

        asyncio.run(work())
        store.close()

    threads = [threading.Thread(target=person, args=(f"P-{i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(handed.values()) == {1}
    open_left = items(first, state="open")  # one may have been somebody's preloaded ticket when the others looked
    assert len(handed) + len(open_left) == 30
    assert len(open_left) <= 3
    first.close()


def test_two_processes(any_store: Store, url: str) -> None:
    put(any_store, *(row(f"T-{i}", f"第{i}件") for i in range(60)))
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", _WORKER, url, who],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for who in ("甲", "乙")
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    lines = [line for worker in workers for line in worker.communicate(timeout=120)[0].splitlines()]
    assert [worker.returncode for worker in workers] == [0, 0]
    leased = [line.split()[0] for line in lines]
    assert len(leased) == len(set(leased)) == 60
    assert {item.state for item in items(any_store)} == {"done"}


@pytest.mark.parametrize("people", [2, 9])
def test_a_conflict_is_settled_once(any_store: Store, people: int) -> None:
    put(any_store, row("T-1"))
    made = desk(any_store, Clock(), overlap_share=1.0)

    async def work() -> list[object]:
        for who, label in (("甲", "refund"), ("乙", "invoice")):
            card = await made.next(who)
            assert card is not None
            await made.submit(card["item_id"], who, {"category": label})
        item_id = (await made.conflicts())[0]["item_id"]
        settled = (made.settle(item_id, f"L-{i}", {"category": "refund"}) for i in range(people))
        return await asyncio.gather(*settled, return_exceptions=True)

    assert sum(isinstance(result, str) for result in run(work())) == 1
