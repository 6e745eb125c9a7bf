"""Exports: what is in them, what is left out, and that no cell can run in a spreadsheet."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from serving.labels.export import PAGE, columns, read, write
from serving.store import Store
from serving.store.tables import logbook
from tests.serving.audit.builders import NOW, audited, head, item, put, said, ticket
from tests.serving.builders import fendan, run, taxonomy
from tests.serving.store import databases as database_fixtures
from triage.errors import InputError
from triage.spreadsheet import harmless, plain

store, house = database_fixtures.any_store, database_fixtures.sqlite_store


def shop(store: Store) -> None:
    """A: labelled by two; B: waits in review; C: untouched, two revisions; D: blind audit; E: undone label; F: old."""
    rows = [ticket("A"), ticket("B", action="suggest"), ticket("C"), ticket("D"), ticket("E")]
    rows += [{**ticket("C", "refund"), "revision": 2, "text": "新的话", "text_hash": "C2"}]
    rows += [ticket("F", received_at=NOW - timedelta(days=60))]
    asked, answer = audited("D", "refund")
    answers = [said("A", category="refund"), said("A", "小李", category="refund"), answer]
    answers.append(said("E", category="refund", withdrawn_at=NOW))
    put(store, rows, [item("B", "unsure", 1.0), asked], answers)


def ids(store: Store, **options: Any) -> list[str]:
    return [one.ticket_id for one in run(store.read(lambda c: list(read(c, **options))))]


def test_filters_and_the_newest_revision(store: Store) -> None:
    shop(store)
    assert ids(store) == ["A", "B", "C", "E", "F"]
    assert ids(store, only="labelled") == ["A"]
    assert ids(store, only="unlabelled") == ["B", "C", "E", "F"]
    assert ids(store, only="review") == ["B"]
    assert ids(store, since=NOW - timedelta(days=2)) == ["A", "B", "C", "E"]
    assert ids(store, until=NOW - timedelta(days=2)) == ["F"]
    found = run(store.read(lambda c: {one.ticket_id: one for one in read(c)}))
    assert (found["C"].revision, found["C"].text, found["C"].predicted["category"][0]) == (2, "新的话", "refund")
    assert found["A"].labels["category"].how == "agreed"
    assert found["B"].reason == "unsure"
    with pytest.raises(InputError, match="--only 应是"):
        ids(store, only="all")


def test_a_blind_audit_is_left_out_until_it_was_reported(store: Store) -> None:
    from serving.audit.windows import close

    shop(store)
    missed: list[int] = []
    ids(store, left_out=missed.append)
    assert missed == [1]
    run(store.write(lambda c: close(c, taxonomy(), until=NOW, by="组长", now=NOW)))
    assert "D" in ids(store)


def test_many_pages_are_one_export(house: Store) -> None:
    put(house, [ticket(f"T-{i:05}") for i in range(PAGE * 2 + 7)])
    found = ids(house)
    assert len(found) == len(set(found)) == PAGE * 2 + 7


def test_no_cell_is_a_formula(house: Store, tmp_path: Path) -> None:
    evil = ["=cmd|' /C calc'!A0", "+1+1", "-2", "@SUM(A1)", "\t=1", "\r=1", "＝1", "'=1", "正常", "'正常"]
    rows = [{**ticket(f"T-{i}"), "text": text, "text_hash": str(i), "channel": text[:9]} for i, text in enumerate(evil)]
    put(house, rows)
    target = tmp_path / "out.csv"
    heads = tuple(taxonomy().heads)
    assert run(house.read(lambda c: write(read(c), target, "csv", taxonomy()))) == len(evil)
    assert target.read_bytes().startswith(b"\xef\xbb\xbf"), "Excel must read it as UTF-8"
    table = list(csv.DictReader(target.open(encoding="utf-8-sig", newline="")))
    assert tuple(table[0]) == columns(heads)
    for cells in table:
        assert not any(cell[:1] in tuple("=+-@\t\r＝＋－＠") for cell in cells.values() if cell)
    assert [plain(cells["text"]) for cells in table] == evil
    assert [harmless(text) == text for text in evil] == [False] * 8 + [True, True]


def test_lines_of_json_are_a_data_file(house: Store, tmp_path: Path) -> None:
    shop(house)
    target = tmp_path / "out.jsonl"
    run(house.read(lambda c: write(read(c, only="labelled"), target, "jsonl", taxonomy())))
    (line,) = [json.loads(line) for line in target.read_text("utf-8").splitlines()]
    assert line["category"] == "refund"
    assert line["predicted_category"] == "logistics"
    assert line["category_confidence"] == 0.93
    assert line["received_at"] == "2025-11-10T12:00:00+08:00"
    assert "urgency" not in line, "nobody said anything of it"


def test_a_file_is_whole_or_not_there(house: Store, tmp_path: Path) -> None:
    put(house, [ticket("A"), ticket("B", answer=head("logistics"))])
    target = tmp_path / "out.csv"
    target.write_text("old")

    def broken() -> Iterator[Any]:
        yield next(run(house.read(lambda c: iter(list(read(c))))))
        raise InputError("stop")

    with pytest.raises(InputError, match="stop"):
        write(broken(), target, "csv", taxonomy())
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".out")] == []
    with pytest.raises(InputError, match="写不了"):
        write(iter(()), tmp_path / "no" / "out.csv", "csv", taxonomy())
    with pytest.raises(InputError, match="--format 应是"):
        write(iter(()), tmp_path / "out.xls", "", taxonomy())


def test_the_command(tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path}/fendan.db"
    store = Store(db)
    shop(store)
    done = fendan("export", "out.csv", "--db", db, "--since", "2025-11-01", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "写了 4 张工单" in done.stdout
    assert "盲审工单 1 张没有导出" in done.stdout
    happened = run(store.read(lambda c: c.execute(select(logbook)).one()))
    assert (happened.what, json.loads(happened.detail)["rows"]) == ("export", 4)
    store.close()
    wrong = fendan("export", "out.xlsx", "--db", db, cwd=tmp_path)
    assert wrong.returncode == 2
    assert "--format 应是" in wrong.stderr
