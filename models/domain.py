"""How far a text is of the kind the model has learned from: a share that its confidence is multiplied by.

A calibrated probability holds for tickets like those it was calibrated on; of an English poem it says nothing. Three
measures of a text need no foreign text to learn from, and a walk over the features gives them in passing:

* the share of its word features (words, pairs of words) that stand in two training tickets or more,
* the same of its character features,
* the share of Chinese characters among its signs (numbers and addresses of web pages have none).

Each is compared with what training tickets *of the same length* have, because a short text has few rare words. A training
ticket is measured as if it and its near-duplicates had never been seen (leave-group-out, as in the jackknife+: Barber et
al., Annals of Statistics 2021). What falls short of the expected, in standard deviations, is added up over the measures as
squares; a measure above it takes nothing away. The rank of that distance among the training tickets of about that length
(Mondrian bins) is a conformal p-value (Bates et al., Annals of Statistics 2023): of tickets like the training tickets
about one in twenty has a p-value of 0.05 or less. The share is 1 from :data:`ORDINARY` on and 0 from :data:`FOREIGN` down.

Likelihood ratios against the frequencies of a dictionary (Ren et al., NeurIPS 2019) were tried: alone they find next to
nothing of English verse and program code; added as a fourth measure, up to five points more of another business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.hashing import Batch, Counts, FeatureSettings, count, is_char
from features.segment import HAN_FIRST, HAN_LAST
from models.domain_curve import Curves, fit_curves
from models.table import build_vocabulary

ORDINARY, FOREIGN = 0.03, 0.005
"""From this p-value on a ticket is taken in full, and from this one down not at all."""

MEASURES = 3

LEVELS = np.geomspace(1.0, 0.001, 128)[1:]
"""p-values at which distances are kept, falling."""

_MIN_DF = 2
"""In how many tickets a feature stands to be known, as in :func:`models.table.build_vocabulary`."""

_MOST = 20_000
"""Tickets that are measured to fit the curves and ranks; the features of all count as seen."""

_BIN = 500
"""Tickets of a length bin at least: enough for p-values well below :data:`FOREIGN`."""

_MOST_BINS = 8

_TAIL = 4.0
"""How fast p-values fall beyond the farthest training ticket: ``(distance + 1) ** -4``, a tail much heavier than normal."""

_NAMES = {"keys", "ngrams", "range", "mean", "spread", "edges", "limits", "sizes"}

_HUGE = 1e9
"""No number of a fitted domain comes near it; with larger ones the arithmetic would overflow."""


@dataclass(frozen=True, slots=True, eq=False)
class Domain:
    """What training tickets look like.

    Attributes:
        settings: which features are counted.
        keys: (v,) uint64, ascending: features that stand in two training tickets or more.
        curves: what to expect of a text of a given length.
        edges: (bins - 1,) float64, ascending: character features from which on a text is in the next bin.
        limits: (bins, levels) float64: a text farther off than ``limits[b, j]`` has a p-value of at most ``LEVELS[j]``.
        sizes: (bins,) int64: training tickets of each bin; no p-value is below ``1 / (size + 1)`` but beyond the farthest.
    """

    settings: FeatureSettings
    keys: NDArray[np.uint64]
    curves: Curves
    edges: NDArray[np.float64]
    limits: NDArray[np.float64]
    sizes: NDArray[np.int64]

    @classmethod
    def fit(cls, batch: Batch, settings: FeatureSettings, groups: NDArray[np.int64], *, seed: int = 0) -> Domain:
        """Learns from the texts that the model learns from; no labels.

        Args:
            groups: (texts,) near-duplicates share a number; none is measured by what another of its group has shown.
            seed: of the choice of the tickets that are measured, where there are very many.
        """
        counts = count(batch, settings)
        kept = np.arange(batch.size)
        if batch.size > _MOST:
            kept = np.sort(np.random.default_rng(seed).choice(batch.size, _MOST, replace=False))
        walked = _tally(counts, _seen_elsewhere(counts, np.asarray(groups, np.int64)))[kept]
        length = walked[:, 2]
        x = measures(walked, *(part[kept] for part in _script(batch)))
        curves = fit_curves(x, length)
        distance = curves.distance(x, length)
        bins = int(np.clip(len(kept) // _BIN, 1, _MOST_BINS))
        edges = np.unique(np.quantile(length, np.arange(1, bins) / bins)) if len(kept) else np.empty(0)
        place = np.searchsorted(edges, length, side="right")
        parts = [distance[place == b] for b in range(len(edges) + 1)]
        limits = np.stack([_limits(part) for part in parts])
        sizes = np.array([len(part) for part in parts], np.int64)
        return cls(settings, build_vocabulary(counts, _MIN_DF).keys, curves, edges, limits, sizes)

    def walk(self, batch: Batch) -> NDArray[np.int64]:
        """(texts, 4): word features, known ones among them, character features, known ones; each occurrence counts.

        This is the plain way, for an encoder that walks over no features and as the reference for compiled code that does.
        """
        counts = count(batch, self.settings)
        return _tally(counts, _stands_in(counts.keys, self.keys))

    def p_values(self, batch: Batch, walked: NDArray[np.int64] | None = None) -> NDArray[np.float64]:
        """(texts,) conformal p-values in (0, 1]: how common it is for a training ticket to be as far off, or farther.

        Of tickets like the training tickets they are spread evenly over [0, 1], except that those which fall short in
        nothing all have 1; a heap of small ones among a day's tickets is drift.

        Args:
            walked: (texts, 4) what :meth:`walk` would count, where a pass over the features has done so already.
        """
        walked = self.walk(batch) if walked is None else walked
        length = walked[:, 2]
        distance = self.curves.distance(measures(walked, *_script(batch)), length)
        place = np.searchsorted(self.edges, length, side="right")
        p = np.empty(batch.size)
        for b in range(len(self.sizes)):
            mine = place == b
            passed = np.searchsorted(self.limits[b], distance[mine], side="left")
            rank = np.append(1.0, LEVELS)[passed]
            beyond = (1.0 + self.limits[b, -1]) / (1.0 + np.maximum(distance[mine], self.limits[b, -1]))
            p[mine] = np.maximum(rank, 1.0 / (self.sizes[b] + 1.0)) * beyond**_TAIL
        return p

    def score(self, batch: Batch, walked: NDArray[np.int64] | None = None) -> NDArray[np.float64]:
        """(texts,) in [0, 1]: 1 for a text like the training tickets, 0 for one that is not at all, or has no known feature.

        Args:
            walked: as for :meth:`p_values`.
        """
        walked = self.walk(batch) if walked is None else walked
        share = np.clip((self.p_values(batch, walked) - FOREIGN) / (ORDINARY - FOREIGN), 0.0, 1.0)
        return np.where(walked[:, 1] + walked[:, 3] > 0, share, 0.0)

    def arrays(self, *, keys: bool = True) -> dict[str, NDArray[Any]]:
        """What a model folder keeps; without ``keys`` where they stand there already as a vocabulary."""
        own: dict[str, NDArray[Any]] = {
            "ngrams": np.array([self.settings.word_ngram, self.settings.char_ngram, self.settings.version], np.int64),
            "range": self.curves.range,
            "mean": self.curves.mean,
            "spread": self.curves.spread,
            "edges": self.edges,
            "limits": self.limits,
            "sizes": self.sizes,
        }
        return own | {"keys": self.keys} if keys else own

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], keys: NDArray[np.uint64] | None = None) -> Domain:
        """Reads :meth:`arrays`.

        Args:
            keys: the vocabulary's, where :meth:`arrays` was asked for without.

        Raises:
            ValueError: an array is missing or too many, or is not what it should be.
        """
        given = dict(arrays) if keys is None else {"keys": keys, **arrays}
        if set(given) != _NAMES:
            raise ValueError(f"domain: {'、'.join(sorted(given))}；应是 {'、'.join(sorted(_NAMES))}")
        floats, whole = np.dtype(np.float64), np.dtype(np.int64)
        bins = max(1, given["sizes"].size)
        wanted: dict[str, tuple[tuple[int, ...], np.dtype[Any]]] = {
            "keys": ((given["keys"].size,), np.dtype(np.uint64)),
            "ngrams": ((3,), whole),
            "range": ((2,), floats),
            "mean": ((MEASURES, 3), floats),
            "spread": ((MEASURES, 2), floats),
            "edges": ((bins - 1,), floats),
            "limits": ((bins, len(LEVELS)), floats),
            "sizes": ((bins,), whole),
        }
        for name, (shape, kind) in wanted.items():
            if given[name].shape != shape or given[name].dtype != kind or not np.isfinite(given[name]).all():
                raise ValueError(f"domain {name}: {given[name].dtype}{given[name].shape}")
        ascending = all((np.diff(given[name]) >= 0).all() for name in ("edges", "limits", "range"))
        if not ascending or (given["keys"][1:] <= given["keys"][:-1]).any():
            raise ValueError("domain: not in order")
        if any((given[name] < 0).any() for name in ("sizes", "limits", "edges", "range")):
            raise ValueError("domain: negative")
        if any((np.abs(given[name]) > _HUGE).any() for name in ("range", "mean", "spread", "limits", "edges")):
            raise ValueError("domain: too large")
        words, chars, version = given["ngrams"].tolist()
        if words not in (1, 2) or not 1 <= chars <= 6 or version != FeatureSettings().version:
            raise ValueError(f"domain ngrams: {words}, {chars}, {version}")
        curves = Curves(given["range"], given["mean"], given["spread"])
        settings = FeatureSettings(words, chars, version)
        return cls(settings, given["keys"], curves, given["edges"], given["limits"], given["sizes"])


def measures(walked: NDArray[np.int64], han: NDArray[np.int64], signs: NDArray[np.int64]) -> NDArray[np.float64]:
    """(texts, 3) known share of word features, of character features, share of Chinese characters; of nothing it is 0."""
    part = np.stack([walked[:, 1], walked[:, 3], han], axis=1)
    whole = np.stack([walked[:, 0], walked[:, 2], signs], axis=1)
    out: NDArray[np.float64] = part / np.maximum(whole, 1)
    return out


def _script(batch: Batch) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(texts,) Chinese characters and (texts,) signs of any kind, after folding."""
    codes, bounds = batch.folded.codes, batch.folded.bounds
    so_far = np.concatenate([[0], np.cumsum((codes >= HAN_FIRST) & (codes <= HAN_LAST))])
    return so_far[bounds[1:]] - so_far[bounds[:-1]], np.diff(bounds) - 1


def _tally(counts: Counts, known: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(texts, 4), see :meth:`Domain.walk`, of counted features of which some are known."""
    char = is_char(counts.keys)
    columns = (~char, ~char & known, char, char & known)
    so_far = [np.concatenate([[0], np.cumsum(counts.counts * column)]) for column in columns]
    return np.stack([total[counts.indptr[1:]] - total[counts.indptr[:-1]] for total in so_far], axis=1)


def _stands_in(keys: NDArray[np.uint64], known: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which ``keys`` are among ``known``, which ascend."""
    if not len(known):
        return np.zeros(len(keys), np.bool_)
    at = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    found: NDArray[np.bool_] = known[at] == keys
    return found


def _seen_elsewhere(counts: Counts, groups: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(nnz,) which features of a text would be known had nobody seen its group: tickets that have it, less its group's."""
    _, inverse, df = np.unique(counts.keys, return_inverse=True, return_counts=True)
    _, group, size = np.unique(groups, return_inverse=True, return_counts=True)
    owner = np.repeat(group, np.diff(counts.indptr))
    own = np.ones(len(inverse), np.int64)
    twins = size[owner] > 1
    pair = owner[twins] * np.int64(len(df)) + inverse[twins]
    _, which, times = np.unique(pair, return_inverse=True, return_counts=True)
    own[twins] = times[which]
    out: NDArray[np.bool_] = df[inverse] - own >= _MIN_DF
    return out


def _limits(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """(levels,) for each of :data:`LEVELS` the smallest distance above which the conformal p-value is that or less.

    The p-value of a distance is (1 + tickets at least as far) / (tickets + 1); levels that so few tickets cannot reach
    have the farthest ticket's distance.
    """
    if not len(distance):
        return np.zeros(len(LEVELS))
    falling = np.sort(distance)[::-1]
    allowed = np.floor(LEVELS * (len(falling) + 1) + 1e-9).astype(np.int64) - 1
    return falling[np.clip(allowed, 0, len(falling) - 1)]
