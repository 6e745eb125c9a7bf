"""How far champion and challenger agree, from what both said of the same tickets. Counted by the database, not here."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypedDict

from sqlalchemy import JSON, ColumnElement, Connection, cast, func, select, type_coerce

from serving.store.tables import shadow_answers
from triage.prediction import AUTO
from triage.taxonomy import HEADS

Z = 1.959963984540054
"""97.5 % point of the normal distribution: intervals are at 95 %."""

TOP = 8
"""Confusions that are listed for each head."""


class Pair(NamedTuple):
    """Two versions that answered the same tickets."""

    challenger: str
    champion: str
    n: int
    first: datetime
    last: datetime


class Cell(NamedTuple):
    """``n`` tickets that the champion called one thing and the challenger another (or the same)."""

    champion: str
    challenger: str
    champion_auto: bool
    challenger_auto: bool
    n: int


class AgreedShare(TypedDict):
    """``n`` of ``of`` with its 95 % interval; without either where there is nothing to share."""

    n: int
    of: int
    share: float | None
    low: float | None
    high: float | None


class AutoShares(TypedDict):
    """Shares that each would answer automatically, and of those that both would: on how many they ``differ``."""

    champion: AgreedShare
    challenger: AgreedShare
    differ: AgreedShare


class ClassAgreement(TypedDict):
    """One label: how often each says it, and how much of the champion's the challenger confirms."""

    label: str
    champion: int
    challenger: int
    agree: AgreedShare


class PairConfusion(TypedDict):
    """``n`` tickets that the one calls this and the other that."""

    champion: str
    challenger: str
    n: int
    share: float


class HeadAgreementJson(TypedDict):
    """The figures of one head; classes by the champion's count, the most frequent confusions first, and how many ``further``."""

    n: int
    agree: AgreedShare
    auto: AutoShares
    classes: list[ClassAgreement]
    confusions: list[PairConfusion]
    further: int


class PairJson(TypedDict):
    """A :class:`Pair` as plain data."""

    challenger: str
    champion: str
    n: int
    first: datetime
    last: datetime


class ShadowReport(TypedDict):
    """All pairs of versions, the one that is shown, and its figures per head."""

    pairs: list[PairJson]
    shown: PairJson | None
    heads: dict[str, HeadAgreementJson]


def pairs(connection: Connection) -> list[Pair]:
    """All pairs there are answers of, the one that answered last first."""
    a = shadow_answers.c
    last = func.max(a.at)
    found = connection.execute(
        select(a.model_version, a.champion_version, func.count(), func.min(a.at), last)
        .group_by(a.model_version, a.champion_version)
        .order_by(last.desc(), a.model_version.desc(), a.champion_version.desc())
    )
    return [Pair(*row) for row in found]


def cells(connection: Connection, head: str, challenger: str, champion: str) -> list[Cell]:
    """What the two versions said of one head."""
    a = shadow_answers.c
    # SQLite reads JSON from text; PostgreSQL wants to be told.
    answers = cast(a.answers, JSON) if connection.dialect.name == "postgresql" else type_coerce(a.answers, JSON)
    said = [answers[(head, part)].as_string() for part in ("champion", "label", "champion_action", "action")]
    chosen = select(*(part.label(f"p{i}") for i, part in enumerate(said)))
    inner = chosen.where(a.model_version == challenger, a.champion_version == champion).subquery()
    columns: list[ColumnElement[Any]] = list(inner.c)
    found = connection.execute(select(func.count(), *columns).group_by(*columns))
    return [
        Cell(ours, theirs, our_action == AUTO, their_action == AUTO, n)
        for n, ours, theirs, our_action, their_action in found
        if ours is not None and theirs is not None
    ]


def report(
    connection: Connection, challenger: str = "", champion: str = "", *, heads: Iterable[str] = HEADS
) -> ShadowReport:
    """Everything the page shows; of the pair that answered last unless one is named.

    Args:
        heads: that are looked for in what the two said; those of which neither spoke are left out.
    """
    known = pairs(connection)
    chosen = next(
        (p for p in known if challenger in ("", p.challenger) and champion in ("", p.champion)),
        None,
    )
    pair = (chosen.challenger, chosen.champion) if chosen else None
    figures = {head: agreement(cells(connection, head, *pair)) for head in heads} if pair else {}
    return {
        "pairs": [_pair_json(one) for one in known],
        "shown": _pair_json(chosen) if chosen else None,
        "heads": {head: found for head, found in figures.items() if found["n"]},
    }


def _pair_json(pair: Pair) -> PairJson:
    return {
        "challenger": pair.challenger,
        "champion": pair.champion,
        "n": pair.n,
        "first": pair.first,
        "last": pair.last,
    }


def agreement(found: Iterable[Cell]) -> HeadAgreementJson:
    """The figures of one head."""
    cells = list(found)
    n = sum(cell.n for cell in cells)
    both = [cell for cell in cells if cell.champion_auto and cell.challenger_auto]
    matrix: dict[tuple[str, str], int] = defaultdict(int)
    for cell in cells:
        matrix[cell.champion, cell.challenger] += cell.n
    labels = {label for pair in matrix for label in pair}
    ours = {label: sum(k for (c, _), k in matrix.items() if c == label) for label in labels}
    theirs = {label: sum(k for (_, c), k in matrix.items() if c == label) for label in labels}
    classes: list[ClassAgreement] = [
        {
            "label": label,
            "champion": ours[label],
            "challenger": theirs[label],
            "agree": share(matrix.get((label, label), 0), ours[label]),
        }
        for label in sorted(labels, key=lambda label: (-ours[label], -theirs[label], label))
    ]
    apart = sorted(((k, pair) for pair, k in matrix.items() if pair[0] != pair[1]), key=lambda x: (-x[0], x[1]))
    return {
        "n": n,
        "agree": share(sum(k for (a, b), k in matrix.items() if a == b), n),
        "auto": {
            "champion": share(sum(cell.n for cell in cells if cell.champion_auto), n),
            "challenger": share(sum(cell.n for cell in cells if cell.challenger_auto), n),
            "differ": share(
                sum(cell.n for cell in both if cell.champion != cell.challenger), sum(cell.n for cell in both)
            ),
        },
        "classes": classes,
        "confusions": [{"champion": a, "challenger": b, "n": k, "share": k / n} for k, (a, b) in apart[:TOP]],
        "further": sum(k for k, _ in apart[TOP:]),
    }


def share(hits: int, of: int) -> AgreedShare:
    """A share with its 95 % interval (Wilson, 1927); without either where there is nothing to share."""
    if not of:
        return {"n": hits, "of": of, "share": None, "low": None, "high": None}
    p, z2 = hits / of, Z * Z / of
    middle = (p + z2 / 2) / (1 + z2)
    half = Z / (1 + z2) * math.sqrt(p * (1 - p) / of + z2 / (4 * of))
    return {
        "n": hits,
        "of": of,
        "share": p,
        "low": max(0.0, min(p, middle - half)),
        "high": min(1.0, max(p, middle + half)),
    }


def names(taxonomy: Mapping[str, Any]) -> dict[str, dict[str, tuple[str, str]]]:
    """Head -> label code (and "" for the head itself) -> Chinese and English name, of a taxonomy's mapping."""
    out: dict[str, dict[str, tuple[str, str]]] = {}
    for head, spec in taxonomy["heads"].items():
        own = {"": (spec.get("title") or head, spec.get("title_en") or spec.get("title") or head)}
        for label in spec["labels"]:
            name = label.get("name") or label["code"]
            own[label["code"]] = (name, label.get("name_en") or name)
        out[head] = own
    return out
