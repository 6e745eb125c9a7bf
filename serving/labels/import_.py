"""Labels from elsewhere -> corrections with the source ``import``: all of a file or nothing, and the same file once.

A label counts from the moment it is imported; when it was given elsewhere only decides which of several words of one person
is the newest. Nobody here knows whether the prediction was in sight, so ``blind`` stays unknown and no import speaks for the
blind audit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from serving.ids import new_id
from serving.labels.corrections import Correction, NewCorrection
from serving.labels.label_rows import LabelRow, throw
from serving.labels.queries import said_of
from serving.labels.record import LabelRecord
from serving.store.keys import chunks
from serving.store.tables import tickets
from triage.labels import Source, codes, effective

SOURCE: Source = "import"


class PlannedLabels(NamedTuple):
    """A row that is to be written, with the revision it speaks of."""

    row: LabelRow
    revision: int


@dataclass(slots=True)
class ImportPlan:
    """What an import would do.

    Attributes:
        new: corrections to write.
        known: rows that say what the same person's import, or (for rows without a person) what stands already.
        older: rows of which the same person gave a newer row in the same file.
    """

    new: list[PlannedLabels] = field(default_factory=list)
    known: int = 0
    older: int = 0


def plan(connection: Connection, rows: Sequence[LabelRow]) -> ImportPlan:
    """What is to be written of ``rows``, by what the store holds.

    Raises:
        DataError: names every row whose ticket or revision is not in the store, or that another row contradicts.
    """
    found = _revisions(connection, {row.ticket_id for row in rows})
    faults = []
    newest: dict[tuple[str, int, str], LabelRow] = {}
    out = ImportPlan()
    for row in rows:
        revisions = found.get(row.ticket_id, ())
        if not revisions:
            faults.append(f"{row.where}：没有工单 {row.ticket_id!r}")
            continue
        revision = max(revisions) if row.revision is None else row.revision
        if revision not in revisions:
            faults.append(f"{row.where}：工单 {row.ticket_id!r} 没有第 {revision} 版；有的是 1–{max(revisions)}")
            continue
        key = (row.ticket_id, revision, row.by)
        other = newest.get(key)
        if other is None:
            newest[key] = row
            continue
        if other.labels == row.labels:
            out.older += 1
            continue
        if other.at is None or row.at is None or other.at == row.at:
            faults.append(
                f"{row.where}：与{other.where}说的不一样（{_labels(row)}；{_labels(other)}），同一人同一张工单，不知道哪个在后"
            )
            continue
        out.older += 1
        if row.at > other.at:
            newest[key] = row
    throw(faults)
    said = said_of(connection, {(ticket_id, revision) for ticket_id, revision, _ in newest})
    for (ticket_id, revision, by), row in newest.items():
        if _is_known(row, by, said.get((ticket_id, revision), ())):
            out.known += 1
        else:
            out.new.append(PlannedLabels(row, revision))
    return out


def write(
    connection: Connection, record: LabelRecord, planned: Sequence[PlannedLabels], *, by: str, file: str, now: datetime
) -> None:
    """Writes the corrections; whoever follows closes what they answer and opens conflicts. In a writing transaction.

    Args:
        by: who ran the import; ``file``: the file's name. Both stand in the event.
    """
    new = [_new(one, now) for one in planned]
    record.add(connection, new, now, by=by, what="import", file=file, rows=len(new))


def _revisions(connection: Connection, ids: set[str]) -> dict[str, set[int]]:
    t = tickets.c
    out: dict[str, set[int]] = {}
    for some in chunks(sorted(ids)):
        for ticket_id, revision in connection.execute(select(t.ticket_id, t.revision).where(t.ticket_id.in_(some))):
            out.setdefault(ticket_id, set()).add(revision)
    return out


def _is_known(row: LabelRow, by: str, said: Sequence[Correction]) -> bool:
    mine = [one for one in said if one.source == SOURCE and one.by == by]
    if mine and mine[-1].labels == row.labels and mine[-1].note == row.note:
        return True
    if row.own:
        return False
    stands = codes(effective(said))
    return all(stands.get(head) == label for head, label in row.labels.items())


def _new(one: PlannedLabels, now: datetime) -> NewCorrection:
    row = one.row
    return NewCorrection(new_id(), row.ticket_id, one.revision, row.labels, SOURCE, row.by, row.note, now)


def _labels(row: LabelRow) -> str:
    return "、".join(f"{head}={label}" for head, label in row.labels.items())
