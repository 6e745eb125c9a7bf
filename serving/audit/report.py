"""Everything that is known about the truth, as one JSON. Read only; counts are made by the database."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TypedDict

from sqlalchemy import Connection

from serving.audit.agreement import AgreementJson, agreement
from serving.audit.answers import of_head, read_shared
from serving.audit.audits import (
    LATE,
    Window,
    count_automatic,
    count_corrected,
    last_window,
    newest_windows,
    read_audits,
)
from serving.audit.conflicts import ConflictQueue, Conflicts, conflicts, queue
from serving.audit.confusion import Confusion, confusion
from serving.audit.estimate import EstimateJson
from serving.audit.figures import Figures, figures
from triage.taxonomy import Taxonomy

FORMAT = "fendan-truth"
VERSION = 1

HISTORY = 12
"""Reported windows that are shown, the newest ones."""


class WindowJson(TypedDict):
    """Tickets received from ``since`` (None: from the beginning) and before ``until``."""

    since: str | None
    until: str


class WindowEstimates(Figures):
    """What the blind audit of one window says."""

    format: str
    version: int
    made_at: str
    window: WindowJson
    late_after_days: int


class ClosedWindow(WindowEstimates):
    """What is kept of a window; ``forced``: it was closed although too little was answered."""

    forced: bool


class HeadAgreement(TypedDict):
    """Agreement on one head: of all tickets, and of those that everybody answered blind."""

    all: AgreementJson
    blind: AgreementJson


class AllConflicts(Conflicts):
    """Conflicts with what waits for a lead."""

    queue: ConflictQueue


class ReportedWindow(TypedDict):
    """A window that was closed, with its estimate per head."""

    since: str | None
    until: str
    at: str
    covered: int
    forced: bool
    heads: dict[str, EstimateJson]


class AuditReport(WindowEstimates):
    """All but suspected label errors, which are looked for only where they are wanted."""

    agreement: dict[str, HeadAgreement]
    confusion: dict[str, Confusion]
    conflicts: AllConflicts
    windows: list[ReportedWindow]


def estimates(connection: Connection, taxonomy: Taxonomy, window: Window, now: datetime) -> WindowEstimates:
    """What the blind audit of one window says; this is what is kept when the window is closed."""
    found = figures(
        read_audits(connection, window, now),
        count_automatic(connection, window),
        count_corrected(connection, window),
        tuple(taxonomy.heads),
    )
    return {
        "format": FORMAT,
        "version": VERSION,
        "made_at": _moment(now),
        "window": {"since": _moment(window.since) if window.since else None, "until": _moment(window.until)},
        "late_after_days": LATE.days,
        **found,
    }


def build(connection: Connection, taxonomy: Taxonomy, now: datetime, until: datetime | None = None) -> AuditReport:
    """The whole report but for suspected label errors: of the window that is open now, or that would end at ``until``."""
    window = Window(last_window(connection), until or now)
    shared = read_shared(connection, now)
    heads = tuple(taxonomy.heads)
    return {
        **estimates(connection, taxonomy, window, now),
        "agreement": {
            head: {
                "all": agreement(of_head(shared, head)).to_json(),
                "blind": agreement(of_head(shared, head, blind=True)).to_json(),
            }
            for head in heads
        },
        "confusion": {head: confusion(of_head(shared, head)) for head in heads},
        "conflicts": {**conflicts(shared, heads), "queue": queue(connection)},
        "windows": reported(connection),
    }


def reported(connection: Connection) -> list[ReportedWindow]:
    """The newest reported windows, oldest first, each with its estimate per head."""
    out: list[ReportedWindow] = []
    for row in reversed(newest_windows(connection, HISTORY)):
        report: ClosedWindow = json.loads(row.report)
        out.append(
            {
                "since": report["window"]["since"],
                "until": _moment(row.until),
                "at": _moment(row.at),
                "covered": report["covered"],
                "forced": report.get("forced", False),
                "heads": {head: figure["all"] for head, figure in report["heads"].items()},
            }
        )
    return out


def _moment(value: datetime) -> str:
    return value.isoformat(timespec="seconds")
