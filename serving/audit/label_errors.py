"""Labels that people gave and that are suspiciously unlike what the model thought before it knew them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, and_, select

from serving.exchange.resolve import Said, resolve
from serving.store.tables import corrections, tickets
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
class Labelled:
    """One ticket with the label that stands for each head."""

    ticket_id: str
    revision: int
    labels: dict[str, str]
    scores: Mapping[str, Mapping[str, float]]


def read_labelled(connection: Connection, taxonomy: Taxonomy, scores: Scores | None = None) -> list[Labelled]:
    """The newest labelled tickets, with the probabilities that were stored in their decisions, or with ``scores``.

    A stored decision was made before anybody said what was right, so its probabilities are out-of-sample. It keeps the best
    labels only; what they leave is shared out evenly among the others.
    """
    t, c = tickets.c, corrections.c
    found = connection.execute(
        select(corrections, t.decision)
        .join(tickets, and_(t.ticket_id == c.ticket_id, t.revision == c.revision))
        .where(c.withdrawn_at.is_(None), t.degraded.is_(False))
        .order_by(c.at.desc(), c.id.desc())
        .limit(LIMIT)
    )
    said: dict[tuple[str, int], list[Said]] = {}
    decisions: dict[tuple[str, int], str] = {}
    for row in found:
        key = (row.ticket_id, row.revision)
        decisions[key] = row.decision
        labels = {head: label for head in taxonomy.heads if taxonomy.knows(head, label := getattr(row, head))}
        said.setdefault(key, []).append(Said(row.id, row.by, row.source, row.at, labels))
    return [
        Labelled(
            *key,
            {head: label.code for head, label in resolve(words).items()},
            _stored(decisions[key]) if scores is None else scores.get(key, {}),
        )
        for key, words in said.items()
    ]


def label_errors(
    labelled: Sequence[Labelled], taxonomy: Taxonomy, ranker: Ranker, source: str = "decisions"
) -> dict[str, Any]:
    """Suspected label errors per head, the most suspicious first.

    Args:
        ranker: :func:`serving.audit.rank_labels.rank` or ``rank_apart``.
        source: where the probabilities come from, for whoever reads the list: ``decisions`` or a model's name.

    Returns:
        per head ``labels`` looked at, ``suspected`` how many, ``tickets`` [{ticket_id, revision, given, suggested,
        confidence, quality}]; ``suspected`` is None where there are too few labels to say.
    """
    out: dict[str, Any] = {}
    for name, head in taxonomy.heads.items():
        rows = [(one, p) for one in labelled if name in one.labels and (p := _row(one.scores.get(name), head.codes))]
        given = [head.codes.index(one.labels[name]) for one, _ in rows]
        if len(rows) < LEAST or len(set(given)) < 2:
            out[name] = {"labels": len(rows), "suspected": None, "tickets": []}
            continue
        found = ranker(given, [p for _, p in rows])
        shown = []
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
    data = orjson.loads(decision)
    out = {}
    for head, answer in data.items():
        if isinstance(answer, dict) and "confidence" in answer and "alternatives" in answer:
            out[head] = {a["label"]: float(a["confidence"]) for a in (answer, *answer["alternatives"])}
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
