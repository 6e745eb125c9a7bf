"""Argilla's records, nested, flattened and of the first version."""

from __future__ import annotations

from typing import Any

import pytest

from intake.tools.argilla import recognises, rows

NESTED = {
    "id": "r-1",
    "status": "completed",
    "fields": {"text": "钱没退"},
    "metadata": {"ticket_id": "T-1"},
    "suggestions": {"category": {"value": "other", "score": 0.4, "agent": "m"}},
    "responses": {
        "category": [{"value": "refund", "user_id": "u1"}, {"value": "other", "user_id": "u2", "status": "submitted"}],
        "urgency": [{"value": "high", "user_id": "u1"}, {"value": "low", "user_id": "u3", "status": "discarded"}],
    },
    "vectors": {},
}
FLAT = {
    "id": "T-1",
    "text": "钱没退",
    "category.responses": ["refund", "other"],
    "category.responses.users": ["u1", "u2"],
    "category.responses.status": ["submitted", "draft"],
    "category.suggestion": "other",
}
FIRST = {
    "text": "钱没退",
    "annotation": "refund",
    "annotation_agent": "小王",
    "id": "T-1",
    "metadata": {},
    "status": "Validated",
}


@pytest.mark.parametrize("record", [NESTED, FLAT, FIRST])
def test_each_person_is_a_row(record: dict[str, Any]) -> None:
    assert recognises(record)
    found = list(rows(record))
    assert found[0]["ticket_id"] == "T-1"
    assert found[0]["text"] == "钱没退"
    assert found[0]["category"] == "refund"


def test_who_said_what() -> None:
    first, second = rows(NESTED)
    assert (first["by"], first["category"], first["urgency"]) == ("u1", "refund", "high")
    assert (second["by"], second["category"]) == ("u2", "other")
    assert "urgency" not in second
    assert [row["by"] for row in rows(FLAT)] == ["u1"], "a draft says nothing"
    assert [row["by"] for row in rows(FIRST)] == ["小王"]


def test_nobody_answered() -> None:
    assert list(rows({**NESTED, "responses": {}})) == []
    assert list(rows({**FIRST, "annotation": None})) == []


def test_one_answer_a_head() -> None:
    with pytest.raises(ValueError, match="category 应只选一个"):
        list(rows({**FLAT, "category.responses": [["refund", "other"]]}))
    assert next(rows({**FLAT, "category.responses": [["refund"]]}))["category"] == "refund"


def test_other_rows_are_not_argillas() -> None:
    for row in ({"text": "x", "category": "refund"}, {"fields": "x"}, {"data": {}, "annotations": []}):
        assert not recognises(row)
