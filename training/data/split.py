"""Splits a corpus into a part to learn from and a held-out part to be judged on, such that the judgement is honest.

* A group of near-duplicates never stands on both sides: a model must not be asked what it has seen.
* Where tickets carry their time, the held-out part is the later one: a model is always used on tickets newer than those
  it learned from. A group counts as being as old as its first ticket, so a question that keeps coming back is learned
  from, not judged on; the figures are on the careful side for it.
* Without times, groups are drawn at random with a seed, evenly over the labels (systematic sampling of the groups sorted
  by their labels: Cochran, Sampling Techniques, 1977, ch. 8), and every class keeps a group to learn from.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from training.data.corpus import Corpus

DATED_SHARE = 0.9
"""The split is by time when at least this share of the rows has ``created_at``; rows without a time are learned from.
It falls back to random, and says so, where times cannot part off at least half of what was asked for."""


@dataclass(frozen=True, slots=True)
class Split:
    """Row numbers of both parts, ascending, disjoint, together all rows.

    Attributes:
        how: ``time`` (held-out is at or after ``since``) or ``random``.
        notes: what a person should know about the split, in Chinese.
    """

    train: NDArray[np.int64]
    held_out: NDArray[np.int64]
    how: Literal["time", "random"]
    since: datetime | None = None
    notes: tuple[str, ...] = ()


def split(corpus: Corpus, groups: NDArray[np.int64], *, share: float = 0.2, seed: int = 0) -> Split:
    """Holds out about ``share`` of the rows. ``groups``: (n,) as from :func:`training.data.duplicates.group`.

    The held-out part can come out smaller, even empty, where groups are few or large; the caller decides if it is enough.
    """
    if not 0.0 <= share < 1.0:
        raise ValueError(f"share must be in [0, 1), got {share}")
    dated = sum(moment is not None for moment in corpus.created_at)
    notes: tuple[str, ...] = ()
    if dated >= DATED_SHARE * len(corpus):
        by_time = _by_time(corpus, groups, share, len(corpus) - dated)
        if len(by_time.held_out) >= share * len(corpus) / 2:
            return by_time
        notes = ("created_at 分不出足够的较晚工单（时间几乎相同，或重复工单太多），改为随机留出",)
    elif dated:
        notes = (f"{len(corpus) - dated} 行没有 created_at，不按时间、改为随机留出",)
    return _at_random(corpus, groups, share, seed, notes)


def _by_time(corpus: Corpus, groups: NDArray[np.int64], share: float, undated: int) -> Split:
    first: dict[int, datetime] = {}
    learned: set[int] = set()
    for group, moment in zip(groups.tolist(), corpus.created_at, strict=True):
        if moment is None:
            learned.add(group)
        elif group not in first or moment < first[group]:
            first[group] = moment
    sizes = np.bincount(groups)
    newest = sorted((g for g in first if g not in learned), key=lambda g: (first[g], g), reverse=True)
    budget = share * len(corpus)
    held: list[int] = []
    for group in newest:
        if sizes[group] > budget:
            break
        budget -= sizes[group]
        held.append(group)
    if held:  # tickets of one moment are not torn apart: "later" must mean later
        since = first[held[-1]]
        rest = [g for g in newest[len(held) :] if first[g] == since]
        held = [g for g in held if first[g] > since] if rest else held
    mask = np.isin(groups, held)
    notes = (f"{undated} 行没有 created_at，只用来学习",) if undated else ()
    return _made(mask, "time", first[held[-1]] if held else None, notes)


def _at_random(corpus: Corpus, groups: NDArray[np.int64], share: float, seed: int, notes: tuple[str, ...]) -> Split:
    rng = np.random.default_rng(seed)
    names, first_row, sizes = np.unique(groups, return_index=True, return_counts=True)
    tie = rng.permutation(len(names))
    columns = list(corpus.labels.values())
    order = sorted(range(len(names)), key=lambda i: (*(column[first_row[i]] or "" for column in columns), tie[i]))
    offset = rng.random()
    held: set[int] = set()
    limit = max(1.0, share / 4 * len(corpus))
    for place, i in enumerate(order):
        drawn = math.floor((place + 1) * share + offset) > math.floor(place * share + offset)
        if drawn and sizes[i] <= limit:
            held.add(int(names[i]))
    mask = np.isin(groups, list(held))
    return _made(_give_back(corpus, groups, mask), "random", None, notes)


def _give_back(corpus: Corpus, groups: NDArray[np.int64], held: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Returns to the learning part one group of every class that would otherwise be held out entirely."""
    held = held.copy()
    for column in corpus.labels.values():
        learned = {code for code, out in zip(column, held.tolist(), strict=True) if code and not out}
        for row in np.flatnonzero(held).tolist():
            code = column[row]
            if code and code not in learned:
                held[groups == groups[row]] = False
                learned.update(c for c, g in zip(column, groups.tolist(), strict=True) if c and g == groups[row])
    return held


def _made(
    held: NDArray[np.bool_], how: Literal["time", "random"], since: datetime | None, notes: tuple[str, ...]
) -> Split:
    return Split(np.flatnonzero(~held), np.flatnonzero(held), how, since, notes)
