"""The policy's engine: facts and a profile go through the steps, and a decision comes out.

Priority is built in the open: every fact earns points, the sum gives a level, fast lanes and rules may raise it, never
lower it; each step is a :class:`~triage.decision.Reason`. The whole is monotone: with everything else equal, a higher
tier, a more urgent label, more contacts, a larger order or a longer wait never gives a lower priority.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from triage.decision import PRIORITIES, Decision, HeadAnswer, ModelRef, Reason
from triage.policy.draft import Case, Draft
from triage.policy.facts import Facts
from triage.policy.profile import Profile
from triage.policy.steps import STEPS
from triage.prediction import Action, HeadPrediction, Prediction
from triage.taxonomy import Taxonomy
from triage.ticket import Ticket


class Verdict(NamedTuple):
    """What a profile makes of the facts: all of a decision that another profile could have decided otherwise."""

    action: Action
    queue: str
    priority: str
    due_at: datetime
    reasons: tuple[Reason, ...]


def judge(facts: Facts, profile: Profile, taxonomy: Taxonomy) -> Verdict:
    """Takes every step. The same facts and profile give the same verdict, today or in a replay a year on.

    Args:
        taxonomy: where labels find their names; labels and heads that it, or the profile, does not know are fine.
    """
    draft, case = Draft(), Case(facts, profile, taxonomy)
    for step in STEPS:
        step(draft, case)
    assert draft.due_at is not None, "the last step sets it"
    return Verdict(draft.action, draft.queue, PRIORITIES[draft.rank], draft.due_at, tuple(draft.reasons))


def decide(
    ticket: Ticket,
    prediction: Prediction | None,
    *,
    profile: Profile,
    taxonomy: Taxonomy,
    now: datetime,
    model: ModelRef,
    text: str | None = None,
) -> Decision:
    """Turns a prediction into a decision.

    Args:
        prediction: None when no model could answer: the decision is then ``degraded``, queue ``manual``.
        taxonomy: where labels find their names; labels and heads that it, or the profile, does not know are fine.
        now: aware; the wait counts from ``ticket.created_at`` to it (a ticket from the future has waited 0).
        model: who answered; ignored for a degraded decision.
        text: the customer's own words, masked, in simplified characters and small letters (``features.normalise``); None: the
            ticket's content is taken as it is.
    """
    facts = Facts.gather(ticket, prediction, now, text)
    verdict = judge(facts, profile, taxonomy)
    return Decision(
        ticket_id=ticket.ticket_id,
        action=verdict.action,
        queue=verdict.queue,
        priority=verdict.priority,
        due_at=verdict.due_at,
        heads={name: _answer(name, head, facts, taxonomy) for name, head in facts.heads.items()},
        reasons=verdict.reasons,
        evidence=() if prediction is None or facts.blank else prediction.evidence,
        profile_name=profile.name,
        profile_version=profile.version,
        model=ModelRef() if prediction is None else model,
        degraded=prediction is None,
        scope=facts.scope,
    )


def _answer(name: str, head: HeadPrediction, facts: Facts, taxonomy: Taxonomy) -> HeadAnswer:
    label = taxonomy.name(name, head.label)
    if not facts.understood:
        return HeadAnswer(head.label, label, None, "human", ())
    return HeadAnswer(head.label, label, head.confidence, head.action, tuple(head.alternatives()))
