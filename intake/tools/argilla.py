"""Argilla's shapes: records with ``fields`` and ``responses`` (2.x), the same flattened (``category.responses``), and the
``annotation`` of 1.x. A question that bears a head's name is that head; only submitted responses count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from intake.headings import role_of
from triage.taxonomy import HEADS

_TAIL = ".responses"
_COUNTS = (None, "submitted", "Validated")


def recognises(cells: Mapping[str, Any]) -> bool:
    """Whether a row is one of Argilla's records."""
    if isinstance(cells.get("fields"), Mapping) and ("responses" in cells or "suggestions" in cells):
        return True
    return any(name.endswith(_TAIL) for name in cells) or {"annotation", "annotation_agent"} <= cells.keys()


def rows(record: Mapping[str, Any], heads: Sequence[str] = HEADS) -> Iterator[dict[str, Any]]:
    """What each person said of one record: its fields and metadata, with heads and ``by``. Nothing where nobody answered.

    Raises:
        ValueError: names what of the record is not as Argilla writes it.
    """
    base = _base(record)
    said: dict[str, dict[str, Any]] = {}
    for head, value, who in _answers(record, heads):
        if isinstance(value, list):
            if len(value) > 1:
                raise ValueError(f"{head} 应只选一个；收到的是 {str(value)[:60]}")
            value = value[0] if value else None
        if value not in (None, ""):
            said.setdefault(who, {})[head] = value
    for who, labels in said.items():
        yield {**base, **labels, "by": who, "at": record.get("updated_at") or record.get("event_timestamp")}


def _base(record: Mapping[str, Any]) -> dict[str, Any]:
    inner = [part for name in ("metadata", "fields", "inputs") if isinstance(part := record.get(name), Mapping)]
    base = {key: value for part in inner for key, value in part.items()}
    flat = {key: value for key, value in record.items() if not isinstance(value, (Mapping, list)) and "." not in key}
    base = {**{key: value for key, value in flat.items() if key not in ("annotation", "status", "_server_id")}, **base}
    if "ticket_id" not in base:
        base["ticket_id"] = record.get("external_id") or record.get("id")
    return base


def _answers(record: Mapping[str, Any], heads: Sequence[str]) -> Iterator[tuple[str, Any, str]]:
    """(head, value, who) of every answer that counts."""
    responses = record.get("responses")
    if isinstance(responses, Mapping):
        for question, given in responses.items():
            if head := _head(question, heads):
                for one in given if isinstance(given, list) else [given]:
                    if isinstance(one, Mapping) and one.get("status") in _COUNTS:
                        yield head, one.get("value"), str(one.get("user_id") or "")
    for name, given in record.items():
        if name.endswith(_TAIL) and isinstance(given, list) and (head := _head(name.removesuffix(_TAIL), heads)):
            users = record.get(f"{name}.users") or []
            status = record.get(f"{name}.status") or []
            for i, value in enumerate(given):
                if (status[i] if i < len(status) else None) in _COUNTS:
                    yield head, value, str(users[i]) if i < len(users) else ""
    if "annotation" in record and record.get("status", "Validated") in _COUNTS:
        yield HEADS[0], record["annotation"], str(record.get("annotation_agent") or "")


def _head(question: str, heads: Sequence[str]) -> str:
    place = role_of(question)
    return question if question in heads else place[0] if place and place[0] in heads else ""
