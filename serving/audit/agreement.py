"""How far people agree beyond chance, from tickets that several labelled. Pure.

Cohen's kappa (1960) where the same two people labelled every ticket; Fleiss' kappa (1971) where people change from ticket to
ticket, in the form that allows another number of people a ticket (Gwet 2014, chapter 2; with equal numbers it is Fleiss').
Intervals are percentile bootstraps over tickets (Efron 1979), seeded: the same data give the same figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95
DRAWS = 2000

AgreementMethod = Literal["cohen", "fleiss", "none"]

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]


class AgreementJson(TypedDict):
    """An :class:`Agreement` as plain data."""

    tickets: int
    people: int
    observed: float | None
    kappa: float | None
    low: float | None
    high: float | None
    method: AgreementMethod


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far people agree on one head.

    Attributes:
        tickets: labelled by two or more; ``people``: how many labelled them.
        observed: share of pairs of answers that are the same; None without tickets.
        kappa: 1 all agree, 0 as by chance; None where it is not defined (everybody always said the same one label).
        low, high: 95 % interval of kappa.
        method: by which kappa was computed.
    """

    tickets: int
    people: int
    observed: float | None
    kappa: float | None
    low: float | None
    high: float | None
    method: AgreementMethod

    def to_json(self) -> AgreementJson:
        """Plain data; shares keep six decimals."""
        return {
            "tickets": self.tickets,
            "people": self.people,
            "observed": _rounded(self.observed),
            "kappa": _rounded(self.kappa),
            "low": _rounded(self.low),
            "high": _rounded(self.high),
            "method": self.method,
        }


Answers = Sequence[tuple[str, str]]
"""What was said of one ticket: (who, label), each person once."""


def agreement(tickets: Sequence[Answers], *, seed: int = 0) -> Agreement:
    """Agreement on one head; tickets with fewer than two answers say nothing and are left out."""
    shared = [answers for answers in tickets if len(answers) > 1]
    people = sorted({who for answers in shared for who, _ in answers})
    labels = {label: i for i, label in enumerate(sorted({label for answers in shared for _, label in answers}))}
    if not shared:
        return Agreement(0, 0, None, None, None, None, "none")
    if len(people) == 2:
        table = np.zeros((len(labels), len(labels)), np.int64)
        for answers in shared:
            said = dict(answers)
            table[labels[said[people[0]]], labels[said[people[1]]]] += 1
        low, high = cohen_interval(table, seed=seed)
        observed = float(np.trace(table) / table.sum())
        return Agreement(len(shared), 2, observed, cohen(table), low, high, "cohen")
    counts = np.zeros((len(shared), len(labels)), np.int64)
    for row, answers in zip(counts, shared, strict=True):
        for _, label in answers:
            row[labels[label]] += 1
    low, high = fleiss_interval(counts, seed=seed)
    same = float(_pairs(counts).mean())
    return Agreement(len(shared), len(people), same, fleiss(counts), low, high, "fleiss")


def cohen(table: Counts) -> float | None:
    """Cohen's kappa of a (k, k) table: what one person said by what the other said of the same ticket."""
    return _defined(_cohen(table[None].astype(np.float64)))


def cohen_interval(table: Counts, *, seed: int = 0, draws: int = DRAWS) -> tuple[float | None, float | None]:
    """Bootstrap interval: drawing tickets with replacement is drawing cells of the table by their shares."""
    n = int(table.sum())
    drawn = np.random.default_rng(seed).multinomial(n, table.ravel() / n, size=draws)
    return _middle(_cohen(drawn.reshape(draws, *table.shape).astype(np.float64)))


def fleiss(counts: Counts) -> float | None:
    """Fleiss' kappa of (n, k) counts: how many people gave ticket i the label j; two or more people a ticket."""
    return _defined(_fleiss(_pairs(counts), counts / counts.sum(axis=1, keepdims=True), np.ones((1, len(counts)))))


def fleiss_interval(counts: Counts, *, seed: int = 0, draws: int = DRAWS) -> tuple[float | None, float | None]:
    """Bootstrap interval; tickets with the same counts are drawn together."""
    kinds, times = np.unique(counts, axis=0, return_counts=True)
    drawn = np.random.default_rng(seed).multinomial(len(counts), times / len(counts), size=draws)
    return _middle(_fleiss(_pairs(kinds), kinds / kinds.sum(axis=1, keepdims=True), drawn.astype(np.float64)))


def _pairs(counts: Counts) -> Floats:
    """(n,) share of pairs of people who said the same of each ticket."""
    people = counts.sum(axis=1)
    return np.asarray((counts * (counts - 1)).sum(axis=1) / (people * (people - 1)), np.float64)


def _cohen(tables: Floats) -> Floats:
    """(d,) kappas of (d, k, k) tables; NaN where chance explains all."""
    n = tables.sum(axis=(1, 2))
    seen = np.trace(tables, axis1=1, axis2=2) / n
    chance = (tables.sum(axis=1) * tables.sum(axis=2)).sum(axis=1) / n**2
    return _kappa(seen, chance)


def _fleiss(same: Floats, shares: Floats, drawn: Floats) -> Floats:
    """(d,) kappas of d samples: ``drawn`` (d, n) says how often each kind of ticket, with ``shares`` (n, k), is in one."""
    n = drawn.sum(axis=1)
    chance = (((drawn @ shares) / n[:, None]) ** 2).sum(axis=1)
    return _kappa(drawn @ same / n, chance)


def _kappa(seen: Floats, chance: Floats) -> Floats:
    rest = 1 - chance
    known = rest > 1e-12
    return np.where(known, (seen - chance) / np.where(known, rest, 1.0), np.nan)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _defined(kappas: Floats) -> float | None:
    return None if np.isnan(kappas[0]) else float(kappas[0])


def _middle(kappas: Floats) -> tuple[float | None, float | None]:
    """The middle 95 % of the samples in which kappa is defined; nothing when that is not nearly all of them."""
    known = kappas[~np.isnan(kappas)]
    if len(known) < LEVEL * len(kappas):
        return None, None
    low, high = np.quantile(known, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return float(low), float(high)
