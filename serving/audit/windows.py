"""Closing a window of the blind audit: its estimates are written down, and only then may its tickets be learned from."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Connection, insert

from serving.audit.audits import Window, last_window
from serving.audit.report import ClosedWindow, estimates
from serving.ids import new_id
from serving.store.logbook import record
from serving.store.tables import audit_windows
from triage.errors import ConflictError, InputError
from triage.taxonomy import Taxonomy
from triage.ticket import SHOP_TIME

MOST_MISSING = 0.2
"""A window of which a larger share of the audits is unanswered is not closed unless it is forced."""


def close(
    connection: Connection, taxonomy: Taxonomy, *, until: datetime, by: str, now: datetime, force: bool = False
) -> ClosedWindow:
    """Reports the window that ends at ``until`` and keeps the report. To be called in a writing transaction.

    Raises:
        InputError: ``until`` lies in the future, or not after the newest reported window.
        ConflictError: nothing was drawn, or too many audits are unanswered, and ``force`` is not set.
    """
    since = last_window(connection)
    if until > now:
        raise InputError(
            f"--until 是 {_shown(until)}，还没有到（现在 {_shown(now)}）；窗口只能关到现在为止", field="until"
        )
    if since is not None and until <= since:
        raise InputError(
            f"--until 是 {_shown(until)}，可是到 {_shown(since)} 为止已经报告过了；请写更晚的时刻", field="until"
        )
    found = estimates(connection, taxonomy, Window(since, until), now)
    audits = found["audits"]
    unanswered = audits["missing_share"] or 0.0
    if audits["drawn"] == 0 and not force:
        raise ConflictError("这个窗口里没有抽到盲审工单，没有什么可报告；确实要关就加 --force", field="until")
    if unanswered > MOST_MISSING and not force:
        raise ConflictError(
            f"这个窗口抽了 {audits['drawn']:,} 张盲审，还有 {audits['missing']:,} 张（{unanswered:.0%}）没人答，"
            f"超过 {MOST_MISSING:.0%}：没人答的审计说明不了真相。先答完，或把 --until 提前，或加 --force",
            field="until",
        )
    report: ClosedWindow = {**found, "forced": force and (audits["drawn"] == 0 or unanswered > MOST_MISSING)}
    connection.execute(
        insert(audit_windows),
        {"id": new_id(), "until": until, "report": json.dumps(report, ensure_ascii=False), "by": by, "at": now},
    )
    record(
        connection,
        at=now,
        by=by,
        what="audit_closed",
        until=until,
        drawn=audits["drawn"],
        missing=audits["missing"],
        forced=report["forced"],
    )
    return report


def _shown(moment: datetime) -> str:
    return moment.astimezone(SHOP_TIME).isoformat(sep=" ", timespec="seconds")
