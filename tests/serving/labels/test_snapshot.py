"""A snapshot is one folder of what was known at a moment: whole or not there, the same for the same content."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from serving.ids import new_id
from serving.labels.snapshot import Base, SnapshotFolder, write
from serving.labels.tables import corrections
from serving.store import Store
from serving.store.tables import audit_windows
from tests.serving.audit.builders import NOW, fill, item, said, ticket
from training.data.corpus import read_corpus
from triage.errors import DataError, StoreError

WRITTEN = datetime.fromisoformat("2025-10-20T09:10:54+08:00")


@pytest.fixture
def connection(store: Store) -> Iterator[Connection]:
    with store._write.connect() as connection:
        yield connection
        connection.rollback()


def base(*rows: dict[str, Any], file: str = "a.csv") -> Base:
    return Base(file, "0" * 64, rows)


def row(ticket_id: str, text: str, category: str = "logistics", **more: Any) -> dict[str, Any]:
    return {"ticket_id": ticket_id, "text": text, "category": category, "created_at": WRITTEN, **more}


def tickets(snapshot: SnapshotFolder) -> dict[str, dict[str, Any]]:
    lines = (snapshot.folder / "tickets.jsonl").read_text(encoding="utf-8").splitlines()
    return {one["ticket_id"]: one for one in map(json.loads, lines)}


def test_base_and_corrections_become_one_file(connection: Connection, tmp_path: Path) -> None:
    fill(
        connection,
        [ticket("T-1", created_at=WRITTEN), ticket("T-2")],
        answers=[
            said("T-1", "a", category="refund", urgency="high"),
            said("T-1", "b", category="invoice"),
            said("T-2", "a", sentiment="neutral"),
            said("T-2", "b", sentiment="neutral"),
            said("T-2", "c", withdrawn_at=NOW, category="refund"),
        ],
    )
    found = write(connection, [base(row("B-1", "没收到", channel="chat"))], until=NOW, home=tmp_path / "s")
    assert tickets(found) == {
        "B-1": {
            "ticket_id": "B-1",
            "text": "没收到",
            "category": "logistics",
            "created_at": "2025-10-20T01:10:54+00:00",
            "channel": "chat",
            "origin": "base",
            "how": "base",
        },
        "T-1": {
            "ticket_id": "T-1",
            "text": "快递三天没动了 T-1",
            "category": "invoice",
            "urgency": "high",
            "created_at": "2025-10-20T01:10:54+00:00",
            "channel": "chat",
            "customer_id": "C-1",
            "origin": "correction",
            "how": "latest",
        },
        "T-2": {
            "ticket_id": "T-2",
            "text": "快递三天没动了 T-2",
            "sentiment": "neutral",
            "created_at": (NOW - timedelta(days=1)).astimezone(UTC).isoformat(),
            "channel": "chat",
            "customer_id": "C-1",
            "origin": "correction",
            "how": "agreed",
        },
    }
    content = (found.folder / "tickets.jsonl").read_bytes()
    assert json.loads((found.folder / "manifest.json").read_text(encoding="utf-8")) == found.manifest
    assert found.manifest == {
        "format": "fendan-snapshot",
        "version": 1,
        "fingerprint": sha256(content).hexdigest(),
        "until": NOW.astimezone(UTC).isoformat(),
        "rows": 3,
        "base": [{"file": "a.csv", "sha256": "0" * 64, "rows": 1}],
        "corrections": {
            "rows": 2,
            "latest": 1,
            "agreed": 1,
            "adjudicated": 0,
            "conflicts_by_head": {"category": 1, "urgency": 0, "sentiment": 0},
        },
        "excluded": {"blind_unreported": 0, "withdrawn": 1},
    }
    assert found.folder.name == f"{NOW.astimezone(UTC):%Y%m%dT%H%M%S}-{found.manifest['fingerprint'][:12]}"


def test_training_reads_what_was_written(connection: Connection, tmp_path: Path) -> None:
    fill(connection, [ticket("T-1")], answers=[said("T-1", category="refund")])
    found = write(connection, [base(row("B-1", "没收到"), row("", "没编号"))], until=NOW, home=tmp_path)
    corpus = read_corpus([found.folder / "tickets.jsonl"])
    assert sorted(zip(corpus.ids, corpus.texts, corpus.labels["category"], strict=True)) == [
        ("", "没编号", "logistics"),
        ("B-1", "没收到", "logistics"),
        ("T-1", "快递三天没动了 T-1", "refund"),
    ]
    assert corpus.created_at[corpus.ids.index("B-1")] == WRITTEN


def test_a_corrected_ticket_takes_the_place_of_its_base_row(connection: Connection, tmp_path: Path) -> None:
    fill(
        connection,
        [ticket("B-1", text="没收到"), ticket("B-2", text="改过的话")],
        answers=[said("B-1", category="refund"), said("B-2", category="refund")],
    )
    rows = [row("B-1", "没收到", urgency="high"), row("B-2", "原来的话", urgency="high")]
    found = tickets(write(connection, [base(*rows)], until=NOW, home=tmp_path))
    assert len(found) == 2
    assert (found["B-1"]["category"], found["B-1"]["urgency"]) == ("refund", "high"), "the same text keeps other heads"
    assert found["B-2"]["text"] == "改过的话"
    assert "urgency" not in found["B-2"], "what was said of another text"


def test_a_moment_cuts_what_came_later(connection: Connection, tmp_path: Path) -> None:
    fill(
        connection,
        [ticket("T-1"), ticket("T-2")],
        answers=[said("T-1", category="refund", at=NOW - timedelta(days=9)), said("T-2", category="refund")],
    )
    early = write(connection, [], until=NOW - timedelta(days=8), home=tmp_path)
    assert list(tickets(early)) == ["T-1"]
    assert list(tickets(write(connection, [], until=NOW, home=tmp_path))) == ["T-1", "T-2"]
    again = write(connection, [], until=NOW - timedelta(days=8), home=tmp_path)
    assert (again.folder, again.reused) == (early.folder, True)


def test_blind_audits_are_left_out_until_their_window_is_reported(connection: Connection, tmp_path: Path) -> None:
    fill(
        connection,
        [ticket("T-1"), ticket("T-1", revision=2, text="又来", text_hash="2"), ticket("T-2"), ticket("B-1")],
        [item("T-1", state="done"), item("T-2", "unsure"), item("B-1", state="done")],
        [
            said("T-1", category="refund", blind=True, reason="blind"),
            said("T-1", revision=2, category="refund"),
            said("T-2", category="refund"),
        ],
    )
    before = write(connection, [base(row("B-1", "没收到"))], until=NOW, home=tmp_path)
    assert list(tickets(before)) == ["T-2"], "neither the other revision nor the same ticket in the base data"
    assert before.manifest["excluded"]["blind_unreported"] == 2
    connection.execute(insert(audit_windows), {"id": new_id(), "until": NOW, "report": "{}", "by": "a", "at": NOW})
    after = write(connection, [base(row("B-1", "没收到"))], until=NOW, home=tmp_path)
    assert list(tickets(after)) == ["B-1", "T-1", "T-2"]
    assert tickets(after)["T-1"]["text"] == "又来"
    assert after.manifest["excluded"]["blind_unreported"] == 0


def test_the_same_content_is_one_folder_whatever_the_order(connection: Connection, tmp_path: Path) -> None:
    fill(connection, [ticket("T-1")], answers=[said("T-1", category="refund")])
    one, two = row("B-1", "没收到"), row("B-2", "退款呢", created_at=WRITTEN.astimezone(UTC))
    first = write(connection, [base(one), base(two, file="b.csv")], until=NOW, home=tmp_path)
    second = write(connection, [base(two, one)], until=NOW + timedelta(hours=1), home=tmp_path)
    assert not first.reused
    assert second.reused
    assert second.folder == first.folder
    assert second.manifest["base"] != first.manifest["base"]
    assert [path.name for path in tmp_path.glob("*T*-*")] == [first.folder.name]
    other = write(connection, [base(two)], until=NOW, home=tmp_path)
    assert other.folder != first.folder


def test_a_damaged_folder_is_not_used_again(connection: Connection, tmp_path: Path) -> None:
    first = write(connection, [base(row("B-1", "没收到"))], until=NOW, home=tmp_path)
    (first.folder / "tickets.jsonl").write_text("{}\n", encoding="utf-8")
    with pytest.raises(StoreError, match="快照"):
        write(connection, [base(row("B-1", "没收到"))], until=NOW, home=tmp_path)
    again = write(connection, [base(row("B-1", "没收到"))], until=NOW + timedelta(seconds=1), home=tmp_path)
    assert not again.reused
    assert list(tickets(again)) == ["B-1"]


def test_two_at_once_share_one_folder_and_leave_nothing_behind(store: Store, tmp_path: Path) -> None:
    with store._write.begin() as connection:
        fill(connection, [ticket("T-1")], answers=[said("T-1", category="refund")])
    rows = [row(f"B-{i}", f"没收到 {i}") for i in range(500)]

    def once(_: int) -> SnapshotFolder:
        with store._read.connect() as connection:
            return write(connection, [base(*rows)], until=NOW, home=tmp_path / "s")

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(once, range(8)))
    assert len({one.folder for one in found}) == 1
    assert [one.reused for one in found].count(False) == 1
    assert [path.name for path in (tmp_path / "s").iterdir()] == [found[0].folder.name]


def test_nothing_known_is_an_error_and_leaves_no_folder(connection: Connection, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="一条工单也没有"):
        write(connection, [], until=NOW, home=tmp_path / "s")
    assert list((tmp_path / "s").iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="paths")
def test_a_place_that_cannot_be_written_is_said(connection: Connection, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StoreError, match="快照写不进"):
        write(connection, [base(row("B-1", "没收到"))], until=NOW, home=tmp_path / "file" / "s")


def test_a_correction_without_a_label_is_no_ticket(connection: Connection, tmp_path: Path) -> None:
    fill(connection, [ticket("T-1"), ticket("T-2")], answers=[said("T-1"), said("T-2", category="refund")])
    assert list(tickets(write(connection, [], until=NOW, home=tmp_path))) == ["T-2"]
    assert connection.execute(corrections.select()).all()
