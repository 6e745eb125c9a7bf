"""Events: there exactly when their cause is, and read in the order of commits, whoever else writes."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import Connection, create_engine, inspect, select, text

from serving.store import Store
from serving.store.events import emit, newest, read_after, remove_before
from serving.store.tables import events, tickets
from tests.serving.builders import NOW, run
from tests.serving.review.builders import auto, row
from triage.errors import StoreError
from triage.events import EVENT_KINDS, Event


def read(store: Store, position: int = 0, limit: int = 100) -> list[Event]:
    return store.read_now(lambda c: read_after(c, position, EVENT_KINDS, limit)).events


def test_a_decision_and_its_event_are_written_together(any_store: Store) -> None:
    run(any_store.save([row("A"), auto("B"), row("A", "换了一句话"), row("A")]))
    found = read(any_store)
    assert [(one.kind, one.key, one.payload["action"]) for one in found] == [
        ("decided", ("A", 1), "suggest"),
        ("decided", ("B", 1), "auto"),
        ("revised", ("A", 2), "suggest"),
    ]
    assert found[0].at == NOW
    run(any_store.save([row("A"), auto("B")]))  # answered before
    assert len(read(any_store)) == 3


def test_no_event_without_its_cause(any_store: Store) -> None:
    broken = row("A")
    broken.queue = None  # type: ignore[assignment]
    with pytest.raises(StoreError):
        run(any_store.save([broken]))
    assert read(any_store) == []


def test_pages(any_store: Store) -> None:
    run(any_store.save([row(f"T-{i}", f"第 {i} 张") for i in range(7)]))
    any_store.write_now(lambda c: emit(c, [Event("model_swapped", NOW, payload={"to": "8"})]))
    first = any_store.read_now(lambda c: read_after(c, 0, ["decided"], 4))
    second = any_store.read_now(lambda c: read_after(c, first.position, ["decided"], 4))
    assert [one.ticket_id for one in (*first.events, *second.events)] == [f"T-{i}" for i in range(7)]
    assert second.position == any_store.read_now(newest)  # the swap was looked at and is not wanted
    assert any_store.read_now(lambda c: read_after(c, second.position, EVENT_KINDS, 4)) == ([], second.position)


def test_a_late_commit_is_not_skipped(url: str) -> None:
    """The first writer has its id and is slow to commit; the second one cannot get a later id meanwhile."""
    first, second = Store(url), Store(url)
    begun, go = threading.Event(), threading.Event()

    def slow(connection: Connection) -> None:
        emit(connection, [Event("model_swapped", NOW, payload={"to": "slow"})])
        begun.set()
        go.wait(30)

    threads = [threading.Thread(target=first.write_now, args=(slow,))]
    threads[0].start()
    begun.wait(30)
    quick = [Event("model_swapped", NOW, payload={"to": "quick"})]
    threads.append(threading.Thread(target=second.write_now, args=(lambda c: emit(c, quick),)))
    threads[1].start()
    assert read(second) == []
    go.set()
    for thread in threads:
        thread.join()
    assert [one.payload["to"] for one in read(second)] == ["slow", "quick"]
    first.close()
    second.close()


def test_who_waits_is_told_after_the_commit_and_only_of_events(any_store: Store) -> None:
    told: list[int] = []
    end = any_store.on_events(lambda: told.append(len(read(any_store))))
    run(any_store.save([row("A")]))
    run(any_store.save([row("A")]))  # nothing new
    any_store.write_now(lambda _: None)
    assert told == [1]
    end()
    run(any_store.save([row("B")]))
    assert told == [1]


def test_old_events_are_removed_and_ids_are_not_given_again(any_store: Store) -> None:
    run(any_store.save([row(f"T-{i}", f"第 {i} 张") for i in range(5)]))
    last = any_store.read_now(newest)
    assert any_store.write_now(lambda c: remove_before(c, NOW, last, 100)) == 0  # not old
    later = NOW + timedelta(seconds=1)
    assert any_store.write_now(lambda c: remove_before(c, later, last - 1, 3)) == 3
    assert any_store.write_now(lambda c: remove_before(c, later, last - 1, 3)) == 1  # the last one is not consumed
    assert any_store.write_now(lambda c: remove_before(c, later, last, 3)) == 1
    run(any_store.save([row("new")]))
    assert [one.id > last for one in read(any_store)] == [True]


def test_sheltered_work_fails_alone(any_store: Store) -> None:
    async def together() -> list[object]:
        import asyncio

        def bad(connection: Connection) -> None:
            emit(connection, [Event("model_swapped", NOW)])
            raise ZeroDivisionError

        def unknown(connection: Connection) -> None:
            connection.execute(text("INSERT INTO events (kind) VALUES (NULL)"))

        return await asyncio.gather(
            any_store.save([row("A")]),
            any_store.write(bad, sheltered=True),
            any_store.write(unknown, sheltered=True),
            any_store.save([row("B")]),
            return_exceptions=True,
        )

    results = run(together())
    assert isinstance(results[1], ZeroDivisionError)
    assert isinstance(results[2], Exception)
    assert [one.ticket_id for one in read(any_store)] == ["A", "B"]


def test_the_migration_and_back(url: str) -> None:
    """Tickets of the last week without an item get an event; the operator's rows keep their table's content."""
    from datetime import UTC, datetime

    from alembic import command
    from alembic.config import Config

    from serving.store.migrate import SCRIPTS
    from tests.serving.review.builders import put

    now = datetime.now(UTC)
    store = Store(url)
    put(store, row("asked", received_at=now))
    run(store.save([row("old", received_at=now - timedelta(days=8)), row("lost", received_at=now - timedelta(days=6))]))
    run(store.save([auto("lost", "新的话", received_at=now)]))
    store.close()
    engine = create_engine(url)

    def go(how: str, to: str) -> None:
        config = Config()
        config.set_main_option("script_location", str(SCRIPTS))
        config.set_main_option("path_separator", "os")
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            getattr(command, how)(config, to)

    go("downgrade", "0003")
    assert "logbook" not in inspect(engine).get_table_names()
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO events (id, at, by, what, detail) VALUES ('1', :at, 'x', 'login_locked', '{}')"),
            {"at": now.replace(tzinfo=None) if url.startswith("sqlite") else now},
        )
    go("upgrade", "0004")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT what FROM logbook")).scalars().all() == ["login_locked"]
        found = connection.execute(
            select(events.c.kind, events.c.ticket_id, events.c.revision, events.c.payload, events.c.at).order_by(
                events.c.id
            )
        ).all()
        assert connection.execute(select(tickets.c.ticket_id)).all()
    assert [tuple(one[:4]) for one in found] == [
        ("decided", "lost", 1, '{"action":"suggest"}'),
        ("revised", "lost", 2, '{"action":"auto"}'),
    ]
    assert found[1].at == now
    engine.dispose()
