"""The JSON of a decision, as every caller gets it and as the store keeps it: read by one hand.

Each head's answer stands at the top under the head's name, ``{label, name, confidence, action, alternatives}``; null where
the model has no such head, or no model read the ticket. ``confidence`` is null where the label is a guess: the ticket is out of
the model's scope.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from triage.taxonomy import in_order


def answers(decision: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Head -> its answer, of the heads that were answered, in the usual order."""
    found = {name: value for name, value in decision.items() if _is_answer(value)}
    return {head: found[head] for head in in_order(found)}


def predicted(decision: Mapping[str, Any]) -> dict[str, str]:
    """Head -> the label that was predicted."""
    return {head: answer["label"] for head, answer in answers(decision).items()}


def _is_answer(value: Any) -> bool:
    return isinstance(value, Mapping) and "label" in value and "confidence" in value
