"""What becomes of an answer: submitted, skipped, given back, taken back, settled. Statements of writing transactions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, insert, select, update

from serving.ids import new_id
from serving.labels.correcting import check_labels, check_note
from serving.labels.corrections import NewCorrection
from serving.labels.queries import own_answers
from serving.labels.record import LabelRecord
from serving.review.blind import read_draw
from serving.review.cards import read_item
from serving.store.tables import review_items, skips
from triage.errors import ConflictError
from triage.labels import CONFLICT, DONE, FIRST_ROUND, LEAD, OPEN, SECOND_ROUND, Source
from triage.taxonomy import Taxonomy

_i = review_items.c


class CheckedAnswer(NamedTuple):
    """A checked answer; the note is masked."""

    labels: dict[str, str]
    note: str


class Undone(NamedTuple):
    """An answer that was taken back."""

    item_id: str
    labels: dict[str, str]
    note: str


def check(labels: Any, note: Any, taxonomy: Taxonomy) -> CheckedAnswer:
    """An answer as people may give it.

    Raises:
        CorrectionError: names the field, the value and what is allowed.
    """
    return CheckedAnswer(check_labels(labels, taxonomy), check_note(note))


def submit(
    connection: Connection,
    record: LabelRecord,
    item_id: str,
    who: str,
    said: CheckedAnswer,
    now: datetime,
    *,
    overlap_share: float,
) -> str:
    """Closes a leased item with an answer; may ask a second person, may open a conflict.

    Raises:
        NotFoundError, ConflictError: nothing was written.
    """
    item = _mine(connection, item_id, who)
    correction_id = _answer(connection, record, item, who, said, now, source="reviewer")
    if item.copy == FIRST_ROUND and read_draw(connection).is_overlap(item.ticket_id, item.revision, overlap_share):
        _ask_another(connection, item, now)
    return correction_id


def skip(connection: Connection, item_id: str, who: str, now: datetime) -> None:
    """Never again to ``who``.

    Raises:
        NotFoundError, ConflictError: nothing was written.
    """
    _mine(connection, item_id, who)
    known = connection.execute(select(skips.c.at).where(skips.c.item_id == item_id, skips.c.by == who)).first()
    if known is None:
        connection.execute(insert(skips), {"item_id": item_id, "by": who, "at": now})
    release(connection, item_id, who)


def release(connection: Connection, item_id: str | None, who: str) -> None:
    """Ends a lease of ``who``, or all of them."""
    mine = update(review_items).where(_i.lease_by == who, _i.state == OPEN)
    if item_id is not None:
        mine = mine.where(_i.id == item_id)
    connection.execute(mine.values(lease_by=None, lease_until=None))


def undo(
    connection: Connection, record: LabelRecord, who: str, *, since: datetime, now: datetime, until: datetime
) -> Undone | None:
    """Withdraws the newest answer of ``who`` since ``since`` and leases its item to them until ``until``."""
    newest = next(iter(own_answers(connection, who, "reviewer", since)), None)
    if newest is None or newest.item_id is None:
        return None
    again = {"state": OPEN, "lease_by": who, "lease_until": until, "done_by": None, "done_at": None}
    connection.execute(update(review_items).where(_i.id == newest.item_id).values(again))
    record.withdraw(connection, [newest.id], now, by=who)
    return Undone(newest.item_id, dict(newest.labels), newest.note)


def settle(
    connection: Connection, record: LabelRecord, item_id: str, who: str, said: CheckedAnswer, now: datetime
) -> str:
    """Closes a conflict with a lead's answer. Whoever comes second is told so.

    Raises:
        NotFoundError, ConflictError: nothing was written.
    """
    item = read_item(connection, item_id)
    if item.reason != CONFLICT:
        raise ConflictError("这一项不是冲突，不用裁定", field="item_id")
    if item.state != OPEN:
        raise ConflictError("这个冲突已经有人裁定，或者已经不成立；请看下一个", field="item_id")
    return _answer(connection, record, item, who, said, now, source=LEAD)


def unsettle(
    connection: Connection, record: LabelRecord, item_id: str, who: str, *, since: datetime, now: datetime
) -> None:
    """Withdraws what ``who`` settled since ``since``, and opens the conflict again if it still is one.

    Raises:
        NotFoundError, ConflictError: nothing was written.
    """
    read_item(connection, item_id)
    found = own_answers(connection, who, LEAD, since, item_id=item_id)
    if not found:
        raise ConflictError("只能撤回自己在这一班里裁定的冲突；这一项不是", field="item_id")
    connection.execute(
        update(review_items).where(_i.id == item_id).values({"state": OPEN, "done_by": None, "done_at": None})
    )
    record.withdraw(connection, [one.id for one in found], now, by=who)


def _mine(connection: Connection, item_id: str, who: str) -> Row[Any]:
    """The item, when ``who`` has it. A lease that ran out is good as long as nobody else took the item."""
    item = read_item(connection, item_id)
    if item.state != OPEN:
        raise ConflictError("这张已经答完或作废了；请取下一张", field="item_id")
    if item.lease_by != who:
        raise ConflictError("这张已不在你手上：时间过了，别人可能拿走了；请取下一张", field="item_id")
    return item


def _answer(
    connection: Connection,
    record: LabelRecord,
    item: Row[Any],
    who: str,
    said: CheckedAnswer,
    now: datetime,
    *,
    source: Source,
) -> str:
    """Closes the item and stores the word on it; in this order, so that a settled conflict is found settled."""
    _close(connection, item.id, who, now)
    new = NewCorrection(
        id=new_id(),
        ticket_id=item.ticket_id,
        revision=item.revision,
        labels=said.labels,
        source=source,
        by=who,
        note=said.note,
        at=now,
        item_id=item.id,
        blind=bool(item.blind),
        reason=item.reason,
        round=item.copy,
    )
    return record.add(connection, [new], now)[0].id


def _close(connection: Connection, item_id: str, who: str, now: datetime) -> None:
    done: Mapping[str, Any] = {
        "state": DONE,
        "done_by": who,
        "done_at": now,
        "lease_by": None,
        "lease_until": None,
    }
    changed = connection.execute(update(review_items).where(_i.id == item_id, _i.state == OPEN).values(done))
    assert changed.rowcount == 1, "the write lock was not held"


def _ask_another(connection: Connection, item: Row[Any], now: datetime) -> None:
    """Opens the copy for a second person; one that is there already (after an undo) stays as it is."""
    held = connection.execute(
        select(_i.id).where(_i.ticket_id == item.ticket_id, _i.revision == item.revision, _i.copy == SECOND_ROUND)
    ).first()
    if held is not None:
        return
    copied = {name: getattr(item, name) for name in ("rate", "rank", "lot", "uncertainty", "label", "kind")}
    copied |= {"ticket_id": item.ticket_id, "revision": item.revision, "reason": item.reason}
    connection.execute(
        insert(review_items), {**copied, "id": new_id(), "copy": SECOND_ROUND, "state": OPEN, "created_at": now}
    )
