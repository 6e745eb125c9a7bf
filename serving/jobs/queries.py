"""The statements of background work: cursors, leases, due times. What changes something runs in a writing transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from serving.store.tables import cursors, due_times, leases

_DUE = due_times.c


class Lease(NamedTuple):
    """Who does a job (empty: nobody), and a number that rises as long as they live."""

    owner: str
    beat: int


class DueTime(NamedTuple):
    """Something to do at a moment; ``key`` says what it is about."""

    key: str
    at: datetime
    payload: Mapping[str, Any]


def read_cursor(connection: Connection, consumer: str) -> int | None:
    """Id of the newest event the consumer has dealt with; None when it has never run."""
    return connection.execute(select(cursors.c.position).where(cursors.c.consumer == consumer)).scalar()


def make_cursor(connection: Connection, consumer: str, position: int, now: datetime) -> int:
    """Where a consumer begins: at ``position``, unless another process was faster."""
    held = read_cursor(connection, consumer)
    if held is not None:
        return held
    connection.execute(insert(cursors), {"consumer": consumer, "position": position, "at": now})
    return position


def move_cursor(connection: Connection, consumer: str, old: int, new: int, now: datetime) -> bool:
    """Moves a cursor; False when it was no longer at ``old``, and then it stays."""
    c = cursors.c
    here = (c.consumer == consumer, c.position == old)
    return connection.execute(update(cursors).where(*here).values(position=new, at=now)).rowcount == 1


def read_least_cursor(connection: Connection, consumers: Collection[str]) -> int | None:
    """How far the slowest of ``consumers`` is; None when one of them has never run."""
    found = connection.execute(select(cursors.c.position).where(cursors.c.consumer.in_(sorted(consumers))))
    positions = [row.position for row in found]
    return min(positions, default=None) if len(positions) == len(consumers) else None


def read_leases(connection: Connection) -> dict[str, Lease]:
    """All leases by job."""
    query = select(leases.c.job, leases.c.owner, leases.c.beat)
    return {row.job: Lease(row.owner, row.beat) for row in connection.execute(query)}


def take_lease(connection: Connection, job: str, owner: str, seen: Lease | None, now: datetime) -> bool:
    """Makes ``owner`` the one who does ``job`` if the lease still is as it was ``seen`` (None: there was none)."""
    held = read_leases(connection).get(job)
    if held != seen:
        return False
    if held is None:
        connection.execute(insert(leases), {"job": job, "owner": owner, "beat": 1, "at": now})
    else:
        mine = {"owner": owner, "beat": held.beat + 1, "at": now}
        connection.execute(update(leases).where(leases.c.job == job).values(mine))
    return True


def renew_leases(connection: Connection, owner: str, now: datetime) -> set[str]:
    """A sign of life of ``owner``; the jobs it still has."""
    connection.execute(update(leases).where(leases.c.owner == owner).values(beat=leases.c.beat + 1, at=now))
    return set(connection.execute(select(leases.c.job).where(leases.c.owner == owner)).scalars())


def free_leases(connection: Connection, owner: str, now: datetime) -> None:
    """Gives back all that ``owner`` has."""
    free = {"owner": "", "beat": leases.c.beat + 1, "at": now}
    connection.execute(update(leases).where(leases.c.owner == owner).values(free))


def put_due(connection: Connection, kind: str, due: Sequence[DueTime]) -> None:
    """Sets times; one that there is for the same key is replaced."""
    rows = [{"kind": kind, "key": one.key, "at": one.at, "payload": _json(one.payload)} for one in due]
    remove_due_keys(connection, kind, [one.key for one in due])
    if rows:
        connection.execute(insert(due_times), rows)


def put_due_once(connection: Connection, kind: str, due: DueTime) -> None:
    """Sets a time unless there is one for the same key."""
    held = select(_DUE.key).where(_DUE.kind == kind, _DUE.key == due.key)
    if connection.execute(held).first() is None:
        put_due(connection, kind, [due])


def remove_due_keys(connection: Connection, kind: str, keys: Sequence[str]) -> None:
    """Takes times back, whatever they are; unknown keys are passed over."""
    if keys:
        query = delete(due_times).where(_DUE.kind == kind, _DUE.key == bindparam("of"))
        connection.execute(query, [{"of": key} for key in keys])


def next_due(connection: Connection, kind: str) -> datetime | None:
    """The earliest time of a kind."""
    return connection.execute(select(func.min(_DUE.at)).where(_DUE.kind == kind)).scalar()


def read_due(connection: Connection, kind: str, now: datetime, limit: int) -> list[DueTime]:
    """What is due, the earliest first."""
    query = select(_DUE.key, _DUE.at, _DUE.payload).where(_DUE.kind == kind, _DUE.at <= now)
    found = connection.execute(query.order_by(_DUE.at, _DUE.key).limit(limit))
    return [DueTime(row.key, row.at, orjson.loads(row.payload)) for row in found]


def take_due(connection: Connection, kind: str, due: Sequence[DueTime]) -> list[DueTime]:
    """Removes times that are still as they were read, and says which: nobody else can take those."""
    taken = []
    for one in due:
        here = (_DUE.kind == kind, _DUE.key == one.key, _DUE.at == one.at)
        if connection.execute(delete(due_times).where(*here)).rowcount:
            taken.append(one)
    return taken


def _json(payload: Mapping[str, Any]) -> str:
    return orjson.dumps(dict(payload)).decode()
