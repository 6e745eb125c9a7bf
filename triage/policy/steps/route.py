"""Which queue the ticket belongs to, by its category; what a person has to judge stays in the queue of people."""

from __future__ import annotations

from triage.policy.draft import Case, Draft


def route_ticket(draft: Draft, case: Case) -> None:
    """Sends the ticket to its category's queue."""
    category = case.facts.label("category")
    if draft.action == "human" or category is None:
        return
    queue = case.profile.queue_for(category)
    name = case.taxonomy.name("category", category)
    draft.tell("queue", f"“{name}”由 {queue} 队列处理", draft.send(queue))
