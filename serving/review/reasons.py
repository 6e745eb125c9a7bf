"""Why a person is asked about a ticket. Pure: read off the decision that was stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, get_args

from triage.contract import AnswerJson, answers
from triage.labels import AskedFor

REASONS: tuple[AskedFor, ...] = get_args(AskedFor)

STRENGTH: tuple[AskedFor, ...] = ("unsure", "novel", "disagreement", "reported", "blind", "conflict")
"""From the weakest to the strongest. An open item takes a stronger reason over; a blind one stays blind, or the audit
would lose just those tickets that somebody noticed."""

TEXTS: Mapping[AskedFor, tuple[str, str]] = {
    "unsure": ("模型没有把握", "The model is not sure"),
    "blind": (
        "盲审：从自动处理的工单里抽中，请独立判断",
        "Blind audit: drawn from the automatic ones, judge by yourself",
    ),
    "disagreement": ("候选模型与现任模型判得不一样", "The challenger says something else than the champion"),
    "reported": ("客服反馈判得不对", "The helpdesk says it was wrong"),
    "novel": ("内容不像模型学过的工单", "Unlike the tickets that the model learned from"),
    "conflict": ("两个人说的不一样，请裁定", "Two people said different things: please settle it"),
}
"""Reason -> what people read, in Chinese and in English."""


class Doubt(NamedTuple):
    """The head of a decision that is least sure.

    ``uncertainty`` in [0, 1] is 1 minus the lead of the best label over the second (margin sampling: Scheffer et al.
    2001; Settles 2009, 3.1). ``pair``: the two labels, the predicted one first; None where there is no second.
    """

    head: str
    uncertainty: float
    pair: tuple[str, str] | None


def reason_of(decision: Mapping[str, Any]) -> AskedFor | None:
    """``novel`` or ``unsure``; None when nobody needs to be asked: an automatic ticket, or one without any text."""
    rules = {reason["rule"] for reason in decision.get("reasons", ())}
    if decision["action"] == "auto" or "blank" in rules:
        return None
    return "novel" if "scope" in rules else "unsure"


def doubt_of(decision: Mapping[str, Any]) -> Doubt | None:
    """The head in doubt: of those that are not automatic (of all, when all are) the least sure one.

    None when no model answered.
    """
    given = answers(decision)
    asked = {head: answer for head, answer in given.items() if answer["action"] != "auto"} or given
    doubts = [_doubt(head, answer) for head, answer in asked.items()]
    return max(doubts, key=lambda doubt: doubt.uncertainty, default=None)


def stronger(reason: AskedFor, held: AskedFor) -> bool:
    """Whether ``reason`` takes the place of ``held``."""
    return STRENGTH.index(reason) > STRENGTH.index(held)


def _doubt(head: str, answer: AnswerJson) -> Doubt:
    if answer["confidence"] is None:  # a guess: nothing is less sure
        return Doubt(head, 1.0, None)
    second = next(iter(answer.get("alternatives", ())), None)
    # A label may win with less than the runner-up's probability, where mistaking it costs more: then nothing leads.
    lead = answer["confidence"] - (second["confidence"] if second else 0.0)
    pair = (answer["label"], second["label"]) if second else None
    return Doubt(head, min(1.0, 1.0 - max(0.0, lead)), pair)
