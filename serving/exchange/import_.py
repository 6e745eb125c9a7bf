"""Labels from elsewhere -> corrections with the source ``import``: all of a file or nothing, and the same file once.

A label counts from the moment it is imported; when it was given elsewhere only decides which of several words of one person
is the newest. Nobody here knows whether the prediction was in sight, so ``blind`` stays unknown and no import speaks for the
blind audit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, or_, select, update

from serving.exchange.resolve import Said, resolve
from serving.exchange.words import Word, throw
from serving.ids import new_id
from serving.review.answers import follow
from serving.review.reasons import differs
from serving.store.events import record
from serving.store.tables import corrections, review_items, tickets
from triage.taxonomy import HEADS

SOURCE = "import"
_CHUNK = 500
_ANSWERED = ("unsure", "novel", "disagreement", "reported")
"""Reasons for which an import is an answer; a blind audit is not answered from outside, a conflict needs a lead."""


class Planned(NamedTuple):
    """A word that is to be written, with the revision it speaks of."""

    word: Word
    revision: int


@dataclass(slots=True)
class Plan:
    """What an import would do.

    Attributes:
        new: corrections to write.
        known: rows that say what the same person's import, or (for rows without a person) what stands already.
        older: rows of which the same person gave a newer word in the same file.
    """

    new: list[Planned] = field(default_factory=list)
    known: int = 0
    older: int = 0


def plan(connection: Connection, words: Sequence[Word]) -> Plan:
    """What is to be written of ``words``, by what the store holds.

    Raises:
        DataError: names every row whose ticket or revision is not in the store, or that another row contradicts.
    """
    found = _revisions(connection, {word.ticket_id for word in words})
    faults = []
    newest: dict[tuple[str, int, str], Word] = {}
    out = Plan()
    for word in words:
        revisions = found.get(word.ticket_id, ())
        if not revisions:
            faults.append(f"{word.where}：没有工单 {word.ticket_id!r}")
            continue
        revision = max(revisions) if word.revision is None else word.revision
        if revision not in revisions:
            faults.append(f"{word.where}：工单 {word.ticket_id!r} 没有第 {revision} 版；有的是 1–{max(revisions)}")
            continue
        key = (word.ticket_id, revision, word.by)
        other = newest.get(key)
        if other is None:
            newest[key] = word
            continue
        if other.labels == word.labels:
            out.older += 1
            continue
        if other.at is None or word.at is None or other.at == word.at:
            faults.append(
                f"{word.where}：与{other.where}说的不一样（{_labels(word)}；{_labels(other)}），同一人同一张工单，不知道哪个在后"
            )
            continue
        out.older += 1
        if word.at > other.at:
            newest[key] = word
    throw(faults)
    said = _said(connection, {(ticket_id, revision) for ticket_id, revision, _ in newest})
    for (ticket_id, revision, by), word in newest.items():
        if _is_known(word, by, said.get((ticket_id, revision), ())):
            out.known += 1
        else:
            out.new.append(Planned(word, revision))
    return out


def write(connection: Connection, planned: Sequence[Planned], *, by: str, file: str, now: datetime) -> None:
    """Writes the corrections, closes what they answer, and opens the conflicts they make. In a writing transaction.

    Args:
        by: who ran the import; ``file``: the file's name. Both stand in the event.
    """
    keys = [(one.word.ticket_id, one.revision) for one in planned]
    said = {key: one.word for key, one in zip(keys, planned, strict=True)}
    versions: dict[tuple[str, int], str] = {}
    spoken = {key for key, n in Counter(keys).items() if n > 1}
    answered: list[str] = []
    t, c, i = tickets.c, corrections.c, review_items.c
    for some in _chunks(sorted({ticket_id for ticket_id, _ in keys})):  # by the id: SQLite uses no index for pairs
        held = select(t.ticket_id, t.revision, t.model_version).where(t.ticket_id.in_(some))
        versions.update({(row.ticket_id, row.revision): row.model_version for row in connection.execute(held)})
        others = select(corrections).where(c.ticket_id.in_(some), c.withdrawn_at.is_(None))
        spoken |= {key for row in connection.execute(others) if (key := _key(row)) in said and _stirs(row, said[key])}
        waits = select(i.id, i.ticket_id, i.revision).where(
            i.ticket_id.in_(some),
            i.state == "open",
            i.copy == 0,
            i.reason.in_(_ANSWERED),
            or_(i.lease_until.is_(None), i.lease_until <= now),  # whoever has it on the screen may finish
        )
        answered += [row.id for row in connection.execute(waits) if _key(row) in said]
    rows = [_row(one, versions[one.word.ticket_id, one.revision], now) for one in planned]
    if rows:
        connection.execute(insert(corrections), rows)
    done = {"state": "done", "done_by": SOURCE, "done_at": now, "lease_by": None, "lease_until": None}
    for some in _chunks(answered):
        connection.execute(update(review_items).where(i.id.in_(some)).values(done))
    for ticket_id, revision in sorted(spoken):
        follow(connection, ticket_id, revision, now)
    record(connection, at=now, by=by, what="import", file=file, rows=len(rows))


def _revisions(connection: Connection, ids: set[str]) -> dict[str, set[int]]:
    t = tickets.c
    out: dict[str, set[int]] = {}
    for some in _chunks(sorted(ids)):
        for ticket_id, revision in connection.execute(select(t.ticket_id, t.revision).where(t.ticket_id.in_(some))):
            out.setdefault(ticket_id, set()).add(revision)
    return out


def _said(connection: Connection, keys: set[tuple[str, int]]) -> dict[tuple[str, int], list[Said]]:
    c = corrections.c
    out: dict[tuple[str, int], list[Said]] = {}
    for some in _chunks(sorted({ticket_id for ticket_id, _ in keys})):
        found = select(corrections).where(c.ticket_id.in_(some), c.withdrawn_at.is_(None))
        for row in connection.execute(found.order_by(c.at, c.id)):
            if (row.ticket_id, row.revision) not in keys:
                continue
            labels = {head: label for head in HEADS if (label := getattr(row, head)) is not None}
            one = Said(row.id, row.by, row.source, row.at, labels, note=row.note)
            out.setdefault((row.ticket_id, row.revision), []).append(one)
    return out


def _is_known(word: Word, by: str, said: Sequence[Said]) -> bool:
    mine = [one for one in said if one.source == SOURCE and one.by == by]
    if mine and mine[-1].labels == word.labels and mine[-1].note == word.note:
        return True
    if word.own:
        return False
    stands = {head: label.code for head, label in resolve(said).items()}
    return all(stands.get(head) == label for head, label in word.labels.items())


def _key(row: Any) -> tuple[str, int]:
    return row.ticket_id, row.revision


def _stirs(row: Any, word: Word) -> bool:
    """Whether ``word`` beside what is stored in ``row`` may make a conflict, or end one: else nothing need be followed up."""
    labels = {head: label for head in HEADS if (label := getattr(row, head)) is not None}
    return bool(row.by == word.by) or differs(labels, word.labels)


def _row(one: Planned, version: str, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "ticket_id": one.word.ticket_id,
        "revision": one.revision,
        **{head: one.word.labels.get(head) for head in HEADS},
        "source": SOURCE,
        "by": one.word.by,
        "note": one.word.note,
        "at": now,
        "blind": None,
        "model_version": version,
    }


def _labels(word: Word) -> str:
    return "、".join(f"{head}={label}" for head, label in word.labels.items())


def _chunks(values: Sequence[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(values), _CHUNK):
        yield list(values[start : start + _CHUNK])
