"""``kill -9`` at every statement, in a real process, on both databases: nothing is lost, nothing is done twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from serving.store import Store
from tests.serving.review.builders import items

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]

_MOST = 120
"""More statements than the work has: the loop ends when a process got through."""


def work(url: str, tag: str) -> None:
    """Decides two tickets, has them disagreed about, does what follows, and what is due; each step may be its last."""
    import asyncio
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from serving.jobs.lease import Leases
    from serving.jobs.queries import DueTime
    from serving.jobs.runner import Runner
    from serving.jobs.ticker import Ticker, schedule
    from serving.review import jobs as review
    from serving.review.similar import Similar
    from serving.store.events import emit
    from tests.serving.builders import NOW
    from tests.serving.jobs.builders import Note
    from tests.serving.review.builders import auto, row
    from triage.events import Event

    store = Store(url)

    def fire(connection: Connection, due: Sequence[DueTime], now: datetime) -> None:
        for one in due:
            connection.execute(text("INSERT INTO fired VALUES (:key, :at)"), {"key": one.key, "at": now.isoformat()})

    def cause(connection: Connection) -> None:
        """A disagreement and a due time, each once a round, as what causes them is once in the database."""
        if connection.execute(text("SELECT 1 FROM causes WHERE tag = :tag"), {"tag": tag}).first():
            return
        connection.execute(text("INSERT INTO causes VALUES (:tag)"), {"tag": tag})
        emit(connection, [Event("disagreed", NOW, f"{tag}-auto", 1, {"version": "8"})])
        schedule(connection, "sla", [DueTime(tag, NOW, {})])

    async def go() -> None:
        jobs = Runner(
            store,
            [
                *review.jobs(store, lambda: NOW, Similar(store, lambda: NOW), blind_rate=0.0),
                _consumer(store, Note(store)),
                Ticker("sla", store, lambda: NOW, fire),
            ],
            Leases(store, lambda: NOW, patience=0.0),  # who was killed is dead at once
        )
        await store.save([row(f"{tag}-unsure", tag), auto(f"{tag}-auto", tag)])
        await store.write(cause)
        while not await jobs.drain():
            pass
        await jobs.stop()

    asyncio.run(go())
    store.close()


def _consumer(store: Store, note: object) -> object:
    from serving.jobs.consumer import Consumer
    from tests.serving.builders import NOW

    return Consumer("note", store, lambda: NOW, note)  # type: ignore[arg-type]


def serve(url: str) -> None:
    """Forks a process a line of stdin (``tag n``): it works and is killed before its n-th statement or commit."""
    import tests.serving.builders
    import tests.serving.jobs.builders
    import tests.serving.review.builders  # noqa: F401  (once, and not in each of them)
    from serving.review.kind import kind_of

    kind_of("快递")  # what is compiled is loaded once as well
    Store(url).close()  # and what a database needs

    for line in sys.stdin:
        tag, n = line.split()
        pid = os.fork()
        if pid == 0:
            _die_before(int(n))
            work(url, tag)
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        print(f"code {os.waitstatus_to_exitcode(status)}", flush=True)


def _die_before(n: int) -> None:
    from sqlalchemy import Engine, event

    left = [n]

    def step(*_: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", step)
    event.listen(Engine, "commit", step)


def test_kill_at_every_statement(url: str) -> None:
    store = Store(url)
    for table in ("fired (key VARCHAR(64), at VARCHAR(64))", "causes (tag VARCHAR(64) PRIMARY KEY)"):
        store.write_now(lambda connection, table=table: connection.execute(text(f"CREATE TABLE {table}")))
    code = f"from tests.serving.jobs.test_kill import serve; serve({url!r})"
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None

    def once(tag: str, n: int) -> int:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{tag} {n}\n")
        process.stdin.flush()
        return int(process.stdout.readline().removeprefix("code "))

    killed = 0
    for n in range(1, _MOST):
        got = once(f"R{n}", n)
        if got == 0:
            break
        assert got == -signal.SIGKILL
        killed += 1
        assert once(f"R{n}", 0) == 0  # the same again after a restart, as a helpdesk would send it again
    else:
        pytest.fail("the work never got through")
    process.stdin.close()
    process.wait(60)
    assert killed > 30
    rounds = sorted(f"R{i}" for i in range(1, n + 1))
    made = items(store)
    assert sorted((item.ticket_id, item.reason) for item in made) == sorted(
        pair for one in rounds for pair in ((f"{one}-unsure", "unsure"), (f"{one}-auto", "disagreement"))
    )
    noted = store.read_now(lambda c: c.execute(text("SELECT ticket_id FROM noted")).scalars().all())
    assert sorted(noted) == sorted(f"{one}-{kind}" for one in rounds for kind in ("unsure", "auto"))
    fired = store.read_now(lambda c: c.execute(text("SELECT key FROM fired")).scalars().all())
    assert sorted(fired) == rounds
    store.close()
