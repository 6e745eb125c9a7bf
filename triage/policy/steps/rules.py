"""The profile's own rules, in the order in which they are written: each raises, reroutes or asks for a person."""

from __future__ import annotations

from triage.decision import PRIORITIES
from triage.policy.draft import Case, Draft
from triage.policy.facts import Facts
from triage.policy.profile.schema import Rule


def apply_rules(draft: Draft, case: Case) -> None:
    """Applies every rule whose conditions are all known to hold; one that is unknown lets its rule rest.

    The first rule that names a queue has it.
    """
    facts = case.facts
    rerouted = False
    for rule in case.profile.rules:
        for condition in rule.when.values():
            if not condition.holds(facts):
                break
        else:
            rerouted = _apply(rule, draft, facts, may_reroute=not rerouted) or rerouted


def _apply(rule: Rule, draft: Draft, facts: Facts, *, may_reroute: bool) -> bool:
    """Does what the rule says, tells it if it did anything, and says whether it sent the ticket elsewhere."""
    effects = []
    rank, rerouted = draft.rank, False
    step = draft.raise_to(_target(rule, rank))
    if draft.rank != rank or not (rule.queue or rule.review):
        effects.append(step)
    if rule.queue and may_reroute and draft.action != "human":
        rerouted = True
        effects.append(draft.send(rule.queue))
    if rule.review and draft.action == "auto":
        effects.append(draft.hold("suggest"))
    if effects:
        found = "；".join(filter(None, (condition.found(facts) for condition in rule.when.values())))
        draft.tell(rule.name, f"{rule.text}：{found}" if found else rule.text, *effects)
    return rerouted


def _target(rule: Rule, rank: int) -> int:
    target = PRIORITIES.index(rule.raise_to) if rule.raise_to else rank
    return min(max(rank - rule.raise_by, 0), target)
