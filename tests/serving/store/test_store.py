"""The store, on a real SQLite file and a real PostgreSQL: durable, once per ticket and text, honest when it cannot."""

from __future__ import annotations

import asyncio
import hashlib
import os
import subprocess
import sys
from collections.abc import Coroutine
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import create_engine, event, func, select, text

from serving.ids import new_id
from serving.labels.corrections import NewCorrection
from serving.labels.record import LabelRecord
from serving.labels.tables import corrections
from serving.store import NewTicket, Store
from serving.store.tables import HEAD, UtcTime, metadata, probe, tickets
from tests.serving.builders import correct, ticket_of
from tests.serving.store import databases as database_fixtures
from triage.errors import NotFoundError, StoreError

T = TypeVar("T")
NOW = datetime(2026, 11, 11, 12, 0, tzinfo=timezone(timedelta(hours=8)))
ROOT = Path(__file__).resolve().parents[3]


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def row(ticket_id: str, words: str = "快递三天没动了", **changes: Any) -> NewTicket:
    values: dict[str, Any] = {
        "ticket_id": ticket_id,
        "text": words,
        "text_hash": hashlib.sha256(words.encode()).hexdigest(),
        "channel": "chat",
        "customer_id": "C-1",
        "customer_tier": "vip",
        "order_amount": 199.0,
        "contact_count": 2,
        "created_at": NOW,
        "received_at": NOW,
        "category": "logistics",
        "action": "auto",
        "queue": "logistics",
        "priority": "P2",
        "due_at": NOW,
        "model_name": "fendan",
        "model_version": "7",
        "profile_name": "default",
        "profile_version": "abc",
        "degraded": False,
        "decision": f'{{"ticket_id":"{ticket_id}","n":"{new_id()}"}}',
    }
    return NewTicket(**{**values, **changes})


def correction(ticket_id: str, **changes: Any) -> NewCorrection:
    values: dict[str, Any] = {
        "id": new_id(),
        "ticket_id": ticket_id,
        "revision": None,
        "labels": {"category": "refund"},
        "source": "reviewer",
        "by": "小王",
        "note": "",
        "at": NOW,
    }
    return NewCorrection(**{**values, **changes})


store = database_fixtures.any_store


def count(store: Store, table: Any = tickets) -> int:
    with store._read.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_a_saved_ticket_is_there_for_another_process(store: Store, url: str) -> None:
    new = row("T-1", order_amount=None, created_at=None, due_at=None)
    assert run(store.save([new])) == [(new.decision, 1, True)]
    code = (
        "import sys; from serving.store import Store; from serving.tickets.queries import read_ticket;"
        "s = Store(sys.argv[1]);"
        "print(s.read_now(lambda c: read_ticket(c, 'T-1')).revisions[0].decision)"
    )
    out = subprocess.run([sys.executable, "-c", code, url], cwd=ROOT, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == new.decision


def test_the_same_ticket_again_gets_the_stored_decision(store: Store) -> None:
    first, again = row("T-1"), row("T-1", queue="other")
    run(store.save([first]))
    assert run(store.save([again])) == [(first.decision, 1, False)]
    assert count(store) == 1


def test_another_text_is_a_new_revision_and_the_old_one_is_kept(store: Store) -> None:
    rows = [row("T-1", "甲"), row("T-1", "乙"), row("T-1", "甲")]
    for new in rows:
        run(store.save([new]))
    record = ticket_of(store, "T-1")
    assert record is not None
    assert [(r.revision, r.text, r.decision) for r in record.revisions] == [
        (1, "甲", rows[0].decision),
        (2, "乙", rows[1].decision),
    ]
    assert record.revisions[0].received_at == NOW


def test_duplicates_inside_one_call_make_one_row(store: Store) -> None:
    rows = [row("T-1", "甲"), row("T-1", "甲"), row("T-2"), row("T-1", "乙")]
    saved = run(store.save(rows))
    assert [(s.revision, s.created) for s in saved] == [(1, True), (1, False), (1, True), (2, True)]
    assert saved[1].decision == rows[0].decision
    assert count(store) == 3


def test_duplicates_inside_one_group_commit_make_one_row(store: Store) -> None:
    async def flood() -> list[Any]:
        return await asyncio.gather(*(store.save([row(f"T-{i % 7}", f"第{i % 2}版")]) for i in range(300)))

    saved = [result[0] for result in run(flood())]
    assert sum(s.created for s in saved) == count(store) == 14
    assert len({s.decision for s in saved}) == 14


def test_a_batch_larger_than_a_statement_may_bind(store: Store) -> None:
    rows = [row(f"T-{i}", f"第 {i} 张") for i in range(2500)]
    assert all(s.created for s in run(store.save(rows)))
    assert not any(s.created for s in run(store.save([*reversed(rows)])))
    assert run(store.save([])) == []


_RACER = """
import asyncio, sys
sys.path.insert(0, sys.argv[2])
from tests.serving.store.test_store import row
from serving.store import Store
store = Store(sys.argv[1], timeout=60)
async def main():
    rounds = [await store.save([row(f"T-{i}", f"第{n % 2}版") for i in range(10)]) for n in range(40)]
    print(sum(s.created for saved in rounds for s in saved))
asyncio.run(main())
store.close()
"""


def test_processes_that_race_never_store_a_ticket_twice(url: str) -> None:
    """Also: several processes may create the schema at the same moment."""
    command = [sys.executable, "-c", _RACER, url, str(ROOT)]
    racers = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    created = [int(racer.communicate(timeout=120)[0]) for racer in racers]
    store = Store(url)
    assert all(racer.returncode == 0 for racer in racers)
    assert sum(created) == count(store) == 20
    store.close()


def test_corrections_are_kept_in_order_with_the_revision_they_speak_of(store: Store) -> None:
    run(store.save([row("T-1", "甲"), row("T-1", "乙")]))
    newest = correct(store, correction("T-1", labels={"category": "refund", "urgency": "high"}, note="退错了"))
    first = correct(store, correction("T-1", revision=1, at=NOW + timedelta(seconds=1)))
    assert (newest.revision, first.revision) == (2, 1)
    record = ticket_of(store, "T-1")
    assert record is not None
    assert record.corrections == [newest, first]


@pytest.mark.parametrize(("ticket_id", "revision"), [("T-9", None), ("T-1", 2)])
def test_a_correction_of_nothing_fails_alone(store: Store, ticket_id: str, revision: int | None) -> None:
    async def both() -> Any:
        new = correction(ticket_id, revision=revision)
        wrong = store.write(lambda connection: LabelRecord().add(connection, [new], NOW))
        return await asyncio.gather(wrong, store.save([row("T-2")]), return_exceptions=True)

    run(store.save([row("T-1")]))
    wrong, saved = run(both())
    assert isinstance(wrong, NotFoundError)
    assert saved[0].created
    assert count(store, corrections) == 0


def test_a_row_the_database_refuses_fails_alone(store: Store) -> None:
    async def both() -> Any:
        bad = row("T-1", queue=None)
        return await asyncio.gather(store.save([bad]), store.save([row("T-2")]), return_exceptions=True)

    bad, good = run(both())
    assert isinstance(bad, StoreError)
    assert good[0].created


def test_unknown_ticket(store: Store) -> None:
    assert ticket_of(store, "T-1") is None


def test_the_readiness_check_leaves_nothing_behind(store: Store) -> None:
    run(store.check())
    run(store.check())
    assert count(store, probe) == 0


def test_the_migrations_make_the_tables_the_code_speaks_of(store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.config import Config
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    from serving.store.migrate import SCRIPTS

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD
    with store._read.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": _same_type})
        assert compare_metadata(context, metadata) == []


def _same_type(_context: Any, _found: Any, _column: Any, there: Any, here: Any) -> bool | None:
    return False if isinstance(here, UtcTime) and there.python_type is datetime else None


def test_a_schema_newer_than_the_code_is_refused_and_left_alone(url: str) -> None:
    Store(url).close()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"9999.*升级"):
        Store(url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999"
    engine.dispose()


def test_a_full_queue_refuses_and_the_rest_is_written(url: str) -> None:
    store = Store(url, queue_limit=3)

    async def flood() -> None:
        waiting = [asyncio.ensure_future(store.save([row(f"T-{i}")])) for i in range(3)]
        await asyncio.sleep(0)
        try:
            await store.save([row("T-9")])
        finally:
            for task in waiting:
                task.cancel()

    with store._write.begin(), pytest.raises(StoreError, match="上限 3"):  # the lock is held: the writer waits
        run(flood())
    store.close()
    store = Store(url)
    assert count(store) == 3
    store.close()


def test_after_closing_nothing_is_taken(store: Store) -> None:
    store.close()
    with pytest.raises(StoreError, match="正在停止"):
        run(store.save([row("T-1")]))


def test_a_locked_database_is_said_and_the_writer_recovers(url: str) -> None:
    store = Store(url, timeout=1)
    other = Store(url, timeout=1)
    with other._write.begin(), pytest.raises(StoreError, match="锁住"):
        run(store.save([row("T-1")]))
    assert run(store.save([row("T-1")]))[0].created
    store.close()
    other.close()


# What only SQLite can suffer


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "fendan.db"


def test_a_read_only_database_is_refused_at_the_start(file: Path) -> None:
    with pytest.raises(StoreError, match="打不开"):
        Store(f"sqlite:///file:{file}?mode=ro&uri=true")
    Store(f"sqlite:///{file}").close()
    with pytest.raises(StoreError, match="只读"):
        run(Store(f"sqlite:///file:{file}?mode=ro&uri=true").save([row("T-1")]))


def test_a_database_that_turns_read_only_is_said_and_the_writer_recovers(file: Path) -> None:
    store = Store(f"sqlite:///{file}")
    with store._write.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")  # for this connection every write is now refused
    with pytest.raises(StoreError, match="只读"):
        run(store.save([row("T-1")]))
    assert run(store.save([row("T-1")]))[0].created
    store.close()


def test_a_full_database_is_said_nothing_is_half_written_and_the_writer_recovers(file: Path) -> None:
    store = Store(f"sqlite:///{file}")
    pages = [40]
    event.listen(store._write, "begin", lambda c: c.exec_driver_sql(f"PRAGMA max_page_count={pages[0]}"))
    store._write.dispose()
    with pytest.raises(StoreError, match="已满"):
        run(store.save([row(f"T-{i}", f"第 {i} 张" * 50) for i in range(1000)]))
    with pytest.raises(StoreError, match="已满"):
        run(_fill(store))
    with pytest.raises(StoreError, match="已满"):
        run(store.check())
    before = count(store)
    pages[0] = 1_000_000
    run(store.check())
    assert run(store.save([row("T-new")]))[0].created
    assert count(store) == before + 1
    store.close()


async def _fill(store: Store) -> None:
    for i in range(1000):
        await store.save([row(f"F-{i}", f"第 {i} 张" * 50)])


_SMALL_FILE = """
import asyncio, resource, sys
sys.path.insert(0, sys.argv[2])
from tests.serving.store.test_store import _fill, count, row
from serving.store import Store
from triage.errors import StoreError
store = Store(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
try:
    asyncio.run(_fill(store))
except StoreError as error:
    print(error)
before = count(store)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(asyncio.run(store.save([row("T-new")]))[0].created, count(store) - before)
"""


def test_a_quota_of_the_system_is_said_and_the_writer_recovers(file: Path) -> None:
    command = [sys.executable, "-c", _SMALL_FILE, f"sqlite:///{file}", str(ROOT)]
    out = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert "磁盘" in out[0]
    assert out[1] == "True 1"


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk takes root")
def test_a_full_disk_is_said_and_the_writer_recovers(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("this machine does not let root mount")
    try:
        store = Store(f"sqlite:///{disk}/fendan.db")
        with pytest.raises(StoreError, match="磁盘"):
            run(_fill(store))
        before = count(store)
        subprocess.run(["mount", "-o", "remount,size=4m", disk], check=True)
        assert run(store.save([row("T-new")]))[0].created
        assert count(store) == before + 1
        store.close()
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def test_what_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("不是数据库" * 1000, encoding="utf-8")
    with pytest.raises(StoreError, match="不是 SQLite 文件"):
        Store(f"sqlite:///{tmp_path}/notes.db")
    with pytest.raises(StoreError, match="建不了"):
        Store(f"sqlite:///{tmp_path}/notes.db/fendan.db")


@pytest.mark.parametrize("wrong", ["", "var/fendan.db", "mysql://x/y", "nonsense://x"])
def test_an_address_of_no_known_kind_is_named(wrong: str) -> None:
    with pytest.raises(StoreError, match="看不懂"):
        Store(wrong)


@pytest.mark.parametrize("memory", ["sqlite://", "sqlite:///:memory:"])
def test_memory_is_not_durable(memory: str) -> None:
    with pytest.raises(StoreError, match="内存"):
        Store(memory)


def test_a_password_is_never_said() -> None:
    with pytest.raises(StoreError, match="连不上") as caught:
        Store("postgresql+psycopg://me:geheim@127.0.0.1:1/x", timeout=1)
    assert "geheim" not in str(caught.value)


def test_sqlite_flushes_every_commit(file: Path) -> None:
    store = Store(f"sqlite:///{file}")
    with store._write.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    store.close()


def test_reading_a_broken_store_is_a_store_error(file: Path) -> None:
    store = Store(f"sqlite:///{file}")
    with store._write.begin() as connection:
        connection.exec_driver_sql("DROP TABLE corrections")
        connection.exec_driver_sql("DROP TABLE tickets")
    with pytest.raises(StoreError, match="缺少表"):
        ticket_of(store, "T-1")
    store.close()


def test_ids_sort_by_time() -> None:
    made = [new_id() for _ in range(1000)]
    assert made == sorted(made)
    assert len(set(made)) == 1000
    assert made[0][14] == "7"
