"""How far a text is of the kind the model has learned from, and what that allows a model to do with its answer.

A calibrated probability holds for tickets like those it was calibrated on; of an English poem it says nothing. Measures
of a text, which a walk over the features gives in passing:

* the share of its word features (words, pairs of words) that stand in two training tickets or more,
* the same of its character features,
* the share of Chinese characters among its signs (numbers and addresses of web pages have none),
* where texts of elsewhere were given to learn from, how much more its known words are those of tickets than those of
  elsewhere (:mod:`models.scope.contrast`).

Each is compared with what training tickets *of the same length* have, because a short text has few rare words. A training
ticket is measured as if it and its near-duplicates had never been seen (leave-group-out, as in the jackknife+: Barber et
al., Annals of Statistics 2021). What falls short of the expected, in standard deviations, is added up over the measures as
squares; a measure above it takes nothing away. The rank of that distance among the training tickets of about that length
(Mondrian bins) is a conformal p-value (Bates et al., Annals of Statistics 2023): of tickets like the training tickets
about one in twenty has a p-value of 0.05 or less.

What follows from it limits *actions*, never the probabilities: among tickets they hold, however rare a ticket's words are (trained
without two channels and judged on these, categories with a p-value of 0.004 to 0.04 are right in 84 of 100, and say 85).
But texts of elsewhere lie at the low p-values, too, so the lower it is, the less is done without a person:

* to be handled automatically, a confidence has to pass its limit after it was drawn towards all labels alike (:data:`RAMP`),
* below :data:`FAR` only a proposal of at least :data:`SUGGEST_FAR` is worth showing,
* below :data:`FOREIGN`, or with hardly a known feature (:data:`LEAST_KNOWN`), the text is out of scope, and what the heads say
  is a guess.

The last two were chosen so that leaving out channels costs at most 2 % of their tickets the proposal (1.8 %; with all confidences
drawn towards all alike and out of scope from 0.04 on it had been 10 %).

The distance is one number, and its rank one p-value; two p-values, of the first three measures and of the last, combined by
Fisher, Bonferroni or the smaller one, found a little less of shop reviews at the same loss of tickets.

Likelihood ratios against the frequencies of a dictionary (Ren et al., NeurIPS 2019) were tried: alone they find next to
nothing of English verse and program code; added as a fourth measure, up to five points more of another business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.hashing import Batch, FeatureSettings, count
from features.tone import VERSIONS
from models.core.weight_table import FeatureVocabulary, build_vocabulary
from models.scope.contrast import Contrast, fit_contrast, share
from models.scope.curve import Curves, fit_curves
from models.scope.walk import MIN_DF, measures, script, seen_by_others, stands_in, tally
from triage.prediction import IN_SCOPE

RAMP = (0.005, 0.03)
"""Up to the first p-value a confidence counts nothing for automatic handling, and from the second one on in full."""

CONTRAST_RAMP = (0.02, 0.06)
"""The same where a contrast set was learned from. What one loses is tickets, about the middle of the two; what one gains is
worth more there (chosen on shop reviews: from 25 to 12 % that are given 0.9, for not quite two points of the tickets)."""

FOREIGN = 0.004
"""p-value below which a text is out of scope."""

FAR = 0.02
"""p-value below which a proposal has to be surer."""

SUGGEST_FAR = 0.75
"""Confidence from which on an answer to such a text is proposed."""

LEAST_KNOWN = 0.2
"""Share of its features that have to be known, or an unusual text is out of scope whatever its p-value. Signs drawn by chance
have a tenth at most, short ones among them, whose p-values are not small; tickets of a left-out channel or trade a quarter or more."""

_DIGITS = 9

_FAR_SHARE = 0.75
"""Share of a text with a p-value of :data:`FAR`; one of :data:`FOREIGN` has :data:`~triage.prediction.IN_SCOPE`."""

MEASURES = 3
"""Without the one that needs a contrast set."""

LEVELS = np.geomspace(1.0, 0.001, 128)[1:]
"""p-values at which distances are kept, falling."""

_MOST = 20_000
"""Tickets that are measured to fit the curves and ranks; the features of all count as seen."""

_BIN = 500
"""Tickets of a length bin at least: enough for p-values well below where a ramp begins."""

_MOST_BINS = 8

_TAIL = 4.0
"""How fast p-values fall beyond the farthest training ticket: ``(distance + 1) ** -4``, a tail much heavier than normal."""

_NAMES = {"keys", "ngrams", "range", "mean", "spread", "edges", "limits", "sizes"}

_HUGE = 1e9
"""No number of a fitted domain comes near it; with larger ones the arithmetic would overflow."""


class ScopeScores(NamedTuple):
    """What the scope of some texts allows.

    Attributes:
        share: (texts,) in [0, 1]: 1 for a text like the training tickets, below :data:`~triage.prediction.IN_SCOPE` for one that
            is out of scope, 0 for one that has no known feature.
        trust: (texts,) in [0, 1]: what part of a confidence counts when it is asked whether an answer may act alone.
        far: (texts,) bool: only a sure answer is worth proposing.
    """

    share: NDArray[np.float64]
    trust: NDArray[np.float64]
    far: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """What training tickets look like.

    Attributes:
        settings: which features are counted.
        keys: (v,) uint64, ascending: features that stand in two training tickets or more.
        curves: what to expect of a text of a given length.
        edges: (bins - 1,) float64, ascending: character features from which on a text is in the next bin.
        limits: (bins, levels) float64: a text farther off than ``limits[b, j]`` has a p-value of at most ``LEVELS[j]``.
        sizes: (bins,) int64: training tickets of each bin; no p-value is below ``1 / (size + 1)`` but beyond the farthest.
        contrast: what tells tickets from texts of elsewhere; None when there were none to learn from.
    """

    settings: FeatureSettings
    keys: NDArray[np.uint64]
    curves: Curves
    edges: NDArray[np.float64]
    limits: NDArray[np.float64]
    sizes: NDArray[np.int64]
    contrast: Contrast | None = None

    @classmethod
    def fit(
        cls,
        batch: Batch,
        settings: FeatureSettings,
        groups: NDArray[np.int64],
        *,
        seed: int = 0,
        elsewhere: Batch | None = None,
    ) -> Scope:
        """Learns from the texts that the model learns from; no labels.

        Args:
            groups: (texts,) near-duplicates share a number; none is measured by what another of its group has shown.
            seed: of the choice of the tickets that are measured, where there are very many, and of folds.
            elsewhere: texts that are no tickets, of many kinds; None or empty: foreign is what has foreign words.
        """
        everything, groups = count(batch, settings), np.asarray(groups, np.int64)
        vocabulary = build_vocabulary(everything, MIN_DF)  # tone's features, too, so that it is the linear scorer's own
        counts = everything.words
        kept = np.arange(batch.size)
        if batch.size > _MOST:
            kept = np.sort(np.random.default_rng(seed).choice(batch.size, _MOST, replace=False))
        seen = seen_by_others(counts, groups)
        walked = tally(counts, seen)[kept]
        length = walked[:, 2]
        x = measures(walked, *(part[kept] for part in script(batch)))
        contrast: Contrast | None = None
        if elsewhere is not None:
            others = count(elsewhere, settings).words
            fitted = fit_contrast(counts, seen, kept, groups[kept], others, vocabulary, seed)
            if fitted is not None:
                contrast, margins = fitted
                x = np.column_stack([x, share(margins)])
        curves = fit_curves(x, length)
        distance = curves.distance(x, length)
        bins = int(np.clip(len(kept) // _BIN, 1, _MOST_BINS))
        edges = np.unique(np.quantile(length, np.arange(1, bins) / bins)) if len(kept) else np.empty(0)
        place = np.searchsorted(edges, length, side="right")
        parts = [distance[place == b] for b in range(len(edges) + 1)]
        limits = np.stack([_limits(part) for part in parts])
        sizes = np.array([len(part) for part in parts], np.int64)
        return cls(settings, vocabulary.keys, curves, edges, limits, sizes, contrast)

    def walk(self, batch: Batch) -> NDArray[np.int64]:
        """(texts, 4): word features, known ones among them, character features, known ones; each occurrence counts.

        This is the plain way, for an encoder that walks over no features and as the reference for compiled code that does.
        """
        counts = count(batch, self.settings).words
        return tally(counts, stands_in(counts.keys, self.keys))

    def margins(self, batch: Batch) -> NDArray[np.float64] | None:
        """(texts,) of the contrast, None without one; the plain way, as :meth:`walk`."""
        return None if self.contrast is None else self.contrast.margins(count(batch, self.settings).words, self.keys)

    def p_values(
        self, batch: Batch, walked: NDArray[np.int64] | None = None, margins: NDArray[Any] | None = None
    ) -> NDArray[np.float64]:
        """(texts,) conformal p-values in (0, 1]: how common it is for a training ticket to be as far off, or farther.

        Of tickets like the training tickets they are spread evenly over [0, 1], except that those which fall short in
        nothing all have 1; a heap of small ones among a day's tickets is drift.

        Args:
            walked: (texts, 4) what :meth:`walk` would count, where a pass over the features has done so already.
            margins: (texts,) what :meth:`margins` would give, likewise.
        """
        walked = self.walk(batch) if walked is None else walked
        length = walked[:, 2]
        x = measures(walked, *script(batch))
        if self.contrast is not None:
            margins = self.margins(batch) if margins is None else margins
            assert margins is not None
            x = np.column_stack([x, share(margins)])
        distance = self.curves.distance(x, length)
        place = np.searchsorted(self.edges, length, side="right")
        p = np.empty(batch.size)
        for b in range(len(self.sizes)):
            mine = place == b
            passed = np.searchsorted(self.limits[b], distance[mine], side="left")
            rank = np.append(1.0, LEVELS)[passed]
            beyond = (1.0 + self.limits[b, -1]) / (1.0 + np.maximum(distance[mine], self.limits[b, -1]))
            p[mine] = np.maximum(rank, 1.0 / (self.sizes[b] + 1.0)) * beyond**_TAIL
        return p

    def score(
        self, batch: Batch, walked: NDArray[np.int64] | None = None, margins: NDArray[Any] | None = None
    ) -> ScopeScores:
        """What may be done with the answers to some texts.

        Args:
            walked, margins: as for :meth:`p_values`.
        """
        walked = self.walk(batch) if walked is None else walked
        p = self.p_values(batch, walked, margins)
        foreign, ordinary = RAMP if self.contrast is None else CONTRAST_RAMP
        share = np.interp(p, [0.0, FOREIGN, FAR, ordinary], [0.0, IN_SCOPE, _FAR_SHARE, 1.0])
        trust = np.clip((p - foreign) / (ordinary - foreign), 0.0, 1.0)
        known = (walked[:, 1] + walked[:, 3]) / np.maximum(walked[:, 0] + walked[:, 2], 1)
        strange = (known < LEAST_KNOWN) & (p < ordinary)
        share = np.where(strange, np.minimum(share, IN_SCOPE * known / LEAST_KNOWN), share)
        # Vectorised functions may differ in a last bit with the length of what they are given; a text's share must not.
        share = share.round(_DIGITS)
        return ScopeScores(np.where(known > 0, share, 0.0), np.where(known > 0, trust, 0.0), p < FAR)

    def arrays(self, *, keys: bool = True) -> dict[str, NDArray[Any]]:
        """What a model folder keeps; without ``keys`` where a vocabulary, keys and IDF, stands there already."""
        own: dict[str, NDArray[Any]] = {
            "ngrams": np.array([self.settings.word_ngram, self.settings.char_ngram, self.settings.version], np.int64),
            "range": self.curves.range,
            "mean": self.curves.mean,
            "spread": self.curves.spread,
            "edges": self.edges,
            "limits": self.limits,
            "sizes": self.sizes,
        }
        if self.contrast is not None:
            own |= {"contrast": self.contrast.column} | ({"idf": self.contrast.idf} if keys else {})
        return own | {"keys": self.keys} if keys else own

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], vocabulary: FeatureVocabulary | None = None) -> Scope:
        """Reads :meth:`arrays`.

        Args:
            vocabulary: where :meth:`arrays` was asked for without its keys.

        Raises:
            ValueError: an array is missing or too many, or is not what it should be.
        """
        against = "contrast" in arrays
        names = _NAMES | ({"contrast", "idf"} if against else set())
        given = dict(arrays)
        if vocabulary is not None:
            given = {"keys": vocabulary.keys, **({"idf": vocabulary.idf} if against else {}), **given}
        if set(given) != names:
            raise ValueError(f"domain: {'、'.join(sorted(given))}；应是 {'、'.join(sorted(names))}")
        floats, whole, single = np.dtype(np.float64), np.dtype(np.int64), np.dtype(np.float32)
        size, lines = given["keys"].size, MEASURES + against
        bins = max(1, given["sizes"].size)
        wanted: dict[str, tuple[tuple[int, ...], np.dtype[Any]]] = {
            "keys": ((size,), np.dtype(np.uint64)),
            "ngrams": ((3,), whole),
            "range": ((2,), floats),
            "mean": ((lines, 3), floats),
            "spread": ((lines, 2), floats),
            "edges": ((bins - 1,), floats),
            "limits": ((bins, len(LEVELS)), floats),
            "sizes": ((bins,), whole),
        }
        wanted |= {"contrast": ((size + 1,), single), "idf": ((size,), single)} if against else {}
        for name, (shape, kind) in wanted.items():
            if given[name].shape != shape or given[name].dtype != kind or not np.isfinite(given[name]).all():
                raise ValueError(f"domain {name}: {given[name].dtype}{given[name].shape}")
        ascending = all((np.diff(given[name]) >= 0).all() for name in ("edges", "limits", "range"))
        if not ascending or (given["keys"][1:] <= given["keys"][:-1]).any():
            raise ValueError("domain: not in order")
        if any((given[name] < 0).any() for name in ("sizes", "limits", "edges", "range")):
            raise ValueError("domain: negative")
        bounded = {"range", "mean", "spread", "limits", "edges"} | (names - _NAMES)
        if any((np.abs(given[name]) > _HUGE).any() for name in bounded):
            raise ValueError("domain: too large")
        words, chars, version = given["ngrams"].tolist()
        if words not in (1, 2) or not 1 <= chars <= 6 or version not in VERSIONS:
            raise ValueError(f"domain ngrams: {words}, {chars}, {version}")
        curves = Curves(given["range"], given["mean"], given["spread"])
        settings = FeatureSettings(words, chars, version)
        contrast = None
        if against:
            contrast = Contrast(given["idf"], given["contrast"][:-1], given["contrast"][-1])
        return cls(settings, given["keys"], curves, given["edges"], given["limits"], given["sizes"], contrast)


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
