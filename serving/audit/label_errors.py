"""Labels that people gave and that are suspiciously unlike what the model thought before it knew them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypedDict

import orjson
from sqlalchemy import Connection, select

from serving.labels.queries import newest_said
from serving.store.keys import by_keys
from serving.store.tables import tickets
from triage.contract import answers
from triage.labels import Said, codes, effective
from triage.taxonomy import Taxonomy

LIMIT = 20_000
"""At most so many labelled tickets are looked at, the newest first."""

LEAST = 50
"""With fewer labels of a head nothing can be said."""

SHOWN = 20

Ranker = Callable[[Sequence[int], Sequence[Sequence[float]]], list[tuple[int, float]]]
Scores = Mapping[tuple[str, int], Mapping[str, Mapping[str, float]]]
"""(ticket, revision) -> head -> label -> probability, of a model that had not seen the label."""


@dataclass(frozen=True, slots=True)
class JudgedTicket:
    """One ticket with the label that stands for each head."""

    ticket_id: str
    revision: int
    labels: dict[str, str]
    scores: Mapping[str, Mapping[str, float]]


class SuspectedLabel(TypedDict):
    """A label that is perhaps wrong: ``confidence`` is the model's in what it suggests, a small ``quality`` is suspicious."""

    ticket_id: str
    revision: int
    given: str
    suggested: str
    confidence: float
    quality: float


class HeadErrors(TypedDict):
    """Of one head: labels looked at, how many are suspected (None: too few labels to say), and the most suspicious ones."""

    labels: int
    suspected: int | None
    tickets: list[SuspectedLabel]


class LabelErrors(TypedDict):
    """Suspected label errors of all heads."""

    source: str
    method: str
    limit: int
    least: int
    heads: dict[str, HeadErrors]


def read_labelled(connection: Connection, taxonomy: Taxonomy, scores: Scores | None = None) -> list[JudgedTicket]:
    """The newest labelled tickets, with the probabilities that were stored in their decisions, or with ``scores``.

    A stored decision was made before anybody said what was right, so its probabilities are out-of-sample. It keeps the best
    labels only; what they leave is shared out evenly among the others.
    """
    t = tickets.c
    said = newest_said(connection, LIMIT, answered=True)
    query = select(t.ticket_id, t.revision, t.decision)
    decisions = {(row.ticket_id, row.revision): row.decision for row in by_keys(connection, query, t.ticket_id, said)}
    return [
        JudgedTicket(
            *key,
            codes(effective(_known(words, taxonomy))),
            _stored(decisions[key]) if scores is None else scores.get(key, {}),
        )
        for key, words in said.items()
    ]


def _known(said: Sequence[Said], taxonomy: Taxonomy) -> list[Said]:
    """The words without labels that ``taxonomy`` does not know."""
    return [
        replace(one, labels={head: code for head, code in one.labels.items() if taxonomy.knows(head, code)})
        for one in said
    ]


def label_errors(
    labelled: Sequence[JudgedTicket], taxonomy: Taxonomy, ranker: Ranker, source: str = "decisions"
) -> LabelErrors:
    """Suspected label errors per head, the most suspicious first.

    Args:
        ranker: :func:`serving.audit.rank_labels.rank` or ``rank_apart``.
        source: where the probabilities come from, for whoever reads the list: ``decisions`` or a model's name.

    """
    out: dict[str, HeadErrors] = {}
    for name, head in taxonomy.heads.items():
        rows = [(one, p) for one in labelled if name in one.labels and (p := _row(one.scores.get(name), head.codes))]
        given = [head.codes.index(one.labels[name]) for one, _ in rows]
        if len(rows) < LEAST or len(set(given)) < 2:
            out[name] = {"labels": len(rows), "suspected": None, "tickets": []}
            continue
        found = ranker(given, [p for _, p in rows])
        shown: list[SuspectedLabel] = []
        for i, quality in found[:SHOWN]:
            one, p = rows[i]
            best = max(range(len(p)), key=p.__getitem__)
            shown.append(
                {
                    "ticket_id": one.ticket_id,
                    "revision": one.revision,
                    "given": one.labels[name],
                    "suggested": head.codes[best],
                    "confidence": round(p[best], 4),
                    "quality": round(quality, 4),
                }
            )
        out[name] = {"labels": len(rows), "suspected": len(found), "tickets": shown}
    return {"source": source, "method": "cleanlab", "limit": LIMIT, "least": LEAST, "heads": out}


def _stored(decision: str) -> dict[str, dict[str, float]]:
    out: dict[str, dict[str, float]] = {}
    for head, answer in answers(orjson.loads(decision)).items():
        if answer["confidence"] is not None:  # a guess says nothing against a person's label
            out[head] = {answer["label"]: float(answer["confidence"])}
            out[head] |= {a["label"]: float(a["confidence"]) for a in answer["alternatives"]}
    return out


def _row(scores: Mapping[str, float] | None, codes: Sequence[str]) -> list[float] | None:
    """A full distribution over ``codes``; None when the model knows a label that is not among them, or said nothing."""
    if not scores or not set(scores) <= set(codes):
        return None
    rest = max(0.0, 1 - sum(scores.values()))
    others = len(codes) - len(scores)
    row = [scores.get(code, rest / others if others else 0.0) for code in codes]
    total = sum(row)
    return [p / total for p in row] if total > 0 else None
