"""Scores a whole file: every input column is kept, the decision is added, a bad row fails alone."""

from __future__ import annotations

import csv
import json
import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from features.reading import in_plain_letters, own_words
from training.data.cells import moment, plain, short, text_of
from training.data.tables import Table, read
from triage.decision import ModelRef
from triage.errors import DataError, InputError
from triage.policy import decide
from triage.policy.profile import Profile
from triage.spreadsheet import harmless
from triage.taxonomy import in_order
from triage.ticket import Ticket

if TYPE_CHECKING:
    from models import TriageModel

SUFFIXES = (".csv", ".jsonl", ".parquet", ".xlsx")
_CHUNK = 2048
_DECISION = ("scope", "action", "queue", "priority", "due_at")


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
    if target.suffix.lower() not in SUFFIXES:
        raise InputError(
            f"不会写 {target.suffix or '没有后缀'} 的文件；-o 的后缀应是 {'、'.join(SUFFIXES)} 之一", field="output"
        )
    if not target.parent.is_dir():
        raise InputError(f"文件夹 {target.parent} 不存在；请先建好", field="output")
    table = read(source)
    if not any(column in table.columns for column in ("text", "subject", "body")):
        raise DataError(
            f"{source} 没有 text 列（也没有 subject、body）；现有的列：{'、'.join(table.columns)}", field="text"
        )
    added = _added(model)
    out: list[dict[str, Any]] = []
    faults: list[str] = []
    now = datetime.now(UTC)
    for start in range(0, len(table.rows), _CHUNK):
        part = table.rows[start : start + _CHUNK]
        read_rows = [_ticket(table, number, cells) for number, cells in part]
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
    notes = [*table.notes]
    if replaced := [c for c in table.columns if c in added]:
        notes.append(f"{source}：原有的 {'、'.join(replaced)} 列换成了这次的结果；要保留请先改名")
    columns = [c for c in table.columns if c not in added] + (added if faults else added[:-1])
    _write(target, columns, out)
    return ScoredFile(len(out), len(faults), tuple(faults[:5]), tuple(notes))


def _added(model: TriageModel) -> list[str]:
    heads = in_order(model.heads)
    return [
        *(name for head in heads for name in (f"predicted_{head}", f"{head}_confidence", f"{head}_action")),
        *_DECISION,
        "error",
    ]


def _ticket(table: Table, number: int, cells: Mapping[str, Any]) -> Ticket | str:
    """The ticket of a row, or what is wrong with it. Cells of a spreadsheet are text or numbers as they please."""
    if number in table.faults:
        return table.faults[number]
    try:
        data: dict[str, Any] = {"text": own_words(text_of(cells))}
        for column in ("ticket_id", "channel", "customer_id"):
            data[column] = short(cells.get(column), column) or None
        data["created_at"] = moment(cells.get("created_at"), "created_at")
        data["customer_tier"] = plain(cells.get("customer_tier"), "customer_tier").strip().lower() or None
        for column, kind in (("order_amount", float), ("contact_count", int)):
            cell = plain(cells.get(column), column).strip().replace(",", "")
            data[column] = _number(cell, kind) if cell else None
        return Ticket.parse(data)
    except InputError as error:
        return error.message


def _number(cell: str, kind: type) -> Any:
    try:
        value = float(cell)
    except ValueError:
        return cell  # the ticket's own check says what is allowed
    return int(value) if kind is int and value.is_integer() else value


def _write(target: Path, columns: Sequence[str], rows: list[dict[str, Any]]) -> None:
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as place:
            fresh = Path(place) / f"new{target.suffix}"
            _WRITERS[target.suffix.lower()](fresh, columns, rows)
            fresh.replace(target)
    except OSError as error:
        raise InputError(f"写不了 {target}：{error.strerror or error}；请换一个可写的 -o", field="output") from error


def _text(value: Any) -> Any:
    """A cell for a text file or a sheet: moments as ISO 8601, lists and objects as JSON."""
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value


def _json(value: Any) -> Any:
    """A cell for a line of JSON, which knows neither moments nor NaN."""
    if isinstance(value, str | bool | int | None):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return (
        json.loads(json.dumps(value, default=str).replace("NaN", "null"))
        if isinstance(value, list | dict)
        else str(_text(value))
    )


def _csv(path: Path, columns: Sequence[str], rows: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # the mark makes Excel read it as UTF-8
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([_text(row.get(column)) for column in columns] for row in rows)


def _jsonl(path: Path, columns: Sequence[str], rows: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            cells = ((column, _json(row.get(column))) for column in columns)
            kept = {column: cell for column, cell in cells if cell is not None}
            file.write(json.dumps(kept, ensure_ascii=False) + "\n")


def _parquet(path: Path, columns: Sequence[str], rows: list[dict[str, Any]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays = {}
    for column in columns:
        values = [row.get(column) for row in rows]
        try:
            arrays[column] = pa.array(values)
        except (pa.ArrowException, OverflowError):  # a column of mixed kinds is written as text
            arrays[column] = pa.array([None if v is None else str(_text(v)) for v in values])
    pq.write_table(pa.table(arrays), path)


def _xlsx(path: Path, columns: Sequence[str], rows: list[dict[str, Any]]) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = Workbook(write_only=True)
    sheet = book.create_sheet("tickets")
    sheet.append(list(columns))
    for row in rows:
        line = []
        for column in columns:
            value = _text(row.get(column))
            if isinstance(value, str):
                value = ILLEGAL_CHARACTERS_RE.sub("", value)
            elif isinstance(value, int) and abs(value) >= 10**15:
                value = str(value)  # Excel keeps 15 digits of a number; an order number has more
            elif not isinstance(value, bool | int | None) and not (isinstance(value, float) and math.isfinite(value)):
                value = None if isinstance(value, float) else str(value)
            cell = WriteOnlyCell(sheet, value)
            if isinstance(value, str):
                cell.data_type = "s"  # a text that starts with = stays a text
            line.append(cell)
        sheet.append(line)
    book.save(path)


_WRITERS: dict[str, Callable[[Path, Sequence[str], list[dict[str, Any]]], None]] = {
    ".csv": _csv,
    ".jsonl": _jsonl,
    ".parquet": _parquet,
    ".xlsx": _xlsx,
}
