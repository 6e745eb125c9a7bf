"""Scores a whole file: every input column is kept, the decision is added, a bad row fails alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from features.reading import in_plain_letters, own_words
from intake.files.data_file import DataFile
from intake.files.write import SUFFIXES, check_target, write
from intake.headings import WORDS
from intake.options import ReadOptions
from intake.read import read_file
from intake.values import FieldReader
from triage.decision import ModelRef
from triage.errors import InputError
from triage.policy import decide
from triage.policy.gaps import find_gaps
from triage.policy.profile import Profile
from triage.spreadsheet import harmless
from triage.taxonomy import in_order
from triage.ticket import SIDE_FIELDS, Ticket

if TYPE_CHECKING:
    from models import TriageModel

__all__ = ["SUFFIXES", "ScoredFile", "score"]

_CHUNK = 2048
_DECISION = ("action", "queue", "priority", "due_at", "scope")
_SIDE = ("ticket_id", "customer_id", *SIDE_FIELDS)
_ROLES = (*WORDS, *_SIDE)


class ScoredFile(NamedTuple):
    """How it went: rows written, rows that failed, the first failures in words, and notes from reading."""

    rows: int
    failed: int
    faults: tuple[str, ...]
    notes: tuple[str, ...]


def score(
    source: Path,
    target: Path,
    model: TriageModel,
    *,
    profile: Profile,
    name: ModelRef,
    options: ReadOptions | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> ScoredFile:
    """Reads ``source``, decides every ticket as on its arrival (``created_at``; now where there is none), writes ``target``.

    ``target`` appears whole or not at all. Added columns: ``predicted_<head>``, ``<head>_confidence``, ``<head>_action`` for
    each head of the model (no confidence for a guess, out of the model's scope), then ``scope``, ``action``, ``queue``,
    ``priority``, ``due_at``, and ``error`` for rows that could not be read.

    Raises:
        InputError: the suffix of ``target`` is not one that can be written, or its folder cannot be.
        DataError: ``source`` cannot be read, or has no column with the customer's words.
    """
    check_target(target)
    table, columns = read_file(source, options or ReadOptions(), _ROLES)
    fields = FieldReader(table, columns)
    added = _added(model)
    out: list[dict[str, Any]] = []
    faults: list[str] = []
    now = datetime.now(UTC)
    for start in range(0, len(table.rows), _CHUNK):
        part = table.rows[start : start + _CHUNK]
        read_rows = [_ticket(table, fields, number, cells) for number, cells in part]
        tickets = [ticket for ticket in read_rows if isinstance(ticket, Ticket)]
        answers = iter(zip(tickets, model.predict([t.content for t in tickets]), strict=True))
        for (number, cells), found in zip(part, read_rows, strict=True):
            row = dict.fromkeys(added)
            if isinstance(found, str):
                row["error"] = harmless(found)
                faults.append(f"{table.where(number)}：{found}")
            else:
                ticket, prediction = next(answers)
                decision = decide(
                    ticket,
                    prediction,
                    profile=profile,
                    taxonomy=model.taxonomy,
                    now=ticket.created_at or now,
                    model=name,
                    text=in_plain_letters(own_words(ticket.content)),
                )
                for head, answer in prediction.heads.items():
                    row[f"predicted_{head}"] = answer.label
                    row[f"{head}_confidence"] = round(answer.confidence, 6) if prediction.in_scope else None
                    row[f"{head}_action"] = answer.action
                row |= {
                    "scope": None if decision.scope is None else round(decision.scope, 6),
                    "action": decision.action,
                    "queue": decision.queue,
                    "priority": decision.priority,
                    "due_at": decision.due_at.isoformat(timespec="seconds"),
                }
            out.append({**{column: cells.get(column) for column in table.columns}, **row})
        if progress:
            progress("评分", min(1.0, (start + _CHUNK) / max(1, len(table.rows))))
    notes = [*table.notes, *(gap.text for gap in find_gaps(profile, model.heads))]
    if replaced := [c for c in table.columns if c in added]:
        notes.append(f"{source}：原有的 {'、'.join(replaced)} 列换成了这次的结果；要保留请先改名")
    kept = [c for c in table.columns if c not in added]
    write(target, kept + (added if faults else added[:-1]), out)
    return ScoredFile(len(out), len(faults), tuple(faults[:5]), tuple(notes))


def _added(model: TriageModel) -> list[str]:
    heads = in_order(model.heads)
    return [
        *(name for head in heads for name in (f"predicted_{head}", f"{head}_confidence", f"{head}_action")),
        *_DECISION,
        "error",
    ]


def _ticket(table: DataFile, fields: FieldReader, number: int, cells: Mapping[str, Any]) -> Ticket | str:
    """The ticket of a row, or what is wrong with it. A side field that cannot be read is left out and told in the notes."""
    if number in table.faults:
        return table.faults[number]
    try:
        text = own_words(fields.text(number, cells))
        return Ticket.parse({"text": text, **fields.side(number, cells, _SIDE)})
    except InputError as error:
        return error.message
