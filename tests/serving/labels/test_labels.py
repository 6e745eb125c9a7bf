"""Corrected tickets come out of a real store a page at a time: the newest corrected text, and all that still counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, insert

from serving.ids import new_id
from serving.labels.labelled_tickets import labelled_tickets
from serving.labels.queries import withdrawn
from serving.labels.sight import unreported
from serving.store import Store
from serving.store.tables import audit_windows
from tests.serving.audit.builders import NOW, fill, item, said, ticket


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    store = Store(f"sqlite:///{tmp_path}/fendan.db")
    with store._write.connect() as connection:
        yield connection
        connection.rollback()
    store.close()


def report(connection: Connection, until_hours_ago: float) -> None:
    until = NOW - timedelta(hours=until_hours_ago)
    connection.execute(insert(audit_windows), {"id": new_id(), "until": until, "report": "{}", "by": "a", "at": NOW})


def test_a_corrected_ticket_brings_its_text_and_all_that_was_said(connection: Connection) -> None:
    written = NOW - timedelta(days=3)
    fill(
        connection,
        [ticket("T-1", created_at=written, channel="form"), ticket("T-2"), ticket("T-3")],
        answers=[
            said("T-1", "b", category="refund", at=NOW - timedelta(hours=1)),
            said("T-1", "a", urgency="high", sentiment="neutral", at=NOW - timedelta(hours=2), source="helpdesk"),
            said("T-3", "a", category="refund"),
        ],
    )
    one, two = labelled_tickets(connection, NOW)
    assert (one.ticket_id, one.revision, one.channel, one.customer_id, one.at) == ("T-1", 1, "form", "C-1", written)
    assert one.text == ticket("T-1")["text"]
    assert [(s.by, s.source, dict(s.labels)) for s in one.said] == [
        ("a", "helpdesk", {"urgency": "high", "sentiment": "neutral"}),
        ("b", "reviewer", {"category": "refund"}),
    ]
    assert two.ticket_id == "T-3"
    assert two.at == ticket("T-3")["received_at"], "where it is not known when it was written"


def test_what_was_undone_or_came_later_says_nothing(connection: Connection) -> None:
    fill(
        connection,
        [ticket(f"T-{i}") for i in range(3)],
        answers=[
            said("T-0", category="refund", withdrawn_at=NOW),
            said("T-1", category="refund", at=NOW),
            said("T-2", category="refund", at=NOW - timedelta(seconds=1)),
        ],
    )
    assert [one.ticket_id for one in labelled_tickets(connection, NOW)] == ["T-2"]
    assert withdrawn(connection, NOW) == 1
    assert withdrawn(connection, NOW - timedelta(days=1)) == 0


def test_the_newest_corrected_revision_counts(connection: Connection) -> None:
    fill(
        connection,
        [ticket("T-1", revision=n, text=f"第 {n} 次", text_hash=str(n)) for n in (1, 2, 3)],
        answers=[
            said("T-1", revision=2, category="refund", at=NOW - timedelta(hours=3)),
            said("T-1", revision=1, category="invoice", at=NOW - timedelta(hours=1)),
        ],
    )
    (one,) = labelled_tickets(connection, NOW)
    assert (one.revision, one.text) == (2, "第 2 次")
    assert [dict(s.labels) for s in one.said] == [{"category": "refund"}]


def test_pages_join_without_gap_or_repeat_and_none_is_large(connection: Connection) -> None:
    names = [f"T-{i:03d}" for i in range(53)]
    fill(
        connection,
        [ticket(name) for name in names],
        answers=[said(name, by, category="refund") for name in names[::-1] for by in "ab"],
    )
    read: list[int] = []
    event.listen(
        connection, "before_cursor_execute", lambda _c, _cur, _s, params, _ctx, _many: read.append(len(params))
    )
    found = list(labelled_tickets(connection, NOW, page=10))
    assert [one.ticket_id for one in found] == names
    assert all(len(one.said) == 2 for one in found)
    assert len(read) == 6 * 4 + 1  # of each page: ids, words, their labels, texts; and the ids of no further page
    assert max(read) <= 2 * 10 + 1


def test_a_correction_that_comes_in_meanwhile_breaks_nothing(connection: Connection) -> None:
    fill(
        connection, [ticket(f"T-{i}") for i in range(6)], answers=[said(f"T-{i}", category="refund") for i in range(4)]
    )
    pages = labelled_tickets(connection, NOW, page=2)
    first = next(pages)
    fill(connection, [], answers=[said("T-0", "b", category="invoice"), said("T-5", category="invoice")])
    assert [first.ticket_id, *(one.ticket_id for one in pages)] == ["T-0", "T-1", "T-2", "T-3", "T-5"]


def test_blind_audits_wait_for_their_report(connection: Connection) -> None:
    hours = (50, 30, 10)
    fill(
        connection,
        [ticket(f"T-{h}", received_at=NOW - timedelta(hours=h)) for h in hours] + [ticket("T-seen"), ticket("T-void")],
        [item(f"T-{h}", state="done") for h in hours] + [item("T-seen", "unsure"), item("T-void", state="void")],
    )
    found = unreported(connection)
    assert found.since is None
    assert found.ids == {"T-50", "T-30", "T-10", "T-void"}
    report(connection, 48)
    assert unreported(connection).ids == {"T-30", "T-10", "T-void"}
    report(connection, 30)
    assert unreported(connection).ids == {"T-30", "T-10", "T-void"}, "the window ends before the ticket came in"
    report(connection, 20)
    found = unreported(connection)
    assert found.ids == {"T-10"}
    assert found.since == NOW - timedelta(hours=20)
