"""Cells of a file become the fields of its tickets; what cannot be read is told once, and the ticket stays."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from intake.values import FieldReader, joined, plain
from tests.intake.builders import columns_of, data_of
from triage.errors import DataError
from triage.moments import SHOP_TIME

SIDE = ("ticket_id", "customer_id", "channel", "customer_tier", "order_amount", "contact_count", "created_at")


def read(
    columns: tuple[str, ...], *rows: tuple[Any, ...], form: str = "csv", strict: tuple[str, ...] = ()
) -> tuple[list[dict[str, Any]], Any]:
    data = data_of(("text", *columns), *(("好", *row) for row in rows), form=form)
    fields = FieldReader(data, columns_of(data), strict=strict)
    return [fields.side(number, cells, SIDE) for number, cells in data.rows], data.report


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""), (float("nan"), ""), ("好", "好"), (12.0, "12"), (1.5, "1.5"), (3, "3"), (True, "True"), (Decimal("1.50"), "1.50"),
        (date(2026, 1, 2), "2026-01-02"), (1e300, "1e+300"),
    ],
)  # fmt: skip
def test_cells_as_text(cell: Any, text: str) -> None:
    assert plain(cell, "text") == text


@pytest.mark.parametrize("cell", [["好"], {"a": 1}, b"x"])
def test_a_list_is_never_text(cell: Any) -> None:
    with pytest.raises(DataError, match="text 列应是文字"):
        plain(cell, "text")


def test_words() -> None:
    assert joined("全文", "题", "文") == "全文"
    assert joined(" ", "题", "文") == "题\n文"
    assert joined("", "", "文") == "文"
    assert joined(" ", "", "") == " "


def test_the_forms_of_a_sheet_are_read() -> None:
    columns = ("ticket_id", "channel", "customer_tier", "order_amount", "contact_count", "created_at")
    rows, report = read(
        columns,
        ("T-1", "电话", "VIP", "1,280.00", "第2次", "2026/11/3 9:12"),
        (12.0, "", " gold ", "¥1280", 2.0, 46329.5),
        (7, None, None, None, None, datetime(2026, 11, 3, 9, 12)),
        form="xlsx",
    )
    nine = datetime(2026, 11, 3, 9, 12, tzinfo=SHOP_TIME)
    assert rows == [
        {
            "ticket_id": "T-1",
            "channel": "电话",
            "customer_tier": "vip",
            "order_amount": 1280.0,
            "contact_count": 2,
            "created_at": nine,
        },
        {
            "ticket_id": "12",
            "customer_tier": "gold",
            "order_amount": 1280.0,
            "contact_count": 2,
            "created_at": datetime(2026, 11, 3, 12, tzinfo=SHOP_TIME),
        },
        {"ticket_id": "7", "created_at": nine},
    ]
    assert report.problems == ()


def test_what_cannot_be_read_is_left_out_and_told_once_for_all_rows() -> None:
    rows, report = read(("customer_tier", "order_amount"), ("V3", "不详"), ("V5", "1"), ("", "很多"))
    assert rows == [{}, {"order_amount": 1.0}, {}]
    kinds = {problem.kind: (problem.n, problem.stops, [s.row for s in problem.sources]) for problem in report.problems}
    assert kinds == {"tier": (2, False, [2, 3]), "amount": (2, False, [2, 4])}
    assert "'V3'" in report.problems[0].text
    assert "照样分" in report.problems[0].mend
    _, report = read(("created_at",), ("昨天",), strict=("created_at",))
    assert report.problems[0].stops
    assert "--column created_at=" in report.problems[0].mend


def test_other_rows_may_settle_which_number_is_the_month() -> None:
    rows, report = read(("created_at",), ("3/11/2026 9:12",), ("13/11/2026 9:12",), ("11/11/2026",))
    assert rows[0]["created_at"] == datetime(2026, 11, 3, 9, 12, tzinfo=SHOP_TIME)
    assert [p.kind for p in report.problems] == ["date_order_settled"]
    rows, _ = read(("created_at",), ("11/3/2026 9:12",), ("11/13/2026",))
    assert rows[0]["created_at"].month == 11
    rows, report = read(("created_at",), ("3/11/2026",), ("13/11/2026",), ("11/13/2026",))
    assert "created_at" not in rows[0], "two rows contradict each other"
    assert [(p.kind, p.n) for p in report.problems] == [("date_order", 1)]


def test_the_zone_of_the_heading_counts() -> None:
    rows, _ = read(("Created at (UTC)",), ("2026-11-03 01:12",))
    assert rows[0]["created_at"] == datetime(2026, 11, 3, 1, 12, tzinfo=UTC)


def test_rounded_ids_are_no_ids() -> None:
    rows, report = read(("ticket_id", "customer_id"), ("2.02611E+17", "3E+15"), (1.5e17, 4e15), form="xlsx")
    assert rows == [{}, {}]
    assert [(p.kind, p.n) for p in report.problems] == [("rounded", 2), ("rounded", 2)]
    cut = [(f"{202611030000000 + i}000",) for i in range(3)]
    rows, report = read(("ticket_id",), *cut)
    assert rows == [{}, {}, {}]
    whole = [(f"{202611030000000 + i}00{i + 1}",) for i in range(3)]
    rows, report = read(("ticket_id",), *whole)
    assert [row["ticket_id"] for row in rows] == [row[0] for row in whole]
    assert report.problems == ()


def test_our_own_export_is_unquoted() -> None:
    rows, _ = read(("ticket_id",), ("'=1+1",))
    assert rows == [{"ticket_id": "=1+1"}]
    rows, _ = read(("ticket_id",), ("'=1+1",), form="jsonl")
    assert rows == [{"ticket_id": "'=1+1"}]


def test_a_text_that_only_a_program_writes_is_blank_and_counted() -> None:
    data = data_of(("text", "subject"), ("NaN", ""), ("None", "题"), ("无", ""))
    fields = FieldReader(data, columns_of(data))
    assert [fields.text(number, cells) for number, cells in data.rows] == ["", "题", "无"]
    assert [(p.kind, p.n) for p in data.report.problems] == [("placeholder_text", 2)]
