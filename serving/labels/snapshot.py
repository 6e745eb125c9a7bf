"""Base data and corrections up to a moment -> one folder that training reads and that never changes any more.

``tickets.jsonl`` is sorted and in canonical form, so the same tickets give the same fingerprint whatever the order or the
format of the files they came from, and the folder of that fingerprint is used again. It is built beside its place and
moved there: nobody sees half of one.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, NamedTuple

from sqlalchemy import Connection

from serving.labels.labelled_tickets import LabelledTicket, labelled_tickets
from serving.labels.queries import withdrawn
from serving.labels.sight import Unreported, unreported
from triage.errors import DataError, InputError, StoreError
from triage.labels import LabelTally, effective, weakest
from triage.labels import codes as codes_of
from triage.paths import home as fendan_home
from triage.taxonomy import in_order

FORMAT, VERSION = "fendan-snapshot", 1
TICKETS, MANIFEST = "tickets.jsonl", "manifest.json"

_NAMED = 12
"""Digits of the fingerprint in the folder's name."""


def snapshots_folder() -> Path:
    """Where snapshots lie."""
    return fendan_home() / "snapshots"


@dataclass(frozen=True, slots=True)
class Base:
    """One base data file, read and masked by whoever knows data files.

    Attributes:
        file: its path as the person gave it; ``sha256`` is of its bytes.
        rows: text, and where known ticket_id, created_at (aware), channel, customer_id and a label a head.
    """

    file: str
    sha256: str
    rows: Sequence[Mapping[str, Any]]


class SnapshotFolder(NamedTuple):
    """Where it lies, what its manifest would say now, and whether the folder was there already."""

    folder: Path
    manifest: dict[str, Any]
    reused: bool


class _Place(NamedTuple):
    """A line that was written: what it is sorted by, and where it stands."""

    ticket_id: str
    digest: bytes
    start: int
    length: int


def write(
    connection: Connection,
    base: Sequence[Base],
    *,
    until: datetime,
    home: Path | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> SnapshotFolder:
    """Writes the snapshot of ``base`` and what the store of ``connection`` says before ``until``.

    A corrected ticket takes the place of the row of the same ``ticket_id`` in the base data; a head nobody spoke of keeps
    the row's label where the text is the same one.

    Raises:
        DataError: there is nothing to write.
        StoreError: the folder cannot be written.
    """
    home = home or snapshots_folder()
    say = progress or (lambda _what, _share: None)
    say("快照", 0.0)
    blind = unreported(connection)
    counts = LabelTally()
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=home) as place:
            with (Path(place) / "unsorted").open("w+b") as raw:
                lines, left_out = _write_all(raw, base, connection, until, blind, counts)
                say("快照", 0.7)
                if not lines:
                    raise DataError("快照里一条工单也没有：没有基础数据，也没有更正", field="base")
                fresh = Path(place) / "new"
                fresh.mkdir()
                fingerprint = _write_sorted(raw, lines, fresh / TICKETS)
            manifest: dict[str, Any] = {
                "format": FORMAT,
                "version": VERSION,
                "fingerprint": fingerprint,
                "until": until.astimezone(UTC).isoformat(),
                "rows": len(lines),
                "base": [{"file": b.file, "sha256": b.sha256, "rows": len(b.rows)} for b in base],
                "corrections": {"rows": counts.rows, **counts.how, "conflicts_by_head": counts.conflicts},
                "excluded": {"blind_unreported": left_out, "withdrawn": withdrawn(connection, until)},
            }
            _write_manifest(fresh, manifest)
            folder, reused = _place(fresh, home, until, fingerprint)
    except OSError as error:
        raise StoreError(f"快照写不进 {home}：{error.strerror or error}；请检查权限和磁盘") from error
    say("快照", 1.0)
    return SnapshotFolder(folder, manifest, reused)


def take(
    base: Sequence[Base],
    db: str,
    until: datetime | None,
    progress: Callable[[str, float], None] | None = None,
    *,
    home: Path | None = None,
) -> SnapshotFolder:
    """:func:`write` from a database's address (empty: that of the settings); ``until`` None is now.

    Raises:
        StoreError: there is no such database, or it cannot be read.
    """
    from serving.clock import utc_now
    from serving.settings import Settings
    from serving.store import Store
    from serving.store.database import parse_url

    settings = Settings.from_env()
    url = parse_url(db or settings.db)
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).is_file():
        raise StoreError(f"没有数据库 {url.database}；更正都在 fendan serve 用的那个里，请用 --db 写对", field="db")
    now = utc_now()
    if until is not None and until > now:
        raise InputError(f"--until 是 {until.isoformat()}，还没有到", field="until")
    store = Store(db or settings.db, timeout=settings.db_timeout)
    try:
        moment = until or now
        return asyncio.run(store.read(lambda c: write(c, base, until=moment, home=home, progress=progress)))
    finally:
        store.close()


def file_digest(path: Path) -> str:
    """sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_all(
    raw: IO[bytes],
    base: Sequence[Base],
    connection: Connection,
    until: datetime,
    blind: Unreported,
    counts: LabelTally,
) -> tuple[list[_Place], int]:
    """Writes every line; returns where they stand, and how many tickets were left out as unreported blind audits."""
    known = {row["ticket_id"]: row for one in base for row in one.rows if row.get("ticket_id")}
    corrected: set[str] = set()
    out: set[str] = set()
    lines = []
    for ticket in labelled_tickets(connection, until):
        labels = effective(ticket.said)
        if not labels:
            continue
        if ticket.ticket_id in blind.ids:
            out.add(ticket.ticket_id)
            continue
        corrected.add(ticket.ticket_id)
        counts.count(labels)
        before = known.get(ticket.ticket_id)
        kept = before if before is not None and before["text"] == ticket.text else {}
        codes = {**{head: kept[head] for head in kept if head not in _FIXED}, **codes_of(labels)}
        lines.append(_write_line(raw, _of_ticket(ticket, codes, weakest(labels.values()))))
    for one in base:
        for row in one.rows:
            ticket_id = row.get("ticket_id") or ""
            if ticket_id in blind.ids:
                out.add(ticket_id)
            elif ticket_id not in corrected:
                lines.append(_write_line(raw, {**row, "origin": "base", "how": "base"}))
    return lines, len(out)


def _of_ticket(ticket: LabelledTicket, codes: Mapping[str, str], how: str) -> dict[str, Any]:
    return {
        "ticket_id": ticket.ticket_id,
        "text": ticket.text,
        **codes,
        "created_at": ticket.at,
        "channel": ticket.channel,
        "customer_id": ticket.customer_id,
        "origin": "correction",
        "how": how,
    }


_FIRST, _LAST = ("ticket_id", "text"), ("created_at", "channel", "customer_id", "origin", "how")
_FIXED = {*_FIRST, *_LAST}
"""Keys of a row that are no heads."""


def _write_line(raw: IO[bytes], row: Mapping[str, Any]) -> _Place:
    """One line in canonical form: keys in one order, what is empty left out, times in UTC."""
    heads = in_order(sorted(row.keys() - _FIXED))
    values = {key: row[key] for key in (*_FIRST, *heads, *_LAST) if row.get(key)}
    if at := values.get("created_at"):
        values["created_at"] = at.astimezone(UTC).isoformat()
    line = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    start = raw.tell()
    raw.write(line)
    return _Place(row.get("ticket_id") or "", hashlib.sha256(line).digest(), start, len(line))


def _write_sorted(raw: IO[bytes], lines: list[_Place], path: Path) -> str:
    """Copies the lines in the order of ticket and content; returns the sha256 of the whole."""
    whole = hashlib.sha256()
    with path.open("wb") as out:
        for place in sorted(lines):
            raw.seek(place.start)
            line = raw.read(place.length)
            whole.update(line)
            out.write(line)
        out.flush()
        os.fsync(out.fileno())
    return whole.hexdigest()


def _write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")


def _place(fresh: Path, home: Path, until: datetime, fingerprint: str) -> tuple[Path, bool]:
    """Moves ``fresh`` to its name, unless a whole snapshot of the same content stands there already."""
    for folder in _same(home, fingerprint):
        return folder, True
    target = home / f"{until.astimezone(UTC):%Y%m%dT%H%M%S}-{fingerprint[:_NAMED]}"
    try:
        fresh.rename(target)
    except OSError:
        for folder in _same(home, fingerprint):  # another retrain of the same content was quicker
            return folder, True
        raise
    return target, False


def _same(home: Path, fingerprint: str) -> Iterator[Path]:
    for folder in sorted(home.glob(f"*-{fingerprint[:_NAMED]}")):
        with contextlib.suppress(OSError, ValueError, KeyError):
            stated = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["fingerprint"]
            if stated == fingerprint == file_digest(folder / TICKETS):
                yield folder
