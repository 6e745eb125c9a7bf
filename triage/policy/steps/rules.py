"""The profile's own rules, in the order in which they are written: each raises, reroutes or asks for a person."""

from __future__ import annotations

from triage.decision import PRIORITIES
from triage.policy.draft import Case, Draft
from triage.policy.facts import Facts
from triage.policy.profile.schema import Rule


def apply_rules(draft: Draft, case: Case) -> None:
    """Applies every rule whose conditions all hold; the first that names a queue has it."""
    rerouted = False
    for rule in case.profile.rules:
        if not holds(rule, case.facts):
            continue
        effects = []
        rank = draft.rank
        step = draft.raise_to(_target(rule, rank))
        if draft.rank != rank or not (rule.queue or rule.review):
            effects.append(step)
        if rule.queue and not rerouted and draft.action != "human":
            rerouted = True
            effects.append(draft.send(rule.queue))
        if rule.review and draft.action == "auto":
            effects.append(draft.hold("suggest"))
        if effects:
            found = "；".join(filter(None, (condition.found(case.facts) for condition in rule.when.values())))
            draft.tell(rule.name, f"{rule.text}：{found}" if found else rule.text, *effects)


def holds(rule: Rule, facts: Facts) -> bool:
    """Whether every condition of the rule is known to hold; one of which that is unknown lets the rule rest."""
    for condition in rule.when.values():  # noqa: SIM110 (a generator a rule is a tenth of the time)
        if not condition.holds(facts):
            return False
    return True


def _target(rule: Rule, rank: int) -> int:
    target = PRIORITIES.index(rule.raise_to) if rule.raise_to else rank
    return min(max(rank - rule.raise_by, 0), target)
