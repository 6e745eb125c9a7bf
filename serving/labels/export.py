"""Tickets with predictions and labels -> CSV, JSONL or Label Studio tasks. Reads a page at a time; writes beside, then moves.

Tickets of a blind audit that has not been reported are left out of every export: what was shown with its prediction is not
blind any more, and what is learned from cannot be told the truth by.
"""

from __future__ import annotations

import csv
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import orjson
from sqlalchemy import ColumnElement, Connection, exists, select

from intake.tools import label_studio
from serving.labels.queries import effective_of, is_labelled
from serving.labels.sight import unreported
from serving.store.keys import Key, by_keys
from serving.store.tables import review_items, tickets
from triage.contract import answers
from triage.errors import InputError
from triage.labels import OPEN, AskedFor, EffectiveLabel
from triage.prediction import Action
from triage.spreadsheet import harmless
from triage.taxonomy import Taxonomy
from triage.ticket import SHOP_TIME

FORMATS = ("csv", "jsonl", "label-studio")
ONLY = ("", "unlabelled", "labelled", "review")
PAGE = 500


@dataclass(frozen=True, slots=True)
class ExportedTicket:
    """The newest text of one ticket, masked, with what the model said and what people said of it.

    Attributes:
        predicted: head -> (label, confidence, action); confidence None for a guess; empty when no model answered.
        labels: head -> label that stands for it.
        reason: why it waits in review; None when it does not.
    """

    ticket_id: str
    revision: int
    text: str
    channel: str
    customer_id: str
    created_at: datetime | None
    received_at: datetime
    model: str
    predicted: Mapping[str, tuple[str, float | None, Action]]
    labels: Mapping[str, EffectiveLabel]
    reason: AskedFor | None


def read(
    connection: Connection,
    *,
    only: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    left_out: Callable[[int], None] = lambda _: None,
) -> Iterator[ExportedTicket]:
    """The newest revision of each ticket received in [``since``, ``until``), by ``ticket_id``.

    Args:
        only: ``unlabelled``, ``labelled``, ``review`` (waits in the queue), or empty for all.
        left_out: told once how many tickets were left out.
    """
    blind = unreported(connection).ids
    missed = 0
    last: str | None = None
    while keys := _next(connection, last, only, since, until):
        last = keys[-1][0]
        missed += sum(ticket_id in blind for ticket_id, _ in keys)
        yield from _page(connection, [key for key in keys if key[0] not in blind])
    left_out(missed)


def write(rows: Iterator[ExportedTicket], target: Path, form: str, taxonomy: Taxonomy) -> int:
    """Writes a whole file or none; for Label Studio also the labelling config, beside it with the suffix ``.xml``.

    Raises:
        InputError: an unknown format, or the file cannot be written.
    """
    writer = _WRITERS.get(form)
    if writer is None:
        raise InputError(f"--format 应是 {'、'.join(FORMATS)} 之一；收到的是 {form!r:.40}", field="format")
    heads = tuple(taxonomy.heads)
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as place:
            fresh = Path(place) / "new"
            encoding = "utf-8-sig" if form == "csv" else "utf-8"  # the mark makes Excel read it as UTF-8
            with fresh.open("w", encoding=encoding, newline="") as file:
                n = writer(file, rows, heads)
            if form == "label-studio":
                config = Path(place) / "config"
                config.write_text(label_studio.config(taxonomy), encoding="utf-8")
                os.replace(config, target.with_suffix(".xml"))
            os.replace(fresh, target)
    except OSError as error:
        raise InputError(f"写不了 {target}：{error.strerror or error}；请换一个可写的地方", field="out") from error
    return n


def columns(heads: Sequence[str]) -> tuple[str, ...]:
    """Of CSV, in order: those of the data-file contract, so that training reads the file, and what the model said."""
    said = (name for head in heads for name in (f"predicted_{head}", f"{head}_confidence", f"{head}_action"))
    known = ("ticket_id", "revision", "text", *heads)
    return (*known, "created_at", "received_at", "channel", "customer_id", "how", "reason", "model", *said)


def row_of(one: ExportedTicket, heads: Sequence[str]) -> dict[str, Any]:
    """One ticket as the cells of :func:`columns`; what is not known is left out."""
    row: dict[str, Any] = {
        "ticket_id": one.ticket_id,
        "revision": one.revision,
        "text": one.text,
        "created_at": _shown(one.created_at),
        "received_at": _shown(one.received_at),
        "channel": one.channel,
        "customer_id": one.customer_id,
        "reason": one.reason,
        "model": one.model,
    }
    for head in heads:
        if head in one.labels:
            row[head] = one.labels[head].code
        if head in one.predicted:
            row[f"predicted_{head}"], row[f"{head}_confidence"], row[f"{head}_action"] = one.predicted[head]
    if one.labels:
        row["how"] = "、".join(f"{head}={label.how}" for head, label in one.labels.items())
    return {name: value for name, value in row.items() if value not in (None, "")}


def _csv(file: IO[str], rows: Iterator[ExportedTicket], heads: Sequence[str]) -> int:
    names = columns(heads)
    writer = csv.writer(file)
    writer.writerow(names)
    n = 0
    for n, one in enumerate(rows, start=1):  # noqa: B007
        cells = row_of(one, heads)
        writer.writerow([harmless(c) if isinstance(c := cells.get(name, ""), str) else c for name in names])
    return n


def _jsonl(file: IO[str], rows: Iterator[ExportedTicket], heads: Sequence[str]) -> int:
    n = 0
    for n, one in enumerate(rows, start=1):  # noqa: B007
        file.write(json.dumps(row_of(one, heads), ensure_ascii=False) + "\n")
    return n


def _label_studio(file: IO[str], rows: Iterator[ExportedTicket], heads: Sequence[str]) -> int:
    n = 0
    file.write("[")
    for n, one in enumerate(rows, start=1):
        cells = row_of(one, ())
        task = label_studio.task(
            {name: cells[name] for name in label_studio.DATA if name in cells},
            {head: (label, confidence) for head, (label, confidence, _) in one.predicted.items() if head in heads},
            one.model,
            {head: label.code for head, label in one.labels.items() if head in heads},
        )
        file.write(("," if n > 1 else "") + "\n" + json.dumps(task, ensure_ascii=False))
    file.write("\n]\n")
    return n


_WRITERS: Mapping[str, Callable[[IO[str], Iterator[ExportedTicket], Sequence[str]], int]] = {
    "csv": _csv,
    "jsonl": _jsonl,
    "label-studio": _label_studio,
}


def _next(
    connection: Connection, after: str | None, only: str, since: datetime | None, until: datetime | None
) -> list[tuple[str, int]]:
    """The next page of (ticket, newest revision)."""
    t = tickets.c
    newer = tickets.alias("newer").c
    wanted = [~exists().where(newer.ticket_id == t.ticket_id, newer.revision > t.revision)]
    if after is not None:
        wanted.append(t.ticket_id > after)
    if since is not None:
        wanted.append(t.received_at >= since)
    if until is not None:
        wanted.append(t.received_at < until)
    i = review_items.c
    labelled = is_labelled(t)
    waiting = exists().where(i.ticket_id == t.ticket_id, i.revision == t.revision, i.state == OPEN)
    conditions: dict[str, list[ColumnElement[bool]]] = {
        "": [],
        "labelled": [labelled],
        "unlabelled": [~labelled],
        "review": [waiting],
    }
    if only not in conditions:
        raise InputError(f"--only 应是 {'、'.join(ONLY[1:])} 之一；收到的是 {only!r:.40}", field="only")
    found = connection.execute(
        select(t.ticket_id, t.revision).where(*wanted, *conditions[only]).order_by(t.ticket_id).limit(PAGE)
    )
    return [(row.ticket_id, row.revision) for row in found]


def _page(connection: Connection, keys: Sequence[Key]) -> Iterator[ExportedTicket]:
    t, i = tickets.c, review_items.c
    labels = effective_of(connection, keys)
    waits = select(i.ticket_id, i.revision, i.reason).where(i.state == OPEN).order_by(i.copy)
    reasons = {(row.ticket_id, row.revision): row.reason for row in by_keys(connection, waits, i.ticket_id, keys)}
    rows = {(row.ticket_id, row.revision): row for row in by_keys(connection, select(tickets), t.ticket_id, keys)}
    for key in keys:
        row = rows[key]
        yield ExportedTicket(
            *key,
            row.text,
            row.channel,
            row.customer_id,
            row.created_at,
            row.received_at,
            f"{row.model_name} {row.model_version}".strip(),
            _predicted(row.decision),
            labels.get(key, {}),
            reasons.get(key),
        )


def _predicted(decision: str) -> dict[str, tuple[str, float | None, Action]]:
    given = answers(orjson.loads(decision))
    return {
        head: (a["label"], None if a["confidence"] is None else float(a["confidence"]), a["action"])
        for head, a in given.items()
    }


def _shown(moment: datetime | None) -> str | None:
    return moment.astimezone(SHOP_TIME).isoformat() if moment else None
