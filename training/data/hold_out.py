"""The part that champion and challenger are compared on: the newest tickets that the champion has learned nothing of.

Near-duplicates and the tickets of one customer stay together. Of the tickets that are new since the champion at most half
are held out: were all of them, the challenger would have nothing new to learn, and the comparison nothing to show.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.normalise import fold
from training.data.corpus import Corpus
from training.data.split import Split, split

SHARE = 0.2
"""Of all tickets so many are held out, where enough are new."""

NEW_SHARE = 0.5
"""Of the new ones at most so many."""

CROWD = 0.01
"""A ``customer_id`` with more than this share of the tickets (and more than 20) is no person but a till or a bot."""


class ComparisonSplit(NamedTuple):
    """What :func:`hold_out` gives.

    Attributes:
        split: of all rows.
        groups: (n,) near-duplicates and customers joined; equal numbers belong together.
        seen: tickets that may not be held out, because the champion has learned from their group.
        moved: tickets that are new enough to be held out and are learned from, because an older one of their group is.
        notes: in Chinese, for people.
    """

    split: Split
    groups: NDArray[np.int64]
    seen: int
    moved: int
    notes: tuple[str, ...]


def hold_out(
    corpus: Corpus,
    groups: NDArray[np.int64],
    new: NDArray[np.bool_] | None,
    *,
    seed: int = 0,
) -> ComparisonSplit:
    """Parts ``corpus``.

    Args:
        groups: (n,) near-duplicates with customers, see :func:`related`.
        new: (n,) what the champion has not seen, whole groups; None without a champion.
    """
    rows = np.arange(len(corpus)) if new is None else np.flatnonzero(new)
    share = SHARE if new is None else min(SHARE * len(corpus), NEW_SHARE * len(rows)) / max(len(rows), 1)
    parted = split(corpus.subset(rows.tolist()), groups[rows], share=share, seed=seed)
    held = rows[parted.held_out]
    mask = np.zeros(len(corpus), np.bool_)
    mask[held] = True
    since = parted.since
    late = np.array([since is not None and at is not None and at >= since for at in corpus.created_at], np.bool_)
    if new is not None:
        late &= new
    whole = Split(np.flatnonzero(~mask), held, parted.how, since, parted.notes)
    check_apart(corpus, groups, whole)
    seen = 0 if new is None else int((~new).sum())
    moved = int((late & ~mask).sum())
    notes = list(parted.notes)
    if seen:
        notes.append(f"冠军学过的 {seen:,} 条（含与之近似、同一客户的）不用来比较")
    if moved:
        notes.append(f"{moved:,} 条虽新，却与较早的工单近似或同属一位客户，只用来学习，不用来比较")
    return ComparisonSplit(whole, groups, seen, moved, tuple(notes))


def related(corpus: Corpus, groups: NDArray[np.int64]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """``groups`` with the tickets of one customer joined as well; and what to know of it."""
    counts = Counter(customer for customer in corpus.customer_id if customer)
    most = max(20, CROWD * len(corpus))
    crowd = {customer for customer, n in counts.items() if n > most}
    parent = {int(name): int(name) for name in np.unique(groups)}

    def root(name: int) -> int:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    first: dict[str, int] = {}
    for name, customer in zip(groups.tolist(), corpus.customer_id, strict=True):
        if customer and customer not in crowd:
            one, other = root(name), root(first.setdefault(customer, name))
            parent[max(one, other)] = min(one, other)
    joined = np.array([root(name) for name in groups.tolist()], np.int64)
    if not crowd:
        return joined, ()
    rows = sum(counts[customer] for customer in crowd)
    return joined, (f"{len(crowd)} 个 customer_id 的工单太多（共 {rows:,} 条），不像是一位客户，没有按它归组",)


def check_apart(corpus: Corpus, groups: NDArray[np.int64], parted: Split) -> None:
    """Proves that nothing stands on both sides: neither a group nor, whatever the groups say, an equal text or id.

    Raises:
        AssertionError: something does; a defect of the grouping or of the split.
    """
    both = np.intersect1d(groups[parted.train], groups[parted.held_out])
    if len(both):
        raise AssertionError(f"{len(both)} groups stand on both sides of the split")
    folded = fold(corpus.texts)
    keys = [folded.codes[folded.bounds[i] : folded.bounds[i + 1]].tobytes() for i in range(len(corpus))]
    learned = {keys[row] for row in parted.train.tolist()}
    copies = sum(keys[row] in learned for row in parted.held_out.tolist())
    if copies:
        raise AssertionError(f"{copies} held-out tickets have a copy that is learned from")
